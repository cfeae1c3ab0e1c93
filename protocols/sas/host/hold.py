"""The answer of a turn that is not on disk yet: what may be sent on its line meanwhile.

The next different poll on the line is the implied ack of the answer, after which the machine
forgets it. So nothing may go out but the same poll: an implied nack, at which the machine says the
same again and learns that its host is there. It goes out ``REPEATS_MAX`` times at the line's pace,
then the line is silent, and the machine keeps its queue (implied ack and nack: Montana DOJ, SAS
implementation guide).
"""

from __future__ import annotations

from math import inf
from typing import Final

from protocols.sas.errors import UnexpectedError, WireError
from protocols.sas.host.link import EgmLink
from protocols.sas.host.steps import Asked, Rules, Send, Turn
from protocols.sas.polls import long_poll
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import (
    ExceptionReply,
    LongPollReply,
    Reply,
    SignatureReply,
    SilenceReply,
)

REPEATS_MAX: Final = 2
"""Times that a poll goes out again while its answer is not on disk; then the line is silent."""

KEEP_UP_COMMANDS: Final = (0x1A, 0x0F)
"""Current credits and six totals: readings that every EGM has."""

LOOK_AGAIN_S: Final = 0.2
"""Seconds after which an EGM that is not read is looked at again."""


class Hold:
    """Holds a line to one poll until its answer is on disk.

    Args:
        step: the poll.
        turn: what came of it.
        link: the link of the EGM that answered; its figures count the repeats.
        rules: pace and patience.

    Attributes:
        due: when the poll is to be repeated; ``inf`` once the line is to be silent.
        deadline: when to call ``expire`` for a repeat that waits for its answer.
        waiting: whether a repeat waits for its answer.
        quiet_until: until then a late answer to a repeat may still come.
    """

    def __init__(self, step: Send, turn: Turn, link: EgmLink, rules: Rules) -> None:
        kept = isinstance(turn.reply, ExceptionReply | LongPollReply | SignatureReply)
        self.due = turn.asked_at + rules.poll_interval_s if kept else inf
        self.deadline = inf
        self.waiting = False
        self.quiet_until = -inf
        self._poll = step.poll
        self._held = turn.reply
        self._doubted: ExceptionReply | None = None
        self._link = link
        self._rules = rules
        self._left = REPEATS_MAX
        self._reader: ReplyReader  # of the repeat that waits

    @property
    def doubtful(self) -> bool:
        """Whether the poll is to go out once more even if all is on disk by now.

        One byte has no check, so another exception than the one that is held is asked again once.
        """
        return self._doubted is not None

    def repeat(self, now: float) -> bytes:
        """Return the poll, which goes out again now."""
        assert not self.waiting
        self._left -= 1
        self.due = now + self._rules.poll_interval_s if self._left > 0 else inf
        self.deadline = now + self._rules.reply_timeout_s
        self.waiting = True
        self._reader = ReplyReader(self._poll)
        self._link.figures.polls += 1
        self._link.figures.repeats += 1
        return self._poll

    def stop(self) -> None:
        """Repeat no more: another host was heard."""
        self.due = inf

    def receive(self, now: float, data: bytes, *, wakeup: bool = False) -> ExceptionReply | None:
        """Take bytes of the answer to a repeat.

        Returns:
            What the machine said instead of what is held, if that is to be kept too: it answered
            with another exception, so it will not say the one that is held again of itself.
        """
        self.deadline = now + self._rules.reply_gap_s
        try:
            if wakeup:
                raise UnexpectedError("the ninth bit is set in an answer", data)
            reply = self._reader.feed(data)
        except WireError as error:
            return self._bad(now, error)
        return None if reply is None else self._heard(now, reply)

    def expire(self, now: float) -> ExceptionReply | None:
        """The line has been quiet until ``deadline``; see ``receive``."""
        try:
            reply = self._reader.end()
        except WireError as error:
            return self._bad(now, error)
        if isinstance(reply, SilenceReply):
            self._link.figures.timeouts += 1
            return self._failed(now)
        return self._heard(now, reply)

    def _heard(self, now: float, reply: Reply) -> ExceptionReply | None:
        self.waiting = False
        self._link.figures.answers += 1
        self._link.note(answered=True)
        self._link.heard_at = now
        doubted, self._doubted = self._doubted, None
        if not isinstance(reply, ExceptionReply) or reply == self._held:
            return None  # the same again; or a newer reading, and the one that is held will do
        if doubted is None:
            self._doubted = reply
            self.due = now + self._rules.poll_interval_s
            return None
        self._held = reply
        return reply

    def _bad(self, now: float, error: WireError) -> ExceptionReply | None:
        self._link.figures.wrong(error)
        return self._failed(now)

    def _failed(self, now: float) -> ExceptionReply | None:
        """A repeat came to nothing; what was said once before is believed."""
        doubted, self._doubted = self._doubted, None
        self.waiting = False
        self._link.note(answered=False)
        self.quiet_until = now + self._rules.reply_timeout_s
        self._held = doubted or self._held
        return doubted


KEEP_UP: Final = object()
"""The tag of a reading that nobody wants: it only tells the EGM that its host is there."""


def keep_up(link: EgmLink, now: float) -> bool:
    """Have an EGM read, in place of its general poll, while no exception could be stored.

    A reading leaves the EGM's queue alone and may be forgotten. Two readings take turns: an equal
    poll would be an implied nack.

    Returns:
        False if there is nothing to send to it: it does not answer, or knows neither reading. It
        is looked at again ``LOOK_AGAIN_S`` later.
    """
    polls = [long_poll(link.address, command) for command in KEEP_UP_COMMANDS]
    known = [poll for poll in polls if link.live and not link.support.refuses(poll, now)]
    if not known:
        link.due = now + LOOK_AGAIN_S
        return False
    poll = known[-1] if known[0] == link.last_poll else known[0]
    link.asks.appendleft(Asked(poll, [KEEP_UP]))
    return True
