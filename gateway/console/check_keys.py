"""The keys of checks: the list of them, a check's steps, the meter sheet, a reason."""

from __future__ import annotations

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

STEP_KEY = Key("enter", "choose", "do step", "enter", "do the step under the cursor now, whichever")

SHEET_KEYS = (
    Key("escape",          "back",      "back, kept", "esc",   "back; the check is kept"),
    Key("r",               "read",      "read again", "r",     "read the meters again now"),
    Key("w",               "wire",      "wire",       "w",     "what goes over its wire"),
    Key("S",               "sign",      "sign",       "S",     "end it: event and signed report"),
    Key("A",               "anew",      "",           "A",     "throw it away and begin anew"),
    Key("question_mark,f1", "help",     "help",       "?",     "this page"),
    Key("q,ctrl+c,ctrl+q", "app.quit",  "",           "q",     "leave the console; it is kept"),
)  # fmt: skip

TYPING_KEYS = (
    *(Key(digit, f"screen.type('{digit}')") for digit in "0123456789"),
    Key("full_stop", "screen.type('.')"),
    Key("comma",     "screen.type(',')"),
    Key("backspace", "screen.rub", "", "backspace", "take back what was typed, or all of a meter"),
)  # fmt: skip

TYPE_KEY = Key("enter", "choose", "next", "enter", "take what was typed; the next meter")

REASON_KEYS = (
    Key("escape", "close", "leave it", "esc", "go back, nothing is changed"),
)  # fmt: skip


__all__ = [
    "CHECKS_KEYS", "CHECK_KEYS", "REASON_KEYS", "SHEET_KEYS", "STEP_KEY", "TYPE_KEY",
    "TYPING_KEYS", "bindings",
]  # fmt: skip
