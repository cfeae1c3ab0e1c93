"""The console's lists: the floor, the events, the calls. One row a column."""

from __future__ import annotations

from collections.abc import Callable

from gateway.console.calls import Call
from gateway.console.columns import Column
from gateway.console.link_history import lately_drawn, told_lately, worst_of
from gateway.console.sight import Said, Sight, Tone
from gateway.console.words import AGE_WIDTH, age, at_least, clock_or_day, count, lasting, percent
from gateway.status.lately import MINUTES
from gateway.status.model import EgmStatus, EgmWord, EventLine, LinkWord

STATE_TONES: dict[EgmWord, Tone] = {
    EgmWord.UNKNOWN:     Tone.WARN,
    EgmWord.DOWN:        Tone.BAD,
    EgmWord.QUARANTINED: Tone.BAD,
    EgmWord.HANDPAY:     Tone.NOTE,
    EgmWord.TILT:        Tone.BAD,
    EgmWord.DOOR:        Tone.WARN,
    EgmWord.OUT:         Tone.BAD,
    EgmWord.DEGRADED:    Tone.WARN,
    EgmWord.LAMP:        Tone.NOTE,
    EgmWord.PLAY:        Tone.GOOD,
    EgmWord.IDLE:        Tone.QUIET,
}  # fmt: skip
assert set(STATE_TONES) == set(EgmWord), "a state without a tone"

SEVERITY_TONES: dict[str, Tone] = {
    "info":     Tone.PLAIN,
    "notice":   Tone.NOTE,
    "warning":  Tone.WARN,
    "critical": Tone.BAD,
}  # fmt: skip

CALL_TONES: dict[str, Tone] = {
    "handpay": Tone.NOTE,
    "tilt":    Tone.BAD,
    "lamp":    Tone.NOTE,
}  # fmt: skip

_CALL_WORDS = {"handpay": EgmWord.HANDPAY, "tilt": EgmWord.TILT, "lamp": EgmWord.LAMP}


def found_so(egm: EgmStatus, sight: Sight) -> bool:
    """Return whether the gateway found it so when it started: it may be so for longer."""
    return egm.state is not EgmWord.UNKNOWN and at_least(egm.since, sight.started)


def how_long(egm: EgmStatus, sight: Sight) -> str:
    """Return for how long the EGM is as it is; ``>`` where it may be longer."""
    return lasting(egm.since, sight.now, sight.started if found_so(egm, sight) else None)


def why(egm: EgmStatus) -> str:
    """Say what is behind the state: which doors, which tilts, how much, why the link is down.

    The state's own reason comes first, what else is wrong after it.
    """
    reasons = {
        EgmWord.HANDPAY: egm.handpay or "",
        EgmWord.TILT: ", ".join(egm.tilts),
        EgmWord.DOOR: ", ".join(egm.doors_open),
        EgmWord.DOWN: egm.link_reason,
    }
    first = reasons.pop(egm.state, "")
    words = [first, *(text for text in reasons.values() if text != first)]
    return ", ".join(word for word in words if word)


LATELY_TROUBLE = 4
"""Mark of a minute up to which something is wrong: fewer than 98 of 100 polls were answered."""


