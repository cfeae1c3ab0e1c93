"""Meters that were set to zero: a new epoch, some of them zeroed, and who opened the machine.

A meter can only be reset from the sealed logic area of a machine; so a reset before which no logic
door was seen open is an alert of its own, whatever else explains it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from gateway.events.fact import JsonObject
from gateway.meaning.counts import count, named
from gateway.meaning.exceptions import BILL_RESET, GAP, LINK_DOWN, LOGIC_DOOR
from gateway.meaning.judge import Step, Verdict
from gateway.meaning.since import Since

DOOR_OPEN = "logic door is open"


class Taker(Protocol):
    """Takes events that follow from a reading."""

    def add(self, event: str, data: JsonObject, since: Since | None = None) -> None:
        """Add an event that happened after ``since``."""
        ...


def began(
    outcome: Taker,
    epoch: int,
    verdict: Verdict,
    steps: Sequence[Step],
    since: Since,
    *,
    open_: bool,
) -> None:
    """All meters began anew: a RAM clear."""
    _epoch(
        outcome, epoch, "ramclear", before(steps), after(steps),
        (*verdict.evidence, *_open_words(open_=open_)), since,
    )  # fmt: skip


def priced(
    outcome: Taker,
    epoch: int,
    words: str,
    meters: Mapping[str, JsonObject],
    evidence: Iterable[str],
    *,
    open_: bool,
) -> None:
    """Another accounting denomination: credits before and after it are not the same thing."""
    _epoch(
        outcome, epoch, "denomination", dict(meters), {},
        (words, *evidence, *_open_words(open_=open_)), None, alert=False,
    )  # fmt: skip


def zeroed(
    outcome: Taker,
    epoch: int,
    steps: Sequence[Step],
    evidence: Sequence[str],
    since: Since,
    *,
    open_: bool,
) -> None:
    """Some meters of one reading were set to zero at once."""
    words = (*evidence, *_open_words(open_=open_))
    data = {"what": "meters", "epoch": epoch, "before": before(steps), "evidence": words[:16]}
    outcome.add("meter.zeroed", {**data, "evidence": list(words[:16])}, since)
    if BILL_RESET not in words:
        _unexplained(outcome, "somemeters", epoch, words, since)


def _epoch(
    outcome: Taker,
    epoch: int,
    reason: str,
    old: Mapping[str, JsonObject],
    new: Mapping[str, JsonObject],
    words: tuple[str, ...],
    since: Since | None,
    *,
    alert: bool = True,
) -> None:
    data = {
        "epoch": epoch, "reason": reason, "before": old, "after": new, "evidence": list(words[:16]),
        "logic_door_seen": _door_seen(words),
    }  # fmt: skip
    outcome.add("meter.epochstarted", data, since)
    if alert:
        _unexplained(outcome, "allmeters", epoch, words, since)


def _unexplained(
    outcome: Taker, what: str, epoch: int, words: Sequence[str], since: Since | None
) -> None:
    if _door_seen(words):
        return
    covered = GAP not in words and LINK_DOWN not in words
    data = {"what": what, "epoch": epoch, "evidence": list(words[:16]), "doors_covered": covered}
    outcome.add("integrity.resetwithoutdoor", data, since)


def _door_seen(words: Iterable[str]) -> bool:
    return any(word in {LOGIC_DOOR, DOOR_OPEN} for word in words)


def _open_words(*, open_: bool) -> tuple[str, ...]:
    return (DOOR_OPEN,) if open_ else ()


def before(steps: Iterable[Step]) -> dict[str, JsonObject]:
    """Return the earlier readings of ``steps`` as event data."""
    return {named(one.name)[0]: count(named(one.name)[0], one.before, one.digits) for one in steps}


def after(steps: Iterable[Step]) -> dict[str, JsonObject]:
    """Return the later readings of ``steps`` as event data."""
    return {named(one.name)[0]: count(named(one.name)[0], one.after, one.digits) for one in steps}
