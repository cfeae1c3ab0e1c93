"""Which acknowledgement counts: pure; time comes in as an argument.

* It must come from the right stream and carry a sequence above 0.
* ``duplicate`` is believed only of what may have been sent before: by this process, or by the one
  before it (rows that were in the outbox when this process began). Else somebody else used the
  message id, and the event goes again under a fresh one (``<id>#r1``); consumers tell events apart
  by the CloudEvents id.
* A stream that hands out a number no higher than one it had acknowledged before the message was
  sent has gone back: an alarm, because acknowledged events may be missing there. The numbers of
  the processes before are remembered by the outbox, so a stream made anew meanwhile is noticed.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Protocol

from gateway.bus.answer import Ack
from gateway.bus.delivery import Sent
from gateway.bus.lanes import NO_ASSET
from gateway.outbox.types import OutboxError

SILENT_AFTER = 3
"""So many time-outs on a stream without one acknowledgement between, and its lane is shut."""
DENIED_GRACE_S = 30.0
"""An event that may not be published is tried again for so long, then refused; until the asset
is acknowledged again its other events are then refused at once."""
RENAMES_MOST = 9
"""Fresh message ids one event may be given; then its lane is shut and says so."""


class Verdict(Enum):
    """What an acknowledgement amounts to."""

    TAKEN = auto()
    RENAME = auto()  # the message id is somebody else's: send the event under a fresh one


class History(Protocol):
    """What the outbox remembers of acknowledgements; see :mod:`gateway.outbox.delivered`."""

    def highest_acknowledged(self) -> dict[str, int]:
        """Return the highest number that each stream has acknowledged."""
        ...

    def taken_as(self, stream: str, stream_seq: int, before: int) -> tuple[int, int] | None:
        """Return which rows below ``before`` the stream had at or above ``stream_seq``."""
        ...


class Acceptance:
    """Judges answers, and remembers what that takes.

    Args:
        restored_to: last sequence in the outbox when this process began.
        history: what the outbox remembers of earlier acknowledgements.
    """

    def __init__(self, restored_to: int, history: History | None = None) -> None:
        self.alarms: dict[str, str] = {}
        self._restored_to = restored_to
        self._history = history
        self._highest: dict[str, int] = {}
        if history is not None:
            self._highest |= history.highest_acknowledged()
        self._silent: dict[str, int] = {}
        self._denied: dict[str, float] = {}

    def highest(self, stream: str) -> int:
        """Return the highest sequence that ``stream`` has acknowledged."""
        return self._highest.get(stream, 0)

    def judge(self, sent: Sent, ack: Ack) -> Verdict | str:
        """Return what ``ack`` means for ``sent``; a string says why it does not count."""
        row = sent.row
        if ack.stream != row.stream:
            return f"{ack.stream} acknowledged what is for {row.stream}"
        if ack.duplicate and (ack.seq <= 0 or not self._may_be_ours(sent)):
            sent.foreign = True
            if sent.renames >= RENAMES_MOST:
                return f"{row.stream} calls every message a duplicate"
            return Verdict.RENAME
        if ack.seq <= 0:
            return f"{row.stream} acknowledged without a sequence"
        self._silent.pop(row.stream, None)
        if self._denied:
            self._denied.pop(row.asset or NO_ASSET, None)
        if not ack.duplicate:
            self._watch_height(sent, ack)
        return Verdict.TAKEN

    def times_out(self, stream: str) -> bool:
        """Count a time-out; True if the stream is to be taken as silent."""
        silent = self._silent[stream] = self._silent.get(stream, 0) + 1
        return silent >= SILENT_AFTER

    def connected(self) -> None:
        """The connection is new: silence on the old one says nothing."""
        self._silent.clear()

    def denied(self, asset: str | None, now: float) -> float:
        """Note that an event of ``asset`` may not be published; return for how many seconds so."""
        return now - self._denied.setdefault(asset or NO_ASSET, now)

    def _may_be_ours(self, sent: Sent) -> bool:
        from_before = sent.row.sequence <= self._restored_to and not sent.renames
        return not sent.foreign and (sent.sends > 1 or from_before)

    def _watch_height(self, sent: Sent, ack: Ack) -> None:
        highest = self._highest.get(ack.stream, 0)
        if ack.seq <= sent.highest:
            self.alarms[ack.stream] = (
                f"{ack.stream} has gone back from message {sent.highest} to {ack.seq}: events "
                f"acknowledged before may be missing there; {self._remedy(sent, ack)}"
            )
            highest = 0
        self._highest[ack.stream] = max(highest, ack.seq)

    def _remedy(self, sent: Sent, ack: Ack) -> str:
        """Say how what is missing there can be sent again."""
        if self._history is None:
            return "they are still in the outbox"
        try:
            rows = self._history.taken_as(ack.stream, ack.seq, sent.row.sequence)
        except OutboxError as error:
            return f"the outbox cannot say which: {error}"
        if rows is None:
            return "the outbox keeps none of them any more"
        return f"send them again: slotgw outbox replay --from {rows[0]} --to {rows[1]}"
