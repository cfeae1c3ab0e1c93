"""What a machine's own events say of it: handpays with their stages, sessions, coverage. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import wrap
from typing import Final

from gateway.console.columns import Column
from gateway.console.lists import SEVERITY_TONES
from gateway.console.machine_words import FactLine
from gateway.console.sight import Said, Sight, Tone
from gateway.console.surveillance import first_check
from gateway.console.words import AGE_WIDTH, age, clock_or_day, several
from gateway.events.catalogue import CATALOGUE
from gateway.events.envelope import Envelope
from gateway.events.families.tilts import KINDS as TILT_KINDS
from gateway.events.text import handpay_text, money_text, one_line
from gateway.status.model import EventLine

KINDS: Final = (
    "door", "cashbox", "power", "tilt", "bill", "ticket", "handpay", "progressive", "transfer",
    "lamp", "menu", "integrity", "egm", "link", "meter.epochstarted", "meter.zeroed",
    "meter.regressed", "meter.rolledover", "meter.undecided", "meter.invalid", "meter.manual",
)  # fmt: skip
"""Everything of a machine but games and readings, which are too many."""
SESSION_KINDS: Final = ("session", "card")
"""Who plays is restricted: over NATS a console does not get these."""

INSIDE_KINDS: Final = (
    "door",
    "cashbox",
    "power",
    "integrity",
    "meter.epochstarted",
    "meter.zeroed",
)
"""Who was inside: what a long list of bills and games would hide."""
INSIDE_MAX: Final = 10

_URGENT: Final = frozenset({"warning", "critical"})
_QUIET: Final = frozenset({"egm.coveragechanged"})
_TO_CHECK: Final = frozenset({"tilt.raised", "bill.rejected", "ticket.refused", "cashbox.nearfull"})
"""Less urgent events that somebody has to look after all the same."""
_TILT_CHECKS: Final = {kind.words: kind.first_check for kind in TILT_KINDS}
HANDPAYS_MAX: Final = 8
SESSIONS_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class PastLine:
    """One event of a machine in words.

    Attributes:
        key: what makes it the same at the next look.
        time: when it was observed.
        text: in words; empty in a line that says what to look at first.
        severity: how urgent it is.
        repeat: the machine may have told this before.
        check: what to look at first, in a line of its own below the event.
    """

    key: str
    time: datetime
    text: str
    severity: str
    repeat: bool = False
    check: str = ""


def _time(line: PastLine, sight: Sight) -> Said:
    return Said("" if line.check else clock_or_day(line.time, sight.now, sight.zone), Tone.QUIET)


def _age(line: PastLine, sight: Sight) -> Said:
    return Said("" if line.check else age(line.time, sight.now))


def _text(line: PastLine) -> Said:
    if line.check:
        return Said(f"  {line.check}", Tone.QUIET)
    mark = "repeat? " if line.repeat else ""
    return Said(mark + line.text, SEVERITY_TONES.get(line.severity, Tone.WARN))


PAST_COLUMNS: Final[tuple[Column[PastLine], ...]] = (
    Column("time", 8, lambda line, s, _w: _time(line, s)),
    Column("ago", AGE_WIDTH, lambda line, s, _w: _age(line, s), right=True),
    Column("event", 20, lambda line, _s, _w: _text(line), grow=1),
)


def past_lines(
    events: Iterable[Envelope], live: Iterable[EventLine], most: int, width: int = 200
) -> list[PastLine]:
    """Return the newest events, the newest first, each urgent one with what to look at first.

    Args:
        events: as looked up.
        live: as the floor tells them; what was looked up already is passed over.
        most: events.
        width: cells of a row of text; what to look at first takes as many rows as it needs.
    """
    kept = sorted(
        (one for one in events if one.name not in _QUIET),
        key=lambda one: (one.time, one.sequence), reverse=True,
    )[:most]  # fmt: skip
    newest = kept[0].time if kept else None
    there = {(one.time.replace(microsecond=0), one_line(one)) for one in kept}
    lines: list[PastLine] = []
    for told in live:
        if newest is not None and told.time < newest.replace(microsecond=0):
            continue
        if (told.time.replace(microsecond=0), told.text) in there:
            continue
        lines += _pair(PastLine(
            f"live{told.sequence}", told.time, told.text, told.severity, told.possible_repeat
        ), _live_check(told), width)  # fmt: skip
    said = ""
    for one in kept:
        check = first_check(one) if one.severity in _URGENT or one.name in _TO_CHECK else ""
        line = PastLine(one.id, one.time, one_line(one), one.severity, one.possiblerepeat)
        lines += _pair(line, "" if check == said else check, width)
        said = check
    return lines


def _live_check(told: EventLine) -> str:
    """Return what to look at first; the floor tells an event's words, not which kind it is."""
    if told.severity not in _URGENT and told.type not in _TO_CHECK:
        return ""
    if told.type == "tilt.raised":
        return _TILT_CHECKS.get(told.text, "")
    row = CATALOGUE.get(told.type)
    return row.first_check if row else ""


def _pair(line: PastLine, check: str, width: int) -> list[PastLine]:
    if not check or check == "Nothing.":
        return [line]
    rows = wrap(f"look first: {check}", max(20, width - 2), subsequent_indent="  ")
    return [
        line,
        *(PastLine(f"{line.key}?{number}", line.time, "", "info", check=row)
          for number, row in enumerate(rows)),
    ]  # fmt: skip


