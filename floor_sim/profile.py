"""What kinds of machines there are: profiles, in a floor file or in files of their own.

The text under each field is written for whoever fills in the file, and is what a report of
mistakes gives as a hint.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from edge_config.table import Table
from floor_sim.abilities import Abilities, money, percent
from floor_sim.games import Volatility
from floor_sim.machine.meters import MACHINE_METERS
from floor_sim.machine.roles import EVERYTHING, ROLES
from floor_sim.machine.settings import PRIORITY_SECURE, PRIORITY_STANDARD
from protocols.sas.tables.denominations import DENOMINATIONS
from protocols.sas.tables.polls import POLLS

IDLE: Final = {"00": 0x00, "1F": 0x1F}
"""What answers a general poll while nothing waits."""
REAL_TIME_IDLE: Final = {"silence": None, "00": 0x00, "1F": 0x1F}
"""The same in real-time mode, as an event."""

CODE_OF_DENOMINATION = {worth: code for code, worth in DENOMINATIONS.items()}


def _denomination(value: object) -> Decimal:
    number = money(value)
    if number not in CODE_OF_DENOMINATION:
        raise ValueError('a denomination that SAS has a code for, such as "0.01" or "0.25"')
    return number


def _range(pair: tuple[float, float]) -> tuple[float, float]:
    if not 0 <= pair[0] <= pair[1]:
        raise ValueError("the shortest and the longest time in seconds, such as [2.0, 5.0]")
    return pair


def _bets(bets: tuple[int, ...]) -> tuple[int, ...]:
    if not bets or any(not 1 <= bet <= 9_999 for bet in bets):
        raise ValueError("one or more bets of 1 to 9999 credits")
    return bets


def _roles(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names or len({*names}) < len(names) or not {*names} <= EVERYTHING:
        raise ValueError(f"a list of {', '.join(ROLES)}")
    return names


def _four_bytes(value: object) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    try:
        data = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        data = b""
    if len(data) != 4:
        raise ValueError('four bytes in hex and in quotes, such as "01 4D 00 00"')
    return data


def _polls(value: object) -> frozenset[int]:
    words = value if isinstance(value, list | tuple) else [None]
    commands = frozenset(
        int(word, 16) for word in words if isinstance(word, str) and _is_poll(word)
    )
    if len(commands) < len(words):
        raise ValueError('long polls in hex and in quotes, each once, such as ["2F", "6F"]')
    return commands


def _is_poll(word: str) -> bool:
    return len(word) == 2 and set(word) <= set("0123456789ABCDEF") and int(word, 16) in POLLS


def _sizes(sizes: dict[str, int]) -> dict[str, int]:
    if not sizes.keys() <= MACHINE_METERS or any(
        not 8 <= digits <= 18 or digits % 2 for digits in sizes.values()
    ):
        raise ValueError("names of meters, such as coin_in, with 8, 10, ... or 18 digits")
    return sizes


Roles = Annotated[tuple[str, ...], Field(strict=False), AfterValidator(_roles)]
Money = Annotated[Decimal, BeforeValidator(money)]
Seconds = Annotated[tuple[float, float], Field(strict=False), AfterValidator(_range)]
"""Shortest and longest time; every value between is equally likely."""


class Wire(Table):
    """``[profiles.NAME.wire]``: timings and manners that differ from machine to machine."""

    queue_max: int = Field(default=20, ge=20, le=255)
    """Exceptions that the queue holds, 20 or more."""
    link_down_s: float = Field(default=5.0, ge=1, le=60)
    """Seconds without its address after which the link is down."""
    ack_limit_s: float = Field(default=30.0, ge=1, le=300)
    """Seconds without an implied ACK after which the link is down."""
    chirp_interval_s: float = Field(default=0.2, ge=0.05, le=10)
    """Seconds between chirps while the link is down."""
    handpay_repeat_s: float = Field(default=15.0, ge=1, le=300)
    """Seconds after which 51 comes again while 1B was not read."""
    handpays_max: int = Field(default=20, ge=5, le=100)
    """Handpays that it keeps until a host has read them, 5 or more."""
    third_repeat: Literal["again", "silence"] = "again"
    """What the same poll gets for the third time: the same again, or silence."""
    idle: Literal["00", "1F"] = "00"
    """What answers a general poll while nothing waits; 1F is obsolete and still met."""
    real_time_idle: Literal["silence", "00", "1F"] = "silence"
    """The same in real-time mode; the rule is silence, many machines send an event 00 or 1F."""
    ninth_bit: Literal["space", "even parity"] = "space"
    """Ninth bit of its answers: clear, or even parity, as of boards that left SAS mode."""
    silent_after_nack_s: float = Field(default=0.0, ge=0, le=30)
    """Seconds for which it is silent after it said NACK."""


class Profile(Table):
    """``[profiles.NAME]``, or a file of its own: a kind of machine."""

    about: str = Field(default="", max_length=500)
    """What machines of this kind are like, for people."""

    denomination: Annotated[Decimal, BeforeValidator(_denomination)] = Decimal("0.01")
    """Worth of one credit, in quotes, for example "0.01"."""
    par_percent: Annotated[Decimal, BeforeValidator(percent)] = Decimal(9)
    """Theoretical hold in per cent, in quotes, for example "8.5"."""
    volatility: Volatility = "even"
    """How wins are spread: even (none above 100 bets), low, medium, high or poker."""
    bets: Annotated[tuple[int, ...], Field(strict=False), AfterValidator(_bets)] = (40, 80, 120)
    """Bets that a guest can choose, in credits."""
    lockup: Money = Decimal(1200)
    """A win of this or more is paid by hand; in quotes, for example "1200.00"."""
    ticket_limit: Money = Decimal(3000)
    """A cash-out above this is paid by hand; in quotes."""
    game_id: str = Field(default="SM", min_length=2, max_length=2)
    """Game id of poll 1F, two letters."""
    paytable: str = Field(default="SIM001", min_length=1, max_length=6)
    """Paytable id of poll 1F."""
    sas_version: str = Field(default="602", min_length=3, max_length=3)
    """SAS version of poll 54."""
    a0: Annotated[bytes, BeforeValidator(_four_bytes)] | None = None
    """Feature bits of poll A0, four bytes in hex; nothing: what its abilities come to."""
    polls_off: Annotated[frozenset[int], BeforeValidator(_polls)] = frozenset()
    """Long polls that it is silent to, such as ["2F", "6F"], whatever its abilities are."""
    meter_sizes: Annotated[dict[str, int], AfterValidator(_sizes)] = Field(default_factory=dict)
    """Digits of single meters, where they differ, such as { coin_in = 10 }."""
    meter_digits: int = Field(default=8, ge=8, le=18)
    """Digits of the meters, 8 to 18."""
    reports_games: bool = True
    """Whether 7E and 7F (game started, game ended) are reported."""
    without_host: Literal["stay away", "play on"] = "play on"
    """What guests and staff do while no host polls the machine."""
    overflow_loses: Literal["oldest", "newest"] = "oldest"
    """Which exception is lost when the queue of 20 is full."""
    turn_round_s: Seconds = (0.002, 0.005)
    """Shortest and longest time from a poll to its answer; at most 0.02 in a good machine."""
    roles: Roles | None = None
    """What its first port reports and answers, such as ["doors", "meters"]. Nothing: everything."""
    second_roles: Roles | None = None
    """The same for its second port, where it has one."""
    wire: Wire = Wire()
    """Its manners on the wire; a table headed [profiles.NAME.wire]."""
    abilities: Abilities = Abilities()
    """What else it can do; a table headed [profiles.NAME.abilities]."""

    def settings(self) -> dict[str, Any]:
        """Return the fields of the machine's settings, but for who and where it is."""
        return {
            "cents_per_credit": int(self.denomination * 100),
            "denomination_code": CODE_OF_DENOMINATION[self.denomination],
            "bets": self.bets,
            "par_percent": self.par_percent,
            "volatility": self.volatility,
            "lockup_cents": int(self.lockup * 100),
            "ticket_limit_cents": int(self.ticket_limit * 100),
            "reports_games": self.reports_games,
            "without_host": self.without_host,
            "sas_version": self.sas_version,
            "game_id": self.game_id,
            "paytable_id": self.paytable,
            "meter_digits": self.meter_digits,
            "meter_sizes": tuple(sorted(self.meter_sizes.items())),
            "feature_override": self.a0,
            "polls_off": self.polls_off,
            "handpay_repeat_s": self.wire.handpay_repeat_s,
            "handpays_max": self.wire.handpays_max,
            **self.abilities.settings(),
        }

    def port_settings(self) -> dict[str, Any]:
        """Return the fields of a port's settings, but for what the place gives it to do."""
        standard = self.abilities.validation == "standard"
        wire = self.wire
        return {
            "priority": PRIORITY_STANDARD if standard else PRIORITY_SECURE,
            "overflow_loses": self.overflow_loses,
            "turn_round_s": self.turn_round_s,
            "queue_max": wire.queue_max,
            "link_down_s": wire.link_down_s,
            "ack_limit_s": wire.ack_limit_s,
            "chirp_interval_s": wire.chirp_interval_s,
            "third_repeat": wire.third_repeat,
            "idle_code": IDLE[wire.idle],
            "real_time_idle": REAL_TIME_IDLE[wire.real_time_idle],
            "ninth_bit": wire.ninth_bit,
            "silent_after_nack_s": wire.silent_after_nack_s,
        }
