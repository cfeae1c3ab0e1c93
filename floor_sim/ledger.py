"""The ledger of the truth: an append-only file of what happens, one JSON object a line.

It is the machines' memory too. A line is written in one piece before the machine acts on it, so
``kill -9`` is a power cut of the floor and no more: at the next start the ledger says what every
machine remembers. Files in the run folder::

    ledger.jsonl            what happens now
    ledger.000001.jsonl     what happened before, oldest first; the oldest are deleted
    state.json              what all machines remembered at one moment, so that starting is quick

It outlives the process, not the computer: lines are not synced to the disk one by one, unless
``sync`` asks for it. Each line ends with a check of itself (``c``, CRC-32 of what stands before),
so that a last line that is torn or flipped is known, and did not happen.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from floor_sim.machine.journal import Record, merge

LEDGER: Final = "ledger.jsonl"
STATE: Final = "state.json"
FILE_BYTES_MAX: Final = 64 * 1024 * 1024
"""Bytes of a ledger file; a new one is begun then. 24 lively machines fill one in three hours."""
OLD_FILES_MAX: Final = 16
"""Older ledger files that are kept."""
SNAPSHOT_RECORDS: Final = 10_000
"""Records after which the state is written again; a start reads no more lines than these."""
SNAPSHOT_MACHINES: Final = 400
"""Machines for which that holds; twice the records for twice as many: it takes as much longer, and
nobody is answered meanwhile."""

_SEAL: Final = re.compile(rb',"c":"([0-9a-f]{8})"}\n\Z')
"""The end of a line: the check of what stands before."""


class LedgerError(Exception):
    """The ledger cannot be read or written; the message says what to do."""


@dataclass(slots=True)
class Recovered:
    """What the ledger remembers at a start.

    Attributes:
        n: number of the last record, 0 in a new folder.
        machines: memory of each machine, by asset.
        ended: how the last run ended.
        torn_bytes: bytes at the end that are damaged or were not written to their end, and so did
            not happen.
    """

    n: int = 0
    machines: dict[str, Record] = field(default_factory=dict)
    ended: str = "there was none"
    torn_bytes: int = 0


class Ledger:
    """The ledger of one run folder, open for appending.

    Args:
        folder: the run folder.
        wall: turns the floor's seconds into UTC.
        file_bytes_max: see ``FILE_BYTES_MAX``.
        old_files_max: see ``OLD_FILES_MAX``.
        snapshot_records: see ``SNAPSHOT_RECORDS``.
        sync: every write is on the disk before the machines act on it; slow.

    Attributes:
        recovered: what was remembered when it was opened.

    Raises:
        LedgerError: the folder cannot be used, or its ledger is damaged.
    """

    def __init__(
        self,
        folder: Path,
        wall: Callable[[float], datetime],
        *,
        file_bytes_max: int = FILE_BYTES_MAX,
        old_files_max: int = OLD_FILES_MAX,
        snapshot_records: int = SNAPSHOT_RECORDS,
        sync: bool = False,
    ) -> None:
        self._folder = folder
        self._path = folder / LEDGER
        self._wall = wall
        self._file_bytes_max = file_bytes_max
        self._old_files_max = old_files_max
        self._snapshot_records = snapshot_records
        self._sync = sync
        try:
            self.recovered = recover(folder)
            self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            self._size = os.fstat(self._fd).st_size
        except OSError as error:
            raise LedgerError(f"{self._path}: {error.strerror}; is the run folder yours?") from None
        self._n = self.recovered.n
        self._last_what = ""
        self._snapshot_n = self._n
        self._machines = self.recovered.machines

    remembers = True

    @property
    def next_n(self) -> int:
        """Number that the next record will get."""
        return self._n + 1

    def write(self, records: Sequence[Mapping[str, Any]], now: float) -> None:
        """Append ``records``, all or none; see ``Journal.write``.

        Raises:
            LedgerError: they could not be written whole.
        """
        moment = self._wall(now).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        lines: list[str] = []
        for place, record in enumerate(records, start=1):
            full: Record = {"n": self._n + place, "t": moment, **record}
            if place < len(records):
                full["more"] = True
            lines.append(_sealed(full))
        self._append("".join(lines).encode())
        self._n += len(records)
        self._last_what = records[-1]["what"]
        for record in records:
            if "state" in record:
                merge(self._machines.setdefault(record["egm"], {}), record["state"])
        if self._size >= self._file_bytes_max:
            self._rotate()
        elif self._n - self._snapshot_n >= self._snapshot_after():
            self.snapshot()

    def _snapshot_after(self) -> int:
        """Return after how many records the state is written: the larger the floor, the rarer."""
        return self._snapshot_records * max(1, len(self._machines) // SNAPSHOT_MACHINES)

    def snapshot(self) -> None:
        """Write what all machines remember now.

        Raises:
            LedgerError: it could not be written.
        """
        self._snapshot(self._size)

    def close(self) -> None:
        """Write the state and close the file.

        Raises:
            LedgerError: the state could not be written.
        """
        try:
            self.snapshot()
        finally:
            os.close(self._fd)

    def _append(self, data: bytes) -> None:
        try:
            written = os.write(self._fd, data)
            if self._sync:
                os.fdatasync(self._fd)
        except OSError as error:
            raise LedgerError(f"{self._path}: {error.strerror}; the floor stops here") from None
        if written != len(data):
            raise LedgerError(f"{self._path}: no room for a whole line; the floor stops here")
        self._size += written

    def _rotate(self) -> None:
        old = old_files(self._folder)
        number = _number(old[-1]) + 1 if old else 1
        self._snapshot(0)
        try:
            os.close(self._fd)
            self._path.rename(self._folder / f"ledger.{number:06d}.jsonl")
            self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            self._size = 0
            for path in old[: max(0, len(old) + 1 - self._old_files_max)]:
                path.unlink()
        except OSError as error:
            raise LedgerError(f"{self._path}: {error.strerror}; the floor stops here") from None

    def _snapshot(self, offset: int) -> None:
        state = {
            "n": self._n,
            "offset": offset,
            "ended": _ended(self._last_what),
            "machines": self._machines,
        }
        try:
            os.fdatasync(self._fd)  # what the state says has happened stands in the ledger
            write_atomically(self._folder / STATE, json.dumps(state, separators=(",", ":")))
        except OSError as error:
            raise LedgerError(f"{self._folder / STATE}: {error.strerror}") from None
        self._snapshot_n = self._n


def recover(folder: Path) -> Recovered:
    """Return what the ledger in ``folder`` remembers, and cut off a damaged end.

    Raises:
        LedgerError: a line in the middle is damaged, or one is missing.
        OSError: a file cannot be read.
    """
    recovered, offset = _last_snapshot(folder / STATE)
    path = folder / LEDGER
    data = path.read_bytes() if path.exists() else b""
    if offset > len(data) or data[offset - 1 : offset] not in {b"", b"\n"}:
        offset = 0
    good = offset
    pending: list[Record] = []
    for start, line in _lines(data, offset):
        record = _parsed(line)
        if record is None:
            if _goes_on(data, start + len(line)):
                raise LedgerError(f"{path}: damaged at byte {start}; move the file away")
            break
        pending.append(record)
        if record.get("more"):
            continue
        _apply(recovered, pending, path)
        pending = []
        good = start + len(line)
    recovered.torn_bytes = len(data) - good
    if recovered.torn_bytes:
        os.truncate(path, good)
    return recovered


def records(folder: Path) -> Iterator[Record]:
    """Yield every record that is still kept, oldest first; what did not happen is left out.

    The floor may be running: nothing is changed.

    Raises:
        LedgerError: a line in the middle is damaged.
        OSError: a file cannot be read.
    """
    for path in [*old_files(folder), folder / LEDGER]:
        data = path.read_bytes() if path.exists() else b""
        piece: list[Record] = []
        for start, line in _lines(data, 0):
            record = _parsed(line)
            if record is None:
                if _goes_on(data, start + len(line)):
                    raise LedgerError(f"{path}: damaged at byte {start}")
                break
            piece.append(record)
            if not record.get("more"):
                yield from piece
                piece = []


def old_files(folder: Path) -> list[Path]:
    """Return the older ledger files, oldest first."""
    return sorted(folder.glob("ledger.[0-9][0-9][0-9][0-9][0-9][0-9].jsonl"), key=_number)


def write_atomically(path: Path, text: str) -> None:
    """Replace the file at ``path``, or leave it as it was.

    Raises:
        OSError: it cannot be written.
    """
    new = path.with_name(f".{path.name}.new")
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _last_snapshot(path: Path) -> tuple[Recovered, int]:
    try:
        state = json.loads(path.read_text("utf-8"))
        recovered = Recovered(int(state["n"]), dict(state["machines"]), str(state["ended"]))
        return recovered, int(state["offset"])
    except FileNotFoundError:
        return Recovered(), 0
    except (ValueError, KeyError, TypeError):
        raise LedgerError(f"{path}: damaged; move the run folder away") from None


def _apply(recovered: Recovered, group: list[Record], path: Path) -> None:
    for record in group:
        n = record["n"]
        recovered.ended = _ended(record["what"])
        if n <= recovered.n:
            continue
        if n != recovered.n + 1:
            raise LedgerError(f"{path}: record {recovered.n + 1} is missing; move the file away")
        recovered.n = n
        if "state" in record:
            merge(recovered.machines.setdefault(record["egm"], {}), record["state"])


def _ended(last_what: str) -> str:
    return "clean stop" if last_what == "stop" else "power cut"


def _lines(data: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    while offset < len(data):
        end = data.find(b"\n", offset) + 1 or len(data)
        yield offset, data[offset:end]
        offset = end


def _sealed(record: Record) -> str:
    """Return the line of a record, with the check of itself at its end."""
    body = json.dumps(record, separators=(",", ":"))[:-1]
    return f'{body},"c":"{zlib.crc32(body.encode()):08x}"}}\n'


def _goes_on(data: bytes, offset: int) -> bool:
    """Say whether a good line stands behind ``offset``."""
    return any(_parsed(line) is not None for _, line in _lines(data, offset))


def _parsed(line: bytes) -> Record | None:
    seal = _SEAL.search(line)
    if seal is None or int(seal[1], 16) != zlib.crc32(line[: seal.start()]):
        return None
    try:
        record = json.loads(line[: seal.start()] + b"}")
    except ValueError:
        return None
    known = isinstance(record, dict) and isinstance(record.get("n"), int) and "what" in record
    return record if known else None


def _number(path: Path) -> int:
    return int(path.name.split(".")[1])
