"""Reads a capture (its format: ``capture``), whatever is in the file.

A line that is none of the format is one ``Problem`` with its line number; reading goes on with the
next line. Nothing is raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from protocols.sas.capture import (
    BURST_BYTES_MAX,
    FORMAT,
    LINE_CHARACTERS_MAX,
    VERSION,
    Burst,
    Capture,
    Header,
    Problem,
    Speaker,
    seconds_text,
)

SHOWN_MAX: Final = 40
"""Characters of a bad line that a problem shows."""


class CaptureReader:
    """Feed it a capture line by line; it gives what each line is, and never raises.

    Attributes:
        header: of the bursts that it gives now.
    """

    def __init__(self) -> None:
        self.header = Header()
        self._number = 0
        self._begun = False  # a header has been seen
        self._in_header = False
        self._foreign = False  # a version that we do not know: skipped to the next header
        self._last_us = 0

    def feed(self, text: str) -> Burst | Problem | None:
        """Return what the line ``text`` is; None if it is empty, a comment or part of a header."""
        self._number += 1
        if len(text) > LINE_CHARACTERS_MAX:
            return self._problem(text, f"longer than {LINE_CHARACTERS_MAX} characters")
        words, _, comment = text.partition("#")
        words = words.strip()
        if not words:
            return None
        if words.split()[0].lower() == FORMAT:
            return self._format(words)
        if self._foreign:
            return None
        if self._in_header and ":" in words:
            return self._key(words)
        burst = self._burst(words, comment.strip())
        if isinstance(burst, Burst):
            self._in_header = False
        return burst

    def _format(self, words: str) -> Problem | None:
        version = words[len(FORMAT) :].strip()
        self._foreign = version != str(VERSION)
        self._begun = self._in_header = True
        self._last_us = 0
        self.header = Header()
        if self._foreign:
            return self._problem(words, f"a version that is not {VERSION}; its bursts are skipped")
        return None

    def _key(self, words: str) -> Problem | None:
        key, _, value = words.partition(":")
        value = value.strip()
        header = _KEYS.get(key.strip().lower(), _no_key)(self.header, value)
        if isinstance(header, str):
            return self._problem(words, header)
        self.header = header
        return None

    def _burst(self, words: str, comment: str) -> Burst | Problem:
        match = _BURST.fullmatch(words)
        if match is None:
            return self._problem(words, _what_is_wrong(words))
        tokens = match[4].split()
        if not self._begun:
            return self._problem(words, f'a burst before the header "{FORMAT} {VERSION}"')
        if len(tokens) > BURST_BYTES_MAX:
            return self._problem(words, f"more than {BURST_BYTES_MAX} bytes in one burst")
        at_us = int(match[1]) * 1_000_000 + int((match[2] or "").ljust(6, "0"))
        if at_us < self._last_us:
            return self._problem(words, f"before the line above, at {seconds_text(self._last_us)}")
        self._last_us = at_us
        usual = False if self.header.ninth_bits else None
        return Burst(
            at_us,
            Speaker(match[3].lower()),
            bytes(0 if token[:2] == "**" else int(token[:2], 16) for token in tokens),
            tuple(_MARKS.get(token[2:], usual) for token in tokens),
            tuple(at for at, token in enumerate(tokens) if token[:2] == "**"),
            comment,
        )

    def _problem(self, text: str, reason: str) -> Problem:
        text = text.strip()
        shown = text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "..."
        printable = "".join(letter if letter.isprintable() else "?" for letter in shown)
        return Problem(self._number, f"{reason}: {printable!r}")


Item = Header | Burst | Problem


def read_capture(lines: Iterable[str]) -> tuple[list[Capture], list[Problem]]:
    """Return the captures of a file, and every line of it that is none of the format."""
    captures: list[Capture] = []
    problems: list[Problem] = []
    for item in read_items(lines):
        if isinstance(item, Header):
            captures.append(Capture(item))
        elif isinstance(item, Burst):
            captures[-1].bursts.append(item)
        else:
            problems.append(item)
    return captures, problems


def read_items(lines: Iterable[str]) -> Iterator[Item]:
    """Yield what a file holds, in order: each header before its first burst, bursts, problems.

    A header without bursts is not told.
    """
    reader = CaptureReader()
    told: Header | None = None
    for text in lines:
        item = reader.feed(text)
        if isinstance(item, Burst) and reader.header is not told:
            told = reader.header
            yield told
        if item is not None:
            yield item


_BYTE: Final = r"(?:[0-9A-Fa-f]{2}|\*\*)[*?]?"
_BURST: Final = re.compile(
    rf"([0-9]{{1,9}})(?:\.([0-9]{{1,6}}))?\s+(host|egm|unknown)\s+({_BYTE}(?:\s+{_BYTE})*)",
    re.IGNORECASE | re.ASCII,
)
_TIME: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_MARKS: Final[dict[str, bool | None]] = {"*": True, "?": None}


def _what_is_wrong(words: str) -> str:
    parts = words.split()
    if not _TIME.fullmatch(parts[0]):
        return "no line of a capture"
    if len(parts) < 2 or parts[1].lower() not in set(Speaker):
        return "host, egm or unknown must follow the time"
    bad = [part for part in parts[2:] if not re.fullmatch(_BYTE, part, re.ASCII)]
    if bad:
        return f"{bad[0][:SHOWN_MAX]!r} is no byte such as 81, 81* or **"
    return "a burst without bytes"


def _line_name(header: Header, value: str) -> Header | str:
    if not _NAME.fullmatch(value):
        return "a line's name has letters, digits, - and _"
    return replace(header, line=value)


def _started(header: Header, value: str) -> Header | str:
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            return "a moment without its time zone"
        return replace(header, started=moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return "no moment such as 2026-02-03T04:05:06.789012Z"


def _ninth_bits(header: Header, value: str) -> Header | str:
    if value not in {"known", "unknown"}:
        return "ninth bits are known or unknown"
    return replace(header, ninth_bits=value == "known")


def _no_key(header: Header, value: str) -> str:
    del header, value
    return "no key of a header (line, started, ninth-bits)"


_KEYS: Final = {"line": _line_name, "started": _started, "ninth-bits": _ninth_bits}
