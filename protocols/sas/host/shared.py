"""Two EGMs at one address of a line: suspected from what they do to each other's answers.

Somebody set an address twice. Then two machines answer each poll: their answers collide, or come
one behind the other, or one answers today and the other tomorrow. No machine says so, hence what is
concluded here is a suspicion with the figures that it rests on, never more: a bad plug looks alike.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from protocols.sas.errors import WireError
from protocols.sas.host.steps import Send, SharedAddress
from protocols.sas.host.support import WHO_COMMAND
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import ExceptionReply, IdleReply, LongPollReply, Reply
from protocols.sas.tables.exceptions import EXCEPTIONS

LOOKS_BACK: Final = 50
"""Polls of each EGM that are looked back on."""
GARBLED_MIN: Final = 10
"""Garbled answers among them that make a suspicion ..."""
SILENT_PART_MAX: Final = 0.2
"""... if there is less silence than this part of them: a bad plug is silent too ..."""
CLEAN_PART_MAX: Final = 0.02
"""... and no more than this part of the neighbours' answers is garbled: a bad line hits all."""
NEIGHBOURS_MIN: Final = 50
"""Answers of neighbours without which there is nothing to compare with."""
TWICE_MIN: Final = 5
"""Polls with two answers among the last that make a suspicion."""
SERIALS_WITHIN_S: Final = 3_600.0
"""Seconds in which serial numbers that go A, B, A are no swap and swap back."""
TOLD_EVERY_S: Final = 3_600.0
"""An address is not told again for so many seconds."""
LATE_S: Final = 1.0
"""Seconds after a bad or lost answer in which a stray byte may be the late answer of anybody."""


class Heard(Enum):
    """What came of one poll."""

    GOOD = auto()
    TWICE = auto()
    GARBLED = auto()
    SILENT = auto()


@dataclass(slots=True)
class Place:
    """What was heard at one address.

    Attributes:
        last: what came of the last polls.
        after: to whom each of the odd ones may belong as well, because it was polled just before.
        serials: the last serial numbers that differed from the one before, each with its moment.
        told_at: when it was last told.
    """

    last: deque[Heard] = field(default_factory=lambda: deque(maxlen=LOOKS_BACK))
    after: deque[int | None] = field(default_factory=lambda: deque(maxlen=GARBLED_MIN))
    serials: deque[tuple[str, float]] = field(default_factory=lambda: deque(maxlen=3))
    told_at: float = float("-inf")


