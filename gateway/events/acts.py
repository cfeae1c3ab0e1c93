"""What people of the house say over NATS, as data: who signs it, about which EGM."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from gateway.events.families.remarks import EVENT_ID, EVENT_TYPE, Disposition, Remark
from gateway.events.shapes import Data, Money

_CORRELATION = Field(None, max_length=128, description="Its correlation; without it, the one.")


class Act(Data):
    """What every act says."""

    by: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,39}$",
            description="Who says so, as that person signed in at the sender.",
        ),
    ]
    asset: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Asset number of the EGM.")
    ]


class AmountTyped(Act):
    """What a handpay's display shows."""

    amount: Money = Field(description="In the site's currency, two decimals.")
    handpay: str | None = _CORRELATION


class GuestPaid(Act):
    """The guest has the money."""

    handpay: str | None = _CORRELATION


class Mended(Act):
    """Tilts and faults are over."""

    kind: str | None = Field(
        None, pattern=r"^[a-z]{1,32}$", description="Which; without it, all that are raised."
    )


class SessionCorrected(Act):
    """A carded session had another coin in."""

    session: str = Field(min_length=1, max_length=128, description="Correlation of the session.")
    coin_in_credits: int = Field(ge=0, lt=10**12)
    reason: str = Field(min_length=1, max_length=160)


NO_EGM: Final = "_"
"""Stands for the asset number in a remark on the gateway's own events."""


class LookedAt(Act):
    """Somebody looked at an event; ``_`` as asset number where it is the gateway's own."""

    event: str = Field(pattern=EVENT_ID, description="Id of the event.")
    event_type: str = Field(pattern=EVENT_TYPE, max_length=64, description="Its short type.")
    disposition: Disposition = Field(description="What was found.")
    remark: Remark = Field("", description="In that person's words; no card or ticket number.")


class NoteMade(Act):
    """Somebody notes something; ``_`` as asset number where it is about the gateway."""

    remark: Annotated[Remark, Field(min_length=1)] = Field(
        description="In that person's words; no card or ticket number."
    )
    event: str | None = Field(None, pattern=EVENT_ID, description="Id of an event it is about.")
