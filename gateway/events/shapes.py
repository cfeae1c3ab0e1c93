"""Shapes that the data of many events share: money, counts, states before and after."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Data(BaseModel):
    """Base of all event data: strict, closed, never changed after it was built.

    Strict, so that a number never travels as a string today and as a number tomorrow.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Money(Data):
    """An amount of money: a decimal string and its currency, never a float."""

    amount: str = Field(
        pattern=r"^-?[0-9]{1,18}\.[0-9]{2,6}$", description="Decimal string in currency units."
    )
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="ISO 4217 code.")


class Count(Data):
    """One meter as it was read."""

    count: int = Field(ge=0, lt=10**18, description="Absolute count, as sent by the EGM.")
    unit: Literal["credits", "cents", "count", "currency", "percent_hundredths"] = Field(
        description="What one step is worth; credits are of the accounting denomination."
    )
    digits: int = Field(ge=1, le=18, description="Width: the count rolls over at 10**digits.")
    total: int | None = Field(
        None, ge=0, lt=2**63,
        description="Steps counted in this epoch since the gateway follows the meter, across "
        "rollovers; only certain ones. Never wraps.",
    )  # fmt: skip


class Identity(Data):
    """Who a machine says it is."""

    serial: str | None = Field(None, max_length=40)
    sas_version: str | None = Field(None, max_length=8)
    game_id: str | None = Field(None, max_length=8)
    additional_id: str | None = Field(None, max_length=8)
    paytable: str | None = Field(None, max_length=24)
    base_percent: str | None = Field(None, max_length=8, description="Payback percent as sent.")
    denomination: Money | None = Field(None, description="Accounting denomination.")
    games: int | None = Field(None, ge=0, le=9999)
    features: str | None = Field(None, max_length=32, description="Answer to A0 as hex.")


OnOff = Literal["on", "off", "unknown"]
Seconds = Annotated[
    float, Field(ge=0, description="Seconds, by the monotonic clock where it covers them.")
]
Kind = Annotated[str, Field(pattern=r"^[a-z0-9]{1,32}$")]
Meters = Annotated[
    dict[str, Count], Field(max_length=256, description="Meter name to its absolute reading.")
]


def money(amount: Decimal, currency: str) -> dict[str, object]:
    """Return ``amount`` as event data, with at least two decimals and none lost.

    Raises:
        ValueError: the amount needs more than six decimals or is not finite.
    """
    if not amount.is_finite() or amount != round(amount, 6):
        raise ValueError(f"{amount} cannot be told with six decimals")
    text = f"{amount:.6f}"
    whole, _, fraction = text.partition(".")
    return {"amount": f"{whole}.{fraction[:2]}{fraction[2:].rstrip('0')}", "currency": currency}


def money_from_cents(amount_cents: int, currency: str) -> dict[str, object]:
    """Return an amount that SAS gave in hundredths of the currency unit as event data."""
    return money(Decimal(amount_cents).scaleb(-2), currency)
