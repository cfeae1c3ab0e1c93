"""A reading of meters: told as it was read, followed, and held against what was known."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from gateway.events.fact import JsonObject
from gateway.meaning import algebra, calm, meters, money, resets, tracks
from gateway.meaning.exceptions import OPTIONS_CHANGED
from gateway.meaning.meters import Outcome
from gateway.meaning.state import EgmState
from gateway.meaning.telling import Telling
from protocols.sas.replies import LongPollReply, MeterReading

PROMOTIONAL = ("restricted_played", "nonrestricted_played")


def taken(
    state: EgmState,
    reply: LongPollReply,
    machine: Mapping[str, MeterReading],
    trigger: str,
    worth: Decimal | None,
    telling: Telling,
) -> None:
    """Tell the readings of an answer, then what follows from them.

    Credits alone, read at the line's own pace, are not told.

    Args:
        state: of the EGM.
        reply: the answer.
        machine: its readings by name if they are of the whole machine, else nothing.
        trigger: why it was asked for.
        worth: of one credit, or None if not known.
        telling: of the observation.
    """
    known, outcome = state.meters, Outcome()
    if trigger == "cadence" and not meters.has_counters(reply):
        return
    calmly = calm.taken(known, reply, worth, telling)
    if calmly is not None:
        told, followed = calmly
    else:
        compared = meters.compare(known, reply, worth, telling)
        outcome = meters.follow(known, compared, telling, door_open=_logic_door_open(state))
        followed = compared.tracks(known)
        told = meters.told(reply, followed)
    algebra.held(state.bases, known, machine, followed, outcome, telling)
    data: dict[str, object] = {
        "meters": told, "trigger": trigger, "epoch": known.epoch, "breaks": known.breaks,
        "game": reply.meters[0].game,
    }  # fmt: skip
    if worth is not None:
        data["denomination"] = money.told(worth, telling.egm.currency)
    if PROMOTIONAL[0] in told:
        split = _split(told)
        if split is not None:
            data["played"] = split
    telling.main("meter.read", data, correlation=_gap_over(state, telling))
    _tell(outcome, telling)


def priced(state: EgmState, before: str | None, telling: Telling) -> None:
    """1F was read: another accounting denomination begins an epoch, if nothing else has since.

    Args:
        state: of the EGM.
        before: worth of a credit as read before, a decimal string, or None.
        telling: of the observation.
    """
    known, now = state.meters, state.known.denomination
    with_it = tracks.priced(known)
    if before is not None and now is not None and before != now and not with_it:
        last = known.machine()
        since = [track.heard for track in known.tracks.values()]
        evidence = [words for words, number in known.evidence.items()
                    if number > min(since, default=0) or words == OPTIONS_CHANGED]  # fmt: skip
        known.begin_epoch()
        outcome = Outcome()
        words = f"accounting denomination changed from {before} to {now}"
        door = _logic_door_open(state)
        resets.priced(outcome, known.epoch, words, last, evidence, open_=door)
        _tell(outcome, telling)
        known.priced = known.epoch


def _tell(outcome: Outcome, telling: Telling) -> None:
    for event, data, since in outcome.events:
        telling.follow(event, data, since=since, raw=event in {"meter.invalid", "meter.undecided"})


def _split(told: Mapping[str, JsonObject]) -> dict[str, object] | None:
    """Return play as the meters of one answer divide it, or None where they do not."""
    counts = [told.get(name, {}).get("count") for name in ("coin_in", *PROMOTIONAL)]
    played, restricted, free = counts
    if not isinstance(played, int) or not isinstance(restricted, int) or not isinstance(free, int):
        return None
    if restricted + free > played:
        return None  # one of them has gone over its top
    return {
        "cashable_credits": played - restricted - free,
        "restricted_credits": restricted,
        "nonrestricted_credits": free,
    }


def _gap_over(state: EgmState, telling: Telling) -> str | None:
    """Return the name of a gap that this reading is the first after."""
    known, seen = state.meters, telling.seen
    assert seen is not None, "a reading is an answer"
    if known.gap_at is None or not known.gap_at.is_before(seen.asked, telling.egm.birthid):
        return None
    name, known.gap, known.gap_at = known.gap, None, None
    return name


def _logic_door_open(state: EgmState) -> bool:
    return "cardcage" in state.doors.open_names()
