"""Whether it is known which machine answers: after a silence, meters wait for its serial number.

A machine may be exchanged while nobody hears it. Where the registry has serial numbers, the meters
that are read before the number is would be counted as the wrong machine's: they are passed over,
and read again once it is known who answers. What a machine tells by itself cannot wait, nor what is
only heard, because it cannot be asked again; who it was is told afterwards.
"""

from __future__ import annotations

from typing import Final

from gateway.events.moment import Moment
from gateway.meaning.observation import LinkChange, Observation, Unsupported
from gateway.meaning.result import ReadWish
from protocols.sas.replies import LongPollReply

WHO: Final = 0x54
"""Command that reads SAS version and serial number."""
WAITS_S: Final = 20.0
"""Seconds for which meters wait; a machine that does not say who it is counts as the one that the
registry has there."""
AGAIN: Final = (ReadWish("meters", "link_up"), ReadWish("full", "link_up"))


class Identifying:
    """Follows what is seen of one place.

    Attributes:
        since: since when it is not known who answers, or None.
    """

    __slots__ = ("_passed_over", "since")

    def __init__(self) -> None:
        self.since: Moment | None = None
        self._passed_over = False

    def waits(self, seen: object, *, registered: bool, asks: bool = True) -> bool:
        """Take what is seen; return whether it has to be passed over.

        Args:
            seen: what is seen.
            registered: whether the registry has a serial number for this place.
            asks: whether we ask here, and not only listen.
        """
        if isinstance(seen, LinkChange):
            came = seen.before in ("unknown", "down") and seen.after in ("up", "degraded")
            if came or seen.after not in ("up", "degraded"):
                self.since = seen.observed if came and registered else None
                self._passed_over = False
            return False
        if self.since is None:
            return False
        if isinstance(seen, Unsupported):
            self.since = None if WHO in seen.commands else self.since
            return False
        if not isinstance(seen, Observation) or not isinstance(seen.reply, LongPollReply):
            return False
        waited_s = seen.observed.monotonic_s - self.since.monotonic_s
        if not asks or not seen.reply.meters or waited_s >= WAITS_S:
            return False
        self._passed_over = True
        return True

    def known(self) -> tuple[ReadWish, ...]:
        """It was read who answers: return what has to be read again."""
        wishes = AGAIN if self._passed_over else ()
        self.since, self._passed_over = None, False
        return wishes
