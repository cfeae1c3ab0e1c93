"""Bytes that nobody asked for: a chirp, a late answer, noise, or another host on our line."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from protocols.sas.host.link import EgmLink

HITS = 5  # bytes like general polls, unasked, that mean another host ...
WINDOW_S = 3.0  # ... when they come within this time and no ninth bit tells


class ForeignWatch:
    """Decides from unasked bytes whether another host polls here.

    Args:
        quiet_s: after another host was heard, we stay silent until it has been for so long.
    """

    def __init__(self, quiet_s: float) -> None:
        self.until = float("-inf")
        self.since: float | None = None
        self._quiet_s = quiet_s
        self._hits: deque[float] = deque(maxlen=HITS)

    def silenced(self, now: float) -> bool:
        """Whether we must not send; forgets the other host once it has been quiet for long."""
        if self.until > now:
            return True
        self.since = None
        return False

    def unasked(
        self,
        now: float,
        data: bytes,
        links: Mapping[int, EgmLink],
        *,
        wakeup: bool,
        suspicious: bool,
        again_at: float,
    ) -> bool:
        """Judge bytes that nobody asked for.

        Args:
            now: when they came.
            data: the bytes.
            links: the EGMs of the line, by address.
            wakeup: whether one of them had its ninth bit set.
            suspicious: a time-out is so near that they may be a late answer.
            again_at: when an EGM that calls for its host is polled again at the latest.

        Returns:
            True if this is the moment at which another host is first believed.
        """
        for byte in data:
            link = links.get(byte & 0x7F)
            if byte < 0x80:
                if link is not None and not link.live:  # a chirp: it is there, and to be addressed
                    link.due = min(link.due, again_at)
                continue
            # without its ninth bit it may be anything, and after a time-out a late answer
            heard = wakeup or (link is not None and not suspicious)
            if heard and self.poll_heard(now, certain=wakeup):
                return True
        return False

    def poll_heard(self, now: float, *, certain: bool) -> bool:
        """Take a byte like a general poll to one of our EGMs; ``certain`` if its ninth bit is set.

        Returns:
            True if this is the moment at which another host is first believed.
        """
        self._hits.append(now)
        many = len(self._hits) == HITS and now - self._hits[0] < WINDOW_S
        if not (certain or many):
            return False
        self.until = now + self._quiet_s
        first = self.since is None
        if first:
            self.since = now
        return first
