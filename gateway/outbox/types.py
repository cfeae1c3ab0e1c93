"""What goes into the outbox, what comes out of it, and what can go wrong.

Values only: no file, no clock, no thread. The errors, as a tree::

    OutboxError
        SequenceError     ours: rows or marks that do not continue what is stored; a defect
        OutboxFullError   a bound was reached; nothing was taken
        OutboxClosedError the writer was closed before this was committed
        CommitError       the disk or SQLite did not take it; the same batch may be tried again
            DiskFullError       there is no room; what may be let go is let go before the next try
        ReadError         the disk or SQLite did not give it; may be tried again
        OpenError         the operator's: the file cannot be opened as this gateway's outbox
            OutboxLockedError   another process has it open
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.events.value import value

GENESIS = bytes(32)
"""The chain value before the first row: 32 zero bytes."""


class OutboxError(Exception):
    """Base of everything raised by this room; never raised itself."""


class SequenceError(OutboxError):
    """Rows or marks that do not continue what is stored: a defect of the caller."""


class OutboxFullError(OutboxError):
    """A bound of the writer was reached; what was offered was not taken, offer it again later."""


class OutboxClosedError(OutboxError):
    """The writer was closed; what was offered is not known to be committed."""


class CommitError(OutboxError):
    """The disk or SQLite did not take the transaction; nothing of it is stored.

    Attributes:
        reason: one line for an operator that says why, and what to do about it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DiskFullError(CommitError):
    """There is no room for events: the disk is full, or full down to the reserve."""


class ReadError(OutboxError):
    """The disk or SQLite did not give what is stored; says why, and what to do about it."""


class OpenError(OutboxError):
    """The file cannot be opened as this gateway's outbox; says what an operator does about it."""


class OutboxLockedError(OpenError):
    """Another process has this outbox open."""


@dataclass(frozen=True, slots=True)
class Row:
    """One encoded event, as it is stored and as it will be published.

    Attributes:
        sequence: gapless per gateway, from 1.
        id: CloudEvents id; the same however often the event is sent.
        type: short event type, ``door.opened``.
        family: first word of the type; the family of ``familysequence``.
        familysequence: gapless per gateway and family, from 1.
        subject: NATS subject.
        asset: asset number of the EGM, or None where the event is about no EGM.
        stream: name of the JetStream stream that must take it.
        time_ns: moment of observation, nanoseconds since the Unix epoch, UTC.
        body: the envelope, as the bytes that are sent; at most 64 KiB.
        replays: how often a person had it sent again; not part of what is stored of the event.
    """

    sequence: int
    id: str
    type: str
    family: str
    familysequence: int
    subject: str
    asset: str | None
    stream: str
    time_ns: int
    body: bytes
    replays: int = 0

    @property
    def message_id(self) -> str:
        """What a stream tells messages apart by: the id, or ``<id>#r<n>`` for the n-th replay."""
        return f"{self.id}#r{self.replays}" if self.replays else self.id


@value
class Commit:
    """What is stored together or not at all.

    Attributes:
        rows: events, in order; they continue the last sequence and family sequences submitted.
        states: state of meaning by name (an asset number); replaces the one stored.
        polls: number of the last poll whose answer is covered, by line; replaces the one stored.
        keys: small facts by name (the birth id and the like); replaces the one stored.
        told_to: number of the last loss that these events tell of (``Losses.to``); 0 for none.
    """

    rows: tuple[Row, ...] = ()
    states: Mapping[str, bytes] = field(default_factory=dict)
    polls: Mapping[str, int] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    told_to: int = 0


@value
class Acknowledged:
    """JetStream has the row.

    Attributes:
        sequence: of the row.
        stream: name of the stream that acknowledged.
        stream_seq: the stream's own number of the message, above 0.
        duplicate: the stream had it already.
    """

    sequence: int
    stream: str
    stream_seq: int
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The row will not be sent again unless a person says so.

    Attributes:
        sequence: of the row.
        reason: one line that says why ("no permission to publish", "larger than the server takes").
    """

    sequence: int
    reason: str


Mark = Acknowledged | Refused


@dataclass(frozen=True, slots=True)
class Restored:
    """What the last process left behind.

    Attributes:
        last_sequence: of the newest row, 0 if there was never one.
        family_sequences: newest familysequence by family.
        states: state of meaning by name.
        polls: number of the last covered poll by line.
        keys: small facts by name.
        pending: rows neither acknowledged nor refused.
        damaged: names of states and facts that are left out: they are not what was stored.
    """

    last_sequence: int
    family_sequences: Mapping[str, int]
    states: Mapping[str, bytes]
    polls: Mapping[str, int]
    keys: Mapping[str, str]
    pending: int
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How full the outbox is.

    Attributes:
        depth: rows pending.
        depth_by_stream: the same by stream; streams with nothing pending are left out.
        oldest_pending_ns: moment of observation of the oldest pending row, or None.
        acknowledged: rows acknowledged since the store began, pruned ones included.
        refused: rows refused since the store began, pruned ones included.
        last_sequence: of the newest row, 0 if there was never one.
        shed: rows given up since the store began, because the disk filled.
    """

    depth: int
    depth_by_stream: Mapping[str, int]
    oldest_pending_ns: int | None
    acknowledged: int
    refused: int
    last_sequence: int
    shed: int = 0


@dataclass(frozen=True, slots=True)
class Loss:
    """Events of one EGM that nobody will get: to be told as ``link.gap``.

    Attributes:
        cause: ``shed`` (the disk filled) or ``refused`` (no stream takes them).
        asset: asset number of the EGM, or None for events about none.
        rows: how many.
        first: sequence of the first.
        last: sequence of the last; not every event in between is lost.
        began_ns: when the first was observed, nanoseconds since the Unix epoch.
        ended_ns: when the last was observed.
    """

    cause: str
    asset: str | None
    rows: int
    first: int
    last: int
    began_ns: int
    ended_ns: int


@dataclass(frozen=True, slots=True)
class Losses:
    """Losses that have not been told; ``to`` goes into the commit that tells them."""

    losses: tuple[Loss, ...]
    to: int


@dataclass(frozen=True, slots=True)
class StoreLoss:
    """A broken file was set aside and a fresh one begun: to be told as ``gateway.storeloss``.

    Attributes:
        set_aside: where the broken file is now.
        reason: what was wrong with it.
        last_sequence: newest sequence that could still be read in it, or None.
        pending: rows that could still be read in it as pending, or None.
        salvaged: undelivered rows that were taken over into the fresh file.
        lost: rows up to ``last_sequence`` that could not be read, or proven.
    """

    set_aside: Path
    reason: str
    last_sequence: int | None
    pending: int | None
    salvaged: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Unwritten:
    """What a closed writer could not commit in time.

    Attributes:
        commits: number of commits left.
        rows: number of events in them.
        marks: number of marks left; their rows are sent again after the next start.
        reason: why, in words; empty if nothing was left.
    """

    commits: int = 0
    rows: int = 0
    marks: int = 0
    reason: str = ""
