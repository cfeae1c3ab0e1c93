"""The keys of the panel: one row a key, for the bindings, the lines at the bottom and the help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Key:
    """One key.

    Attributes:
        keys: as Textual calls them.
        action: what it does, as Textual calls it.
        label: how the key is written; empty leaves it out of the help.
        short: word at the bottom of the screen; empty leaves it out there.
        meaning: what it does, for people.
    """

    keys: str
    action: str
    label: str = ""
    short: str = ""
    meaning: str = ""


MACHINE_KEYS: Final = (
    Key("d",     "doors",    "d", "door",    "open or close a door; cashbox"),
    Key("b",     "bill",     "b", "bill",    "insert a bill, good or not"),
    Key("c",     "card",     "c", "card",    "insert a card, or take it out"),
    Key("g",     "game",     "g", "game",    "start a game, or end it"),
    Key("o",     "cash_out", "o", "cash",    "cash out: a ticket, or a handpay"),
    Key("j",     "jackpot",  "j", "jackpot", "hit a jackpot"),
    Key("k",     "key_off",  "k", "reset",   "key off: reset the handpay"),
    Key("t",     "tilt",     "t", "tilt",    "make it tilt"),
    Key("m",     "mend",     "m", "mend",    "mend: clear every tilt"),
)  # fmt: skip
"""What is done at the machine under the cursor; the first line at the bottom of the screen."""

FLOOR_KEYS: Final = (
    Key("l",                "lamp",    "l",   "lamp",   "lamp on, or off"),
    Key("w",                "power",   "w",   "power",  "power off, or on"),
    Key("colon",            "words",   ":",   "words",  "do anything, in words"),
    Key("x",                "faults",  "x",   "faults", "what goes wrong: list, add, remove"),
    Key("u",                "cable",   "u",   "",       "pull the line's cable for 30 s"),
    Key("p",                "play",    "p",   "play",   "people play, or stop"),
    Key("slash",            "filter",  "/",   "filter", "machines with words; !word: not"),
    Key("f",                "trouble", "f",   "",       "machines that want something"),
    Key("e",                "whose",   "e",   "ledger", "ledger of one machine, or of all"),
    Key("a",                "acks",    "a",   "",       "ledger: games and acks, or not"),
    Key("z",                "zoom",    "z",   "",       "ledger alone, or both lists"),
    Key("tab",              "app.focus_next", "tab", "", "which of the lists moves"),
    Key("escape",           "back",    "esc", "",       "no filter"),
    Key("question_mark,f1", "help",    "?",   "help",   "this page"),
    Key("q,ctrl+c,ctrl+q",  "app.quit", "q",  "quit",   "leave; the floor goes on"),
)  # fmt: skip

LIST_KEYS: Final = (
    Key("up",       "move(-1)", "up", "", "move; pgup pgdn home end too"),
    Key("down",     "move(1)"),
    Key("pageup",   "page(-1)"),
    Key("pagedown", "page(1)"),
    Key("home",     "edge(-1)"),
    Key("end",      "edge(1)"),
)  # fmt: skip

FAULT_KEYS: Final = (
    Key("a",               "add",      "a",   "add",        "faults: add one, in words"),
    Key("r,delete",        "remove",   "r",   "remove",     "faults: remove this one"),
    Key("R",               "clear",    "R",   "remove all", "faults: remove all of them"),
    Key("escape,x",        "close",    "esc", "close",      ""),
    Key("q,ctrl+c,ctrl+q", "app.quit", "q",   "quit",       ""),
)  # fmt: skip

CLOSE_KEYS: Final = (
    Key("escape",        "close",    "esc", "close", ""),
    Key("ctrl+c,ctrl+q", "app.quit"),
)  # fmt: skip


def bindings(keys: tuple[Key, ...]) -> list[BindingType]:
    """Return ``keys`` as Textual wants them."""
    return [Binding(key.keys, key.action, key.meaning or key.short, show=False) for key in keys]


def shown(keys: tuple[Key, ...]) -> str:
    """Return the keys that stand at the bottom of the screen, in one line."""
    return "  ".join(f"{key.label} {key.short}" for key in keys if key.short)
