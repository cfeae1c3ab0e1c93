"""Errors of a certified system's extracts: each has a name, and is put in where it is asked for.

What was put in is told, so that whoever compares can be judged: the name, the table, and the row as
it was and as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any, Final, TypeVar

from floor_sim.certified.books import Books, DropRow, MeterRow, RatingRow, SlipRow, TicketRow
from floor_sim.chance import draw

Row = TypeVar("Row", MeterRow, SlipRow, TicketRow, RatingRow, DropRow)


@dataclass(frozen=True, slots=True)
class Injected:
    """One error that was put in.

    Attributes:
        name: its name.
        table: meters, slips, tickets, ratings or drops.
        was: the row as it was; nothing for a row that was made up.
        is_: the row as it is; nothing for a row that was left out.
    """

    name: str
    table: str
    was: dict[str, Any] | None
    is_: dict[str, Any] | None


Change = Callable[[Any, Random, Sequence[Any]], list[Any]]
"""Takes a row and all rows; returns what stands instead of the row."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A kind of error.

    Attributes:
        table: where it is made.
        does: what it does, for people.
        change: makes it.
        may: says whether it can be made with a row.
    """

    table: str
    does: str
    change: Change
    may: Callable[[Any], bool] = lambda _row: True


def _left_out(row: Any, chance: Random, rows: Sequence[Any]) -> list[Any]:
    del row, chance, rows
    return []


def _twice(row: Any, chance: Random, rows: Sequence[Any]) -> list[Any]:
    del chance, rows
    return [row, row]


def _elsewhere(row: Any, chance: Random, rows: Sequence[Any]) -> list[Any]:
    others = sorted({other.asset for other in rows} - {row.asset})
    return [replace(row, asset=chance.choice(others))] if others else []


def _swapped(number: int) -> int:
    """Return a number with the first two different neighbours of its digits swapped."""
    digits = list(str(number))
    for place in range(len(digits) - 1, 0, -1):
        if digits[place] != digits[place - 1]:
            digits[place - 1 : place + 1] = digits[place], digits[place - 1]
            break
    return int("".join(digits))


def _cents(row: Any, chance: Random, rows: Sequence[Any]) -> list[Any]:
    del chance, rows
    return [replace(row, cents=_swapped(row.cents))]


def _coin_in(row: MeterRow, chance: Random, rows: Sequence[Any]) -> list[Any]:
    del chance, rows
    return [replace(row, meters={**row.meters, "coin_in": _swapped(row.meters["coin_in"])})]


def _stale(row: MeterRow, chance: Random, rows: Sequence[MeterRow]) -> list[Any]:
    del chance
    before = [one for one in rows if one.asset == row.asset and one.gaming_day < row.gaming_day]
    return [replace(row, meters=before[-1].meters)] if before else []


def _next_day(row: Any, chance: Random, rows: Sequence[Any]) -> list[Any]:
    del chance, rows
    day = row.at.date() + timedelta(days=1)
    return [replace(row, gaming_day=day.isoformat())]


def _short(row: DropRow, chance: Random, rows: Sequence[Any]) -> list[Any]:
    del rows
    face = chance.choice([face for face, count in row.counted.items() if count])
    return [replace(row, counted={**row.counted, face: row.counted[face] - 1})]


def _other_account(row: RatingRow, chance: Random, rows: Sequence[RatingRow]) -> list[Any]:
    others = sorted({other.account for other in rows} - {row.account})
    return [replace(row, account=chance.choice(others))] if others else []


def _hour_late(row: Any, chance: Random, rows: Sequence[Any]) -> list[Any]:
    del chance, rows
    hour = timedelta(hours=1)
    return [replace(row, pending_at=row.pending_at + hour, reset_at=row.reset_at + hour)]


def _swappable(number: int) -> bool:
    return _swapped(number) != number


MISTAKES: Final[dict[str, Mistake]] = {
    "slip missing": Mistake("slips", "a handpay without a slip", _left_out),
    "slip twice": Mistake("slips", "a handpay with two slips", _twice),
    "slip amount": Mistake("slips", "two digits of the amount are swapped", _cents,
                           lambda row: _swappable(row.cents)),
    "slip elsewhere": Mistake("slips", "the slip names another machine", _elsewhere),
    "slip hour late": Mistake("slips", "its times are an hour late", _hour_late),
    "meters missing": Mistake("meters", "a machine has no reading that day", _left_out),
    "meters stale": Mistake("meters", "a reading of the day before, or none", _stale),
    "coin in swapped": Mistake("meters", "two digits of coin in are swapped", _coin_in,
                               lambda row: _swappable(row.meters.get("coin_in", 0))),
    "ticket missing": Mistake("tickets", "a ticket that is in no book", _left_out),
    "ticket twice": Mistake("tickets", "a ticket that is there twice", _twice),
    "ticket amount": Mistake("tickets", "two digits of the amount are swapped", _cents,
                             lambda row: _swappable(row.cents)),
    "ticket next day": Mistake("tickets", "booked a gaming day late", _next_day),
    "rating missing": Mistake("ratings", "a session that nobody rated", _left_out),
    "rating of another": Mistake("ratings", "points go to another player", _other_account),
    "count short": Mistake("drops", "one bill less was counted", _short,
                           lambda row: any(row.counted.values())),
    "count elsewhere": Mistake("drops", "counted under another machine", _elsewhere),
    "count missing": Mistake("drops", "a cashbox that nobody counted", _left_out),
}  # fmt: skip
"""Name to error."""


def with_mistakes(books: Books, names: Sequence[str], seed: int) -> tuple[Books, list[Injected]]:
    """Return books with the errors called ``names``, one each, and what was put in.

    An error that no row allows is left out. The books themselves stay as they are.

    Raises:
        KeyError: there is no error of a name.
    """
    changed = Books(*(list(getattr(books, name)) for name in Books.__slots__))
    told: list[Injected] = []
    for turn, name in enumerate(names):
        mistake = MISTAKES[name]
        rows = getattr(changed, mistake.table)
        places = [place for place, row in enumerate(rows) if mistake.may(row)]
        if not places:
            continue
        chance = draw(seed, "mistake", name, turn)
        place = chance.choice(places)
        was = rows[place]
        now = mistake.change(was, chance, rows)
        rows[place : place + 1] = now
        is_ = asdict(now[-1]) if now else None
        told.append(Injected(name, mistake.table, asdict(was), is_))
    return changed, told
