"""The open calls: jobs for an attendant or technician, as dispatch keeps them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from gateway.console.floor import Contact, Reach

if TYPE_CHECKING:
    from gateway.bus.calls import CallsNews

CALLS_MAX = 2_000
"""Open calls kept; what is over is counted in ``Calls.left_out``."""


class CallState(StrEnum):
    """Whether somebody still has to go."""

    OPEN = "open"
    CLOSED = "closed"


class Call(BaseModel):
    """One call. Whatever else dispatch notes about it is not looked at."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    callid: str = Field(max_length=200)
    state: CallState
    kind: str = Field(max_length=40)
    """handpay, tilt or lamp."""
    asset: str = Field(max_length=80)
    location: str = Field(default="", max_length=80)
    opened: AwareDatetime
    text: str = Field(default="", max_length=400)


class Calls:
    """The open calls of a site.

    Attributes:
        version: grows with every change.
        reach: how it stands with NATS.
        unreadable: values that were not calls, since all were last read.
        left_out: open calls over ``CALLS_MAX`` that were passed over, since all were last read.
    """

    def __init__(self, started: datetime, reason: str = "") -> None:
        self.version = 0
        self.reach = Reach(Contact.WAITING, started, reason)
        self.unreadable = 0
        self.left_out = 0
        self._open: dict[str, Call] = {}

    @property
    def known(self) -> bool:
        """Whether the calls were ever read."""
        return self.reach.contact is not Contact.WAITING

    def oldest_first(self) -> list[Call]:
        """Return the open calls, the one that waits longest first."""
        return sorted(self._open.values(), key=lambda call: (call.opened, call.callid))

    def away(self, reason: str, now: datetime) -> None:
        """Note that the calls cannot be seen now; those known stay, as they were."""
        contact = Contact.AWAY if self.known else Contact.WAITING
        since = self.reach.since if contact is self.reach.contact else now
        self.reach = Reach(contact, since, reason)
        self.version += 1

    def replace(self, values: dict[str, bytes], now: datetime) -> None:
        """Take all calls as they are now."""
        self._open.clear()
        self.unreadable = self.left_out = 0
        if self.reach.contact is not Contact.LIVE:
            self.reach = Reach(Contact.LIVE, now)
        for key, value in values.items():
            self.change(key, value)
        self.version += 1

    def change(self, key: str, value: bytes | None) -> None:
        """Take one call as it is now; None says that it is no more."""
        self.version += 1
        known = self._open.pop(key, None)
        if value is None:
            return
        try:
            call = Call.model_validate_json(value)
        except ValidationError:
            self.unreadable += 1
            if known is not None:
                self._open[key] = known
            return
        if call.state is CallState.CLOSED:
            return
        if len(self._open) >= CALLS_MAX:
            self.left_out += 1
            return
        self._open[key] = call


async def follow(
    calls: Calls, watch: Callable[[], AsyncIterator[CallsNews]], now: Callable[[], datetime]
) -> None:
    """Keep ``calls`` as NATS has them, until cancelled."""
    from gateway.bus.calls import CallChanged, CallsAway, CallsThere  # noqa: PLC0415 (start-up)

    async for news in watch():
        match news:
            case CallsAway(reason=reason):
                calls.away(reason, now())
            case CallsThere(values=values):
                calls.replace(values, now())
            case CallChanged(key=key, value=value):
                calls.change(key, value)
