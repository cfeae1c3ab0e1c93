"""A site file in two steps: what stands at its head at once, the lists of machines when wanted.

For programs that show something before they need every machine: the file of 3,000 takes a quarter
of a second to read, its head a hundredth.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from edge_config.loader import load_toml
from edge_config.site import Site

LARGE_BYTES: Final = 64 * 1024
"""Bytes from which on a file is read in two steps; smaller ones take no time."""

_LISTS: Final = ("lines", "egms", "changes")
_HEADER: Final = re.compile(r"^[ \t]*\[\[?[ \t]*([A-Za-z0-9_-]+)[^\n]*$", re.MULTILINE)


class SiteFile:
    """A site file.

    Args:
        path: of the file.

    Attributes:
        head: the site; of a large file without lines, EGMs and changes.

    Raises:
        ConfigError: the file is missing or wrong. What is wrong in the lists of a large file is
            found by :meth:`whole` only.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._whole: Site | None = None
        self.head = _head(path) or self.whole()

    def whole(self) -> Site:
        """Return everything that stands in it; reads it the first time.

        Raises:
            ConfigError: the file is wrong; every mistake is in the one report.
        """
        if self._whole is None:
            self._whole = load_toml(self._path, Site)
        return self._whole


def _head(path: str) -> Site | None:
    """Return what stands outside of the lists, or None where that is not worth it or not sure."""
    try:
        if Path(path).stat().st_size < LARGE_BYTES:
            return None
        text = Path(path).read_text("utf-8")
    except (OSError, ValueError):
        return None
    if '"""' in text or "'''" in text:  # a header may be a part of somebody's sentence
        return None
    try:
        data = tomllib.loads("".join(_outside(text)))
        return Site.model_validate(data | {name: [] for name in _LISTS})
    except (ValueError, RecursionError, ValidationError):
        return None


def _outside(text: str) -> list[str]:
    """Return the parts of ``text`` that stand under none of the lists' headers."""
    headers = list(_HEADER.finditer(text))
    parts = [text[: headers[0].start()]] if headers else [text]
    ends = [one.start() for one in headers[1:]] + [len(text)]
    for header, end in zip(headers, ends, strict=True):
        if header[1] not in _LISTS:
            parts.append(text[header.start() : end])
    return parts
