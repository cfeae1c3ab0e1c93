"""What was on a wire, as text: a format that people read and programs replay.

This module has its words and writes it; ``capture_reader`` reads it.

    sas-capture 1
    line: L1
    started: 2026-02-03T04:05:06.789012Z
    ninth-bits: known

    # anything after a hash is a comment
    0.000000 host 81*
    0.004312 egm 11
    0.020105 host 01* 1A
    0.023950 egm 01 1A 00 01 00 00 1F A6

The first line that is neither empty nor a comment says format and version; the header goes on to
the first burst. A burst is one line: time since the start in seconds, who spoke (``host``, ``egm``
or ``unknown``), and the bytes in hex.

    81*   the ninth bit (wakeup bit) of this byte is set
    81?   its ninth bit is not known, although those of others are
    81    its ninth bit is clear if the header says that ninth bits are known; else not known
    **    a byte that is masked because it is part of a secret: a ticket validation number, a
          validation id, an AFT key, or the CRC over one. ``***`` is a masked byte with its ninth
          bit set

A file may hold several captures one after the other, each with its own header, so that ``cat`` puts
the lines of a bank into one file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

FORMAT: Final = "sas-capture"
VERSION: Final = 1
BURST_BYTES_MAX: Final = 4096
"""Most bytes in one burst."""
LINE_CHARACTERS_MAX: Final = 5 * BURST_BYTES_MAX
"""Longest line that is looked at."""


BY_WAKEUP: Final = "by its ninth bit"
"""Why a speaker is believed: certain, though nobody told."""


class Speaker(StrEnum):
    """Who put bytes on a wire."""

    HOST = "host"
    EGM = "egm"
    UNKNOWN = "unknown"
    """One receive wire carries both, and nothing told them apart."""


@dataclass(frozen=True, slots=True)
class Burst:
    """Bytes that one side sent without a pause.

    Attributes:
        at_us: when its first byte was heard, in microseconds since the capture's start.
        speaker: who sent it.
        data: the bytes; 00 where one is masked.
        wakeup: the ninth bit of each, None where it is not known.
        hidden: places of the bytes that are masked, ascending.
        comment: what stands behind the hash.
        why: why ``speaker`` is believed, where nobody told; else empty. Not written.
    """

    at_us: int
    speaker: Speaker
    data: bytes = field(repr=False)
    wakeup: tuple[bool | None, ...]
    hidden: tuple[int, ...] = ()
    comment: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the bursts.

    Attributes:
        line: name of the line, letters, digits, ``-`` and ``_``.
        started: moment 0 of the bursts, in UTC, or None if the header does not say.
        ninth_bits: bytes without a mark have their ninth bit clear.
    """

    line: str = "unnamed"
    started: datetime | None = None
    ninth_bits: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that is none of this format.

    Attributes:
        number: line number, from 1.
        reason: what is wrong with it; shows the line's beginning.
    """

    number: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.reason}"


@dataclass(slots=True)
class Capture:
    """One header and its bursts.

    Attributes:
        header: what stands before them.
        bursts: in order of time.
    """

    header: Header
    bursts: list[Burst] = field(default_factory=list)


def header_text(header: Header) -> str:
    """Return the header as lines, an empty one at the end."""
    started = ""
    if header.started is not None:
        moment = header.started.astimezone(UTC).replace(tzinfo=None)
        started = f"started: {moment.isoformat(timespec='microseconds')}Z\n"
    bits = "known" if header.ninth_bits else "unknown"
    return f"{FORMAT} {VERSION}\nline: {header.line}\n{started}ninth-bits: {bits}\n\n"


def burst_text(burst: Burst, *, ninth_bits: bool) -> str:
    """Return a burst as one line.

    Args:
        burst: the burst.
        ninth_bits: what the header says of them.
    """
    comment = f"  # {' '.join(burst.comment.split())}" if burst.comment else ""
    shown = bytes_text(burst.data, burst.wakeup, burst.hidden, ninth_bits=ninth_bits)
    return f"{seconds_text(burst.at_us)} {burst.speaker} {shown}{comment}\n"


def note_text(text: str) -> str:
    """Return a comment of its own line."""
    return f"# {' '.join(text.split())}\n"


def seconds_text(at_us: int) -> str:
    """Return microseconds as seconds with six decimals."""
    return f"{at_us // 1_000_000}.{at_us % 1_000_000:06d}"


def bytes_text(
    data: bytes,
    wakeup: Iterable[bool | None] = (),
    hidden: Iterable[int] = (),
    *,
    ninth_bits: bool = False,
) -> str:
    """Return bytes in hex with their marks."""
    texts = [f"{value:02X}" for value in data]
    for at in hidden:
        texts[at] = "**"
    for at, bit in enumerate(wakeup):
        if bit:
            texts[at] += "*"
        elif bit is None and ninth_bits:
            texts[at] += "?"
    return " ".join(texts)
