"""What people found at a machine: its meters as its own display shows them, a check and its report.

Told as it was said. Nothing is corrected by it, and no total is changed.
"""

from __future__ import annotations

from typing import Final

from gateway.meaning.counts import count
from gateway.meaning.observation import Said
from gateway.meaning.state import EgmState
from gateway.meaning.telling import Telling
from protocols.sas.tables import METERS_BY_NAME

CREDITS: Final = "current_credits"
DIGITS: Final = 8


def meters_typed(state: EgmState, said: Said, telling: Telling) -> None:
    """Somebody typed meters; beside them stands what the wire said last of the same ones."""
    typed, observed = {}, {}
    for name, value in said.meters.items():
        row = METERS_BY_NAME.get(name)
        digits = DIGITS if row is None else row.digits
        track = state.meters.latest(name)
        if track is not None:
            digits = track.digits
            observed[name] = count(name, track.count, digits)
        elif name == CREDITS and state.play.credits is not None:
            observed[name] = count(name, state.play.credits, digits)
        typed[name] = count(name, value, max(digits, len(str(value))))
    if typed:
        data = {"meters": typed, "observed": observed, "person": said.by, "reason": said.reason}
        telling.main("meter.manual", data)


def checked(_state: EgmState, said: Said, telling: Telling) -> None:
    """Somebody ended a check of the machine and has its report signed."""
    telling.main("egm.checked", {**said.check, "person": said.by})
