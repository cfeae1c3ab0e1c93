"""What every drawing needs besides the thing drawn: the time, the zone, the marks, how fresh."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from gateway.console.glyphs import Glyphs


class Tone(StrEnum):
    """How a piece of text is drawn; never the only carrier of what it says."""

    PLAIN = "plain"
    QUIET = "quiet"  # well, or not new
    GOOD = "good"
    NOTE = "note"  # somebody wants something
    WARN = "warn"
    BAD = "bad"


TONE_CLASSES: dict[Tone, str] = {tone: f"tone--{tone}" for tone in Tone}
"""The style of each tone, in ``console.tcss``."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Under which conditions something is drawn.

    Attributes:
        now: the time now.
        zone: the casino's time zone.
        glyphs: the marks to use.
        stale: what is drawn is old: the source has gone quiet or away.
        started: when the gateway that tells started: what it found then may have lasted longer.
    """

    now: datetime
    zone: tzinfo
    glyphs: Glyphs
    stale: bool = False
    started: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One line of words and how it is drawn."""

    text: str
    tone: Tone = Tone.PLAIN
