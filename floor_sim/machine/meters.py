"""The meters of one machine: true counts, and what the wire shows of them.

Counters only grow here; on the wire they roll over at their digits. Gauges (credits, bills in the
stacker) go up and down and never roll over. On a machine with several games or denominations, what
play moves is also counted in a cell: for one game at one denomination.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, NamedTuple

from floor_sim.machine.lies import Lie
from floor_sim.machine.settings import MachineSettings
from protocols.sas.tables.codes import BILL_MASK
from protocols.sas.tables.meters import METERS_BY_NAME, Kind

BILLS: Final = {face: str(face) for face in BILL_MASK.values()}
"""Face value of bills to the word in their meters' names."""

GAME_METERS: Final = frozenset({
    "coin_in", "coin_out", "jackpot", "games_played", "games_won", "games_lost", "won_credits",
    "hand_paid_cancelled_credits", "machine_paid_paytable_win", "attendant_paid_paytable_win",
    "machine_paid_progressive_win", "attendant_paid_progressive_win", "progressive_wins",
    "machine_paid_external_bonus", "legacy_bonus_deductible", "legacy_bonus_nondeductible",
    "legacy_bonus_wager_match", "tournament_games_played", "tournament_games_won",
    "tournament_credits_wagered", "tournament_credits_won",
})  # fmt: skip
"""Meters that a game has apart; the other meters are the whole machine's alone."""

_ALWAYS: Final = frozenset({
    "coin_in", "coin_out", "jackpot", "hand_paid_cancelled_credits", "cancelled_credits",
    "games_played", "games_won", "games_lost", "bills_accepted_credits", "current_credits",
    "cashable_ticket_in_cents", "cashable_ticket_in_count", "ticket_in_credits",
    "cashable_ticket_out_cents", "cashable_ticket_out_count", "ticket_out_credits",
    "machine_paid_paytable_win", "attendant_paid_paytable_win", "won_credits",
    "hand_paid_credits", "total_drop", "games_since_power_reset", "games_since_slot_door_closed",
    "bills_in_stacker", "bills_in_stacker_credits", "bills_total_value", "slot_door_openings",
    "power_resets", "weighted_average_payback", "true_coin_in", "true_coin_out", "hopper_level",
    "coin_acceptor_credits", "hopper_paid_credits", "coins_to_drop",
    "external_coin_acceptor_credits", "current_restricted_credits",
})  # fmt: skip

_TICKETS: Final = frozenset({
    "restricted_ticket_in_cents", "restricted_ticket_in_count", "restricted_ticket_out_cents",
    "restricted_ticket_out_count", "all_ticket_in_credits", "regular_cashable_ticket_in_credits",
    "restricted_ticket_in_credits", "nonrestricted_ticket_in_credits",
    "cashable_or_debit_ticket_out_credits", "restricted_ticket_out_credits",
    "regular_cashable_tickets_in", "restricted_tickets_in", "nonrestricted_tickets_in",
    "cashable_tickets_out", "restricted_tickets_out",
    *(f"{kind}_{unit}" for unit in ("cents", "count") for kind in (
        "regular_cashable_ticket_in", "validated_restricted_ticket_in", "nonrestricted_ticket_in",
        "regular_cashable_ticket_out", "validated_restricted_ticket_out", "debit_ticket_out",
        "cancelled_credit_with_receipt", "jackpot_with_receipt",
        "cancelled_credit_without_receipt", "jackpot_without_receipt")),
})  # fmt: skip

_TRANSFERS: Final = frozenset({
    "electronic_to_egm_credits", "electronic_to_host_credits",
    "electronic_cashable_to_egm_credits", "electronic_restricted_to_egm_credits",
    "electronic_nonrestricted_to_egm_credits", "electronic_debit_to_egm_credits",
    "electronic_cashable_to_host_credits", "electronic_restricted_to_host_credits",
    "electronic_nonrestricted_to_host_credits",
    *(f"{kind}_{unit}" for unit in ("cents", "count") for kind in (
        "in_house_cashable_to_egm", "in_house_restricted_to_egm",
        "in_house_nonrestricted_to_egm", "debit_to_egm", "in_house_cashable_to_ticket",
        "in_house_restricted_to_ticket", "debit_to_ticket", "bonus_cashable_to_egm",
        "bonus_nonrestricted_to_egm", "in_house_cashable_to_host",
        "in_house_restricted_to_host", "in_house_nonrestricted_to_host")),
})  # fmt: skip

_PROMOTIONAL: Final = frozenset({"restricted_played", "nonrestricted_played"})
_BONUS: Final = frozenset({
    "machine_paid_external_bonus", "attendant_paid_external_bonus", "legacy_bonus_deductible",
    "legacy_bonus_nondeductible", "legacy_bonus_wager_match",
})  # fmt: skip
_PROGRESSIVE: Final = frozenset({
    "machine_paid_progressive_win", "attendant_paid_progressive_win", "progressive_wins",
})  # fmt: skip
_TOURNAMENT: Final = frozenset({
    "tournament_games_played", "tournament_games_won", "tournament_credits_wagered",
    "tournament_credits_won",
})  # fmt: skip

MACHINE_METERS: Final = (
    _ALWAYS | _TICKETS | _TRANSFERS | _PROMOTIONAL | _BONUS | _PROGRESSIVE | _TOURNAMENT
    | {f"bills_{word}" for word in BILLS.values()} | {"wager_category_coin_in"}
)  # fmt: skip
"""Names of all meters that a simulated machine can keep."""

assert METERS_BY_NAME.keys() >= MACHINE_METERS, "a meter that the meter table does not have"


