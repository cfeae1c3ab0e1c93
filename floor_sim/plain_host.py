"""A host that keeps the protocol's rules and no more: it polls one line in virtual time.

It hears every exception and reads every handpay, so that machines play and their queues drain as on
a floor at work. It judges nothing and keeps nothing but counts. Implied acks: Montana DOJ, SAS
implementation guide.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from floor_sim.memory_line import MemoryLine

POLL_EVERY_S: Final = 0.2
"""Seconds between two polls of one machine, or more where the line has many."""
TURN_S: Final = 0.02
"""Seconds from one poll on the line to the next, at the least; an answer begins within 20 ms."""
ANSWER_S: Final = 0.05
"""Seconds that an answer is waited for."""
NOBODY: Final = b"\x80"
HANDPAY_PENDING: Final = 0x51
READ_HANDPAY: Final = 0x1B


class PlainHost:
    """The host of one line.

    Args:
        line: the line's end that it holds.
        now: when it begins to poll.

    Attributes:
        due: when ``act`` is to be called next.
        polls: polls that it has sent.
        heard: exceptions that it was told.
    """

    def __init__(self, line: MemoryLine, now: float) -> None:
        self.due = now
        self.polls = 0
        self.heard = 0
        self._line = line
        self._machines = deque(port.address for port in line.line.ports)
        self._asked: bytes | None = None
        self._repeated = False
        self._next: deque[bytes] = deque([NOBODY])
        self._began = now

    def act(self, now: float) -> None:
        """Send the poll that is due, or take its answer: what came until now."""
        answer = b"".join(data for _, data in self._line.host_read(now))
        if self._asked is None:
            self._ask(now)
        else:
            self._hear(self._asked, answer, now)

    def _ask(self, now: float) -> None:
        if not self._next:
            self._machines.rotate(-1)
            if len(self._machines) == 1:
                self._next.append(NOBODY)  # else the machine would say the same again
            self._next.append(bytes([0x80 | self._machines[0]]))
        poll = self._next.popleft()
        self.polls += 1
        self._began = now
        self._line.host_write(poll, now)
        if poll == NOBODY:
            self.due = now + TURN_S
            return
        self._asked = poll
        self.due = now + ANSWER_S

    def _hear(self, poll: bytes, answer: bytes, now: float) -> None:
        self._asked = None
        turn_s = max(TURN_S, POLL_EVERY_S / len(self._machines))
        if not answer and not self._repeated:
            self._repeated = True  # another poll would say that a lost answer arrived
            self._next.appendleft(poll)
        else:
            self._repeated = False
            if len(poll) == 1 and len(answer) == 1 and answer != b"\x00":
                self.heard += 1
                if answer[0] == HANDPAY_PENDING:
                    self._next.append(bytes([poll[0] & 0x7F, READ_HANDPAY]))
                    turn_s = POLL_EVERY_S  # the same machine again: not sooner than it may be
        self.due = max(now, self._began + turn_s)
