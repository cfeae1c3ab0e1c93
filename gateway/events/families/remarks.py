"""What people remark on events and machines: that somebody looked, with what result, and notes."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from gateway.events.event_type import EventType
from gateway.events.shapes import Data

Disposition = Literal["seen", "authorised", "falsealarm", "followup", "incident"]
DISPOSITIONS: Final[dict[str, str]] = {
    "seen":       "looked at, nothing to do",
    "authorised": "there was an order for it, a drop run, a repair",
    "falsealarm": "a switch, a plug, a test: nothing happened",
    "followup":   "somebody has to go on with it",
    "incident":   "reported as an incident",
}  # fmt: skip
"""What whoever looked found, and what it means."""

REMARK_MAX: Final = 200
"""Longest remark in characters."""

_LONG_NUMBER: Final = re.compile(r"(?:\d[ -]?){12,}")
"""Twelve digits and more: cards have 13 to 19, validation numbers 16 or 18."""


def fault_of(text: str) -> str:
    """Return why ``text`` cannot be a remark, in words; or nothing."""
    if _LONG_NUMBER.search(text):
        return "card and ticket numbers do not belong into a remark"
    if not text.isprintable():
        return "one line of printable characters is expected"
    return ""


def _no_secret(text: str) -> str:
    if fault := fault_of(text):
        raise ValueError(fault)
    return " ".join(text.split())


Remark = Annotated[str, Field(max_length=REMARK_MAX), AfterValidator(_no_secret)]
"""What somebody types: one line; what may be a card or a ticket number is refused."""

EVENT_ID: Final = r"^[A-Za-z0-9_.-]{1,200}$"
EVENT_TYPE: Final = r"^[a-z]+\.[a-z]+$"

_BY = Field(
    max_length=64,
    description="Who, as the gateway's computer knows the user; over NATS the name and the sender.",
)


class Acknowledged(Data):
    """Somebody looked at an event."""

    event: str = Field(max_length=200, description="Id of the event that was looked at.")
    event_type: str = Field(max_length=64, description="Its short type.")
    disposition: Disposition = Field(description="What was found.")
    remark: str = Field("", max_length=REMARK_MAX, description="In that person's words.")
    said_by: str = _BY


class Noted(Data):
    """Somebody notes something of a machine or an event."""

    remark: str = Field(min_length=1, max_length=REMARK_MAX, description="In that person's words.")
    event: str | None = Field(None, max_length=200, description="Id of an event it is about.")
    said_by: str = _BY


ROWS = (
    EventType(
        "egm.acknowledged", Acknowledged, "info", "access", ("surveillance",),
        "Somebody looked at an event and says what was found; causedby names the event.",
        "A person acknowledges it in the console, signed by the user of the gateway's computer; or "
        "over NATS (act.event.lookedat), signed by the name that the sender gives.",
        "It does not say that anybody went to the machine, and clears nothing. A second one of the "
        "same event is another look; the last disposition counts.", "Nothing.",
        {"event": "edge1.b1.7", "event_type": "door.opened", "disposition": "authorised",
         "remark": "drop run, two people", "said_by": "kim"},
        "{said_by} looked at {event_type}: {disposition} {remark}",
        asset_required=False,
    ),
    EventType(
        "egm.noted", Noted, "info", "access", ("technician",),
        "Somebody notes something of a machine.",
        "A person writes a note in the console, signed by the user of the gateway's computer; or "
        "over NATS (act.egm.noted), signed by the name that the sender gives.",
        "Not for what was found of an event (acknowledged).", "Nothing: read it.",
        {"remark": "latch of the slot door is worn, part ordered", "said_by": "kim"},
        "note of {said_by}: {remark}",
        asset_required=False,
    ),
)  # fmt: skip
