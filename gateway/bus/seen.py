"""Which events a consumer has handled, as ranges of numbers; and which numbers are missing.

Events of a family are numbered without a hole for each gateway (``familysequence``). A consumer
keeps what it has handled as ranges of these numbers for each gateway, birth and family: one row
where nothing is missing, and never a mere highest number, since events of different machines
arrive in any order. Numbers between two ranges, or up to what the last heartbeat told, are holes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.events.envelope import Envelope

SCHEMA = """
CREATE TABLE IF NOT EXISTS seen (
    gateway TEXT    NOT NULL,
    birthid TEXT    NOT NULL,
    family  TEXT    NOT NULL,
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    at_ns   INTEGER NOT NULL, -- when it grew last, nanoseconds since 1970
    PRIMARY KEY (gateway, birthid, family, first)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_by_age ON seen (at_ns);
CREATE TABLE IF NOT EXISTS head ( -- what the newest heartbeat of a birth told
    gateway TEXT    NOT NULL,
    birthid TEXT    NOT NULL,
    family  TEXT    NOT NULL,
    last    INTEGER NOT NULL,
    at_ns   INTEGER NOT NULL,
    PRIMARY KEY (gateway, birthid, family)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS birth ( -- in which order births were met; their ids have none
    gateway TEXT    NOT NULL,
    birthid TEXT    NOT NULL,
    family  TEXT    NOT NULL,
    n       INTEGER NOT NULL, -- counts up; a family is read from one stream, in which births follow
    base    INTEGER,          -- what the first heartbeat told, if a heartbeat came first
    PRIMARY KEY (gateway, birthid, family)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS buried ( -- came, could not be handled, and may be sent again
    gateway TEXT    NOT NULL,
    birthid TEXT    NOT NULL,
    family  TEXT    NOT NULL,
    n       INTEGER NOT NULL,
    at_ns   INTEGER NOT NULL,
    PRIMARY KEY (gateway, birthid, family, n)
) WITHOUT ROWID;
"""

HEARTBEAT = "gateway.heartbeat"
BELOW = (
    "SELECT first, last FROM seen WHERE gateway = ? AND birthid = ? AND family = ? AND first <= ?"
    " ORDER BY first DESC LIMIT 1"
)
ABOVE = "SELECT last FROM seen WHERE gateway = ? AND birthid = ? AND family = ? AND first = ?"
CAME = """
    SELECT came.gateway, came.birthid, first, last FROM (
        SELECT gateway, birthid, family, first, last FROM seen WHERE family = :family
        UNION ALL SELECT gateway, birthid, family, n, n FROM buried WHERE family = :family
        UNION ALL SELECT gateway, birthid, family, last + 1, last FROM head WHERE family = :family
        UNION ALL SELECT gateway, birthid, family, base + 1, base FROM birth
                  WHERE family = :family AND base IS NOT NULL
    ) AS came LEFT JOIN birth USING (gateway, birthid, family)
    ORDER BY came.gateway, coalesce(birth.n, 0), came.birthid, first
"""
MET = "INSERT OR IGNORE INTO birth SELECT ?, ?, ?, coalesce(max(n), 0) + 1, ? FROM birth"
BASE = "UPDATE birth SET base = ? WHERE base IS NULL AND gateway = ? AND birthid = ? AND family = ?"
RAISED = (
    "UPDATE birth SET base = max(base, ?) WHERE base IS NOT NULL"
    " AND gateway = ? AND birthid = ? AND family = ?"
)
FORGOTTEN = """
    DELETE FROM birth WHERE NOT EXISTS (
        SELECT 1 FROM seen WHERE (seen.gateway, seen.birthid, seen.family)
                               = (birth.gateway, birth.birthid, birth.family)
    ) AND NOT EXISTS (
        SELECT 1 FROM head WHERE (head.gateway, head.birthid, head.family)
                               = (birth.gateway, birth.birthid, birth.family)
    ) AND NOT EXISTS (
        SELECT 1 FROM buried WHERE (buried.gateway, buried.birthid, buried.family)
                                 = (birth.gateway, birth.birthid, birth.family)
    )
"""


@dataclass(frozen=True, slots=True, order=True)
class Hole:
    """Numbers that have not come.

    Attributes:
        gateway: which gateway numbered them.
        family: of which events.
        first: the first ``familysequence`` that is missing.
        last: the last one.
    """

    gateway: str
    family: str
    first: int
    last: int

    @property
    def events(self) -> int:
        """How many events are missing."""
        return self.last - self.first + 1

    def __str__(self) -> str:
        numbers = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return f"{self.family} {numbers} of {self.gateway}"


class SeenEvents:
    """The ranges, in a consumer's database.

    Args:
        connection: the database, with ``SCHEMA``; every method but ``holes`` is called inside a
            transaction.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def claim(self, envelope: Envelope, now_ns: int) -> bool:
        """Note that an event is handled; False if it was before."""
        execute = self._connection.execute
        key = (envelope.gateway, envelope.birthid, envelope.family)
        n = envelope.familysequence
        below = execute(BELOW, (*key, n)).fetchone()
        if below is not None and below[1] >= n:
            return False
        above = execute(ABOVE, (*key, n + 1)).fetchone()
        if below is None:
            execute(MET, (*key, None))
        first = below[0] if below is not None and below[1] == n - 1 else n
        last = n if above is None else above[0]
        if above is not None:
            execute(
                "DELETE FROM seen WHERE gateway = ? AND birthid = ? AND family = ? AND first = ?",
                (*key, n + 1),
            )
        execute(
            "INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET last = excluded.last, at_ns = excluded.at_ns",
            (*key, first, last, now_ns),
        )
        return True

    def bury(self, envelope: Envelope, now_ns: int) -> None:
        """Note that an event came and could not be handled: not handled, and not missing."""
        key = (envelope.gateway, envelope.birthid, envelope.family)
        self._connection.execute(MET, (*key, None))
        self._connection.execute("INSERT OR IGNORE INTO buried VALUES (?, ?, ?, ?, ?)",
                                 (*key, envelope.familysequence, now_ns))  # fmt: skip

    def note_heartbeat(self, envelope: Envelope, now_ns: int) -> None:
        """Take from a heartbeat how far each family had come; other events say nothing."""
        told = envelope.data.get("last_familysequence")
        if envelope.name != HEARTBEAT or not isinstance(told, dict):
            return
        heads = [
            (envelope.gateway, envelope.birthid, family, last)
            for family, last in told.items()
            if isinstance(last, int) and last > 0
        ]
        # a family that an earlier heartbeat of this birth did not name had told nothing then
        earlier = self._connection.execute(
            "SELECT 1 FROM birth WHERE gateway = ? AND birthid = ? AND base IS NOT NULL LIMIT 1",
            (envelope.gateway, envelope.birthid),
        ).fetchone()
        bases = [(*head[:3], 0 if earlier else head[3]) for head in heads]
        self._connection.executemany(MET, bases)
        self._connection.executemany(BASE, [(base, *key) for *key, base in bases])
        self._connection.executemany(
            "INSERT INTO head VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " last = max(last, excluded.last), at_ns = excluded.at_ns",
            [(*head, now_ns) for head in heads],
        )

    def holes(self, families: Iterable[str]) -> list[Hole]:
        """Return what has not come of families that are read whole.

        What came before the first event ever seen of a gateway's family, and before the first
        heartbeat, is no hole: it may be older than the stream.
        """
        found: list[Hole] = []
        for family in families:
            rows = self._connection.execute(CAME, {"family": family}).fetchall()
            found += _missing(family, rows)
        return found

    def prune(self, before_ns: int, limit: int, most: int) -> None:
        """Forget a few ranges that have not grown since ``before_ns``, or are too many."""
        execute = self._connection.execute
        kept = execute("SELECT count(*) FROM seen").fetchone()[0]
        oldest = execute(
            "SELECT gateway, birthid, family, first, last FROM seen WHERE at_ns < ?"
            " ORDER BY at_ns LIMIT ?",
            (before_ns if kept <= most else 2**63 - 1,
             limit if kept <= most else min(limit, kept - most)),
        ).fetchall()  # fmt: skip
        self._connection.executemany(
            "DELETE FROM seen WHERE gateway = ? AND birthid = ? AND family = ? AND first = ?",
            [row[:4] for row in oldest],
        )
        # what is forgotten is not missing
        self._connection.executemany(RAISED, [(last, *key) for *key, _, last in oldest])
        for table in ("buried", "head"):
            execute(f"DELETE FROM {table} WHERE at_ns < ?", (before_ns,))  # noqa: S608 - ours
        if oldest:
            execute(FORGOTTEN)


def _missing(family: str, rows: Iterable[tuple[str, str, int, int]]) -> Iterator[Hole]:
    """Find holes in ranges in order of gateway, birth and first number.

    Births follow each other as they were met, and number on where the one before ended. One that
    begins lower again has a new outbox, and begins at 1.
    """
    gateway, birth, due = "", "", 0
    for which, born, first, last in rows:
        if which != gateway:
            due = first
        elif born != birth and first < due:
            due = 1
        if due < first:
            yield Hole(which, family, due, first - 1)
        gateway, birth, due = which, born, max(due, last + 1)


class HoleWatch:
    """Tells a hole from an event that is merely late. Pure: time is an argument.

    Args:
        grace_s: seconds that an event may be late.
    """

    def __init__(self, grace_s: float) -> None:
        self.open: tuple[Hole, ...] = ()
        self._grace_s = grace_s
        self._since: dict[tuple[str, str, int], float] = {}
        self._told: set[tuple[str, str, int]] = set()

    def look(self, now_s: float, holes: Iterable[Hole]) -> tuple[list[Hole], bool]:
        """Take what is missing now.

        A hole is the same as long as its first number is missing; it may shrink or grow.

        Returns:
            The holes that have just become old enough to be told, and whether the last of the
            told ones has been filled.
        """
        now_missing = {(hole.gateway, hole.family, hole.first): hole for hole in holes}
        self._since = {key: self._since.get(key, now_s) for key in now_missing}
        before = bool(self._told)
        self._told &= now_missing.keys()
        old = [key for key, since in self._since.items() if now_s - since >= self._grace_s]
        fresh = [now_missing[key] for key in old if key not in self._told]
        self._told.update(old)
        self.open = tuple(now_missing[key] for key in old)
        return fresh, before and not self._told
