"""The keys of checks: the list of them, a check's steps, the meter sheet, a reason."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from gateway.console.keys import PAGE_KEYS, Key, bindings

CHECKS_KEYS = (
    *PAGE_KEYS,
    Key("enter", "choose", "open", "enter", "go on with it, or begin it"),
)  # fmt: skip

CHECK_KEYS = (
    Key("escape",          "back",      "back, kept", "esc", "back; the check is kept"),
    Key("y",               "say(True)",   "yes",       "y", "yes, to the question of the step"),
    Key("n",               "say(False)",  "no",        "n", "no, to the question of the step"),
    Key("f",               "fail",        "failed",    "f", "the step failed; with a word of why"),
    Key("s",               "leave",       "not done",  "s", "the step is not done; with a reason"),
    Key("r",               "read",        "",          "r", "read now what the step needs"),
    Key("w",               "wire",        "wire",      "w", "what goes over its wire"),
    Key("S",               "sign",        "sign",      "S", "end it: the gateway signs the report"),
    Key("A",               "anew",        "",          "A", "throw it away and begin anew"),
    Key("question_mark,f1", "help",       "help",      "?", "this page"),
    Key("q,ctrl+c,ctrl+q", "app.quit",    "",          "q", "leave the console; the check is kept"),
)  # fmt: skip

STEP_KEY = Key("enter", "choose", "", "enter", "do the step under the cursor, or do it again")

SHEET_KEYS = (
    Key("escape",          "back",      "back, kept", "esc",   "back; the check is kept"),
    Key("up",              "step(-1)",  "",           "up",    "the meter above; down: below"),
    Key("down",            "step(1)"),
    Key("pageup",          "step(-10)"),
    Key("pagedown",        "step(10)"),
    Key("r",               "read",      "read again", "r",     "read the meters again now"),
    Key("S",               "sign",      "sign",       "S",     "end it: event and signed report"),
    Key("A",               "anew",      "",           "A",     "throw it away and begin anew"),
    Key("question_mark,f1", "help",     "help",       "?",     "this page"),
    Key("ctrl+c,ctrl+q",   "app.quit",  "",           "^q",    "leave the console; it is kept"),
)  # fmt: skip

TYPE_KEY = Key("enter", "submit", "next", "enter", "take what was typed; the next meter")

REASON_KEYS = (
    Key("escape", "close", "leave it", "esc", "go back, nothing is changed"),
)  # fmt: skip


def before_typing(keys: tuple[Key, ...]) -> list[BindingType]:
    """Return keys that are heeded while a line for typing has the keyboard."""
    return [
        Binding(key.keys, key.action, key.footer, show=bool(key.footer), key_display=key.label,
                priority=True)
        for key in keys
    ]  # fmt: skip


__all__ = [
    "CHECKS_KEYS", "CHECK_KEYS", "REASON_KEYS", "SHEET_KEYS", "STEP_KEY", "TYPE_KEY",
    "before_typing", "bindings",
]  # fmt: skip
