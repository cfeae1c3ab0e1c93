"""The mapped page of a line: which poll is outstanding, so that a kill -9 does not lose its answer.

The next poll on a line is the implied ack of the last answer. A process that is killed must
therefore know, when it starts again, whether the last poll's answer was committed: if not, the
same bytes go out first (an implied nack: the EGM sends the same answer again); only if it was,
``80`` may. The page holds the poll's number and exact bytes; the number that was committed stands
in the outbox, in the same transaction as the events.

A page lives in the operating system's cache: it survives the process, not a power cut. The boot
id tells the two apart.

Layout of a slot, 64 bytes, two slots written in turn, so that a torn write leaves the other:
``magic 4 | state 1 | length 1 | number 8 | monotonic 8 | boot 16 | poll 22 | crc32 4``,
little endian. Behind them stand 128 words of 4 bytes, one an address: the CRC-32 of the asset
number of an EGM of which nothing told is in doubt; anything else, as a torn write or another EGM
leaves it, says nothing. An idle answer is not committed, so only here a killed process leaves that
a queue was empty.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_SLOT = struct.Struct("<4sBBQd16s22s")
_SIZE = _SLOT.size + 4
_WORD = struct.Struct("<I")
_WORDS_AT = 2 * _SIZE
_FILE_SIZE = _WORDS_AT + 128 * _WORD.size
_MAGIC = b"SLP1"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

OUTSTANDING = 1  # the answer of this poll is not yet known to be committed
NOTHING = 2  # nobody answers it, or its answer had nothing to keep


@dataclass(frozen=True, slots=True)
class PageEntry:
    """What the page says of the last poll.

    Attributes:
        state: ``OUTSTANDING`` or ``NOTHING``.
        number: the poll's number on its line.
        poll: its exact bytes.
        monotonic_s: when it was sent, on the monotonic clock of ``boot``.
        boot: which boot of the computer that was.
    """

    state: int
    number: int
    poll: bytes
    monotonic_s: float
    boot: bytes


def boot_id() -> bytes:
    """Return 16 bytes that are new at each boot of this computer; zeros where it cannot be told."""
    try:
        return bytes.fromhex(_BOOT_ID.read_text().strip().replace("-", ""))
    except (OSError, ValueError):
        return bytes(16)


class LinePage:
    """The mapped page of one line."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._file, _FILE_SIZE)
        self._map = mmap.mmap(self._file, _FILE_SIZE)
        self._boot = boot_id()
        self._slot = 0
        self.found = self._read()
        if not self.this_boot:  # a power cut may have left any of it
            self._map[_WORDS_AT:] = bytes(_FILE_SIZE - _WORDS_AT)

    def _read(self) -> PageEntry | None:
        entries = []
        for slot in (0, 1):
            raw = self._map[slot * _SIZE : (slot + 1) * _SIZE]
            magic, state, length, number, at, boot, poll = _SLOT.unpack(raw[: _SLOT.size])
            if magic == _MAGIC and zlib.crc32(raw[: _SLOT.size]) == int.from_bytes(
                raw[-4:], "little"
            ):
                entries.append(
                    (number, state, slot, PageEntry(state, number, poll[:length], at, boot))
                )
        if not entries:
            return None
        newest = max(entries, key=lambda entry: entry[:2])
        self._slot = 1 - newest[2]
        return newest[3]

    @property
    def this_boot(self) -> bool:
        """Whether what was found was written since this computer started."""
        return self.found is not None and self.found.boot == self._boot != bytes(16)

    def outstanding(self, number: int, poll: bytes, monotonic_s: float) -> None:
        """Record a poll before its first byte leaves."""
        self._write(OUTSTANDING, number, poll, monotonic_s)

    def nothing(self, number: int, poll: bytes, monotonic_s: float) -> None:
        """Record that the poll's answer needs no keeping, or that nobody answers it."""
        self._write(NOTHING, number, poll, monotonic_s)

    def settled(self, address: int, asset: str) -> bool:
        """Whether nothing that was told of this EGM is in doubt, as the last process knew."""
        (word,) = _WORD.unpack_from(self._map, _WORDS_AT + address * _WORD.size)
        return bool(word) and word == zlib.crc32(asset.encode())

    def settle(self, address: int, asset: str) -> None:
        """Record that everything told of this EGM was surely acknowledged."""
        at = _WORDS_AT + address * _WORD.size
        self._map[at : at + _WORD.size] = _WORD.pack(zlib.crc32(asset.encode()))

    def doubt(self, address: int) -> None:
        """Record, before it is committed, that something is told that is not acknowledged yet."""
        at = _WORDS_AT + address * _WORD.size
        self._map[at : at + _WORD.size] = bytes(_WORD.size)

    def _write(self, state: int, number: int, poll: bytes, monotonic_s: float) -> None:
        body = _SLOT.pack(_MAGIC, state, len(poll), number, monotonic_s, self._boot, poll)
        start = self._slot * _SIZE
        self._map[start : start + _SIZE] = body + zlib.crc32(body).to_bytes(4, "little")
        self._slot = 1 - self._slot

    def close(self) -> None:
        """Let the page go."""
        self._map.close()
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
