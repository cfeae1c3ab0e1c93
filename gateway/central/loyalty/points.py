"""What a carded session earns, and what an account holds: pure, exact, never rounded away.

Points are whole; what a session earns beyond them stays with the account as a fraction and
counts with the next session. So an account depends on which sessions were credited and not on
the order in which they were heard of.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from gateway.central.loyalty.rules import PointsRules


class Decision(StrEnum):
    """What became of a session in the ledger."""

    CREDITED = "credited"
    UNDECIDED = "undecided"
    """What was played, or its worth, is not known: no points until a person settles it."""
    NO_CARD = "no card"
    REPEAT = "repeat"
    """The session was credited before, from another event."""


@dataclass(frozen=True, slots=True)
class Session:
    """A closed carded session, as far as points are concerned.

    Attributes:
        session_id: the gateway's name for the session; the event's own id where it has none.
        event_id: CloudEvents id of the event that closed it.
        asset: asset number.
        player: pseudonym; empty where no card was in.
        doubt: why the gateway itself gives no amounts; empty where it does.
        epoch: life of the meters between two RAM clears, from 1.
        coin_in_before: count of the coin-in meter when the card went in, or None.
        coin_in_after: the same when it came out, or None.
        coin_in_credits: credits played between, of the accounting denomination; None if unknown.
        denomination: worth of one credit in ``currency``; None if unknown.
        coin_in: worth of the coin in as the gateway saw it, in ``currency``; None if unknown.
        currency: ISO 4217 code; empty if unknown.
        closed_ns: when the closing was observed, nanoseconds since 1970, UTC.
        gaming_day: the casino's day of it, ``YYYY-MM-DD``.
        possible_repeat: the closing may have been told before under another id.
        is_correction: it corrects a session that was closed before, and closes none.
    """

    session_id: str
    event_id: str
    asset: str
    player: str
    doubt: str
    epoch: int
    coin_in_before: int | None
    coin_in_after: int | None
    coin_in_credits: int | None
    denomination: Decimal | None
    coin_in: Decimal | None
    currency: str
    closed_ns: int
    gaming_day: str
    possible_repeat: bool = False
    is_correction: bool = False


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What a session earns, before it is known whether it was credited already.

    Attributes:
        decision: credited, undecided or no card.
        money: coin in, in the session's currency; None unless credited.
        rate: points for one unit of the currency; None unless credited.
        earned: exact points, 0 unless credited.
        reason: why not, in words; empty where credited.
    """

    decision: Decision
    money: Decimal | None = None
    rate: Decimal | None = None
    earned: Fraction = Fraction(0)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """A player's points.

    Attributes:
        player: pseudonym.
        points: whole points.
        remainder: what was earned beyond them, at least 0 and below 1.
    """

    player: str
    points: int = 0
    remainder: Fraction = Fraction(0)

    def plus(self, earned: Fraction) -> tuple[Account, int]:
        """Return the account with ``earned`` points more, and how many whole points that gave."""
        assert earned >= 0, "points are never taken back here"
        total = self.remainder + earned
        whole = total.numerator // total.denominator
        return Account(self.player, self.points + whole, total - whole), whole


def appraise(session: Session, rules: PointsRules) -> Appraisal:
    """Return what ``session`` earns by ``rules``.

    Credits become money by the denomination that the session names and by nothing else: where it
    is missing, or where the sums contradict each other, the session is undecided.
    """
    if not session.player and not session.doubt:
        return Appraisal(Decision.NO_CARD, reason="no card was in the machine")
    doubt = _doubt(session)
    rate = rules.rate(session.currency)
    if not doubt and rate is None:
        doubt = f"no points rule for {session.currency}"
    if doubt:
        return Appraisal(Decision.UNDECIDED, reason=doubt)
    assert session.coin_in_credits is not None
    assert session.denomination is not None
    assert rate is not None
    money = session.coin_in_credits * session.denomination
    return Appraisal(Decision.CREDITED, money, rate, Fraction(money) * Fraction(rate))


def _doubt(session: Session) -> str:
    played, worth = session.coin_in_credits, session.denomination
    doubt = session.doubt
    if doubt:
        pass  # the gateway says itself that there are no amounts to rely on
    elif played is None:
        doubt = "coin in not known: a meter reading is missing"
    elif played < 0:
        doubt = "coin in below zero: the coin-in meter went back during the session"
    elif worth is None:
        doubt = "denomination not known: credits have no worth without it"
    elif worth <= 0:
        doubt = "denomination not above zero"
    elif not session.currency:
        doubt = "currency not known"
    elif session.coin_in is not None and session.coin_in != played * worth:
        doubt = f"coin in {session.coin_in} is not {played} credits of {worth}"
    return doubt
