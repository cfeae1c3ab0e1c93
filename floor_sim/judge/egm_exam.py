"""Polls EGMs as the certified host does, and asks them now and then what few hosts ask.

Pure: moments are arguments. What is asked besides changes nothing in a machine: an answer again, a
poll with a wrong CRC, one that nobody knows, and nothing at all for longer than a link lasts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from floor_sim.certified.session import CertifiedSession
from protocols.sas.polls import SYNC, general_poll, long_poll

ANSWER_S: Final = 0.06
"""Seconds for which an answer is waited for: 20 ms, and the longest that is asked for here."""
SYNC_S: Final = 0.02
RATE_S: Final = 0.2
"""Seconds between two polls of one EGM."""
AWAY_S: Final = 6.5
"""Seconds of silence in which an EGM must chirp."""
ROUND_S: Final = 12.0
"""Seconds that the exam takes beside the host's own polls, for one EGM."""
UNKNOWN: Final = 0x5E


@dataclass(frozen=True, slots=True)
class Turn:
    """What goes out next.

    Attributes:
        data: the bytes; empty: nothing, and the line is listened to.
        wait_s: seconds until the next turn; what comes meanwhile belongs to this one.
        own: the certified host's own poll, and not one of the exam.
    """

    data: bytes
    wait_s: float
    own: bool = False


class ExaminingHost:
    """The host of one line.

    Args:
        addresses: SAS addresses of its EGMs.
        wall: turns seconds into local time.
        exam: it asks what few hosts ask; else it is the certified host and nothing more.
        control: it may send control polls.
    """

    def __init__(
        self, addresses: Iterable[int], wall: Callable[[float], datetime], *, exam: bool,
        control: bool,
    ) -> None:  # fmt: skip
        self._addresses = tuple(addresses)
        assets = {address: str(address) for address in self._addresses}
        self.session = CertifiedSession(assets, _nobody, wall, reads_only=not control)
        self._exam = exam
        self._turn_s = RATE_S / len(self._addresses)
        self._plan: deque[tuple[float, tuple[Turn, ...]]] = deque()
        self._now: deque[Turn] = deque()
        self._planned = False
        self._asked_s: dict[int, float] = {}

    def turn(self, now: float) -> Turn:
        """Return what goes out now."""
        if self._exam and not self._planned and self._all_up():
            self._planned = True
            self._plan.extend(_plan(now, self._addresses))
        if not self._now and self._plan and now >= self._plan[0][0] and self.session.at_rest:
            self._now.extend(self._plan.popleft()[1])
        if self._now:
            turn = self._waited(self._now[0], now)
            if turn is self._now[0]:
                self._now.popleft()
                self._asked(turn.data, now)
            return turn
        poll = self.session.next_poll(now)
        self._asked(poll, now)
        return Turn(poll, self._pause(poll), own=True)

    def _pause(self, poll: bytes) -> float:
        if poll == SYNC:
            return SYNC_S
        return max(ANSWER_S, self._turn_s)

    def _waited(self, turn: Turn, now: float) -> Turn:
        """Return a turn, or one of silence if its EGM was asked a moment ago."""
        if not turn.data or not turn.data[0] & 0x7F:
            return turn
        ready = self._asked_s.get(turn.data[0] & 0x7F, now - RATE_S) + RATE_S
        return turn if now >= ready - 1e-9 else Turn(b"", ready - now)

    def _asked(self, poll: bytes, now: float) -> None:
        if poll:
            self._asked_s[poll[0] & 0x7F] = now

    def heard(self, turn: Turn, data: bytes, now: float) -> None:
        """Take what came in a turn, chirps left out."""
        if turn.own:
            self.session.heard(data, now)

    def _all_up(self) -> bool:
        return all(seen.up and not seen.wants for seen in self.session.machines.values())


def _nobody(*told: Any) -> None:
    del told


def _plan(now: float, addresses: Iterable[int]) -> Iterable[tuple[float, tuple[Turn, ...]]]:
    """Return the exam of each EGM, one behind the other, and when each part begins."""
    for number, address in enumerate(addresses):
        begins = now + 1.0 + number * ROUND_S
        features = long_poll(address, 0xA0, game=0)
        meters = bytes([address, 0x0F])
        sync = Turn(SYNC, SYNC_S)
        parts = (
            (sync, _poll(features), _poll(features), sync),
            (sync, _poll(meters), _poll(meters), sync, _poll(meters), sync),
            (sync, _poll(features[:-1] + bytes([features[-1] ^ 0x55])), sync),
            (sync, _poll(bytes([address, UNKNOWN])), sync),
            (*(_poll(poll) for poll in _of_features(address)), sync),
            (Turn(b"", AWAY_S), _poll(general_poll(address)), sync, _poll(meters), sync),
        )
        for place, part in enumerate(parts):
            yield begins + 0.6 * place, (*part, Turn(b"", RATE_S))


def _of_features(address: int) -> Iterable[bytes]:
    """Yield the polls of features that A0 may claim, twice: an answer may be lost."""
    polls = (
        long_poll(address, 0x6F, game=0, codes=[0x00, 0x01]),
        long_poll(address, 0x74, lock_code=0xFF, condition=0, lock_timeout=0),
        long_poll(address, 0x7B, mask=0, states=0, cashable_expiry=0, restricted_expiry=0),
        bytes([address, 0xB2]),
    )
    return (*polls, *polls)


def _poll(data: bytes) -> Turn:
    return Turn(data, ANSWER_S)
