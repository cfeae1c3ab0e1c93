"""From an event to the mark it leaves: a table, one row an event type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from gateway.central.derived import nanoseconds
from gateway.central.dispatch.marks import Amount, Does, Kind, Lane, Mark, Order
from gateway.central.reading import asset_of, data_as
from gateway.events.catalogue import CATALOGUE
from gateway.events.envelope import Envelope
from gateway.events.families.handpays import (
    HandpayAmountKnown,
    HandpayMarked,
    HandpayOver,
    HandpayPending,
)
from gateway.events.families.tilts import TiltCleared, TiltRaised
from gateway.events.shapes import Data


@dataclass(frozen=True, slots=True)
class _Row:
    """How events of one type are read; a name of a data field is empty where there is none.

    Attributes:
        kind: what the call is for.
        does: what the event does to calls.
        outcome: for an ending, what ended.
        evidence: data field that says what shows the end.
        lasted: data field with the length in seconds, by the gateway's monotonic clock.
    """

    kind: Kind
    does: Does
    outcome: str = ""
    evidence: str = ""
    lasted: str = ""


_HANDPAY, _TILT, _LAMP = Kind.HANDPAY, Kind.TILT, Kind.LAMP
READ: Final[Mapping[str, _Row]] = {
    "handpay.pending":     _Row(_HANDPAY, Does.OPENS),
    "handpay.amountknown": _Row(_HANDPAY, Does.DETAILS),
    "handpay.validated":   _Row(_HANDPAY, Does.DETAILS),
    "handpay.keyedoff":    _Row(_HANDPAY, Does.DETAILS),
    "handpay.reset":       _Row(_HANDPAY, Does.ENDS, "reset", "keyoff", "lockup_s"),
    "handpay.cancelled":   _Row(_HANDPAY, Does.ENDS, "cancelled", "keyoff", "lockup_s"),
    "tilt.raised":         _Row(_TILT,    Does.OPENS),
    "tilt.cleared":        _Row(_TILT,    Does.ENDS, "cleared", "clearedby", "raised_s"),
    "lamp.on":             _Row(_LAMP,    Does.OPENS),
    "lamp.off":            _Row(_LAMP,    Does.ENDS, "lampoff", "", "lit_s"),
}  # fmt: skip
"""Every event type that dispatch reads; the others are none of its business."""


def mark_of(event: Envelope) -> Mark | None:
    """Return the mark that ``event`` leaves, or None where dispatch does not read its type.

    Raises:
        SchemaError: the data is not as the catalogue says.
    """
    row = READ.get(event.name)
    if row is None:
        return None
    asset = asset_of(event)
    data = data_as(event, CATALOGUE[event.name].model)
    lasted_s = getattr(data, row.lasted) if row.lasted else None
    return Mark(
        event_id=event.id,
        order=Order(event.sequence, event.birthid),
        lane=Lane(asset, row.kind, _topic(data)),
        does=row.does,
        at_ns=nanoseconds(event.time),
        correlation=event.correlation or "",
        words=_words(row.kind, data),
        location=event.location,
        possible_repeat=event.possiblerepeat,
        outcome=row.outcome,
        evidence=getattr(data, row.evidence) if row.evidence else "",
        lasted_ms=None if lasted_s is None else round(lasted_s * 1000),
        amount=_amount(data),
        may_open=isinstance(data, HandpayAmountKnown) and data.state == "pending",
    )


def _topic(data: Data) -> str:
    if not isinstance(data, TiltRaised | TiltCleared):
        return ""
    return data.kind if data.reel is None else f"{data.kind}-{data.reel}"


def _words(kind: Kind, data: Data) -> str:
    if isinstance(data, TiltRaised):
        return f"{'tilt' if data.stops_play else 'fault'}: {data.words}"
    return "change lamp" if kind is Kind.LAMP else kind.value


def _amount(data: Data) -> Amount | None:
    if not isinstance(data, HandpayPending | HandpayAmountKnown | HandpayMarked | HandpayOver):
        return None
    if data.amount is None:
        return None
    value = Decimal(data.amount.amount)
    return Amount(value, data.amount.currency, data.amountsource, data.handpay_class)
