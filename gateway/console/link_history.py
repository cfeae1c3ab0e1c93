"""How each link was over the last minutes, as long as this console has looked; and its drawing."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

from gateway.console.glyphs import Glyphs
from gateway.status.model import EgmStatus, LinkWord

SAMPLE_S: Final = 10.0
"""Seconds between two looks at every link."""
SAMPLES: Final = 60
"""Looks that are kept of a link: ten minutes."""

_LEVELS: Final = ((1.0, 7), (0.99, 6), (0.98, 5), (0.95, 4), (0.90, 3), (0.75, 2), (0.01, 1))
"""Share of polls answered well from which on a level holds: what is nearly right is told apart."""
_MARKS: Final = ("▁▂▃▄▅▆▇█", "_.,:;+*#")


class LinkHistory:
    """Keeps how each link was."""

    def __init__(self) -> None:
        self._kept: dict[str, deque[float | None]] = {}

    def note(self, egms: Iterable[EgmStatus]) -> None:
        """Look at every link; one that is down counts as nothing answered."""
        for egm in egms:
            kept = self._kept.get(egm.asset)
            if kept is None:
                kept = self._kept[egm.asset] = deque(maxlen=SAMPLES)
            kept.append(0.0 if egm.link is LinkWord.DOWN else egm.link_quality)

    def of(self, asset: str) -> Sequence[float | None]:
        """Return how the link of an EGM was, the newest last."""
        return tuple(self._kept.get(asset, ()))


def spark(shares: Sequence[float | None], glyphs: Glyphs, width: int) -> str:
    """Draw the newest ``width`` shares of 0 to 1, one mark each; nothing known is a space."""
    marks = _MARKS[glyphs.ascii_only]
    return "".join(" " if one is None else marks[_level(one)] for one in shares[-width:])


def _level(share: float) -> int:
    return next((level for least, level in _LEVELS if share >= least), 0)
