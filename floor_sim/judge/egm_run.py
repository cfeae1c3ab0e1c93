"""Carries the examining host on a port, real or not, and lets a judge hear both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from floor_sim.judge.egm_exam import ExaminingHost
from floor_sim.judge.judge import Judge
from protocols.sas.symbols import Symbols


class HostPort(Protocol):
    """The host's end of a line."""

    def now(self) -> float:
        """Return the moment, in seconds that never go back."""
        ...

    def write(self, message: bytes) -> Symbols:
        """Send a message of the host; return it with its ninth bits as far as they go out.

        Nothing of it if the port refuses to send it.
        """
        ...

    def listen(self, until: float) -> Iterable[tuple[float, Symbols]]:
        """Yield what comes until then, each with its moment."""
        ...

    def close(self) -> None:
        """Give the line back."""
        ...


def judge_egms(
    port: HostPort, host: ExaminingHost, judge: Judge, seconds: float,
    stopped: Callable[[], object] = lambda: False,
) -> float:  # fmt: skip
    """Poll for ``seconds``, or until stopped; return for how long it was."""
    zero = now = port.now()
    while now - zero < seconds and not stopped():
        turn = host.turn(now)
        if turn.data:
            sent = port.write(turn.data)
            if sent.data:
                judge.hear("host", sent, now - zero)
        heard = b""
        for at, symbols in port.listen(now + turn.wait_s):
            judge.hear("egm", symbols, at - zero)
            if symbols.wakeup[0] is not True:
                heard += symbols.data
        now = port.now()
        judge.pass_time(now - zero)
        host.heard(turn, heard, now)
    return now - zero