def inside_facts(events: Sequence[Envelope], sight: Sight) -> list[FactLine]:
    """Return what was opened, switched off or cleared, the newest first, but no everyday doors."""
    kept = [one for one in events if not (
        one.family == "door" and one.name != "door.poweroffaccess"
        and one.data.get("door") in _EVERYDAY)]  # fmt: skip
    kept.sort(key=lambda one: (one.time, one.sequence), reverse=True)
    return [
        FactLine(clock_or_day(one.time, sight.now, sight.zone),
                 Said(one_line(one), SEVERITY_TONES.get(one.severity, Tone.WARN)))
        for one in kept[:INSIDE_MAX]
    ]  # fmt: skip


_EVERYDAY: Final = frozenset({"slot", "belly"})


def handpay_facts(events: Sequence[Envelope], sight: Sight) -> list[FactLine]:
    """Return each handpay with the clock of its stages, the newest first."""
    stories: dict[str, list[Envelope]] = {}
    for event in sorted(events, key=lambda one: (one.time, one.sequence)):
        if event.family == "handpay" and not event.data.get("repeat"):
            stories.setdefault(event.correlation or event.id, []).append(event)
    newest = sorted(stories.values(), key=lambda story: story[0].time, reverse=True)
    return [
        FactLine(clock_or_day(story[0].time, sight.now, sight.zone), _story(story, sight))
        for story in newest[:HANDPAYS_MAX]
    ]


_STAGES: Final[Mapping[str, str]] = {
    "handpay.amountknown": "amount", "handpay.validated": "validated",
    "handpay.keyedoff": "keyed off", "handpay.reset": "reset", "handpay.cancelled": "cancelled",
    "handpay.paid": "paid", "handpay.settled": "metered", "handpay.amountdiffers": "DIFFERS",
}  # fmt: skip


def _story(story: Sequence[Envelope], sight: Sight) -> Said:
    began = story[0].time
    known = [one for one in story if one.data.get("amount") is not None]
    amount = handpay_text((known or story)[-1].data)
    words = [f"{_STAGES[one.name]} +{age(began, one.time)}" for one in story if one.name in _STAGES]
    names = {one.name for one in story}
    if names & {"handpay.reset", "handpay.cancelled"}:
        paid = "" if "handpay.paid" in names else "; no word that the guest was paid"
        return Said(f"{', '.join(words)}; {amount}{paid}", Tone.PLAIN)
    pending = f"PENDING for {age(began, sight.now)}"
    return Said(f"{', '.join([pending, *words])}; {amount}", Tone.NOTE)


def session_facts(events: Sequence[Envelope], sight: Sight) -> list[FactLine]:
    """Return the carded sessions, the newest first; who played is not said."""
    facts = []
    for event in sorted(events, key=lambda one: (one.time, one.sequence), reverse=True):
        if event.name not in {"session.opened", "session.closed", "session.corrected"}:
            continue
        at = clock_or_day(event.time, sight.now, sight.zone)
        facts.append(FactLine(at, Said(_session(event))))
    return facts[:SESSIONS_MAX]


def _session(event: Envelope) -> str:
    data = event.data
    if event.name == "session.opened":
        return "opened"
    credits_in = data.get("coin_in_credits")
    money = money_text(data.get("coin_in"))
    worth = f" ({money})" if money else ""
    played = f"coin in {credits_in:,} credits{worth}" if isinstance(credits_in, int) else "no count"
    if event.name == "session.corrected":
        return f"corrected: {played}"
    games = data.get("games")
    more = f", {several(games, 'game')}" if isinstance(games, int) else ""
    return f"closed, {data.get('quality', '')}: {played}{more}"


def coverage_facts(events: Sequence[Envelope]) -> list[FactLine]:
    """Return what this SAS port has shown of each family, and since what evidence."""
    shown: dict[str, str] = {}
    for event in sorted(events, key=lambda one: (one.time, one.sequence)):
        if event.name == "egm.born":
            told = event.data.get("coverage")
            shown |= {str(k): str(v) for k, v in told.items()} if isinstance(told, dict) else {}
        elif event.name == "egm.coveragechanged":
            shown[str(event.data.get("family"))] = str(event.data.get("after"))
    facts = []
    for word, (label, tone) in _COVER.items():
        names = sorted(name for name, cover in shown.items() if cover == word)
        if names:
            facts.append(FactLine(label, Said(", ".join(names), tone)))
    return facts


_COVER: Final = {
    "proven": ("Proven", Tone.GOOD),
    "seen": ("Seen", Tone.PLAIN),
    "neverseen": ("Never seen", Tone.WARN),
    "notoffered": ("Not offered", Tone.QUIET),
}


def identity_facts(events: Sequence[Envelope], sight: Sight, width: int = 200) -> list[FactLine]:
    """Return who the machine says it is, and what the site's registry says of it."""
    born = [one for one in events if one.name == "egm.born"]
    if not born:
        return []
    last = max(born, key=lambda one: (one.time, one.sequence))
    facts = [FactLine("Known since", Said(clock_or_day(last.time, sight.now, sight.zone)))]
    for part, label in (("identity", "Machine says"), ("record", "Registry says")):
        told = last.data.get(part)
        if isinstance(told, dict):
            words = [f"{name.replace('_', ' ')} {_plain(value)}" for name, value in told.items()
                     if value not in (None, "", [])]  # fmt: skip
            rows = wrap(", ".join(words), width) or ["nothing"]
            facts += [FactLine("" if number else label, Said(row))
                      for number, row in enumerate(rows)]  # fmt: skip
    clocks = [one for one in events if one.name == "egm.clockread"]
    if clocks:
        newest = max(clocks, key=lambda one: one.time)
        offset = newest.data.get("offset_s")
        far = f", {offset:+.0f} s off" if isinstance(offset, int | float) else ""
        facts.append(FactLine("Its clock", Said(f"{newest.data.get('shown')}{far}")))
    return facts


def _plain(value: object) -> str:
    if isinstance(value, dict) and {"amount", "currency"} <= value.keys():
        return money_text(value)
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