def floor_columns(
    location_width: int = 8,
    asset_width: int = 5,
    line_width: int = 5,
    *,
    faults: bool = False,
    lately: Callable[[EgmStatus], str] = told_lately,
) -> tuple[Column[EgmStatus], ...]:
    """Return the floor's columns; what people say and walk to comes first.

    Args:
        location_width: cells of the longest location.
        asset_width: cells of the longest asset number.
        line_width: cells of the longest line with an address: over NATS it names the gateway.
        faults: only EGMs in trouble are listed: since when and why come before the money.
        lately: gives the marks of a link's last minutes.
    """
    trouble, money = (0, 100) if faults else (100, 60)
    past = 90 if faults else 76
    return (
        Column("location", max(8, location_width), lambda egm, _s, _w: Said(egm.location)),
        Column("asset", max(5, asset_width), lambda egm, _s, _w: Said(egm.asset)),
        Column("state", 16, _state),
        Column("for", AGE_WIDTH, lambda egm, s, _w: Said(how_long(egm, s)),
               right=True, from_width=trouble),
        Column("because", 12, lambda egm, _s, _w: Said(why(egm) or _last(egm)), grow=2)
        if faults
        else Column("because", 20, lambda egm, _s, _w: Said(why(egm)), grow=1, from_width=100),
        Column("credits", 7, lambda egm, _s, w: Said(count(egm.credits, w)), right=True,
               from_width=money),
        Column("coin in", 9, lambda egm, _s, w: Said(count(egm.coin_in, w)), right=True,
               from_width=max(money, 90)),
        Column("last event", 12, lambda egm, _s, _w: Said(egm.last_event or ""), grow=2,
               from_width=money if faults else 0),
        Column("ago", AGE_WIDTH, lambda egm, s, _w: Said(age(egm.last_event_at, s.now)),
               right=True),
        Column("lately", MINUTES, lambda egm, s, _w: _lately_said(lately(egm), s), right=True,
               from_width=past),
        Column("link", 5, link_said, right=True),
        Column("line", max(5, line_width),
               lambda egm, _s, _w: Said(f"{egm.line}/{egm.address}"), from_width=100),
    )  # fmt: skip


EVENT_COLUMNS: tuple[Column[EventLine], ...] = (
    Column("time", 8, lambda event, s, _w: _time(event, s)),
    Column("location", 8, lambda event, _s, _w: Said(event.location), from_width=40),
    Column("asset", 5, lambda event, _s, _w: Said(event.asset or ""), from_width=50),
    Column("event", 20, lambda event, _s, _w: _event_text(event), grow=1),
)

CALL_COLUMNS: tuple[Column[Call], ...] = (
    Column("waits", AGE_WIDTH, lambda call, s, _w: Said(age(call.opened, s.now)), right=True),
    Column("call", 9, lambda call, s, _w: _call_kind(call, s)),
    Column("location", 8, lambda call, _s, _w: Said(call.location)),
    Column("asset", 5, lambda call, _s, _w: Said(call.asset), from_width=50),
    Column("text", 10, lambda call, _s, _w: _call_text(call), grow=1),
)


def _last(egm: EgmStatus) -> str:
    return f"last: {egm.last_event}" if egm.last_event else ""


def _state(egm: EgmStatus, sight: Sight, _width: int) -> Said:
    # An old state is nobody's knowledge any more: its mark is the one of "unknown".
    mark = sight.glyphs.state(EgmWord.UNKNOWN if sight.stale else egm.state)
    return Said(f"{mark} {egm.state}", STATE_TONES[egm.state])


def link_said(egm: EgmStatus, _sight: Sight, _width: int) -> Said:
    """Say how the link to ``egm`` is: its word, or the share of its polls answered well."""
    match egm.link:
        case LinkWord.DOWN:
            return Said("down", Tone.BAD)
        case LinkWord.UNKNOWN:
            return Said("?", Tone.QUIET)
        case LinkWord.DEGRADED:
            return Said(f"{percent(egm.link_quality)}!", Tone.WARN)
        case LinkWord.UP:
            return Said(percent(egm.link_quality) or "up")


def _lately_said(marks: str, sight: Sight) -> Said:
    worst = worst_of(marks)
    # what is well stays quiet: the eye is to find the others
    tone = Tone.QUIET if worst is None or worst > LATELY_TROUBLE else Tone.WARN
    return Said(lately_drawn(marks, sight.glyphs), tone)


def _time(event: EventLine, sight: Sight) -> Said:
    return Said(clock_or_day(event.time, sight.now, sight.zone), Tone.QUIET)


def _event_text(event: EventLine) -> Said:
    mark = "repeat? " if event.possible_repeat else ""
    return Said(mark + event.text, SEVERITY_TONES.get(event.severity, Tone.WARN))


def _call_kind(call: Call, sight: Sight) -> Said:
    word = _CALL_WORDS.get(call.kind)
    mark = sight.glyphs.state(word) if word else "?"
    return Said(f"{mark} {call.kind}", CALL_TONES.get(call.kind, Tone.WARN))


def _call_text(call: Call) -> Said:
    # The column before it says the kind already.
    return Said(call.text.removeprefix(call.kind).lstrip(" :"))
