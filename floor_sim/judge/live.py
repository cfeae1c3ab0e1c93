"""Judges whoever polls the lines of a floor that runs: from the machines' side, as it happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from floor_sim.floor import Floor
from floor_sim.judge.captured import NO_BITS
from floor_sim.judge.conversation import Side
from floor_sim.judge.exam import begin_exam
from floor_sim.judge.judge import Judge, together
from floor_sim.judge.report import Report
from floor_sim.judge.rule import Row, Settings
from floor_sim.line import Tap
from protocols.sas.symbols import Symbols

LOOK_S: Final = 0.05
"""Seconds from one look at the clock to the next."""
SLOW: Final = (
    "This computer was late {} times, by {:.0f} ms at most: findings about short times may be its "
    "own. A larger --tolerance-ms leaves them out."
)
NOBODY: Final = "No host has polled {}."


@dataclass(slots=True)
class Lateness:
    """How late this process was at its own appointments.

    Attributes:
        times: later than the tolerance.
        most_s: the longest.
    """

    times: int = 0
    most_s: float = 0.0


class LiveJudging:
    """Judges the hosts of a floor's lines.

    Args:
        rows: rules to judge by.
        settings: how.
        seconds: for how long; 0: until the floor is stopped.
        exam: things go wrong on the lines, so that rules come up.
        only: names of the lines that are judged; none: every line that a host polls.
    """

    def __init__(
        self, rows: Iterable[Row], settings: Settings, seconds: float, *, exam: bool,
        only: Iterable[str] = (),
    ) -> None:  # fmt: skip
        self._rows = tuple(rows)
        self._settings = settings
        self._seconds = seconds
        self._exam = exam
        self._only = frozenset(only)
        self._judges: list[Judge] = []
        self._zero: float | None = None
        self._now = 0.0
        self._lateness = Lateness()

    def begin(
        self, floor: Floor, loop: asyncio.AbstractEventLoop, stop: Callable[[], object]
    ) -> None:
        """Begin with the first byte of a host; call ``stop`` when the time is over."""

        def first(now: float) -> None:
            self._zero = now
            for judge, line in zip(self._judges, lines, strict=True):
                if self._exam:
                    begin_exam(floor, line, now)
                judge.pass_time(0.0)
            if self._seconds:
                loop.call_later(self._seconds, stop)
            loop.call_at(now + LOOK_S, self._look, loop, now + LOOK_S)

        lines = [
            line for line in floor.host_lines if not self._only or line.name in self._only
        ]  # fmt: skip
        for line in lines:
            judge = Judge(line.name, self._rows, self._settings)
            self._judges.append(judge)
            line.taps.append(self._tap(judge, first))

    def _tap(self, judge: Judge, first: Callable[[float], None]) -> Tap:
        def hear(side: Side, symbols: Symbols, at: float) -> None:
            if self._zero is None:
                if side == "egm":
                    return  # chirps before anybody was there
                first(at)
            assert self._zero is not None, "the first byte has set it"
            judge.hear(side, symbols, max(0.0, at - self._zero))

        return hear

    def _look(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        now = loop.time()
        if now - due > self._settings.tolerance_s:
            self._lateness.times += 1
            self._lateness.most_s = max(self._lateness.most_s, now - due)
        assert self._zero is not None, "looking begins with the first byte"
        self._now = now - self._zero
        for judge in self._judges:
            judge.pass_time(self._now)
        loop.call_at(now + LOOK_S, self._look, loop, now + LOOK_S)

    def report(self) -> Report:
        """Return what it has come to."""
        tallies = together([judge.end() for judge in self._judges])
        remarks = [NOBODY.format(judge.line) for judge in self._judges if not judge.messages]
        if not any(judge.conversation.ninth_bits for judge in self._judges):
            remarks.append(NO_BITS)
        if self._lateness.times:
            remarks.append(SLOW.format(self._lateness.times, self._lateness.most_s * 1000))
        messages = sum(judge.messages for judge in self._judges)
        names = tuple(judge.line for judge in self._judges)
        return Report(tallies, names, self._now, messages, tuple(remarks))
