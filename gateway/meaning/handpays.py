"""The life of a handpay: pending, amount known, reset or cancelled; several may wait.

The EGM says 51 again every 15 s while one waits: the same handpay, told again with ``repeat``.
Poll 1B walks its queue: an amount other than the one known belongs to the next handpay.
A handpay ends by 52 or 55. If both were missed, play shows it: 7E reported after the queue was
known to be empty after the 51 (the 51 is sent before older entries of the queue), or games
counted beyond the one that was under way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import Field

from gateway.events.shapes import money_from_cents
from gateway.events.text import handpay_text
from gateway.meaning.exceptions import Meant
from gateway.meaning.names import Names
from gateway.meaning.since import Remembered, Since
from gateway.meaning.telling import Telling

WAITING_MAX: Final = 32
"""Handpays remembered as waiting for one EGM; an amount beyond that opens no further one."""

_GAMES_BEYOND: Final = 2
"""Games counted since a handpay that show play: the one under way may still be counted."""

_CLASSES: Final = {0x00: "nonprogressive", 0x40: "topwin", 0x80: "cancelledcredits"}
_PROGRESSIVE_LEVELS: Final = range(0x01, 0x21)


class Handpay(Remembered):
    """One handpay.

    Attributes:
        correlation: joins its events.
        since: when it was first told.
        repeats: how often it was said again.
        amount_cents: amount as read with 1B, or None.
        source: who asked for it: "read" if this gateway did, "heard" if another host.
        level: level byte of 1B.
        group: progressive group of 1B.
        keyed: whether a key-off to machine pay was told.
        games: games played at the first reading asked for after it, or None.
    """

    correlation: str
    since: Since
    repeats: int = 0
    amount_cents: int | None = None
    source: Literal["read", "heard"] = "read"
    level: int = 0
    group: int = 0
    keyed: bool = False
    games: int | None = None

    def told(self, currency: str) -> dict[str, object]:
        """Return amount, source and class as event data."""
        if self.amount_cents is None:
            return {"amountsource": "unknown", "handpay_class": "unknown"}
        return {
            "amount": money_from_cents(self.amount_cents, currency),
            "amountsource": self.source,
            "handpay_class": class_of(self.level),
        }


class Handpays(Remembered):
    """Those that wait, oldest first, and the last one that ended."""

    waiting: list[Handpay] = Field(default_factory=list)
    last: Handpay | None = None

    def words(self, currency: str) -> str | None:
        """Return the oldest waiting one for people, or None."""
        return handpay_text(self.waiting[0].told(currency)) if self.waiting else None


def class_of(level: int) -> str:
    """Return the class of a level byte of 1B."""
    if level in _PROGRESSIVE_LEVELS:
        return "progressive"
    return _CLASSES.get(level, "unknown")


def pending(handpays: Handpays, names: Names, meant: Meant, telling: Telling) -> None:
    """51: one waits, or still waits."""
    del meant
    if handpays.waiting:
        handpay = handpays.waiting[0]
        handpay.repeats += 1
        data: dict[str, object] = {
            "before": "pending",
            "pending_s": telling.seconds_since(handpay.since),
        }
    else:
        handpay = _open(handpays, names, telling)
        data = {"before": "none"}
    data |= {
        "after": "pending", "repeat": handpay.repeats > 0, "repeats": handpay.repeats,
        "waiting": len(handpays.waiting), **handpay.told(telling.egm.currency),
    }  # fmt: skip
    severity = "info" if handpay.repeats else None
    telling.main("handpay.pending", data, correlation=handpay.correlation, severity=severity)


def ended(handpays: Handpays, meant: Meant, telling: Telling) -> None:
    """52 or 55: the oldest one that waits is over."""
    handpay = handpays.waiting.pop(0) if handpays.waiting else None
    keyoff = "unknown"
    if handpay is not None and meant.event == "handpay.reset":
        keyoff = "machinepay" if handpay.keyed else "attendant"
    data = _over(handpays, handpay, keyoff, telling)
    correlation = None if handpay is None else handpay.correlation
    handpays.last = handpay or handpays.last
    telling.main(meant.event, data, correlation=correlation)


def marked(handpays: Handpays, meant: Meant, telling: Telling) -> None:
    """3E or 5A: something was done with a handpay, which goes on waiting."""
    handpay = handpays.waiting[0] if handpays.waiting else handpays.last
    data: dict[str, object] = {"state": "pending" if handpays.waiting else "none"}
    if handpay is None:
        telling.main(meant.event, {**data, "amountsource": "unknown"})
        return
    if meant.event == "handpay.keyedoff":
        handpay.keyed = True
    data |= handpay.told(telling.egm.currency)
    telling.main(meant.event, data, correlation=handpay.correlation)


def amount_read(
    handpays: Handpays, names: Names, values: Mapping[str, object], telling: Telling
) -> None:
    """1B was answered: tell an amount that was not known yet; an empty answer tells nothing."""
    amount, level, group, partial, reset_id = (
        _number(values, name)
        for name in ("amount_cents", "level", "progressive_group", "partial_pay_cents", "reset_id")
    )
    if amount == 0:
        return
    handpay = _meant_by(handpays, names, (amount, level, group), telling)
    if handpay is None:
        return
    handpay.amount_cents, handpay.level, handpay.group = amount, level, group
    heard = telling.seen is not None and telling.seen.trigger == "heard"
    handpay.source = "heard" if heard else "read"
    data = {
        "state": "over" if handpay is handpays.last else "pending",
        **handpay.told(telling.egm.currency),
        "level": level,
        "progressive_group": group,
        "partial_pay": money_from_cents(partial, telling.egm.currency),
        "reset_id": reset_id,
        "read_after_s": telling.seconds_since(handpay.since),
    }
    telling.main("handpay.amountknown", data, correlation=handpay.correlation)


def played(handpays: Handpays, telling: Telling) -> None:
    """A game was started: whoever waited since before the queue was last empty is over."""
    emptied = None if telling.seen is None else telling.seen.occurred_after
    if emptied is None or not telling.sure:
        return
    over = [one for one in handpays.waiting if one.since.is_before(emptied, telling.egm.birthid)]
    for handpay in over:
        _end_by_evidence(handpays, handpay, telling)


def games_read(handpays: Handpays, games: int, asked: Since, telling: Telling) -> None:
    """Games were counted: two more than at the handpay show that play went on."""
    for handpay in list(handpays.waiting):
        if not handpay.since.is_before(asked.moment(), asked.birthid):
            continue
        if handpay.games is None or games < handpay.games:
            handpay.games = games
        elif games >= handpay.games + _GAMES_BEYOND:
            _end_by_evidence(handpays, handpay, telling)


def _end_by_evidence(handpays: Handpays, handpay: Handpay, telling: Telling) -> None:
    handpays.waiting.remove(handpay)
    handpays.last = handpay
    data = _over(handpays, handpay, "evidence", telling)
    telling.follow("handpay.reset", data, since=handpay.since, correlation=handpay.correlation)


def _over(
    handpays: Handpays, handpay: Handpay | None, keyoff: str, telling: Telling
) -> dict[str, object]:
    data: dict[str, object] = {
        "before": "none" if handpay is None else "pending",
        "after": "pending" if handpays.waiting else "none",
        "keyoff": keyoff,
        "waiting": len(handpays.waiting),
    }
    if handpay is None:
        return {**data, "amountsource": "unknown"}
    told = handpay.told(telling.egm.currency)
    return {**data, **told, "lockup_s": telling.seconds_since(handpay.since)}


def _meant_by(
    handpays: Handpays, names: Names, read: tuple[int, int, int], telling: Telling
) -> Handpay | None:
    """Return the handpay that an amount belongs to, or None if nothing is new about it."""
    known = (*handpays.waiting, *(() if handpays.last is None else (handpays.last,)))
    if any((one.amount_cents, one.level, one.group) == read for one in handpays.waiting):
        return None
    blank = next((one for one in handpays.waiting if one.amount_cents is None), None)
    if blank is not None:
        return blank
    if handpays.waiting:
        return _open(handpays, names, telling) if len(handpays.waiting) < WAITING_MAX else None
    if known and (known[-1].amount_cents, known[-1].level, known[-1].group) == read:
        return None
    if handpays.last is None or handpays.last.amount_cents is not None:
        name = names.new("handpay", telling.egm)
        handpays.last = Handpay(correlation=name, since=telling.kept())
    return handpays.last


def _open(handpays: Handpays, names: Names, telling: Telling) -> Handpay:
    name = names.new("handpay", telling.egm)
    handpay = Handpay(correlation=name, since=telling.kept())
    handpays.waiting.append(handpay)
    return handpay


def _number(values: Mapping[str, object], name: str) -> int:
    value = values.get(name, 0)
    return value if isinstance(value, int) else 0
