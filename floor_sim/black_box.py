"""What passed on the lines of a floor lately: kept in memory, written when a run has failed.

It is written as captures without secrets, one a line of the floor, which ``slotgw decode`` explains
and ``slotsim replay`` plays.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from floor_sim.line import Line, Side, Tap
from protocols.sas.capture import Burst, Header, Speaker, burst_text, header_text
from protocols.sas.capture_mask import Masker
from protocols.sas.symbols import Symbols

BURSTS_MAX: Final = 400
"""Bursts of each line that are kept: a poll and an answer are two. At 20 polls a second, 10 s; on
250 lines about 30 MB."""

_SPEAKERS: Final[dict[Side, Speaker]] = {"host": Speaker.HOST, "egm": Speaker.EGM}


class BlackBox:
    """Listens on lines, and remembers.

    Args:
        lines: the lines.
        bursts_max: what is kept of each.
    """

    def __init__(self, lines: Iterable[Line], bursts_max: int = BURSTS_MAX) -> None:
        self._kept: dict[str, deque[tuple[Side, Symbols, float]]] = {}
        for line in lines:
            self._kept[line.name] = deque(maxlen=bursts_max)
            line.taps.append(_into(self._kept[line.name]))

    def text(self, wall: Callable[[float], datetime]) -> str:
        """Return what is kept as captures, one behind the other.

        Args:
            wall: turns the floor's seconds into UTC.
        """
        return "".join(
            _capture(name, kept, wall) for name, kept in sorted(self._kept.items()) if kept
        )


def _into(kept: deque[tuple[Side, Symbols, float]]) -> Tap:
    def hear(side: Side, symbols: Symbols, at: float) -> None:
        kept.append((side, symbols, at))

    return hear


def _capture(
    name: str, kept: Iterable[tuple[Side, Symbols, float]], wall: Callable[[float], datetime]
) -> str:
    bursts = sorted(kept, key=lambda one: one[2])
    zero = bursts[0][2]
    ninth_bits = all(None not in symbols.wakeup for _, symbols, _ in bursts)
    masker = Masker()
    shown: list[Burst] = []
    for side, symbols, at in bursts:
        at_us = round((at - zero) * 1e6)
        shown += masker.feed(Burst(at_us, _SPEAKERS[side], symbols.data, symbols.wakeup))
    shown += masker.flush()
    lines = [burst_text(burst, ninth_bits=ninth_bits) for burst in shown]
    return header_text(Header(name, wall(zero), ninth_bits)) + "".join(lines) + "\n"
