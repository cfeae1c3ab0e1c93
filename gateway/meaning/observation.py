"""What is seen of one EGM, with the moments at which it was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gateway.events.moment import Moment
from gateway.events.value import value
from protocols.sas.replies import Reply

LinkState = Literal["unknown", "up", "degraded", "down"]


@value
class Observation:
    """One answer of an EGM.

    Attributes:
        asset: asset number.
        line: name of the line.
        address: SAS address 1-127.
        reply: the answer.
        poll: bytes of the poll it answers.
        asked: when the poll was sent.
        observed: when the answer was complete.
        occurred_after: when this port's queue was last known empty, or None if not known.
        possible_repeat: the EGM may have said this before.
        trigger: why a long poll was asked ("door", "cadence" ...), or None.
        caused_by: id of the event that led to the poll, or None.
    """

    asset: str
    line: str
    address: int
    reply: Reply
    poll: bytes
    asked: Moment
    observed: Moment
    occurred_after: Moment | None = None
    possible_repeat: bool = False
    trigger: str | None = None
    caused_by: str | None = None


@dataclass(frozen=True, slots=True)
class LinkChange:
    """The link to the EGM changed.

    Attributes:
        asset: asset number.
        before: the link's state before.
        after: and after.
        reason: why, in words.
        observed: when.
        figures: counts behind it.
    """

    asset: str
    before: LinkState | str
    after: LinkState | str
    reason: str
    observed: Moment
    figures: Mapping[str, int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GapSeen:
    """A stretch in which something may have been missed.

    Attributes:
        asset: asset number.
        cause: ``no_exchange``, ``answer_lost_twice``, ``overflow``, ``restart_unknown`` ...
        began: when it began.
        ended: when it ended.
    """

    asset: str
    cause: str
    began: Moment
    ended: Moment


@dataclass(frozen=True, slots=True)
class CardSeen:
    """A card went into the reader or came out of it.

    Attributes:
        asset: asset number of the EGM beside which the reader is.
        inside: True for in.
        card: pseudonym of the card, or None if the reader could not read it.
        observed: when.
    """

    asset: str
    inside: bool
    card: str | None
    observed: Moment


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody says something about an EGM that no wire tells.

    Attributes:
        asset: asset number.
        what: ``amount`` (what the display shows), ``paid`` (the guest was paid), ``session``
            (a carded session's figures are corrected), ``mended`` (tilts and faults are over),
            ``manual`` (meters as the machine's own page shows them) or ``checked`` (a check of the
            machine has ended).
        by: user who says so.
        observed: when.
        amount_cents: amount that was typed, or None.
        correlation: which handpay or session is meant, or None for the one at hand.
        coin_in_credits: corrected coin in of a session, or None.
        reason: why, in words.
        kind: which kind of tilt or fault is over, or None for all that are raised.
        message: our name of the message that says it, or None if it did not come over NATS.
        meters: meters that were typed: name and count, in the units of the wire.
        check: what is told of a check, as the event has it.
    """

    asset: str
    what: Literal["amount", "paid", "session", "mended", "manual", "checked"]
    by: str
    observed: Moment
    amount_cents: int | None = None
    correlation: str | None = None
    coin_in_credits: int | None = None
    reason: str = ""
    kind: str | None = None
    message: str | None = None
    meters: Mapping[str, int] = field(default_factory=dict)
    check: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Commanded:
    """Another host was heard to order something of the EGM.

    Attributes:
        asset: asset number.
        command: command byte.
        words: what it orders.
        observed: when.
    """

    asset: str
    command: int
    words: str
    observed: Moment


@dataclass(frozen=True, slots=True)
class Unsupported:
    """It became known which polls an EGM does not answer.

    Attributes:
        asset: asset number.
        commands: command bytes of all polls that it does not answer.
        observed: when.
    """

    asset: str
    commands: frozenset[int]
    observed: Moment


Seen = Observation | LinkChange | GapSeen | CardSeen | Said | Commanded | Unsupported
