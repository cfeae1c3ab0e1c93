"""Finds events in the pages of a file that is a database no more: its first page is gone.

Each page of a table holds its rows by itself, so rows are found without the schema: by the shape of
their columns, and an event by its digest. What was found stands in a scratch file with the tables
that a salvage reads. Rows of pages that were given free may be among it: real events, perhaps
delivered long ago, which then come a second time under the same id.

Source: sqlite.org, "Database File Format" (b-tree pages, records, overflow, write-ahead log).
"""

from __future__ import annotations

import mmap
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.outbox.marks import ACKNOWLEDGED, REFUSED
from gateway.outbox.proof import proven
from gateway.outbox.weight import PAGE_BYTES

PAGES_MAX: Final = 4_000_000
"""Pages looked at: 16 GiB of the usual size; the rest of a longer file is given up."""
ROW_BYTES_MAX: Final = 16 * 1024 * 1024
"""Longest row that is believed."""

_LEAF: Final = 0x0D
_MAGIC: Final = b"SQLite format 3\0"
_WAL_HEADER, _FRAME_HEADER = 32, 24
_SCRATCH: Final = """
    CREATE TABLE event (
        sequence INTEGER PRIMARY KEY, id, type, family, familysequence, subject, asset, stream,
        time_ns, body, chain, digest
    );
    CREATE TABLE delivery (
        sequence INTEGER PRIMARY KEY, outcome, stream, stream_seq, duplicate, reason, ended_ns
    );
    CREATE TABLE anchor (first INTEGER PRIMARY KEY, last, chain);
    CREATE TABLE stub (sequence INTEGER PRIMARY KEY, chain);
    CREATE TABLE counter (kind, name, value);
"""
_INSERT: Final = {
    "event": "INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "delivery": "INSERT OR REPLACE INTO delivery VALUES (?, ?, ?, ?, ?, ?, ?)",
    "anchor": "INSERT OR IGNORE INTO anchor VALUES (?, ?, ?)",
    "stub": "INSERT OR IGNORE INTO stub VALUES (?, ?)",
}


@contextmanager
def carved(path: Path) -> Iterator[sqlite3.Connection]:
    """Give a scratch database with what was found in the pages of ``path``; gone afterwards.

    Raises:
        sqlite3.Error: the scratch file cannot be written.
    """
    scratch = path.with_name(path.name + ".carved")
    scratch.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(scratch, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            connection.executescript(_SCRATCH)
            connection.execute("BEGIN")
            for table, values in _rows(path):
                connection.execute(_INSERT[table], values)
            connection.execute("COMMIT")
            yield connection
    finally:
        scratch.unlink(missing_ok=True)


def _rows(path: Path) -> Iterator[tuple[str, tuple[object, ...]]]:
    log = _read(path.with_name(path.name + "-wal"))
    with (
        suppress(OSError, ValueError),  # an empty file cannot be mapped
        path.open("rb") as file,
        closing(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)) as content,
    ):
        pages = _Pages(content, _page_bytes(content, log), {})
        pages.take_log(log)
        for number in range(2, pages.count + 1):
            yield from _leaf(pages, pages.page(number))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _page_bytes(content: mmap.mmap, log: bytes) -> int:
    found = int.from_bytes(content[16:18], "big") if content[:16] == _MAGIC else 0
    found = found or int.from_bytes(log[8:12], "big")
    found = 65536 if found == 1 else found
    return found if 512 <= found <= 65536 and not found & (found - 1) else PAGE_BYTES


