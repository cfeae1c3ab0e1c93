"""The life of a handpay: pending, amount known, validated, reset or cancelled; several may wait.

The EGM says 51 again every 15 s while one waits: the same handpay, told again with ``repeat``.
Poll 1B walks its queue: an amount other than the one known belongs to the next handpay.
A handpay ends by 52 or 55. If both were missed, play shows it: 7E reported after the queue was
known to be empty after the 51 (the 51 is sent before older entries of the queue), or games
counted beyond the one that was under way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.events.shapes import money_from_cents
from gateway.meaning.exceptions import Meant
from gateway.meaning.handpay import (
    CANCELLED,
    WAITING_MAX,
    Answer,
    Handpay,
    Handpays,
    Source,
    class_of,
)
from gateway.meaning.names import Names
from gateway.meaning.result import ReadWish
from gateway.meaning.since import Since
from gateway.meaning.telling import Telling
from gateway.meaning.tilts import GAMES_BEYOND

REMOTE_S: Final = 10.0
"""Seconds after another host's order to reset (94) in which a reset is taken for its doing."""


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
        "waiting": len(handpays.waiting), **handpay.told(telling),
    }  # fmt: skip
    severity = "info" if handpay.repeats else None
    telling.main("handpay.pending", data, correlation=handpay.correlation, severity=severity)


def ended(handpays: Handpays, meant: Meant, telling: Telling, *, tells_key_off: bool) -> None:
    """52 or 55: the oldest one that waits is over.

    Args:
        handpays: of the EGM.
        meant: which of the two.
        telling: where to tell it.
        tells_key_off: the EGM says that it would tell a key-off to machine pay (5A).
    """
    handpay = handpays.waiting[0] if handpays.waiting else None
    keyoff = "unknown"
    cancelled = meant.event == "handpay.cancelled"
    if handpay is not None:
        if cancelled:
            handpay.kind = CANCELLED  # only a request for cancelled credits can be taken back
        else:
            keyoff = _key_off(handpays, handpay, telling, tells_key_off=tells_key_off)
        handpays.end(handpay, telling, pays=not cancelled)
    else:
        handpays.doubt()  # of one that ended here nothing was heard: the machine may hold it yet
    handpays.remote_at = None
    data = _over(handpays, handpay, keyoff, telling)
    correlation = None if handpay is None else handpay.correlation
    telling.main(meant.event, data, correlation=correlation)


def marked(handpays: Handpays, meant: Meant, telling: Telling) -> None:
    """3E or 5A: something was done with a handpay, which goes on waiting."""
    handpay = handpays.waiting[0] if handpays.waiting else handpays.last
    data: dict[str, object] = {"state": "pending" if handpays.waiting else "none"}
    if handpay is None:
        telling.main(meant.event, {**data, "amountsource": "unknown"})
        return
    pending_s = telling.seconds_since(handpay.since)
    if meant.event == "handpay.keyedoff":
        handpay.keyed = True
    elif handpay.validated_s is None:
        handpay.validated_s = pending_s
    handpays.changed(handpay)
    data |= {**handpay.amount(telling.egm.currency), "pending_s": pending_s}
    telling.main(meant.event, data, correlation=handpay.correlation)


def amount_read(
    handpays: Handpays, names: Names, values: Mapping[str, object], telling: Telling
) -> None:
    """1B was answered: tell an amount that was not known yet; an empty answer tells nothing.

    The machine answers with the oldest handpay that it was not asked about. Where that may be one
    that was never heard of, or that ended unread, its queue is read to the end first, and amounts
    are given from the newest back.
    """
    answer = Answer(
        amount_cents=_number(values, "amount_cents"), level=_number(values, "level"),
        group=_number(values, "progressive_group"),
        partial_cents=_number(values, "partial_pay_cents"), reset_id=_number(values, "reset_id"),
    )  # fmt: skip
    heard = telling.seen is not None and telling.seen.trigger == "heard"
    blank = [one for one in (*handpays.unread, *handpays.waiting) if one.level is None]
    if not heard and (handpays.doubtful or handpays.walked or len(blank) > 1):
        _walk(handpays, names, answer, telling)
        return
    handpays.doubtful = False
    if answer.amount_cents == 0:
        return
    handpay = _meant_by(handpays, names, answer, telling)
    if handpay is not None:
        _take(handpays, handpay, answer, "heard" if heard else "read", telling)


def _walk(handpays: Handpays, names: Names, answer: Answer, telling: Telling) -> None:
    """Read the machine's queue to its end, and only then say whose amounts those are."""
    walked = handpays.walked
    goes_on = answer.amount_cents > 0 and len(walked) < WAITING_MAX
    if goes_on and not (walked and walked[-1] == answer):  # some say the same until it is reset
        walked.append(answer)
        telling.wish((ReadWish("handpay", "handpay"),))
        return
    news = [one for one in walked if not any(one.is_of(known) for known in handpays.waiting)]
    blank = [one for one in (*handpays.unread, *handpays.waiting) if one.level is None]
    handpays.walked, handpays.unread, handpays.doubtful = [], [], False
    older = len(news) - len(blank)
    for at, one in enumerate(news):
        handpay = blank[at - older] if at >= older else _unheard(names, telling)
        _take(handpays, handpay, one, "read", telling)