@cache
def kept_meters(settings: MachineSettings) -> frozenset[str]:
    """Return the names of the meters that a machine built like this keeps."""
    bonus = settings.legacy_bonus or "bonus" in settings.transfers
    promotional = bool(settings.transfers) or settings.ticket_redemption
    wanted = (
        (_TICKETS, settings.validation != "standard" or settings.ticket_redemption),
        (_TRANSFERS, bool(settings.transfers)),
        (_PROMOTIONAL, promotional),
        (_BONUS, bonus),
        (_PROGRESSIVE, bool(settings.progressive_levels or settings.pots)),
        (_TOURNAMENT, settings.tournament),
    )
    names = set(_ALWAYS).union(*(part for part, on in wanted if on))
    return frozenset(names | {f"bills_{BILLS[face]}" for face in settings.bills})


_RESET_BY_EVENTS = frozenset({"games_since_power_reset", "games_since_slot_door_closed"})


class Cell(NamedTuple):
    """Where a game is played.

    Attributes:
        game: its number.
        denomination: SAS code of the denomination.
    """

    game: int
    denomination: int


class MeterBook:
    """All meters of one machine, by their names in the meter table.

    Args:
        digits: decimal digits of each, where more than the least of the meter table.
        sizes: digits of single meters, where they differ from that.

    Attributes:
        changed: counts that changed since they were last taken away by ``take_changes``.
        lies: meters that show another count than they have.
        lied: what such meters have shown since ``take_lies``, by name and digits: the true count,
            and what was shown. Polls show one meter at several widths.
    """

    def __init__(self, digits: int = 8, sizes: Iterable[tuple[str, int]] = ()) -> None:
        self._digits = digits
        self._sizes = dict(sizes)
        self._counts: dict[str, int] = {}
        self.changed: dict[str, int] = {}
        self.lies: dict[str, Lie] = {}
        self.lied: dict[tuple[str, int], tuple[int, int]] = {}

    def add(self, name: str, count: int, cell: Cell | None = None) -> None:
        """Let a counter grow by ``count``, or a gauge go up or down by it.

        Args:
            name: its name.
            count: by how much.
            cell: the game and denomination that moved it, where they are counted apart.
        """
        assert name in MACHINE_METERS, f"no machine counts {name}"
        gauge = METERS_BY_NAME[name].kind is Kind.GAUGE
        assert gauge or count >= 0, f"the counter {name} cannot shrink by {-count}"
        if not count:
            return
        self._put(name, self._counts.get(name, 0) + count)
        assert self._counts[name] >= 0, f"the gauge {name} is below nothing"
        if cell is not None and name in GAME_METERS:
            key = _cell_key(name, cell)
            self._put(key, self._counts.get(key, 0) + count)

    def count_wager(self, game: int, category: int, credits_played: int) -> None:
        """Count coin in of one of a game's bets apart (B4)."""
        key = f"wager_category_coin_in@{game}#{category}"
        self._put(key, self._counts.get(key, 0) + credits_played)

    def wagered(self, game: int, category: int) -> int:
        """Return the coin in of one of a game's bets."""
        return self._counts.get(f"wager_category_coin_in@{game}#{category}", 0)

    def restart(self, name: str) -> None:
        """Let a meter that counts since an event start again at 0."""
        assert name in _RESET_BY_EVENTS, f"{name} never starts again"
        if self._counts.get(name):
            self._put(name, 0)

    def fix(self, name: str, value: int) -> None:
        """Set a gauge."""
        assert METERS_BY_NAME[name].kind is Kind.GAUGE, f"{name} is no gauge"
        self._put(name, value)

    def clear(self) -> None:
        """Set every meter to 0, as a RAM clear does."""
        for name, count in list(self._counts.items()):
            if count:
                self._put(name, 0)

    def true(self, name: str, cells: Iterable[Cell] | None = None) -> int:
        """Return the count as it would be without rollover, of the machine or of some cells."""
        if cells is None:
            return self._counts.get(name, 0)
        return sum(self._counts.get(_cell_key(name, cell), 0) for cell in cells)

    def digits(self, name: str) -> int:
        """Return the decimal digits that the wire shows of a meter."""
        digits = max(METERS_BY_NAME[name].digits, self._sizes.get(name, self._digits))
        return digits + digits % 2

    def shown(
        self, name: str, digits: int | None = None, cells: Iterable[Cell] | None = None
    ) -> int:
        """Return the count as the wire shows it: rolled over at its digits."""
        width = digits or self.digits(name)
        limit: int = 10**width
        true = self.true(name, cells)
        if name not in self.lies:
            return true % limit
        shown = self.lies[name].of(true) % limit
        self.lied[name, width] = (true, shown)
        return shown

    def take_lies(self) -> dict[tuple[str, int], tuple[int, int]]:
        """Return what lying meters have shown since the last call, and forget it; see ``lied``."""
        lied, self.lied = self.lied, {}
        return lied

    def counts(self) -> dict[str, int]:
        """Return every true count that is not 0; ``name@game:denomination`` is one cell's."""
        return {name: count for name, count in self._counts.items() if count}

    def take_changes(self) -> dict[str, int]:
        """Return the counts that changed since the last call, and forget that they did."""
        changed, self.changed = self.changed, {}
        return changed

    def restore(self, counts: Mapping[str, int]) -> None:
        """Take over ``counts`` as they were remembered."""
        for name, count in counts.items():
            if name.partition("@")[0] in MACHINE_METERS:
                self._counts[name] = int(count)

    def _put(self, name: str, value: int) -> None:
        self._counts[name] = value
        self.changed[name] = value


def _cell_key(name: str, cell: Cell) -> str:
    return f"{name}@{cell.game}:{cell.denomination:02X}"