@dataclass(slots=True)
class _Pages:
    """The pages of a file, each as it was written last."""

    content: mmap.mmap
    size: int
    newer: dict[int, bytes]  # from the write-ahead log

    @property
    def count(self) -> int:
        """Number of the last page."""
        return min(max(len(self.content) // self.size, *self.newer, 0), PAGES_MAX)

    def page(self, number: int) -> bytes:
        """Return a page, empty if there is none of this number."""
        if number in self.newer:
            return self.newer[number]
        start = (number - 1) * self.size
        return self.content[start : start + self.size] if number > 0 else b""

    def take_log(self, log: bytes) -> None:
        """Take the pages of committed transactions out of a write-ahead log."""
        salt, waiting = log[16:24], dict[int, bytes]()
        for at in range(_WAL_HEADER, len(log) - self.size, _FRAME_HEADER + self.size):
            head = log[at : at + _FRAME_HEADER]
            if head[8:16] != salt:
                return  # left over from before the log began anew
            page = log[at + _FRAME_HEADER : at + _FRAME_HEADER + self.size]
            waiting[int.from_bytes(head[:4], "big")] = page
            if int.from_bytes(head[4:8], "big"):  # the last of a transaction
                self.newer |= waiting
                waiting = {}


def _leaf(pages: _Pages, page: bytes) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Yield what one page holds, if it is a leaf of one of our tables."""
    if len(page) < pages.size or page[0] != _LEAF:
        return
    for cell in range(int.from_bytes(page[3:5], "big")):
        pointer = page[8 + 2 * cell : 10 + 2 * cell]
        with suppress(IndexError, ValueError):  # what is no row is passed over
            rowid, payload = _cell(pages, page, int.from_bytes(pointer, "big"))
            found = _ours(rowid, _columns(payload))
            if found is not None:
                yield found


def _cell(pages: _Pages, page: bytes, at: int) -> tuple[int, bytes]:
    length, at = _varint(page, at)
    rowid, at = _varint(page, at)
    if length > ROW_BYTES_MAX:
        raise ValueError(length)
    most, local = pages.size - 35, length
    if length > most:
        least = (pages.size - 12) * 32 // 255 - 23
        local = least + (length - least) % (pages.size - 4)
        local = local if local <= most else least
    payload = bytearray(page[at : at + local])
    following = int.from_bytes(page[at + local : at + local + 4], "big")
    while len(payload) < length:
        over = pages.page(following)
        if len(over) < pages.size:
            raise ValueError(following)
        payload += over[4 : 4 + length - len(payload)]
        following = int.from_bytes(over[:4], "big")
    return rowid, bytes(payload)


def _columns(payload: bytes) -> list[object]:
    """Return the values of a record."""
    end, at = _varint(payload, 0)
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[object] = []
    for kind in kinds:
        size = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)[kind] if kind < 10 else (kind - 12) // 2
        raw, at = payload[at : at + size], at + size
        if len(raw) < size:
            raise ValueError(kind)
        values.append(_value(kind, raw))
    return values


def _value(kind: int, raw: bytes) -> object:
    if kind in (0, 8, 9):
        return None if kind == 0 else kind - 8
    if kind < 7:
        return int.from_bytes(raw, "big", signed=True)
    if kind < 12:
        raise ValueError(kind)  # we store no floating point
    return raw if kind % 2 == 0 else raw.decode()


def _ours(rowid: int, values: list[object]) -> tuple[str, tuple[object, ...]] | None:
    """Say which table a row is of, by its shape; an event must prove itself."""
    match values:
        case [None, *rest] if len(rest) == 11:
            row = proven([rowid, *rest[:9], rest[10]])
            return ("event", (rowid, *rest)) if row is not None and rest[10] else None
        case [None, (str(outcome)), *rest] if len(rest) == 5 and outcome in (ACKNOWLEDGED, REFUSED):
            return "delivery", (rowid, outcome, *rest)
        case [None, int(last), bytes(chain), *_] if len(chain) == 32 and last >= rowid > 0:
            return "anchor", (rowid, last, chain)
        case [None, str(), int(), _, bytes(chain), int()] if len(chain) == 32:
            return "stub", (rowid, chain)
    return None


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return an integer of one to nine bytes, and where it ends."""
    value = 0
    for size in range(8):
        byte = data[at + size]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + size + 1
    return value << 8 | data[at + 8], at + 9
