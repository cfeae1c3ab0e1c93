"""What people remark: acknowledgements and notes, as events; on the socket and over NATS alike.

A remark says nothing of the machine, so no engine looks at it. Whatever may be a card or a ticket
number is refused: those never get into an event.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.edge.clock import Clock, moment
from gateway.edge.recorder import Recorder
from gateway.edge.saying import DISK_S, Heard
from gateway.events.encode import Place
from gateway.events.fact import Fact
from gateway.events.families.remarks import EVENT_ID, EVENT_TYPE, Disposition, Remark
from gateway.outbox.types import OutboxFullError


class _About(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    asset: str | None = Field(None, max_length=64, description="EGM; none for the gateway's own.")


class Acknowledge(_About):
    """An event was looked at."""

    do: Literal["acknowledge"]
    event: str = Field(pattern=EVENT_ID)
    event_type: str = Field(pattern=EVENT_TYPE, max_length=64)
    disposition: Disposition
    remark: Remark = ""


class Note(_About):
    """Something is noted."""

    do: Literal["note"]
    remark: Annotated[Remark, Field(min_length=1)]
    event: str | None = Field(None, pattern=EVENT_ID)


def fact_of(request: Acknowledge | Note, user: str, clock: Clock) -> Fact:
    """Return what ``user`` remarks, as an event's fact."""
    data: dict[str, object] = {"remark": request.remark, "said_by": user}
    if request.event is not None:
        data["event"] = request.event
    name = "egm.noted"
    if isinstance(request, Acknowledge):
        name = "egm.acknowledged"
        data |= {"event_type": request.event_type, "disposition": request.disposition}
    return Fact(name, request.asset, data, moment(clock), caused_by=request.event)


async def remark(
    request: Acknowledge | Note,
    user: str,
    place: Place | None,
    recorder: Recorder,
    clock: Clock,
    keys: Mapping[str, str] | None = None,
) -> Heard:
    """Have a remark told as an event, and wait until it is on disk.

    Args:
        request: what is remarked.
        user: who remarks it.
        place: where the EGM is that it is about; None for the gateway itself.
        recorder: where events go.
        clock: both clocks.
        keys: small facts to be kept in the same transaction.
    """
    try:
        recorded = recorder.record([fact_of(request, user, clock)], place, keys=keys)
    except OutboxFullError as error:
        return Heard((), str(error), again=True)
    try:
        await asyncio.wait_for(recorded.on_disk(), DISK_S)
    except TimeoutError:
        why = "the outbox does not store it now; it will be told once it can be"
        return Heard(recorded.events, why, again=True)
    return Heard(recorded.events)
