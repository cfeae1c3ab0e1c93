"""Finds the line of a key in a TOML file, for reports.

Right for files as people write them: a header a line, a key a line. What it does not recognise
gets the line of the table around it, or none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"\\]*\"|'[^']*')\s*=")


class LineFinder:
    """Remembers where the headers and keys of a text stand."""

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[str | int, ...], int] = {}
        place: tuple[str | int, ...] = ()
        tables_seen: Counter[str] = Counter()
        for number, line in enumerate(text.split("\n"), start=1):
            if header := _HEADER.match(line):
                name = header[2]
                place = tuple(name.split("."))
                if header[1] == "[[":
                    place = (*place, tables_seen[name])
                    tables_seen[name] += 1
                self._lines.setdefault(place, number)
            elif key := _KEY.match(line):
                self._lines.setdefault((*place, key[1].strip("\"'")), number)

    def find(self, loc: Sequence[str | int]) -> int | None:
        """Return the line of ``loc``, else that of the nearest table around it, else None."""
        for length in range(len(loc), 0, -1):
            if (number := self._lines.get(tuple(loc[:length]))) is not None:
                return number
        return None
