"""What dispatch publishes: calls opened, updated and closed, and the row on the floor's board."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import Field

from gateway.central.derived import DerivedType, MomentText, moment_text
from gateway.central.dispatch.changes import Change, Told
from gateway.central.dispatch.marks import Call
from gateway.events.shapes import Data, Money, Seconds, money

Outcome = Literal["reset", "cancelled", "cleared", "lampoff", "withdrawn", "lost"]


class CallData(Data):
    """One call as it is now."""

    callid: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Stable name of the call.")
    state: Literal["open", "closed"]
    kind: Literal["handpay", "tilt", "lamp"]
    topic: str = Field("", max_length=64, description="Which tilt; empty for other kinds.")
    asset: str = Field(min_length=1, max_length=64)
    location: str = Field("", max_length=64, description="Where to go.")
    text: str = Field(max_length=200, description="One line for people.")
    opened: MomentText
    opened_by: str = Field(description="Id of the event that opened it.")
    possible_repeat: bool = Field(
        default=False, description="The opening may be an old word of the machine, said again."
    )
    amount: Money | None = Field(None, description="Absent while not known; never zero for that.")
    amountsource: Literal["read", "heard", "meters", "display", "unknown"] | None = None
    handpay_class: str | None = Field(None, max_length=32)
    closed: MomentText | None = None
    closed_by: str | None = Field(None, description="Id of the event that ended the lock-up.")
    outcome: Outcome | None = Field(
        None,
        description="withdrawn: a late event showed that this was no call of its own; lost: the "
        "gateway lost its memory and cannot tell the end: a machine that still waits calls anew.",
    )
    evidence: str | None = Field(None, max_length=32, description="What shows the end.")
    lockup_s: Seconds | None = Field(
        None, description="From the opening to the end as observed; absent if the clock was set."
    )


class BoardRow(Data):
    """An open call in the KV bucket ``floor_calls``, key ``<site>.<callid>``."""

    callid: str
    state: Literal["open"]
    kind: Literal["handpay", "tilt", "lamp"]
    asset: str
    location: str
    opened: MomentText
    text: str


_OPEN: Final = {
    "callid": "handpay-10101-b1-7", "state": "open", "kind": "handpay", "asset": "10101",
    "location": "01-01-01", "text": "handpay", "opened": "2026-03-01T04:00:00.000000Z",
    "opened_by": "edge1.b1.7",
}  # fmt: skip
_KNOWN: Final = {
    **_OPEN, "text": "handpay 1,250.00 USD jackpot", "amountsource": "read",
    "amount": {"amount": "1250.00", "currency": "USD"}, "handpay_class": "nonprogressive",
}  # fmt: skip
_CLOSED: Final = {
    **_KNOWN, "state": "closed", "closed": "2026-03-01T04:05:11.000000Z",
    "closed_by": "edge1.b1.42", "outcome": "reset", "evidence": "attendant", "lockup_s": 311.0,
}  # fmt: skip

ROWS: Final = (
    DerivedType(
        "dispatch.callopened", CallData, "callid",
        "Somebody has to go to a machine.",
        "The first event of a handpay, a tilt or fault, or the change lamp.",
        "Not when the machine says the same again, and not for a message delivered again.",
        _OPEN, "call: {text} at {location}",
    ),
    DerivedType(
        "dispatch.callupdated", CallData, "callid",
        "More is known about a call.",
        "The amount became known, or a late event moved the call's opening or end.",
        "Not when the machine says the same again.",
        _KNOWN, "call: {text} at {location}",
    ),
    DerivedType(
        "dispatch.callclosed", CallData, "callid",
        "The machine no longer waits.",
        "The machine's own reset, or evidence that the tilt is over, or the lamp went out.",
        "It does not say that the guest was paid: a person says so.",
        _CLOSED, "call over: {text} at {location}",
    ),
)  # fmt: skip
BY_TOLD: Final[Mapping[Told, DerivedType]] = {Told(row.name.partition(".")[2]): row for row in ROWS}


def call_data(change: Change) -> dict[str, object]:
    """Return the data of the message that tells ``change``."""
    call = change.call
    data: dict[str, object] = {
        "callid": call.callid,
        "state": "open" if call.is_open and not change.withdrawn else "closed",
        "kind": call.lane.kind.value,
        "topic": call.lane.topic,
        "asset": call.lane.asset,
        "location": call.location,
        "text": call.text(),
        "opened": moment_text(call.opened_ns),
        "opened_by": call.opened_by,
        "possible_repeat": call.possible_repeat,
    }
    if call.amount is not None:
        data["amount"] = money(call.amount.value, call.amount.currency)
        data["amountsource"] = call.amount.source
        data["handpay_class"] = call.amount.handpay_class
    if change.withdrawn:
        data["outcome"] = "withdrawn"
    elif call.closed_ns is not None:
        data["closed"] = moment_text(call.closed_ns)
        data["closed_by"] = call.closed_by
        data["outcome"] = call.outcome
        data["evidence"] = call.evidence or None
        data["lockup_s"] = None if call.lockup_ms is None else call.lockup_ms / 1000
    return data


def board_row(call: Call) -> bytes | None:
    """Return the value of an open call in ``floor_calls``, or None where it has to go."""
    if not call.is_open:
        return None
    row = BoardRow.model_validate({
        "callid": call.callid, "state": "open", "kind": call.lane.kind.value,
        "asset": call.lane.asset, "location": call.location,
        "opened": moment_text(call.opened_ns), "text": call.text(),
    })  # fmt: skip
    return row.model_dump_json().encode()