def _unheard(names: Names, telling: Telling) -> Handpay:
    """Return a handpay of which nothing but its amount was ever heard."""
    return Handpay(correlation=names.new("handpay", telling.egm), since=telling.kept())


def _take(
    handpays: Handpays, handpay: Handpay, answer: Answer, source: Source, telling: Telling
) -> None:
    before, said = handpay.amount_cents, handpay.source
    handpay.amount_cents, handpay.level = answer.amount_cents, answer.level
    handpay.group, handpay.kind = answer.group, class_of(answer.level)
    handpay.source = source
    handpay.partial_cents, handpay.reset_id = answer.partial_cents, answer.reset_id
    handpays.changed(handpay)
    tell_amount(handpays, handpay, telling, {
        "level": answer.level, "progressive_group": answer.group,
        "partial_pay": money_from_cents(answer.partial_cents, telling.egm.currency),
        "reset_id": answer.reset_id,
    })  # fmt: skip
    if before not in (None, answer.amount_cents):
        differs(handpay, before, said, telling)


def tell_amount(
    handpays: Handpays, handpay: Handpay, telling: Telling, more: Mapping[str, object]
) -> None:
    """Tell the amount of a handpay, as the fact that was seen or as what follows from it."""
    after_s = telling.seconds_since(handpay.since)
    if handpay.known_s is None:
        handpay.known_s = after_s
    waits = any(one.correlation == handpay.correlation for one in handpays.waiting)
    data = {
        "state": "pending" if waits else "over", **handpay.told(telling), **more,
        "read_after_s": after_s,
    }  # fmt: skip
    tell = telling.main if telling.last is None else telling.follow
    tell("handpay.amountknown", data, correlation=handpay.correlation)


def differs(handpay: Handpay, other_cents: int, source: str, telling: Telling) -> None:
    """Tell that two sources give different amounts for one handpay; neither is thrown away."""
    data = {
        **handpay.amount(telling.egm.currency),
        "other": money_from_cents(other_cents, telling.egm.currency), "othersource": source,
    }  # fmt: skip
    tell = telling.main if telling.last is None else telling.follow
    tell("handpay.amountdiffers", data, correlation=handpay.correlation)


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
        elif games >= handpay.games + GAMES_BEYOND:
            _end_by_evidence(handpays, handpay, telling)


def _key_off(handpays: Handpays, handpay: Handpay, telling: Telling, *, tells_key_off: bool) -> str:
    """Return by which key-off a handpay was reset; ``unknown`` where nothing shows it."""
    if handpay.keyed:
        return "machinepay"
    ordered_s = telling.seconds_since(handpays.remote_at)
    if ordered_s is not None and ordered_s <= REMOTE_S:
        return "remote"
    by_hand = handpay.reset_id == 0 or handpay.kind == CANCELLED or tells_key_off
    return "attendant" if by_hand else "unknown"


def _end_by_evidence(handpays: Handpays, handpay: Handpay, telling: Telling) -> None:
    handpays.end(handpay, telling)
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
    return {**data, **handpay.told(telling), **handpay.stages(), "lockup_s": handpay.lockup_s}


def _meant_by(handpays: Handpays, names: Names, answer: Answer, telling: Telling) -> Handpay | None:
    """Return the handpay that an amount belongs to, or None if nothing is new about it."""
    if any(answer.is_of(one) for one in handpays.waiting):
        return None
    blank = next((one for one in handpays.waiting if one.level is None), None)
    if blank is not None:
        return blank
    if handpays.waiting:
        return _open(handpays, names, telling) if len(handpays.waiting) < WAITING_MAX else None
    last = handpays.last
    if last is not None and answer.is_of(last):
        return None
    if last is None or last.level is not None or _metered(last, answer.amount_cents):
        handpays.last = _unheard(names, telling)
    return handpays.last


def _metered(handpay: Handpay, amount_cents: int) -> bool:
    """Return whether the meters gave a handpay another amount: this one is another's."""
    return handpay.source == "meters" and handpay.amount_cents not in (None, amount_cents)


def _open(handpays: Handpays, names: Names, telling: Telling) -> Handpay:
    name = names.new("handpay", telling.egm)
    handpay = Handpay(correlation=name, since=telling.kept())
    handpays.waiting.append(handpay)
    return handpay


def _number(values: Mapping[str, object], name: str) -> int:
    value = values.get(name, 0)
    return value if isinstance(value, int) else 0
