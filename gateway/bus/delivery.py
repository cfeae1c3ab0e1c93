"""What the publisher works with: where rows come from, where outcomes go, what it has sent."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from gateway.outbox.types import Mark, Row
from gateway.status.spread import Spread


class Pending(Protocol):
    """Where committed rows are read: the outbox's reader, or a consumer's own outbox."""

    def pending(self, after_sequence: int, limit: int, *, stream: str) -> Sequence[Row]:
        """Return at most ``limit`` rows of ``stream`` above ``after_sequence``, in order.

        Only rows neither acknowledged nor refused.

        Raises:
            OutboxError: they cannot be read now.
        """
        ...


class Marks(Protocol):
    """Where outcomes go: the outbox's writer, or a consumer's own outbox."""

    def mark(self, marks: Iterable[Mark]) -> None:
        """Take outcomes to be stored. Never blocks.

        Raises:
            OutboxFullError: none was taken; they are offered again.
        """
        ...


@dataclass(slots=True)
class Sent:
    """A row that was sent at least once and is not settled.

    Attributes:
        row: the event.
        msg_id: what it was sent under last.
        ticket: the link's name for the last sending.
        under_way: an answer is waited for.
        due: loop time at which the waiting ends.
        sent_at: loop time of the last sending.
        sends: times it was sent under ``msg_id``.
        timeouts: sendings without an answer.
        foreign: the stream knew ``msg_id`` although we had not sent it: it is somebody else's.
        renames: fresh message ids it was given.
        highest: highest stream sequence acknowledged when it was sent last.
    """

    row: Row
    msg_id: str
    ticket: int = 0
    under_way: bool = False
    due: float = math.inf
    sent_at: float = 0.0
    sends: int = 0
    timeouts: int = 0
    foreign: bool = False
    renames: int = 0
    highest: int = 0

    def rename(self) -> None:
        """Take a fresh message id: somebody else used this one."""
        self.renames += 1
        self.sends = 0
        self.foreign = False
        self.msg_id = replace(self.row, replays=self.row.replays + self.renames).message_id


@dataclass(slots=True)
class Totals:
    """What the publisher has done since this process began."""

    acknowledged: int = 0
    duplicates: int = 0
    refused: int = 0
    resent: int = 0
    timeouts: int = 0
    renamed: int = 0
    latency: Spread = field(default_factory=Spread)
    """From a sending to its acknowledgement."""
