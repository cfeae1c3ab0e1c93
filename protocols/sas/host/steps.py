"""What the session asks of its shell, and what it gives back: plain values.

Times are seconds of one monotonic clock, given by the shell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from protocols.sas.errors import WireError
from protocols.sas.replies import Reply

LINK_DOWN_S = 5.0  # an EGM calls its link down after this long without its address


class LinkState(StrEnum):
    """What we know of the way to one EGM."""

    UNKNOWN = "unknown"  # nothing heard since start
    UP = "up"
    DEGRADED = "degraded"  # answers are being lost
    DOWN = "down"  # tried rarely

    @property
    def live(self) -> bool:
        """Whether there are answers."""
        return self in (LinkState.UP, LinkState.DEGRADED)


@dataclass(frozen=True, slots=True)
class Rules:
    """How one line is polled.

    Attributes:
        poll_interval_s: an EGM is polled no faster than this; 0.2 unless it says it can do 0.04.
        reply_timeout_s: silence after a poll that counts as no answer (an EGM has 20 ms to begin).
        reply_gap_s: silence inside an answer that ends it (an EGM leaves at most 5 ms).
        sync_gap_s: pause after a poll that nobody answers.
        down_after_turns: failed turns in a row after which a link is down.
        retry_first_s: first pause before a machine with its link down is tried again; doubles.
        retry_max_s: bound of that pause.
        suspicion_s: after a time-out, one-byte exceptions on this line are asked again for so
            long, because a late answer carries no address.
        foreign_quiet_s: after another host was heard we stay silent until it has been for so long.
        allow: name of the compiled allow-list, ``any_line`` or ``own_line``.
        confirm: codes that are asked again when they come as one byte, before they are believed:
            a byte has no check. A code that noise turned into one outside this set is not among
            them, so only all codes are proof against noise.
        real_time: EGMs may be in real-time event mode, where silence after a general poll is "no
            activity". It is then no sign of life either: after two seconds of it a reading is
            asked. An answer that is lost whole looks the same, which no host can know.
    """

    poll_interval_s: float = 0.2
    reply_timeout_s: float = 0.05
    reply_gap_s: float = 0.02
    sync_gap_s: float = 0.02
    down_after_turns: int = 5
    retry_first_s: float = 1.0
    retry_max_s: float = 10.0
    suspicion_s: float = 1.0
    foreign_quiet_s: float = 60.0
    allow: Literal["any_line", "own_line"] = "any_line"
    confirm: frozenset[int] = frozenset()
    real_time: bool = False


@dataclass(frozen=True, slots=True)
class Resume:
    """What was left of the line when the last process ended.

    Attributes:
        number: number of the last poll that was put on the line; 0 for a line never polled.
        owed: the exact bytes of that poll if its answer is not known to be committed, else None.
        age_s: seconds since that poll; None if unknown (another boot of this computer).
        last_codes: address to exception codes whose acknowledgement is not known: that of the last
            committed exception, and those of earlier ones that were still in doubt.
        was_up: addresses whose link was up.
        gaps: address to cause and beginning of a gap that was not over, in this session's time.
        learned: address to who answered there (SAS version and serial number, None if never read)
            and the long polls that it does not support, each with the moment, in this session's
            time, at which that was found.
    """

    number: int = 0
    owed: bytes | None = None
    age_s: float | None = None
    last_codes: dict[int, tuple[int, ...]] = field(default_factory=dict)
    was_up: frozenset[int] = frozenset()
    gaps: dict[int, tuple[str, float]] = field(default_factory=dict)
    learned: dict[int, tuple[str | None, dict[bytes, float]]] = field(default_factory=dict)


@dataclass(slots=True)
class Asked:
    """A long poll that waits for its turn; a ``probe`` only asks whether anybody is there."""

    poll: bytes
    tags: list[object]
    probe: bool = False
    busy: int = 0
    garbled: int = 0


@dataclass(frozen=True, slots=True)
class Send:
    """Put ``poll`` on the line now.

    Attributes:
        poll: exact bytes.
        number: counts up on this line for ever; recorded before the first byte leaves.
        address: who must answer, or None if nobody may.
        repeat: True if this is the same poll for the second time.
    """

    poll: bytes
    number: int
    address: int | None
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Send nothing before ``until``; bytes heard meanwhile go to ``LineSession.overheard``."""

    until: float


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The link to an EGM went from one state to another."""

    address: int
    before: LinkState
    after: LinkState
    reason: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which something an EGM said may have been lost (P6).

    Attributes:
        address: which EGM.
        cause: ``no_exchange``, ``answer_lost_twice``, ``gateway_down`` or ``restart_unknown``.
        began: time of the last exchange before it; None if it was before this process and the
            clock is not comparable.
        ended: time of the first good answer after it.
        began_age_s: seconds from began to ended, when known.
    """

    address: int
    cause: str
    began: float | None
    ended: float


@dataclass(frozen=True, slots=True)
class SharedAddress:
    """Why two EGMs are suspected at one address.

    Attributes:
        address: SAS address.
        evidence: ``serials`` take turns, two ``answers`` to one poll, or ``collisions``.
        reason: the same in words.
        figures: counts behind it.
        serials: serial numbers read, newest last; empty for other evidence.
    """

    address: int
    evidence: Literal["serials", "answers", "collisions"]
    reason: str
    figures: Mapping[str, int | float]
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One poll and what came of it.

    Attributes:
        address: who was asked.
        poll: bytes of the poll.
        number: its number.
        asked_at: when it was sent.
        heard_at: when its answer was complete, or the wait ended.
        reply: what was said, or None if it was no valid answer.
        error: why it was no valid answer.
        final: False if the same poll goes out again before anything else.
        tags: what the callers of ``ask`` gave with a long poll.
        possible_repeat: the exception equals one whose acknowledgement may not have arrived (P3).
        occurred_after: when this EGM's queue was last known empty (P5); None if never: a link that
            comes up proves nothing, the queue outlives it.
        changes: link changes that this turn brought.
        gaps: gaps that ended with this turn.
        shared: why two EGMs are now suspected at this address, or None.
    """

    address: int
    poll: bytes
    number: int
    asked_at: float
    heard_at: float
    reply: Reply | None
    error: WireError | None = None
    final: bool = True
    tags: tuple[object, ...] = ()
    possible_repeat: bool = False
    occurred_after: float | None = None
    changes: tuple[LinkChanged, ...] = ()
    gaps: tuple[Gap, ...] = ()
    shared: SharedAddress | None = None
