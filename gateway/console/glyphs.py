"""The marks beside the words, for terminals that speak UTF-8 and for those that do not.

Every mark takes one cell, and no mark stands alone: a word says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.status.model import EgmWord

# word:              (UTF-8, ASCII)
STATE_MARKS: dict[EgmWord, tuple[str, str]] = {
    EgmWord.UNKNOWN:     ("?", "?"),
    EgmWord.DOWN:        ("✗", "X"),
    EgmWord.QUARANTINED: ("⊗", "Q"),
    EgmWord.HANDPAY:     ("$", "$"),
    EgmWord.TILT:        ("▲", "!"),
    EgmWord.DOOR:        ("◧", "D"),
    EgmWord.OUT:         ("■", "#"),
    EgmWord.DEGRADED:    ("≈", "~"),
    EgmWord.LAMP:        ("◆", "*"),
    EgmWord.PLAY:        ("►", ">"),
    EgmWord.IDLE:        ("·", "."),
}  # fmt: skip
assert set(STATE_MARKS) == set(EgmWord), "a state without a mark"

# Variables that name the terminal's characters, in the order in which the system heeds them.
_LOCALE_VARIABLES = ("LC_ALL", "LC_CTYPE", "LANG")
_PLAIN_LOCALES = ("C", "POSIX")
# What Python sets LC_CTYPE to by itself where it finds only a plain locale (PEP 538).
_COERCED_LOCALES = ("C.UTF-8", "C.utf8", "UTF-8")
# Terminals that show ASCII only, whatever the locale says.
_ASCII_TERMINALS = ("vt52", "vt100", "vt102", "vt220", "dumb")


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A set of marks.

    Attributes:
        ascii_only: only ASCII is ever sent to the terminal.
        ellipsis: stands for what was cut off.
        rule: a horizontal line.
        bar: between two things in one row.
    """

    ascii_only: bool
    ellipsis: str
    rule: str
    bar: str

    def state(self, word: EgmWord) -> str:
        """Return the mark of a state."""
        return STATE_MARKS[word][1 if self.ascii_only else 0]

    def plain(self, text: str) -> str:
        """Return ``text`` so that it can do a terminal no harm.

        Control characters (an event's text comes from a wire) become ``?``, and so does whatever
        the terminal cannot show.
        """
        if self.ascii_only and not text.isascii():
            text = text.encode("ascii", "replace").decode("ascii")
        if text.isprintable():
            return text
        return "".join(letter if letter.isprintable() else "?" for letter in text)


UNICODE = Glyphs(ascii_only=False, ellipsis="…", rule="─", bar="│")
ASCII = Glyphs(ascii_only=True, ellipsis="~", rule="-", bar="|")


def glyphs_for(environment: Mapping[str, str], encoding: str | None) -> Glyphs:
    """Choose the marks for a terminal.

    Args:
        environment: the process's environment.
        encoding: the encoding of standard output, as Python sees it.
    """
    if environment.get("TERM", "") in _ASCII_TERMINALS:
        return ASCII
    if not _is_utf8(encoding or ""):
        return ASCII
    named = {name: environment.get(name, "") for name in _LOCALE_VARIABLES}
    coerced = not named["LC_ALL"] and named["LC_CTYPE"] in _COERCED_LOCALES
    if coerced and named["LANG"] in _PLAIN_LOCALES:
        return ASCII
    chosen = next((named[name] for name in _LOCALE_VARIABLES if named[name]), "")
    return UNICODE if not chosen or _is_utf8(chosen) else ASCII


def _is_utf8(name: str) -> bool:
    return "utf8" in name.lower().replace("-", "").replace("_", "")
