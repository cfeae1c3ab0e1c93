"""Whether it is known which machine answers: after a silence, meters wait for its serial number.

A machine may be exchanged while nobody hears it. Where the registry has serial numbers, the meters
that are read before the number is would be counted as the wrong machine's. Where we poll they are
passed over, and read again once it is known who answers. Where we only listen nobody can be asked:
the newest of each kind is held, and told of whoever it turns out to be. Neither waits for ever:
the certified host may not ask for the number for days, and some machines never say it. Then they
are told of the machine that the registry has there, and say that its number was not read.

What a machine tells by itself does not wait; who it was is told afterwards.
"""

from __future__ import annotations

from typing import Final

from gateway.events.moment import Moment
from gateway.meaning.exceptions import MEANT
from gateway.meaning.observation import GapSeen, LinkChange, Observation, Unsupported
from gateway.meaning.result import ReadWish
from protocols.sas.replies import ExceptionReply, LongPollReply

WHO: Final = 0x54
"""Command that reads SAS version and serial number."""
WAITS_S: Final = 20.0
"""Seconds for which meters wait; a machine that does not say who it is counts as the one that the
registry has there."""
LISTENS_S: Final = 60.0
"""The same where we only listen: a host asks for more than a number when a machine comes up."""
HELD_MAX: Final = 32
"""Readings held of one machine; the oldest goes."""
AGAIN: Final = (ReadWish("meters", "link_up"), ReadWish("full", "link_up"))


class Identifying:
    """Follows what is seen of one place.

    Attributes:
        since: since when it is not known who answers, or None.
        unconfirmed: the registry has a serial number, and none was read since the link came up.
    """

    __slots__ = ("_given_up", "_held", "_passed_over", "since", "unconfirmed")

    def __init__(self) -> None:
        self.since: Moment | None = None
        self.unconfirmed = False
        self._passed_over = self._given_up = False
        self._held: dict[tuple[int, int, int | None], Observation] = {}

    def waits(self, seen: object, *, registered: bool, asks: bool = True) -> bool:
        """Take what is seen; return whether it has to be passed over, or was put by.

        Args:
            seen: what is seen.
            registered: whether the registry has a serial number for this place.
            asks: whether we ask here, and not only listen.
        """
        if isinstance(seen, LinkChange):
            came = seen.before in ("unknown", "down") and seen.after in ("up", "degraded")
            if came or seen.after not in ("up", "degraded"):
                self.since = seen.observed if came and registered else None
                self.unconfirmed = self.since is not None
                self._passed_over = self._given_up = False
                self._held.clear()
            return False
        if self.since is None:
            return False
        if isinstance(seen, Unsupported):
            self.since = None if WHO in seen.commands else self.since
            return False
        if _may_explain_a_fall(seen):
            self._held.clear()  # a reading from before it cannot be told after it
        if not isinstance(seen, Observation) or not isinstance(seen.reply, LongPollReply):
            return False
        waited_s = seen.observed.monotonic_s - self.since.monotonic_s
        waited = self._given_up or waited_s >= (WAITS_S if asks else LISTENS_S)
        if waited or not seen.reply.meters:
            return False
        if asks:
            self._passed_over = True
        else:
            self._hold(seen, seen.reply)
        return True

    def overdue(self, now: Moment) -> tuple[Observation, ...]:
        """Return what was held and can wait no longer, in the order in which it was seen."""
        if not self._held or self.since is None:
            return ()
        self._given_up = now.monotonic_s - self.since.monotonic_s >= LISTENS_S
        return self._released() if self._given_up else ()

    def known(self) -> tuple[tuple[ReadWish, ...], tuple[Observation, ...]]:
        """It was read who answers: return what has to be read again, and what was held."""
        wishes = AGAIN if self._passed_over else ()
        self.since, self.unconfirmed, self._passed_over = None, False, False
        return wishes, self._released()

    def _hold(self, seen: Observation, reply: LongPollReply) -> None:
        kind = (reply.command, reply.meters[0].game, reply.denomination)
        self._held.pop(kind, None)
        self._held[kind] = seen
        if len(self._held) > HELD_MAX:
            del self._held[next(iter(self._held))]

    def _released(self) -> tuple[Observation, ...]:
        held = tuple(self._held.values())
        self._held.clear()
        return held


def _may_explain_a_fall(seen: object) -> bool:
    """Whether it is said of a machine that its meters may not go on from where they were."""
    if isinstance(seen, GapSeen):
        return True
    reply = seen.reply if isinstance(seen, Observation) else None
    meant = MEANT[reply.code] if isinstance(reply, ExceptionReply) else None
    return meant is not None and (bool(meant.evidence) or meant.event == "link.gap")
