"""Finds events in an index: as many walks along an index as there are machines and types, merged.

Nothing is sorted and nothing is scanned: each walk is in order of time already, and a walk ends
with what is wanted of it. So thirty days of a floor answer as fast as a day.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from gateway.central.index.packing import unpack

LIMIT: Final = 1000
"""Rows told unless more are asked for."""
_PAGE: Final = 256
READERS: Final = 16
"""Bodies read at once."""

WALK: Final = (
    "SELECT time_ns, n FROM event INDEXED BY {index} WHERE {keys} AND time_ns >= ? AND time_ns < ?"
    "{more} ORDER BY time_ns"
)


class SearchError(Exception):
    """The index cannot be read; says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; an empty field holds for everything.

    Attributes:
        asset: asset number.
        location: where the machine stood when it happened.
        code: SAS exception code, 1-255.
        type: a type (``door.opened``) or a family (``door``).
        from_ns: not before, nanoseconds since 1970 UTC.
        to_ns: before.
    """

    asset: str = ""
    location: str = ""
    code: int | None = None
    type: str = ""
    from_ns: int = 0
    to_ns: int = 2**62


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, oldest first.

    Attributes:
        events: envelopes.
        more: there are more than were asked for.
    """

    events: tuple[dict[str, Any], ...]
    more: bool


def search(path: Path, wanted: Search, limit: int = LIMIT) -> Found:
    """Return the oldest ``limit`` events that fit.

    Raises:
        SearchError: there is no index, or it cannot be read.
    """
    if not path.is_file():
        raise SearchError(f"{path}: no index there; slotgw central index keeps one")
    try:
        with closing(_open(path)) as db:
            db.execute("BEGIN")  # one moment for all walks
            rows = list(islice(_walks(db, wanted), limit + 1))
        bodies = _bodies(path, [n for _, n in rows[:limit]])
        return Found(tuple(map(unpack, bodies)), len(rows) > limit)
    except sqlite3.Error as error:
        raise SearchError(f"{path}: {error}") from error


def _walks(db: sqlite3.Connection, wanted: Search) -> Iterator[tuple[int, int]]:
    types = [
        number
        for number, name in (_types(db) if wanted.code is None else _led_to(db, wanted.code))
        if not wanted.type or wanted.type in (name, name.partition(".")[0])
    ]
    assets = _assets(db, wanted)
    location = _number(db, wanted.location) if wanted.location else None
    if assets is None:
        walks: Iterable[Iterator[tuple[int, int]]] = (
            _walk(db, "event_by_type", {"type": one}, wanted, None) for one in types
        )
    else:
        walks = (
            _walk(db, "event_by_asset", {"asset": asset, "type": one}, wanted, location)
            for asset in assets
            for one in types
        )
    return heapq.merge(*walks, key=itemgetter(0))


def _walk(
    db: sqlite3.Connection, index: str, keys: dict[str, int], wanted: Search, location: int | None
) -> Iterator[tuple[int, int]]:
    more, values = "", [*keys.values(), wanted.from_ns, wanted.to_ns]
    if wanted.code is not None:
        more += " AND code = ?"
        values.append(wanted.code)
    if location is not None:
        more += " AND location = ?"
        values.append(location)
    sql = WALK.format(index=index, keys=" AND ".join(f"{key} = ?" for key in keys), more=more)
    cursor = db.execute(sql, values)
    while page := cursor.fetchmany(_PAGE):
        yield from page


def _assets(db: sqlite3.Connection, wanted: Search) -> list[int] | None:
    """Return the machines to look at; None for all."""
    if wanted.asset:
        number = _number(db, wanted.asset)
        return [] if number is None else [number]
    if wanted.location:
        number = _number(db, wanted.location)
        rows = db.execute("SELECT asset FROM stood WHERE location = ?", (number,))
        return [row[0] for row in rows]
    return None


def _types(db: sqlite3.Connection) -> Iterator[tuple[int, str]]:
    last = -1
    while True:  # from type to type along the index: one step each
        row = db.execute(
            "SELECT type, (SELECT text FROM name WHERE id = type) FROM event"
            " INDEXED BY event_by_type WHERE type > ? ORDER BY type LIMIT 1", (last,),
        ).fetchone()  # fmt: skip
        if row is None:
            return
        last = row[0]
        yield last, row[1]


def _led_to(db: sqlite3.Connection, code: int) -> Iterable[tuple[int, str]]:
    return db.execute("SELECT type, text FROM led JOIN name ON id = type WHERE code = ?", (code,))


def _number(db: sqlite3.Connection, text: str) -> int | None:
    row = db.execute("SELECT id FROM name WHERE text = ?", (text,)).fetchone()
    return None if row is None else int(row[0])


def _bodies(path: Path, numbers: list[int]) -> list[bytes]:
    """Return the bodies of rows, in order; one that was pruned meanwhile is left out.

    Rows of a month lie all over the file, and a disk gives many pages asked for at once in the
    time of a few asked for one after the other: hence threads, each with a connection of its own.
    """

    def read(share: list[int]) -> dict[int, bytes]:
        with closing(_open(path)) as db:
            found = (
                (n, db.execute("SELECT body FROM event WHERE n = ?", (n,)).fetchone())
                for n in share
            )
            return {n: row[0] for n, row in found if row is not None}

    shares = [numbers[start::READERS] for start in range(min(READERS, len(numbers)))]
    with ThreadPoolExecutor(READERS) as pool:
        found = dict(chain.from_iterable(one.items() for one in pool.map(read, shares)))
    return [found[n] for n in numbers if n in found]


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
