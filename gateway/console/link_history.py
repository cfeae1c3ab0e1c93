"""How each link was over the last minutes, as long as this console has looked; and its drawing."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from gateway.console.glyphs import Glyphs
from gateway.status.lately import Lately, level
from gateway.status.model import EgmStatus, LinkWord

SAMPLE_S: Final = 10.0
"""Seconds between two looks at every link."""
SAMPLES: Final = 60
"""Looks that are kept of a link: ten minutes."""

_WORDS: Final = {LinkWord.UP: 1.0, LinkWord.DEGRADED: 0.75, LinkWord.DOWN: 0.0}
"""What stands for the share where only the link's word is told: over NATS."""
_DIGITS: Final = frozenset("01234567")
_MARKS: Final = ("▁▂▃▄▅▅▆▇", "_.,:;+*#")
"""For levels 0 to 7. No full block: rows of them would grow together into a wall."""


class LinkHistory:
    """Keeps how each link was."""

    def __init__(self) -> None:
        self._kept: dict[str, deque[float | None]] = {}
        self._lately: dict[str, Lately] = {}
        self._kept_at: datetime | None = None

    def note(self, egms: Iterable[EgmStatus], now: datetime) -> None:
        """Look at every link; one that is down counts as nothing answered.

        A look sooner than half of ``SAMPLE_S`` after the last one makes no mark of its own.
        """
        last = self._kept_at
        marks = last is None or abs((now - last).total_seconds()) >= SAMPLE_S / 2
        if marks:
            self._kept_at = now
        for egm in egms:
            if not egm.link_lately:
                lately = self._lately.get(egm.asset)
                if lately is None:
                    lately = self._lately[egm.asset] = Lately()
                share = egm.link_quality
                if share is None or egm.link is LinkWord.DOWN:
                    share = _WORDS.get(egm.link)
                lately.note(share, now.timestamp())
            if not marks:
                continue
            kept = self._kept.get(egm.asset)
            if kept is None:
                kept = self._kept[egm.asset] = deque(maxlen=SAMPLES)
            kept.append(0.0 if egm.link is LinkWord.DOWN else egm.link_quality)

    def lately(self, egm: EgmStatus) -> str:
        """Return the marks of a link's last minutes, the newest last.

        The gateway's own, which go back before this console; else what was seen from here.
        """
        if egm.link_lately:
            return egm.link_lately
        seen = self._lately.get(egm.asset)
        return seen.text() if seen is not None else ""

    def of(self, asset: str) -> Sequence[float | None]:
        """Return how the link of an EGM was, the newest last."""
        return tuple(self._kept.get(asset, ()))


def spark(shares: Sequence[float | None], glyphs: Glyphs, width: int) -> str:
    """Draw the newest ``width`` shares of 0 to 1, one mark each; nothing known is a space."""
    marks = _MARKS[glyphs.ascii_only]
    return "".join(" " if one is None else marks[level(one)] for one in shares[-width:])


def told_lately(egm: EgmStatus) -> str:
    """Return the marks of a link's last minutes as far as the gateway tells them."""
    return egm.link_lately


def lately_drawn(marks: str, glyphs: Glyphs) -> str:
    """Draw the marks of :mod:`gateway.status.lately`; a minute that nobody knows is a space."""
    drawn = _MARKS[glyphs.ascii_only]
    return "".join(drawn[int(one)] if one in _DIGITS else " " for one in marks)


def worst_of(marks: str) -> int | None:
    """Return the worst of the marks, 0 to 7; None where nothing is known."""
    return min((int(one) for one in marks if one in _DIGITS), default=None)
