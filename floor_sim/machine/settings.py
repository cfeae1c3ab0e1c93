"""How one EGM is built and set up: what a technician would set in its menus."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from floor_sim.games import Volatility
from floor_sim.machine import roles
from protocols.sas.tables.denominations import DENOMINATIONS
from protocols.sas.tables.exceptions import PRIORITY_ORDER, QUEUED_IN_STANDARD_VALIDATION

PRIORITY_SECURE = PRIORITY_ORDER
"""Priority exceptions in the order in which they go out, with system or secure validation."""

_STANDARD = [code for code in PRIORITY_ORDER if code not in {0x51, *QUEUED_IN_STANDARD_VALIDATION}]
_STANDARD.insert(_STANDARD.index(0x52), 0x51)

PRIORITY_STANDARD = tuple(_STANDARD)
"""The same with standard validation: 3D and 3E queue up, and 51 goes before 52."""


@dataclass(frozen=True, slots=True)
class PortSettings:
    """How one SAS port behaves.

    Attributes:
        queue_max: exceptions that the queue holds, 20 or more.
        overflow_loses: which entry goes when one more comes.
        priority: codes that are flags, first one first.
        link_down_s: seconds without its address after which the link is down.
        ack_limit_s: seconds without an implied ACK after which the link is down.
        third_repeat: what the same poll gets that was answered and repeated already: the same
            again, or silence, as one machine does; the data is kept either way.
        chirp_interval_s: seconds between chirps while the link is down.
        turn_round_s: shortest and longest time from the end of a poll to the answer; a machine
            has 0.02.
        roles: what it has to do with, names of ``ROLES``: other exceptions are not queued, other
            long polls get silence.
        host_lost: what the machine does once nobody has polled the port for ``link_down_s``:
            nothing, report a tilt (20) and stop play, or stop play without a word. Play goes on
            when the port is polled again.
        real_time_idle: what answers a general poll in real-time mode while nothing waits: nothing,
            as the rule is, or an event 00 or 1F, as many machines do.
        idle_code: what answers it otherwise: 00, or 1F, which is obsolete and still met.
        ninth_bit: of its answers: clear, or even parity, as of a board that left SAS mode.
        silent_after_nack_s: seconds for which it is silent after a NACK.
    """

    queue_max: int = 20
    overflow_loses: Literal["oldest", "newest"] = "oldest"
    priority: tuple[int, ...] = PRIORITY_STANDARD
    link_down_s: float = 5.0
    ack_limit_s: float = 30.0
    third_repeat: Literal["again", "silence"] = "again"
    chirp_interval_s: float = 0.2
    turn_round_s: tuple[float, float] = (0.002, 0.005)
    real_time_idle: Literal[0x00, 0x1F] | None = None
    idle_code: Literal[0x00, 0x1F] = 0x00
    ninth_bit: Literal["space", "even parity"] = "space"
    silent_after_nack_s: float = 0.0
    roles: frozenset[str] = roles.EVERYTHING
    host_lost: Literal["nothing", "tilt", "stop play"] = "nothing"

    def reports(self, code: int) -> bool:
        """Say whether the exception ``code`` is queued on this port."""
        return roles.reports(self.roles, code)

    def answers(self, command: int) -> bool:
        """Say whether this port has to do with the long poll ``command``."""
        return roles.answers(self.roles, command)


@dataclass(frozen=True, slots=True)
class SecondPort:
    """The second SAS port of a machine, with a queue and a host of its own.

    Attributes:
        line: name of the line it hangs on.
        address: SAS address 1 to 127 there.
        settings: how it behaves.
    """

    line: str
    address: int
    settings: PortSettings = PortSettings()


@dataclass(frozen=True, slots=True)
class PotSettings:
    """A progressive: one of the machine's own, or a level of its link.

    Attributes:
        level: SAS level of its wins, 1 to 32.
        start_cents: what it begins with.
        increment: share of coin in that goes into it, in hundredths of a per cent.
        cycle_cents: coin in after which it is won, on average.
    """

    level: int
    start_cents: int
    increment: int
    cycle_cents: int

    @property
    def returns(self) -> Fraction:
        """Share of coin in that it pays back in the long run."""
        return Fraction(self.start_cents, self.cycle_cents) + Fraction(self.increment, 10_000)


@dataclass(frozen=True, slots=True)
class GameSettings:
    """One game of a machine with several; its number is its place, 1 for the first.

    Attributes:
        name: name of the game, poll B5.
        paytable_id: up to six letters, poll 53; the machine's own where empty.
        par_percent: theoretical hold, 0 to 100; the machine's own where None.
        bets: bets in credits; the machine's own where empty.
        volatility: how wins are spread; as the machine's own where None.
    """

    name: str
    paytable_id: str = ""
    par_percent: Decimal | None = None
    bets: tuple[int, ...] = ()
    volatility: Volatility | None = None


AftKind = Literal["in-house", "bonus", "debit", "ticket", "to host", "win to host"]
"""What a machine may be asked to move by poll 72."""


@dataclass(frozen=True, slots=True)
class MachineSettings:
    """One EGM.

    Attributes:
        asset: the casino's permanent number.
        address: SAS address 1 to 127.
        line: name of the line it hangs on.
        cents_per_credit: worth of one credit of the accounting denomination.
        denomination_code: SAS code of that denomination.
        bets: bets in credits that a guest can choose.
        par_percent: theoretical hold, 0 to 100.
        volatility: how wins are spread.
        pots: progressives of the machine's own.
        lockup_cents: a win of this or more is paid by hand.
        ticket_limit_cents: a cash-out above this is paid by hand.
        reports_games: 7E and 7F are reported.
        reports_power_lost: 18 is kept over the power cut and reported before 17.
        handpay_repeat_s: seconds after which 51 comes again while 1B was not read.
        handpays_max: handpays remembered until a host has read them.
        without_host: what guests and staff do while no host polls: stay away, or play on.
        sas_version: answer of poll 54, three digits.
        serial: serial number, poll 54.
        game_id: two letters, poll 1F.
        additional_id: three letters, poll 1F.
        paytable_id: six letters, poll 1F.
        game_options: poll 1F, four hex digits.
        progressive_group: poll 1F, 0 for none.
        games: its games, where it has several; none for the usual machine with one game.
        denominations: SAS codes of the denominations that a guest can choose, each a multiple of
            ``cents_per_credit``; none for the usual machine with one denomination.
        token_denomination: SAS code of its coin mechanism's tokens, poll B3; 0 for none.
        bills: face values that its acceptor takes.
        stacker_bills_max: bills that its stacker holds.
        validation: how cash-out tickets are validated.
        ticket_redemption: it takes tickets.
        ticket_records_max: validation records that it keeps until a host has read them, to 31.
        validation_wait_s: seconds that it waits for 58 after 57.
        ticket_wait_s: seconds that it waits for 71 after 67.
        transfers: what may be moved by AFT; nothing for a machine without AFT.
        transfer_limit_cents: a transfer above this is refused.
        legacy_bonus: it pays legacy bonuses (8A).
        tournament: it plays tournaments (8C).
        progressive_levels: levels of ``progressive_group`` that it is linked to.
        links: the terms of those levels, where play can win them.
        link_by_host: a host broadcasts what they are worth (80, 86); else a controller of the
            floor keeps their pool.
        handpay_to_credits: a handpay of a win may be reset to the credit meter (A8).
        auto_rebet: it knows automatic rebets (AA).
        cash_out_limit: credits above which it pays everything by hand after a game (A4), or None.
        wager_categories: it meters each of a game's bets apart (B4).
        hopper: it takes and pays coins.
        reels: reels that it has, 0 to 9.
        cards: it is a card game.
        fast_poll: a host may poll it every 40 ms.
        signature_s: seconds that it works on a ROM signature.
        meter_digits: digits of the meters, where more than the least of the meter table.
        meter_sizes: name and digits of single meters, where they differ from that.
        feature_override: the four feature bytes of poll A0; None: what it is built for.
        polls_off: long polls that it is silent to, whatever it is built for.
        port: how its first SAS port behaves.
        second: its second SAS port, or None.
    """

    asset: str
    address: int
    line: str = "L1"
    cents_per_credit: int = 1
    denomination_code: int = 0x01
    bets: tuple[int, ...] = (40, 80, 120, 200, 300)
    par_percent: Decimal = Decimal(9)
    volatility: Volatility = "even"
    pots: tuple[PotSettings, ...] = ()
    lockup_cents: int = 120_000
    ticket_limit_cents: int = 300_000
    reports_games: bool = True
    reports_power_lost: bool = True
    handpay_repeat_s: float = 15.0
    handpays_max: int = 20
    without_host: Literal["stay away", "play on"] = "play on"
    sas_version: str = "602"
    serial: str = "SIM"
    game_id: str = "SM"
    additional_id: str = "000"
    paytable_id: str = "SIM001"
    game_options: str = "0000"
    progressive_group: int = 0
    games: tuple[GameSettings, ...] = ()
    denominations: tuple[int, ...] = ()
    token_denomination: int = 0
    bills: tuple[int, ...] = (1, 2, 5, 10, 20, 50, 100, 200, 500)
    stacker_bills_max: int = 1000
    validation: Literal["standard", "system", "secure enhanced"] = "standard"
    ticket_redemption: bool = False
    ticket_records_max: int = 31
    validation_wait_s: float = 10.0
    ticket_wait_s: float = 30.0
    transfers: frozenset[AftKind] = frozenset()
    transfer_limit_cents: int = 1_000_000
    legacy_bonus: bool = False
    tournament: bool = False
    progressive_levels: tuple[int, ...] = ()
    links: tuple[PotSettings, ...] = ()
    link_by_host: bool = False
    handpay_to_credits: bool = False
    auto_rebet: bool = False
    cash_out_limit: int | None = None
    wager_categories: bool = False
    hopper: bool = False
    reels: int = 0
    cards: bool = False
    fast_poll: bool = False
    signature_s: float = 2.0
    meter_digits: int = 8
    meter_sizes: tuple[tuple[str, int], ...] = ()
    feature_override: bytes | None = None
    polls_off: frozenset[int] = frozenset()
    port: PortSettings = PortSettings()
    second: SecondPort | None = None

    @property
    def asset_number(self) -> int:
        """The asset number as polls carry it, 4 bytes; 0 where it is no number."""
        return int(self.asset) % 2**32 if self.asset.isdecimal() else 0

    @property
    def in_cells(self) -> bool:
        """Meters are kept for each game and denomination apart."""
        return bool(self.games or self.denominations)

    @property
    def game_numbers(self) -> range:
        """Numbers of the games: 1 alone on a machine with one game."""
        return range(1, max(1, len(self.games)) + 1)

    @property
    def player_denominations(self) -> tuple[int, ...]:
        """SAS codes of what a guest can choose."""
        return self.denominations or (self.denomination_code,)

    def game(self, number: int) -> GameSettings:
        """Return a game with whatever it leaves to the machine; 0 is the machine itself."""
        own = self.games[number - 1] if 0 < number <= len(self.games) else GameSettings("")
        return GameSettings(
            own.name,
            own.paytable_id or self.paytable_id,
            self.par_percent if own.par_percent is None else own.par_percent,
            own.bets or self.bets,
            own.volatility or self.volatility,
        )

    @property
    def progressives_return(self) -> Fraction:
        """Share of coin in that progressives, own and linked, pay back in the long run."""
        return sum((pot.returns for pot in (*self.pots, *self.links)), Fraction(0))

    def credits_per_coin(self, denomination: int) -> int:
        """Return how many credits (of the accounting denomination) one credit of a guest is."""
        if denomination == self.denomination_code:
            return 1
        return int(DENOMINATIONS[denomination] * 100) // self.cents_per_credit
