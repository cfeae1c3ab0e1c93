"""What dispatch hears and what it makes of it: marks on lanes, and calls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from gateway.events.text import CLASS_WORDS


class Kind(StrEnum):
    """What somebody is called for."""

    HANDPAY = "handpay"
    TILT = "tilt"
    LAMP = "lamp"


class Does(StrEnum):
    """What a mark does to the calls of its lane."""

    OPENS = "opens"
    DETAILS = "details"
    ENDS = "ends"


@dataclass(frozen=True, slots=True, order=True)
class Order:
    """Place of an event among those of one gateway; never a time.

    A gateway's sequence goes on from one start to the next, so it alone orders. The birth id is
    a random name; it only keeps the order total where a gateway had to begin a new numbering.

    Attributes:
        sequence: the gateway's gapless sequence, from 1.
        birth: which start of the gateway gave it.
    """

    sequence: int
    birth: str


@dataclass(frozen=True, slots=True)
class Lane:
    """What is settled together: one asset, one kind, one topic.

    Attributes:
        asset: asset number.
        kind: what the calls of this lane are for.
        topic: which tilt (``billjam``, ``reeltilt-3``); empty for handpays and the lamp.
    """

    asset: str
    kind: Kind
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """A handpay's amount as observed.

    Attributes:
        value: decimal amount in ``currency``.
        currency: ISO 4217 code.
        source: how it became known: ``read``, ``heard``, ``meters``, ``display``.
        handpay_class: ``nonprogressive``, ``cancelledcredits`` ... or ``unknown``.
    """

    value: Decimal
    currency: str
    source: str
    handpay_class: str = "unknown"

    def text(self) -> str:
        """Return it for people: ``1,250.00 USD``."""
        return f"{self.value:,} {self.currency}"


@dataclass(frozen=True, slots=True)
class Mark:
    """One event that opens, details or ends a call.

    Attributes:
        event_id: CloudEvents id.
        order: place among the events of its gateway.
        lane: where it belongs.
        does: what it does there.
        at_ns: wall-clock moment at which the gateway observed it, nanoseconds since 1970, UTC.
        correlation: the gateway's name for this one handpay (tilt, lamp); empty if it has none.
        words: where it may open a call, what the call is for: ``handpay``, ``fault: bill jam``.
        location: where the machine stood.
        possible_repeat: the machine may have said this before (``possiblerepeat``).
        outcome: for an ending, what ended: ``reset``, ``cancelled``, ``cleared``, ``lampoff``.
        evidence: for an ending, what shows it: ``attendant``, ``billaccepted``; or empty.
        lasted_ms: for an ending, milliseconds by the gateway's monotonic clock; None if not told.
        amount: what the event says about money, or None.
        may_open: for a detail, whether it opens the call where nothing else did: the amount of
            a second handpay in the machine's queue is heard before the machine asks for it.
    """

    event_id: str
    order: Order
    lane: Lane
    does: Does
    at_ns: int
    correlation: str = ""
    words: str = ""
    location: str = ""
    possible_repeat: bool = False
    outcome: str = ""
    evidence: str = ""
    lasted_ms: int | None = None
    amount: Amount | None = None
    may_open: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One job for an attendant or technician.

    Attributes:
        callid: stable name, token characters only; from the correlation, else the opening event.
        lane: asset, kind, topic.
        words: what it is for.
        location: where the machine stood when it was opened.
        opened_by: id of the event that opened it.
        opened_ns: when that was observed, nanoseconds since 1970, UTC.
        possible_repeat: the opening may be an old word said again.
        closed_by: id of the event that ended the lock-up; empty while open.
        closed_ns: when that was observed.
        outcome: what ended it; empty while open.
        evidence: what shows the end; empty while open or not told.
        lockup_ms: milliseconds from the opening to the end: as the gateway measured them, else
            between the two observations. None while open, and where the wall clock was set back
            in between: an interval below zero is no measurement.
        amount: the newest amount known; None while there is none.
    """

    callid: str
    lane: Lane
    words: str
    location: str
    opened_by: str
    opened_ns: int
    possible_repeat: bool = False
    closed_by: str = ""
    closed_ns: int | None = None
    outcome: str = ""
    evidence: str = ""
    lockup_ms: int | None = None
    amount: Amount | None = None

    @property
    def is_open(self) -> bool:
        """Whether the machine still waits."""
        return self.closed_ns is None

    def ended_by(self, mark: Mark) -> Call:
        """Return the call as the ending ``mark`` leaves it."""
        lockup_ms = mark.lasted_ms
        if lockup_ms is None and mark.at_ns >= self.opened_ns:
            lockup_ms = (mark.at_ns - self.opened_ns) // 1_000_000
        return replace(
            self,
            closed_by=mark.event_id,
            closed_ns=mark.at_ns,
            outcome=mark.outcome,
            evidence=mark.evidence,
            lockup_ms=lockup_ms,
            amount=mark.amount or self.amount,
        )

    def lost_by(self, event_id: str, at_ns: int) -> Call:
        """Return the call as it is when nobody can hear its end any more."""
        return replace(self, closed_by=event_id, closed_ns=at_ns, outcome="lost", lockup_ms=None)

    def text(self) -> str:
        """Return one line for people: ``handpay 1,250.00 USD``, ``fault: bill jam``."""
        if self.amount is None:
            return self.words
        known = CLASS_WORDS.get(self.amount.handpay_class, "")
        return f"{self.words} {self.amount.text()} {known}".rstrip()
