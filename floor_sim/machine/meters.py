"""The meters of one machine: true counts, and what the wire shows of them.

Counters only grow here; on the wire they roll over at their digits. Gauges (credits, bills in the
stacker) go up and down and never roll over.
"""

from __future__ import annotations

from collections.abc import Mapping

from protocols.sas.tables.meters import METERS_BY_NAME, Kind

BILLS = {1: "1", 2: "2", 5: "5", 10: "10", 20: "20", 50: "50", 100: "100", 200: "200", 500: "500"}
"""Face value of the bills that the acceptor takes, to the word in their meters' names."""

MACHINE_METERS = frozenset({
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
    *(f"bills_{word}" for word in BILLS.values()),
})  # fmt: skip
"""Names of the meters that a simulated machine keeps; it is silent about others."""

assert METERS_BY_NAME.keys() >= MACHINE_METERS, "a meter that the meter table does not have"

_RESET_BY_EVENTS = frozenset({"games_since_power_reset", "games_since_slot_door_closed"})


class MeterBook:
    """All meters of one machine, by their names in the meter table.

    Attributes:
        changed: counts that changed since they were last taken away by ``take_changes``.
    """

    def __init__(self, digits: int = 8) -> None:
        self._digits = digits
        self._counts = dict.fromkeys(sorted(MACHINE_METERS), 0)
        self.changed: dict[str, int] = {}

    def add(self, name: str, count: int) -> None:
        """Let a counter grow by ``count``, or a gauge go up or down by it."""
        gauge = METERS_BY_NAME[name].kind is Kind.GAUGE
        assert gauge or count >= 0, f"the counter {name} cannot shrink by {-count}"
        if count:
            self._put(name, self._counts[name] + count)
        assert self._counts[name] >= 0, f"the gauge {name} is below nothing"

    def restart(self, name: str) -> None:
        """Let a meter that counts since an event start again at 0."""
        assert name in _RESET_BY_EVENTS, f"{name} never starts again"
        if self._counts[name]:
            self._put(name, 0)

    def fix(self, name: str, value: int) -> None:
        """Set a gauge."""
        assert METERS_BY_NAME[name].kind is Kind.GAUGE, f"{name} is no gauge"
        self._put(name, value)

    def true(self, name: str) -> int:
        """Return the count as it would be without rollover."""
        return self._counts[name]

    def digits(self, name: str) -> int:
        """Return the decimal digits that the wire shows of a meter."""
        return max(METERS_BY_NAME[name].digits, self._digits)

    def shown(self, name: str, digits: int | None = None) -> int:
        """Return the count as the wire shows it: rolled over at its digits."""
        limit: int = 10 ** (digits or self.digits(name))
        return self._counts[name] % limit

    def counts(self) -> dict[str, int]:
        """Return every true count that is not 0."""
        return {name: count for name, count in self._counts.items() if count}

    def take_changes(self) -> dict[str, int]:
        """Return the counts that changed since the last call, and forget that they did."""
        changed, self.changed = self.changed, {}
        return changed

    def restore(self, counts: Mapping[str, int]) -> None:
        """Take over ``counts`` as they were remembered."""
        for name, count in counts.items():
            if name in self._counts:
                self._counts[name] = int(count)

    def _put(self, name: str, value: int) -> None:
        self._counts[name] = value
        self.changed[name] = value
