"""Machines that say again what a capture says they said, so that any host can run against it.

Each poll gets its recorded answers in order. The rules of the implied acknowledgement hold: the
same poll at once again gets the same answer again, and only another poll moves on. A poll that was
not recorded gets silence, as one that a machine does not support.

When all answers to a poll were given, a long poll gets the last one again, and a general poll "no
activity", so that nothing is reported that did not happen; or everything comes once more.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from floor_sim.port_line import Port
from floor_sim.recording import After, Answer, Answers, Recording, is_kept
from protocols.sas.explain import same_poll
from protocols.sas.requests import RequestReader
from protocols.sas.symbols import from_machine
from protocols.sas.tables.exceptions import IDLE_CODES
from protocols.sas.tables.polls import REAL_TIME

log = logging.getLogger("slotsim")

GAP_S: Final = 0.02
"""Silence after which a message that is not complete is given up; a pty needs more than 5 ms."""
TURN_ROUND_MAX_S: Final = 0.02
"""No answer takes longer than a machine may take, however long the recorded one took."""
UNKNOWN_POLLS_MAX: Final = 100
"""Polls that were not recorded which are told, each once."""

NO_ACTIVITY: Final = b"\x00"


@dataclass(slots=True)
class ReplayCounts:
    """What happened on a replayed line.

    Attributes:
        polls: polls heard.
        answered: those that got an answer.
        unrecorded: those that are not in the capture.
        overtaken: answers that the host did not wait for.
    """

    polls: int = 0
    answered: int = 0
    unrecorded: int = 0
    overtaken: int = 0


class Replay:
    """The machines of one recorded line, without their wire.

    Args:
        recording: what they said.
        after: what comes when all is said.

    Attributes:
        counts: what happened.
    """

    def __init__(self, recording: Recording, after: After = "last") -> None:
        self.recording = recording
        self.counts = ReplayCounts()
        self._after = after
        self._last = b"", Answer(b"")  # the poll before, and what it got
        self._before = self._last  # and the one before that
        self._taken: Answers | None = None  # from where the last answer was taken, if it is new
        self._unrecorded: set[bytes] = set()

    def hear(self, poll: bytes) -> Answer:
        """Return the answer to a poll; one without bytes is silence."""
        self.counts.polls += 1
        before, answer = self._before = self._last
        self._taken = None
        if not (before and is_kept(answer.data) and same_poll(poll, before)):
            answer = self._next(poll)
        self._last = poll, answer
        self.counts.answered += bool(answer.data)
        return answer

    def unsent(self) -> None:
        """Take back the last answer: the host spoke before it went out."""
        if self._taken is not None:
            self._taken.given -= 1
            self._taken = None
        self._last = self._before
        self.counts.answered -= 1
        self.counts.overtaken += 1

    def _next(self, poll: bytes) -> Answer:
        answers = self.recording.find(poll)
        if answers is None:
            self._tell_unrecorded(poll)
            return Answer(b"")
        if answers.given == len(answers.recorded):
            if self._after == "last":
                return _last_known(answers)
            answers.given = 0
        self._taken = answers
        answers.given += 1
        return answers.recorded[answers.given - 1]

    def _tell_unrecorded(self, poll: bytes) -> None:
        if poll == b"\x80" or not poll[0]:
            return  # nobody answers these
        self.counts.unrecorded += 1
        if poll not in self._unrecorded and len(self._unrecorded) < UNKNOWN_POLLS_MAX:
            self._unrecorded.add(poll)
            shown = poll.hex(" ").upper()
            log.info("line %s: poll %s is not in the capture: silence", self.recording.line, shown)


def _last_known(answers: Answers) -> Answer:
    """Return what a poll gets when all its answers were given."""
    said = [answer for answer in answers.recorded if answer.data]
    if not said:
        return Answer(b"")
    if len(answers.poll) > 1:
        return said[-1]
    idle = [answer for answer in said if _is_idle(answer.data)]
    return idle[-1] if idle else Answer(NO_ACTIVITY, said[-1].after_s)


def _is_idle(answer: bytes) -> bool:
    if len(answer) == 1:
        return answer[0] in IDLE_CODES
    return len(answer) > 2 and answer[1] == REAL_TIME and answer[2] in IDLE_CODES


class ReplayLine:
    """A replayed line on a pty or a TCP port.

    Args:
        replay: the machines.
        port: what the host opens, or connects to.
        loop: the loop that carries it.
    """

    def __init__(self, replay: Replay, port: Port, loop: asyncio.AbstractEventLoop) -> None:
        self.replay = replay
        self._port = port
        self._loop = loop
        self._reader = RequestReader()
        self._gap: asyncio.TimerHandle | None = None
        self._answer: asyncio.TimerHandle | None = None
        loop.add_reader(port.fileno(), self._readable)

    def close(self) -> None:
        """Stop, and close the port."""
        self._loop.remove_reader(self._port.fileno())
        for timer in (self._gap, self._answer):
            if timer is not None:
                timer.cancel()
        self._port.close()

    def _readable(self) -> None:
        if self._gap is not None:
            self._gap.cancel()
            self._gap = None
        while data := self._port.read().data:
            for item in self._reader.feed(data):
                self._heard(item.raw)
        if self._reader.pending:
            self._gap = self._loop.call_later(GAP_S, self._quiet)

    def _quiet(self) -> None:
        """The host has stopped: what it said last is whole, or nothing."""
        self._gap = None
        for item in self._reader.reset():
            self._heard(item.raw)

    def _heard(self, poll: bytes) -> None:
        if self._answer is not None:
            self._answer.cancel()
            self._answer = None
            self.replay.unsent()
        answer = self.replay.hear(poll)
        if answer.data:
            delay = min(answer.after_s, TURN_ROUND_MAX_S)
            self._answer = self._loop.call_later(delay, self._send, answer.data)

    def _send(self, data: bytes) -> None:
        self._answer = None
        self._port.write(from_machine(data))
