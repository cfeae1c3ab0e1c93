"""An answer that did not come in time may still come: in the place of another, or by itself.

A one-byte answer carries no address. But whoever was asked twice says the same twice, unless it had
nothing to say the first time, so that often it is known what the late one must be.
"""

from __future__ import annotations

from typing import Final

from protocols.sas.host.doubtful import said_once
from protocols.sas.host.link import EgmLink
from protocols.sas.host.steps import Rules
from protocols.sas.replies import ExceptionReply, IdleReply, Reply
from protocols.sas.tables.exceptions import EXCEPTIONS

NOTHING: Final = b"\x00"


class LateAnswer:
    """The last answer of a line that did not come in time.

    Attributes:
        doubted: what is being asked once more may be that answer; if nobody says it again it is
            not told, and a gap is.
    """

    def __init__(self) -> None:
        self.doubted = False
        self._link: EgmLink | None = None
        self._general = False
        self._asked_at = 0.0
        self._raw: bytes | None = None  # what it must be; None if nobody knows
        # who said what, and then nothing when asked again; and when it was last heard before
        self._denied: tuple[EgmLink, bytes, float | None] | None = None

    def expect(
        self, link: EgmLink, poll: bytes, asked_at: float, said_before: Reply | None
    ) -> None:
        """``poll`` was not answered in time, or not well.

        Args:
            link: whom it was sent to.
            poll: its bytes.
            asked_at: when it was sent for the first time.
            said_before: what was said to the same poll the first time, if this is the second.
        """
        self._link, self._general, self._asked_at = link, len(poll) == 1, asked_at
        self._raw = None if said_before is None else said_before.raw

    def answer(
        self, link: EgmLink, first: Reply | None, second: Reply, rules: Rules
    ) -> Reply | None:
        """Return which of two answers to one poll is that of ``link``; None if nobody knows.

        Args:
            link: who was asked twice.
            first: what it seemed to say the first time; None if that did not come in time.
            second: what it seemed to say the second time.
            rules: of the line.
        """
        settled = self._likely(link, first, second)
        denied = isinstance(first, ExceptionReply) and isinstance(settled, IdleReply)
        self._denied = (link, first.raw, link.heard_at) if first is not None and denied else None
        once = _strange(second) if first is None else said_once(settled, (first, second), rules)
        if once:
            self.doubted = True
            return None
        return settled

    def _likely(self, link: EgmLink, first: Reply | None, second: Reply) -> Reply:
        if first is None:
            if self._link is link:
                self._raw = second.raw
        elif first.raw != second.raw == self._raw:
            return first  # the second one is what was still to come
        elif _strange(second) and not _strange(first):
            return first  # no table has the second code: that one was spoiled on its way
        return second

    def came(self, data: bytes, *, in_time: bool) -> None:
        """Take bytes that nobody asked for: what the EGM did not say in time is missing.

        Args:
            data: the bytes.
            in_time: they may be the late answer still.
        """
        if self._denied is not None and data == self._denied[1]:
            self._said_again(*self._denied)
            return
        link = self._link
        if not in_time or link is None or not self._general or len(data) != 1:
            return
        if self._raw is None or link.gap_cause is not None:
            return  # it is asked again, or a gap is told anyway
        if data not in {self._raw, NOTHING}:
            link.gap_cause, link.lost_at = "answer_lost_twice", self._asked_at

    def _said_again(self, link: EgmLink, raw: bytes, heard_at: float | None) -> None:
        """What was said once and then not comes once more, by itself: it was true after all.

        The "nothing" between was another's late answer, or its own.
        """
        self._denied = None
        if raw and link.gap_cause is None:
            link.gap_cause, link.lost_at = "answer_lost_twice", heard_at


def _strange(reply: Reply) -> bool:
    """Whether it is an exception that no table has: noise more often than a machine's own."""
    return isinstance(reply, ExceptionReply) and reply.code not in EXCEPTIONS
