"""Polls every machine of a floor in memory: each poll is encoded, heard, answered and decoded.

For long runs in virtual time. It is a host that only listens: general polls in turn, and 1B once
after each 51. What it hears it counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from floor_sim.line import Line
from protocols.sas.errors import WireError
from protocols.sas.polls import SYNC, general_poll, long_poll
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import ExceptionReply, IdleReply, Reply, SilenceReply

SLOT_S: Final = 0.025
"""Seconds from one poll on a line to the next."""
ANSWER_S: Final = 0.02
"""Seconds for which an answer is waited for."""
HANDPAY_PENDING, SEND_HANDPAY = 0x51, 0x1B


@dataclass(slots=True)
class Heard:
    """What a poller has done and heard.

    Attributes:
        polls: polls sent, ``80`` not counted.
        idle: answers that said that nothing waits.
        silent: polls that nobody answered.
        wrong: answers that were no good.
        codes: exceptions, by code.
        handpays: answers to 1B.
    """

    polls: int = 0
    idle: int = 0
    silent: int = 0
    wrong: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    handpays: int = 0


class Poller:
    """The host of one line.

    Args:
        line: the line.
        heard: where it counts; several pollers may share one.
    """

    def __init__(self, line: Line, heard: Heard) -> None:
        self._line = line
        self._heard = heard
        self._addresses = [port.address for port in line.ports]
        self._alone = len(self._addresses) == 1
        self._handpays: set[int] = set()

    @property
    def slots(self) -> int:
        """Polls of one round."""
        return len(self._addresses)

    def poll(self, slot: int, now: float) -> None:
        """Poll the machine whose turn it is in ``slot`` of a round."""
        if slot >= len(self._addresses):
            return
        address = self._addresses[slot]
        if self._alone or (slot == 0 and self._line.heard_s is None):
            self._line.host_write(SYNC, now)
        if address in self._handpays:
            self._handpays.discard(address)
            reply = self._exchange(long_poll(address, SEND_HANDPAY), now)
            self._heard.handpays += reply is not None
            now += ANSWER_S / 2
        reply = self._exchange(general_poll(address), now)
        if isinstance(reply, IdleReply):
            self._heard.idle += 1
        elif isinstance(reply, ExceptionReply):
            self._heard.codes[reply.code] += 1
            if reply.code == HANDPAY_PENDING:
                self._handpays.add(address)

    def _exchange(self, poll: bytes, now: float) -> Reply | None:
        heard, line = self._heard, self._line
        heard.polls += 1
        line.host_write(poll, now)
        reader = ReplyReader(poll)
        try:
            for _, symbols in line.take_symbols(now + ANSWER_S):
                if (reply := reader.feed(symbols.data)) is not None:
                    return reply
            reply = reader.end()
        except WireError:
            heard.wrong += 1
            return None
        if isinstance(reply, SilenceReply):
            heard.silent += 1
            return None
        return reply


def pollers(lines: Iterable[Line]) -> tuple[list[Poller], Heard]:
    """Return a poller for each line, and where they count."""
    heard = Heard()
    return [Poller(line, heard) for line in lines], heard