class SharedWatch:
    """Watches the answers on one line.

    Args:
        addresses: EGMs on the line.
        reply_timeout_s: a second answer to a poll comes within this time of the first.
    """

    def __init__(self, addresses: Iterable[int], reply_timeout_s: float) -> None:
        self._places = {address: Place() for address in addresses}
        self._reply_timeout_s = reply_timeout_s
        self._answered: tuple[int, float] | None = None  # whose good answer came last, and when
        self._sure_from = float("-inf")

    def polled(
        self, now: float, step: Send, asked_at: float, reply: Reply | None, error: WireError | None
    ) -> SharedAddress | None:
        """Take what came of one poll; return the suspicion that it completes, if any.

        Args:
            now: when its answer was complete, or given up.
            step: the poll; after a repeat a late answer to the first may follow.
            asked_at: when the poll was sent.
            reply: its answer; None if it was no valid one.
            error: what was wrong, if anything.
        """
        poll = step.poll
        address = poll[0] & 0x7F
        place = self._places[address]
        before, self._answered = self._answered, None
        if error is not None:
            twice = two_answers(poll, error.raw)
            self._sure_from = now + LATE_S
            return self._odd(
                address, now, Heard.TWICE if twice else Heard.GARBLED, before, asked_at
            )
        if reply is None or not reply.raw:
            if len(poll) == 1:  # a long poll may be unanswered because it is not supported
                place.last.append(Heard.SILENT)
            self._sure_from = now + LATE_S
            return None
        second_came = bool(place.last) and place.last[-1] is Heard.TWICE
        place.last.append(Heard.GOOD)
        if not step.repeat:
            self._answered = address, now
        if isinstance(reply, LongPollReply) and reply.command == WHO_COMMAND:
            return self._serial(address, now, str(reply.values.get("serial", "")).strip())
        return self._judge(address, now) if second_came else None

    def idle(self, now: float, address: int) -> bool:
        """Take a lone idle answer at the first attempt, as ``polled`` would.

        Returns:
            False if there is something to judge: nothing was taken.
        """
        last = self._places[address].last
        if last and last[-1] is Heard.TWICE:
            return False
        last.append(Heard.GOOD)
        self._answered = address, now
        return True

    def stray(self, now: float) -> None:
        """Take note of bytes that nobody asked for: right behind an answer they are a second one.

        It is judged when the address is polled again.
        """
        answered, self._answered = self._answered, None
        if answered is None or now < self._sure_from:
            return
        address, at = answered
        place = self._places[address]
        if now - at <= self._reply_timeout_s and place.last:
            place.last[-1] = Heard.TWICE
            place.after.append(None)

    def _serial(self, address: int, now: float, serial: str) -> SharedAddress | None:
        place = self._places[address]
        if not serial or (place.serials and place.serials[-1][0] == serial):
            return None
        place.serials.append((serial, now))
        if len(place.serials) < 3 or place.serials[0][0] != serial:
            return None
        within_s = now - place.serials[0][1]
        if within_s > SERIALS_WITHIN_S:
            return None
        serials = tuple(text for text, _ in place.serials)
        return self._suspect(
            SharedAddress(
                address,
                "serials",
                f"serial numbers take turns: {', '.join(serials)} in {within_s:.0f} s",
                {"within_s": round(within_s, 3), "serials": len(set(serials))},
                serials,
            ),
            now,
        )

    def _odd(
        self, address: int, now: float, heard: Heard, before: tuple[int, float] | None, asked: float
    ) -> SharedAddress | None:
        place = self._places[address]
        place.last.append(heard)
        late = before is not None and asked - before[1] <= self._reply_timeout_s
        place.after.append(before[0] if before is not None and late else None)
        return self._judge(address, now)

    def _judge(self, address: int, now: float) -> SharedAddress | None:
        place = self._places[address]
        twice = place.last.count(Heard.TWICE)
        garbled = twice + place.last.count(Heard.GARBLED)
        silent = place.last.count(Heard.SILENT)
        others = [one.last for at, one in self._places.items() if at != address]
        others_heard = sum(len(last) - last.count(Heard.SILENT) for last in others)
        others_twice = sum(last.count(Heard.TWICE) for last in others)
        others_garbled = others_twice + sum(last.count(Heard.GARBLED) for last in others)
        figures: dict[str, int | float] = {
            "polls": len(place.last),
            "two_answers": twice,
            "garbled": garbled,
            "silent": silent,
            "neighbours_answers": others_heard,
            "neighbours_garbled": others_garbled,
        }
        or_whom = {before for before in place.after if before is not None}
        also = ""
        if len(or_whom) == 1 and None not in place.after:
            (before,) = or_whom
            figures["polled_before"] = before
            also = f"; or at address {before}, which is polled just before"
        if twice >= TWICE_MIN and others_twice <= CLEAN_PART_MAX * others_heard:
            reason = f"{twice} of its last {len(place.last)} polls had two answers{also}"
            return self._suspect(SharedAddress(address, "answers", reason, figures), now)
        clean = others_heard >= NEIGHBOURS_MIN and others_garbled <= CLEAN_PART_MAX * others_heard
        if garbled >= GARBLED_MIN and silent <= SILENT_PART_MAX * garbled and clean:
            reason = (
                f"{garbled} of its last {len(place.last)} answers were garbled, {others_garbled} "
                f"of {others_heard} of its neighbours'{also}"
            )
            return self._suspect(SharedAddress(address, "collisions", reason, figures), now)
        return None

    def _suspect(self, found: SharedAddress, now: float) -> SharedAddress | None:
        """Tell it, unless it was told of late; the evidence is spent."""
        place = self._places[found.address]
        place.last.clear()
        place.after.clear()
        place.serials.clear()
        if now - place.told_at < TOLD_EVERY_S:
            return None
        place.told_at = now
        return found


def two_answers(poll: bytes, raw: bytes) -> bool:
    """Whether ``raw`` is one whole answer to ``poll`` with another whole one behind it."""
    reader = ReplyReader(poll)
    try:
        for end in range(1, len(raw)):
            first = reader.feed(raw[end - 1 : end])
            if first is not None:
                return _is_known(first) and _is_known(_whole(poll, raw[end:]))
    except WireError:
        return False
    return False


def _whole(poll: bytes, raw: bytes) -> Reply:
    reader = ReplyReader(poll)
    return reader.feed(raw) or reader.end()


def _is_known(reply: Reply) -> bool:
    """Whether a machine may have said it; of an answer with a CRC, the CRC says so."""
    if isinstance(reply, ExceptionReply) and not reply.real_time:
        return reply.code in EXCEPTIONS
    return isinstance(reply, ExceptionReply | IdleReply | LongPollReply)
