"""The help of checks: keys, what the verdicts mean, what each check is for."""

from __future__ import annotations

from gateway.commissioning.plans import PLANS
from gateway.console.check_keys import CHECK_KEYS, SHEET_KEYS, STEP_KEY, TYPE_KEY, TYPING_KEYS
from gateway.console.help_screen import HelpScreen
from gateway.console.keys import Key
from gateway.console.one_line import OneLine
from gateway.console.sight import Said, Sight

_NOTES = (
    "A step passes by what is seen, never by a key, and then goes on by itself.",
    "FAIL      something is wrong; Look says where: harness, menu, registry.",
    "NOT DONE  left out, or not to be told here; the reason is in the report.",
    "A FAIL waits: enter does the step again, f takes it as it is and goes on.",
    "The machine gets only readings that are planned anyway, one in ten seconds.",
    "esc keeps a check; opened again it goes on. S ends it: text and JSON files,",
    "signed by the gateway; `slotgw report verify FILE` proves them.",
)
_SHEET_NOTES = (
    "Type what the meter page shows: credits, or money with a point (12.50).",
    "What the wire said shows after you typed. Difference: machine less wire.",
    "S tells the gateway (meter.manual, with your name) and has the report signed.",
)


def help_lines(*, sheet: bool) -> list[str]:
    """Return the help, none of its lines wider than 80 cells."""
    keys = (TYPE_KEY, TYPING_KEYS[-1], *SHEET_KEYS) if sheet else (STEP_KEY, *CHECK_KEYS)
    plans = [f"  :{plan.kind:11} {plan.meaning}" for plan in PLANS.values()]
    return [
        *(_key(key) for key in keys if key.label),
        "",
        *(_SHEET_NOTES if sheet else ()),
        *_NOTES,
        "",
        "From anywhere, with a place or an asset (:absence 14-07):",
        *plans,
    ]


def _key(key: Key) -> str:
    return f"{key.label:>9}  {key.meaning}"


class CheckHelpScreen(HelpScreen):
    """The help of one check; ``sheet``: of the meter check."""

    def __init__(self, sight: Sight, *, sheet: bool) -> None:
        super().__init__(sight)
        self._sheet = sheet

    def draw(self) -> None:
        """Show the help, which stays the same."""
        self.query_one("#help-title", OneLine).say([Said(" checks of a machine: keys and words")])
        self.show(help_lines(sheet=self._sheet))
