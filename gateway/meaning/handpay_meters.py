"""What the meters say of handpays afterwards: the amount where nobody could read it, the key-off.

A win that an attendant pays stands on the jackpot meter, a cash-out by hand on that of hand-paid
cancelled credits. The meters are compared from the last reading before a handpay to the first one
that was asked for after it; nothing is said across a break of the meters, and nothing where more
than one handpay could have moved them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from gateway.events.shapes import money_from_cents
from gateway.meaning.handpay import CANCELLED, WIN, Before, Handpay, Handpays
from gateway.meaning.handpays import differs, tell_amount
from gateway.meaning.result import ReadWish
from gateway.meaning.telling import Telling
from gateway.meaning.tracks import Meters
from protocols.sas.replies import MeterReading

JACKPOT: Final = "jackpot"
BY_HAND: Final = "hand_paid_cancelled_credits"
ALL_CANCELLED: Final = "cancelled_credits"
"""Also counts tickets and transfers; used only where none of them was told meanwhile."""

AT_ONCE_S: Final = 2.0
"""Seconds after a handpay's end in which nobody can have fed bills and cashed out again."""

MUDDIES: Final = frozenset({
    "ticket.printed", "ticket.validationrequested", "transfer.completed", "transfer.step",
})  # fmt: skip
"""Events after which cancelled credits may have left otherwise than by hand."""


@dataclass(frozen=True, slots=True)
class Moved:
    """By how much the meters moved, in cents; None where they do not say."""

    wins: int | None
    cancelled: int | None


def read(
    handpays: Handpays,
    meters: Meters,
    readings: Mapping[str, MeterReading],
    worth: Decimal | None,
    telling: Telling,
) -> None:
    """Take a reading of the whole machine: settle what ended before it was asked for.

    Args:
        handpays: of the EGM.
        meters: of the EGM, with this reading taken in.
        readings: the answer, by name of the meter.
        worth: of one credit in currency units, or None while not known.
        telling: where to tell it.
    """
    if handpays.waiting:
        return
    counts = {f"{name}/{readings[name].digits}": readings[name].value
              for name in _READ if name in readings}  # fmt: skip
    if not counts:
        return
    life = (meters.epoch, meters.breaks)
    if handpays.unsettled:
        asked = None if telling.seen is None else telling.seen.asked
        ended = handpays.ended_at
        if asked is None or ended is None or not ended.is_before(asked, telling.egm.birthid):
            return
        before = handpays.before
        if before is not None and before.life == life and worth is not None:
            soon = ended.seconds_to(asked, telling.egm.birthid) <= AT_ONCE_S
            moved = _moved(handpays, before, counts, worth, soon=soon)
            if not _settled(handpays, moved, before, telling):
                return
        handpays.unsettled = []
        handpays.before = None
    if handpays.before is None or handpays.before.life != life:
        handpays.before = Before(counts={}, life=life)
    handpays.before.counts |= counts
    handpays.muddied = False


_READ: Final = (JACKPOT, BY_HAND, ALL_CANCELLED)


def _moved(
    handpays: Handpays,
    before: Before,
    counts: Mapping[str, int],
    worth: Decimal,
    *,
    soon: bool,
) -> Moved:
    cancelled = _cents(before, counts, BY_HAND, worth)
    if cancelled is None and soon and not handpays.muddied and not before.reads(BY_HAND):
        cancelled = _cents(before, counts, ALL_CANCELLED, worth)
    return Moved(_cents(before, counts, JACKPOT, worth), cancelled)


def _cents(before: Before, counts: Mapping[str, int], name: str, worth: Decimal) -> int | None:
    for key, count in counts.items():
        meter, _, digits = key.partition("/")
        if meter == name and key in before.counts:
            cents = (count - before.counts[key]) % 10 ** int(digits) * worth * 100
            return int(cents) if cents == int(cents) else None
    return None


def _settled(handpays: Handpays, moved: Moved, before: Before, telling: Telling) -> bool:
    """Settle what can be settled; return whether no other meter of this machine could tell more."""
    unknown = any(one.amount_cents is None for one in handpays.unsettled)
    more = moved.cancelled is None and before.reads(BY_HAND)
    if more and moved.wins == 0 and unknown:
        telling.wish((ReadWish("full", "handpay"),))
        return False
    if moved.wins is None and before.reads(JACKPOT):
        return False  # an answer with another meter; the one with this comes
    _settle(handpays, moved, telling)
    return True


def _settle(handpays: Handpays, moved: Moved, telling: Telling) -> None:
    """Divide what the meters show among the handpays that ended; say only what is certain."""
    unknown = [one for one in handpays.unsettled if one.amount_cents is None]
    known = [one for one in handpays.unsettled if one.amount_cents is not None]
    if len(unknown) == 1:
        rest_wins = _rest(moved.wins, [one for one in known if one.kind != CANCELLED])
        rest_cancelled = _rest(moved.cancelled, [one for one in known if one.kind == CANCELLED])
        _amount(handpays, unknown[0], rest_wins, rest_cancelled, telling)
    elif not unknown and len(known) == 1:
        _compare(known[0], moved, telling)


def _rest(moved: int | None, known: list[Handpay]) -> int | None:
    if moved is None or any(one.partial_cents or one.keyed for one in known):
        return None
    return moved - sum(one.amount_cents or 0 for one in known)


def _amount(
    handpays: Handpays, handpay: Handpay, wins: int | None, cancelled: int | None, telling: Telling
) -> None:
    if wins is not None and wins > 0 and not cancelled:
        handpay.amount_cents, handpay.kind = wins, WIN
    elif wins == 0 and cancelled is not None and cancelled > 0:
        handpay.amount_cents, handpay.kind = cancelled, CANCELLED
    else:
        return
    handpay.source = "meters"
    handpays.changed(handpay)
    tell_amount(handpays, handpay, telling, {})


def _compare(handpay: Handpay, moved: Moved, telling: Telling) -> None:
    """One handpay of a known amount ended: do the meters say the same?"""
    counted = moved.cancelled if handpay.kind == CANCELLED else moved.wins
    if counted is None or handpay.partial_cents or handpay.amount_cents is None:
        return
    if counted not in (0, handpay.amount_cents):
        differs(handpay, counted, "meters", telling)
        return
    if counted == 0 and handpay.kind == CANCELLED:
        return  # it went another way, or the machine counts it elsewhere
    data = {
        **handpay.amount(telling.egm.currency),
        "metered": money_from_cents(counted, telling.egm.currency),
        "keyoff": "attendant" if counted else "machinepay",
    }
    telling.follow("handpay.settled", data, correlation=handpay.correlation)
