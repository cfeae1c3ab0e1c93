"""What the parts of a machine remember: switches, tickets, transfers, tournament.

Each is a frozen dataclass that is replaced when something changes, and goes into the journal as
JSON. None holds a secret: validation numbers, validation ids and registration keys live in
``Secrets``, in memory alone, and are gone after a power cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import Any, Self

UNREGISTERED = 0x80
"""Status of poll 73 without a registration."""


@dataclass(frozen=True)
class Part:
    """Base of what one part remembers."""

    @cached_property
    def json(self) -> dict[str, Any]:
        """Everything in it, as JSON."""
        return {key: _plain(value) for key, value in asdict(self).items()}

    @classmethod
    def of(cls, memory: Mapping[str, Any]) -> Self:
        """Return what was remembered; what is missing is as in a new machine."""
        names = {item.name for item in fields(cls)}
        return cls(**{key: _frozen(value) for key, value in memory.items() if key in names})


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    return value


@dataclass(frozen=True)
class Switches(Part):
    """What hosts switch with control polls, and what the guest has chosen.

    Attributes:
        sound: sounds are on (03, 04).
        game_sounds: reel and game sounds are on (04, 05).
        maintenance: maintenance mode (0A, 0B).
        bill_mask: bits of the bills that are taken (08).
        bill_once: the acceptor goes off after each bill (08).
        rebet: automatic rebet is on (AA).
        games_off: game and denomination code of what is disabled (09); code 0 is all of them.
        game: number of the game that the guest has chosen; 0 for none.
        denomination: SAS code that the guest has chosen; 0 for the first.
        pays_to_credits: the next reset of a handpay pays to the credit meter (A8).
    """

    sound: bool = True
    game_sounds: bool = True
    maintenance: bool = False
    bill_mask: int = 0xFFFFFFFF
    bill_once: bool = False
    rebet: bool = False
    games_off: tuple[tuple[int, int], ...] = ()
    game: int = 1
    denomination: int = 0
    pays_to_credits: bool = False


@dataclass(frozen=True)
class Bonus(Part):
    """The last legacy bonus (90), and the tournament that is on (8C).

    Attributes:
        paid: multiplier, multiplied win, tax status and bonus, as poll 90 says them.
        tournament: game, credits left, and the moment of its end; empty while none is on.
    """

    paid: tuple[int, int, int, int] = (0, 0, 0, 0)
    tournament: tuple[float, ...] = ()


@dataclass(frozen=True)
class Progressives(Part):
    """Progressive wins that a host has not read (84, 85, 87), and pots of the machine's own.

    Attributes:
        wins: level and cents of each, oldest first.
        pots: of each pot of the machine's own: coin in when it was won last, and what was left in
            it then, in ten thousandths of a cent.
        links: the same of each level of its link, as far as this machine feeds it.
    """

    wins: tuple[tuple[int, int], ...] = ()
    pots: tuple[tuple[int, int], ...] = ()
    links: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Tickets(Part):
    """Tickets in and out.

    Attributes:
        states: bits of poll 7B that a host can change.
        expiries: days that cashable and restricted tickets are good for.
        texts: what tickets say, by item (7C, 7D).
        records: of tickets and handpays: number, type, date, time, cents, ticket number, system
            id, read by a host.
        made: records since the machine was made.
        totals: validation type, count, cents (50).
        waiting: type and cents of the cash-out that waits for a validation number (57), and until
            when; empty while none does.
        escrow: kind, cents and end of the ticket that waits in the acceptor; empty for none.
        redeemed: status and cents of the last ticket, as poll 71 says them.
        inserted: tickets inserted since the machine was made.
        host_id: of 7D.
    """

    states: int = 0
    expiries: tuple[int, int] = (0, 0)
    texts: tuple[tuple[str, str], ...] = ()
    records: tuple[tuple[Any, ...], ...] = ()
    made: int = 0
    totals: tuple[tuple[int, int, int], ...] = ()
    waiting: tuple[float, ...] = ()
    escrow: tuple[Any, ...] = ()
    redeemed: tuple[int, int] = (0xFF, 0)
    inserted: int = 0
    host_id: int = 0


@dataclass(frozen=True)
class Transfers(Part):
    """AFT: registration, lock, and what was transferred.

    Attributes:
        registration: status of poll 73.
        pos_id: of the registration.
        lock: end of the lock (74); 0 while there is none.
        lock_waits: hundredths of a second of a lock that waits for the game's end.
        last: the last transfer, as poll 72 says it; empty for none.
        history: transfers that a host has read the end of, newest last.
        position: place in the buffer of the last one.
        host_cash_out: bits of the host's cash-out: 2 enabled, 4 hard (72 flags).
        cash_out_until: moment until which a host may take a cash-out (6A); 0 for none.
        restricted_until: expiry of the restricted credits, and their pool.
        nonrestricted: credits that are non-restricted.
    """

    registration: int = UNREGISTERED
    pos_id: int = 0
    lock: float = 0.0
    lock_waits: int = 0
    last: tuple[tuple[str, Any], ...] = ()
    history: tuple[tuple[tuple[str, Any], ...], ...] = ()
    position: int = 0
    host_cash_out: int = 0
    cash_out_until: float = 0.0
    restricted_until: tuple[str, int] = ("00000000", 0)
    nonrestricted: int = 0


@dataclass(slots=True)
class Secrets:
    """What no file may hold; gone after a power cut, and then a host has to give it again.

    Attributes:
        validation_id: of poll 4C, with the sequence; None until a host sets them.
        numbers: validation numbers that hosts gave (58), by number of the record.
        ticket: validation number of the ticket in the acceptor.
        key: registration key (73), hex.
    """

    validation_id: tuple[int, int] | None = None
    numbers: dict[int, int] = field(default_factory=dict)
    ticket: int = 0
    key: str = ""
