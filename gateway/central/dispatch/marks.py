"""What dispatch hears and what it makes of it: marks on lanes, and calls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum


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

    Attributes:
        birth: which numbering the sequence belongs to; grows when a gateway starts a new one.
        sequence: the gateway's gapless sequence, from 1.
    """

    birth: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Lane:
    """What is settled together: one asset, one kind, one topic.

    Attributes:
        asset: asset number.
        kind: what the calls of this lane are for.
        topic: which tilt ("bill jam") or lamp ("service"); empty for handpays.
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
        source: how it became known ("read", "heard", "meters", "display").
        level: class of the handpay in words ("cancelled credit"), or empty.
    """

    value: Decimal
    currency: str
    source: str
    level: str = ""

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
        outcome: for an ending, how it ended ("reset", "cancelled", "cleared", "off").
        possible_repeat: the machine may have said this before (``possiblerepeat``).
        location: where the machine stood.
        amount: what a detail says about money.
    """

    event_id: str
    order: Order
    lane: Lane
    does: Does
    at_ns: int
    correlation: str = ""
    outcome: str = ""
    possible_repeat: bool = False
    location: str = ""
    amount: Amount | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One job for an attendant or technician.

    Attributes:
        callid: stable name, token characters only; from the correlation, else the opening event.
        lane: asset, kind, topic.
        location: where the machine stood when it was opened.
        opened_by: id of the event that opened it.
        opened_ns: when that was observed, nanoseconds since 1970, UTC.
        possible_repeat: the opening may be an old word said again.
        closed_by: id of the event that ended the lock-up; empty while open.
        closed_ns: when that was observed.
        outcome: how it ended; empty while open.
        amount: the newest amount known; None while there is none.
    """

    callid: str
    lane: Lane
    location: str
    opened_by: str
    opened_ns: int
    possible_repeat: bool = False
    closed_by: str = ""
    closed_ns: int | None = None
    outcome: str = ""
    amount: Amount | None = None

    @property
    def is_open(self) -> bool:
        """Whether the machine still waits."""
        return self.closed_ns is None

    @property
    def lockup_ms(self) -> int | None:
        """Milliseconds from the observed opening to the observed end.

        None while open, and where the gateway's wall clock was set back in between: an
        interval below zero is not a measurement.
        """
        if self.closed_ns is None or self.closed_ns < self.opened_ns:
            return None
        return (self.closed_ns - self.opened_ns) // 1_000_000

    def ended_by(self, mark: Mark) -> Call:
        """Return the call as the ending ``mark`` leaves it."""
        return replace(self, closed_by=mark.event_id, closed_ns=mark.at_ns, outcome=mark.outcome)

    def text(self) -> str:
        """Return one line for people: ``handpay 1,250.00 USD``, ``tilt: bill jam``."""
        words = self.lane.kind.value
        if self.lane.topic:
            words += f": {self.lane.topic}"
        if self.amount is not None:
            words += f" {self.amount.text()}"
            if self.amount.level:
                words += f" {self.amount.level}"
        return words
