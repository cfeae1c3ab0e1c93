"""Bills and bonuses: exceptions that may carry figures of their own."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from gateway.events.shapes import money
from gateway.meaning.exceptions import Meant
from gateway.meaning.result import ReadWish
from gateway.meaning.telling import Telling
from protocols.sas.tables import BILLS, COUNTRIES

LAST_BILL = (ReadWish("bills", "bill"),)


def bill_accepted(meant: Meant, values: Mapping[str, object], telling: Telling) -> None:
    """47 to 50: a bill; 4F names it in real-time mode only, else the last bill is read."""
    face = meant.data.get("face")
    if isinstance(face, int):
        data: dict[str, object] = {"denomination": money(Decimal(face), telling.egm.currency)}
    else:
        data = _bill(values, telling.egm.currency)
        if "denomination" not in data:
            telling.wish(LAST_BILL)
    telling.main(meant.event, {**data, "count": 1})


def last_bill(values: Mapping[str, object], telling: Telling) -> None:
    """48 was answered: what the last bill was; an empty answer tells nothing."""
    data = _bill(values, telling.egm.currency)
    if "denomination" in data and data.get("bills_total") != 0:
        telling.main("bill.identified", {**data, "count": 1})


def bonus_paid(meant: Meant, values: Mapping[str, object], telling: Telling) -> None:
    """7C: a legacy bonus, with its parts in real-time mode."""
    names = {"multiplier": "multiplier", "multiplied_win": "multiplied_win_credits",
             "tax_status": "tax_status", "bonus": "bonus_credits"}  # fmt: skip
    data = {told: values[name] for name, told in names.items() if name in values}
    telling.main(meant.event, data)


def told(worth: Decimal, currency: str) -> dict[str, object]:
    """Return the worth of one credit as event data."""
    return money(worth, currency)


def _bill(values: Mapping[str, object], currency: str) -> dict[str, object]:
    """Return what the fields country, bill and bill_count say.

    The currency is the site's: the country only says where the validator's table comes from.
    """
    data: dict[str, object] = {}
    face = BILLS.get(_whole(values.get("bill")))
    if face is not None:
        data["denomination"] = money(Decimal(face), currency)
    country = COUNTRIES.get(_whole(values.get("country")))
    if country is not None:
        data["country"] = country
    if isinstance(values.get("bill_count"), int):
        data["bills_total"] = values["bill_count"]
    return data


def _whole(value: object) -> int:
    return value if isinstance(value, int) else -1
