"""What must be so of a message beyond its schema: nothing is guessed, and nothing contradicts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from gateway.events.inbound import Message

_NUMBER: Final = re.compile(r"[0-9]{6,}")
"""A card's or an account's number; one keyed hash in millions looks like that, and is refused."""


def why_not(message: Message, assets: frozenset[str], currency: str) -> str:
    """Return why ``message`` is refused; empty if it may be kept.

    Args:
        message: it fits its schema.
        assets: asset numbers of the site.
        currency: of the site.
    """
    data: Any = message.data
    asset = getattr(data, "asset", None)
    if asset is not None and asset not in assets:
        return f"no EGM {asset} in the site file"
    if any(_NUMBER.fullmatch(name) for name in _pseudonyms(data)):
        return "a pseudonym looks like a number: make it with the site's key"
    other = {money.currency for money in _money(data)} - {currency}
    if other:
        return f"this casino counts in {currency}, not {', '.join(sorted(other))}"
    if any(Decimal(money.amount) < 0 for money in _money(data)):
        return "an amount is below zero"
    check = _CHECKS.get(message.row.name)
    return check(data) if check else ""


def _pseudonyms(data: Any) -> Iterator[str]:
    for name in ("card", "player"):
        yield getattr(data, name, None) or ""
    yield from getattr(data, "cards", ())


def _money(data: Any) -> Iterator[Any]:
    for name in ("amount", "coin_in", "coin_out"):
        money = getattr(data, name, None)
        if money is not None:
            yield money


def _rating(data: Any) -> str:
    return "it closed before it opened" if _moment(data.closed) < _moment(data.opened) else ""


def _exclusion(data: Any) -> str:
    ends = data.ends is not None and _moment(data.ends) <= _moment(data.begins)
    return "it ends before it begins" if ends else ""


_CHECKS: Final[dict[str, Callable[[Any], str]]] = {
    "sms.rating.closed": _rating,
    "crm.exclusion.set": _exclusion,
}


def bad_moment(message: Message) -> str:
    """Return which moment of ``message`` is none, such as the 30th of February; else nothing."""
    for name in ("at", "opened", "closed", "begins", "ends"):
        text = getattr(message.data, name, None)
        if text is not None:
            try:
                _moment(text)
            except ValueError:
                return f"{name} is no moment"
    return ""


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
