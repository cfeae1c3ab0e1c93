"""From a closed or corrected carded session to what the ledger needs of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from gateway.central.derived import nanoseconds
from gateway.central.loyalty.points import Session
from gateway.central.reading import asset_of, data_as
from gateway.events.envelope import Envelope
from gateway.events.errors import SchemaError
from gateway.events.families.cards import SessionClosed, SessionCorrected
from gateway.events.shapes import Count, Money

READ: Final = ("session.closed", "session.corrected")
"""Every event type that loyalty reads."""

_DOUBTS: Final[Mapping[str, str]] = {
    "bracketed": "",
    "late": "coin in not known: the first meters came after the card had gone",
    "broken": "coin in not known: the meters do not allow a difference",
}
_CORRECTED: Final = "a correction of this session: a person settles it"


def session_of(event: Envelope) -> Session | None:
    """Return the session that ``event`` closes or corrects, or None for other events.

    Raises:
        SchemaError: the data is not as the catalogue says.
    """
    if event.name == "session.closed":
        return _closed(event, data_as(event, SessionClosed))
    if event.name == "session.corrected":
        return _corrected(event, data_as(event, SessionCorrected))
    return None


def _closed(event: Envelope, data: SessionClosed) -> Session:
    currencies = {m.currency for m in (data.coin_in, data.denomination) if m is not None}
    if len(currencies) > 1:
        raise SchemaError(f"{event.name}: two currencies, {' and '.join(sorted(currencies))}")
    return Session(
        session_id=event.correlation or event.id,
        event_id=event.id,
        asset=asset_of(event),
        player=data.card,
        doubt=_DOUBTS[data.quality],
        epoch=data.epoch,
        coin_in_before=_credits(event, data.coin_in_before),
        coin_in_after=_credits(event, data.coin_in_after),
        coin_in_credits=data.coin_in_credits,
        denomination=_amount(data.denomination),
        coin_in=_amount(data.coin_in),
        currency="".join(currencies),
        closed_ns=nanoseconds(event.time),
        gaming_day=event.gamingday,
        possible_repeat=event.possiblerepeat,
    )


def _corrected(event: Envelope, data: SessionCorrected) -> Session:
    return Session(
        session_id=data.session,
        event_id=event.id,
        asset=asset_of(event),
        player="",
        doubt=_CORRECTED,
        epoch=0,
        coin_in_before=None,
        coin_in_after=None,
        coin_in_credits=data.coin_in_credits,
        denomination=None,
        coin_in=_amount(data.coin_in),
        currency="" if data.coin_in is None else data.coin_in.currency,
        closed_ns=nanoseconds(event.time),
        gaming_day=event.gamingday,
        possible_repeat=event.possiblerepeat,
        is_correction=True,
    )


def _credits(event: Envelope, count: Count | None) -> int | None:
    if count is None:
        return None
    if count.unit != "credits":
        raise SchemaError(f"{event.name}: coin in is counted in {count.unit}, not in credits")
    return count.count


def _amount(money: Money | None) -> Decimal | None:
    return None if money is None else Decimal(money.amount)
