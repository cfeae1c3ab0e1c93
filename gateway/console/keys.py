"""The keys of the console: one row a key, for the bindings, the footer and the help."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Key:
    """One key.

    Attributes:
        keys: as Textual calls them.
        action: what it does, as Textual calls it.
        footer: word in the footer; empty leaves it out.
        label: how the key is written; empty leaves it out of the help.
        meaning: what it does, for people.
    """

    keys: str
    action: str
    footer: str = ""
    label: str = ""
    meaning: str = ""


FLOOR_KEYS = (
    Key("question_mark,f1", "help",     "help",   "?",   "this page"),
    Key("q,ctrl+c,ctrl+q",  "app.quit", "quit",   "q",   "leave the console"),
    Key("slash",            "filter",   "filter", "/",   "only EGMs with: bank:7 tilt !jam"),
    Key("f",                "faults",   "faults", "f",   "only EGMs in trouble, or all"),
    Key("s",                "sort",     "sort",   "s",   "by location, worst, worst link"),
    Key("e",                "events",   "events", "e",   "events, newest first"),
    Key("a",                "games",    "play",   "a",   "events of games too, or not"),
    Key("c",                "calls",    "calls",  "c",   "open calls, oldest first"),
    Key("z",                "zoom",     "zoom",   "z",   "this list alone, or all lists"),
    Key("escape",           "back",     "",       "esc", "to the floor; again: no filter"),
)  # fmt: skip

PAGE_KEYS = (
    Key("escape",              "back",     "back",  "esc", "back"),
    Key("question_mark,f1",    "help",     "help",  "?",   "this page"),
    Key("q,ctrl+c,ctrl+q",     "app.quit", "quit",  "q",   "leave the console"),
)  # fmt: skip

MAP_KEYS = (
    *PAGE_KEYS,
    Key("f", "faults", "faults", "f", "only banks in trouble, or all"),
    Key("s", "sort",   "sort",   "s", "by name, or worst first"),
)  # fmt: skip

LIST_KEYS = (
    Key("enter",    "choose",      "open",  "enter", "all about this row's EGM"),
    Key("tab",      "screen.next", "",        "tab",   "next list"),
    Key("up,k",     "move(-1)",    "",        "up",    "move; pgup pgdn home end too"),
    Key("down,j",   "move(1)"),
    Key("pageup",   "page(-1)"),
    Key("pagedown", "page(1)"),
    Key("home,g",   "edge(-1)"),
    Key("end,G",    "edge(1)"),
)  # fmt: skip

FILTER_KEYS = (
    Key("enter",  "submit",      "keep the filter", "enter"),
    Key("escape", "screen.back", "clear it",        "esc"),
)  # fmt: skip

MODAL_KEYS = (
    Key("escape",          "close",    "close", "esc", "close"),
    Key("q,ctrl+c,ctrl+q", "app.quit", "quit",  "q",   "leave the console"),
)  # fmt: skip


MACHINE_KEYS = (
    *PAGE_KEYS,
    Key("a", "games", "play",        "a", "events of games too, or not"),
    Key("m", "meters", "meters",     "m", "machine: meters, and since when"),
    Key("p", "past",  "past",        "p", "machine: doors, power, handpays, sessions"),
    Key("n", "note",  "note",        "n", "machine: note something of it"),
    Key("w", "wire",  "wire",        "w", "machine: what goes over its wire, to save too"),
    Key("r", "read",  "read",        "r", "machine: read its meters now"),
    Key("t", "checks", "checks",     "t", "machine: commissioning and its other checks"),
)  # fmt: skip

METER_KEYS = (
    *PAGE_KEYS,
    Key("s", "moment", "since when", "s", "meters: since another moment"),
    Key("r", "read",   "read now",   "r", "meters: read them now"),
)  # fmt: skip

WIRE_KEYS = (
    *PAGE_KEYS,
    Key("space,p", "pause", "pause", "space", "wire: hold still, or run again"),
    Key("i",       "idle",  "idle",  "i",     "wire: idle polls too, or not"),
    Key("S",       "save",  "save",  "S",     "wire: save as a capture"),
)  # fmt: skip

SURVEILLANCE_KEYS = (
    *PAGE_KEYS,
    Key("slash", "filter",          "filter",      "/", "only events with words; !word: not"),
    Key("u",     "only_new",        "not seen",    "u", "surveillance: only what nobody looked at"),
    Key("a",     "remark(True)",    "acknowledge", "a", "surveillance: say what was found"),
    Key("n",     "remark(False)",   "note",        "n", "surveillance: note something of it"),
)  # fmt: skip

REMARK_KEYS = (
    Key("escape", "close", "leave it", "esc", "leave it"),
)  # fmt: skip

COMMAND_KEYS = (
    Key("escape",   "close",    "close", "esc",   "close"),
    Key("down",     "step(1)"),
    Key("up",       "step(-1)"),
    Key("pagedown", "step(10)"),
    Key("pageup",   "step(-10)"),
)  # fmt: skip

APP_KEYS = (
    Key("colon,ctrl+p", "command",      "", ":",      "type a page, machine or filter"),
    Key("D",            "write_screen", "", "D X",    "the screen, the list into a file"),
    Key("y",            "copy",         "", "y",      "copy the row, or what is marked"),
    Key("X",            "write_csv"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageKey:
    """One page.

    Attributes:
        key: the key that goes there from anywhere.
        name: what it is called.
        meaning: what it answers.
    """

    key: str
    name: str
    meaning: str


PAGES = (
    PageKey("1", "floor",  "what is broken now, since when"),
    PageKey("2", "map",    "where on the floor: bank by bank"),
    PageKey("3", "lines",  "which wire, where on it, what to look at"),
    PageKey("4", "calls",  "who waits for somebody, and how long"),
    PageKey("5", "surveillance", "significant events: who looked, what was found"),
    PageKey("6", "outbox", "are events kept, and sent?"),
    PageKey("7", "nats",   "is NATS there, and how safe is what it acknowledged?"),
    PageKey("8", "consumers", "do dispatch, surveillance and the others keep up?"),
    PageKey("9", "clock",  "do the clocks agree, the gateways' and the machines'?"),
)  # fmt: skip


def bindings(keys: tuple[Key, ...]) -> list[BindingType]:
    """Return ``keys`` as Textual wants them."""
    return [
        Binding(key.keys, key.action, key.footer, show=bool(key.footer), key_display=key.label)
        for key in keys
    ]
