"""Everything that the gateway knows about one EGM, in words."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.console.columns import Column
from gateway.console.line_findings import damaged
from gateway.console.lists import STATE_TONES, found_so, how_long
from gateway.console.sight import Said, Sight, Tone
from gateway.console.words import age, clock_or_day, percent, several, worth
from gateway.status.model import EgmStatus, EgmWord, LineStatus, LinkWord


@dataclass(frozen=True, slots=True)
class FactLine:
    """One fact: what it is about, and what it says."""

    label: str
    said: Said


FACT_COLUMNS: tuple[Column[FactLine], ...] = (
    Column("about", 14, lambda fact, _s, _w: Said(fact.label, Tone.QUIET)),
    Column("fact", 20, lambda fact, _s, _w: fact.said, grow=1),
)


def machine_title(egm: EgmStatus, sight: Sight) -> str:
    """Name the EGM, its state and since when: ``01-03-02  asset 10302  $ handpay for 3:12``."""
    old = " (OLD)" if sight.stale else ""
    mark = sight.glyphs.state(EgmWord.UNKNOWN if sight.stale else egm.state)
    lasting = f" for {how_long(egm, sight)}" if egm.since else ""
    return f"{egm.location}  asset {egm.asset}  {mark} {egm.state}{lasting}{old}"


def machine_facts(
    egm: EgmStatus, line: LineStatus | None, sight: Sight, *, over_nats: bool = False
) -> list[FactLine]:
    """Return every fact about ``egm``, what needs somebody first."""
    facts = [
        FactLine("State", _state(egm, sight)),
        FactLine("Handpay", _or_none(egm, egm.handpay or "", Tone.NOTE)),
        FactLine("Doors open", _or_none(egm, ", ".join(egm.doors_open), Tone.WARN)),
        FactLine("Tilts", _or_none(egm, ", ".join(egm.tilts), Tone.BAD)),
        FactLine("Session", Said("a player's card is in" if egm.carded else "no card")),
        FactLine("Credits", _credits(egm, egm.credits)),
        FactLine("Coin in", _credits(egm, egm.coin_in)),
        FactLine("Last event", _last_event(egm, sight)),
        FactLine("Link", _link(egm)),
        FactLine("Polls", _not_told("polls and errors") if over_nats else _polls(egm)),
        FactLine("Line", _line(egm, None if over_nats else line, sight)),
        FactLine("Stands in", Said(_standing(egm))),
    ]
    if sight.stale:
        return [FactLine(fact.label, Said(fact.said.text, Tone.QUIET)) for fact in facts]
    return facts


def _state(egm: EgmStatus, sight: Sight) -> Said:
    if egm.since is None:
        return Said(egm.state, STATE_TONES[egm.state])
    since = clock_or_day(egm.since, sight.now, sight.zone)
    text = f"{egm.state} since {since}, for {how_long(egm, sight)}"
    if found_so(egm, sight):
        text = f"{egm.state} since before {since}, when the gateway started"
    return Said(text, STATE_TONES[egm.state])


def _or_none(egm: EgmStatus, text: str, tone: Tone) -> Said:
    if egm.link is LinkWord.UNKNOWN and not text:
        return Said("not known: nothing was heard of it yet", Tone.QUIET)
    if egm.link is LinkWord.DOWN:  # it may be otherwise by now, and nobody is told
        text = f"{text or 'none'}, when it was last heard"
        return Said(text, Tone.WARN)
    if text and damaged(egm):
        text = f"{text} (misread? its answers arrive damaged)"
    return Said(text, tone) if text else Said("none", Tone.QUIET)


def _credits(egm: EgmStatus, number: int | None) -> Said:
    if number is None:
        return Said("not read yet", Tone.QUIET)
    value = worth(number, egm.denomination)
    of = f", worth {value} at {egm.denomination} a credit" if value else ", denomination not read"
    return Said(f"{several(number, 'credit')}{of}")


def _last_event(egm: EgmStatus, sight: Sight) -> Said:
    if egm.last_event is None:
        return Said("none yet", Tone.QUIET)
    if egm.last_event_at is None:
        return Said(egm.last_event)
    at = clock_or_day(egm.last_event_at, sight.now, sight.zone)
    return Said(f"{egm.last_event}, at {at}, {age(egm.last_event_at, sight.now)} ago")


def _link(egm: EgmStatus) -> Said:
    quality = ""
    if egm.link_quality is not None and egm.link is not LinkWord.DOWN:
        quality = f", {percent(egm.link_quality)} of the last 100 polls answered well"
    reason = f": {egm.link_reason}" if egm.link_reason else ""
    tones = {LinkWord.DOWN: Tone.BAD, LinkWord.DEGRADED: Tone.WARN}
    return Said(f"{egm.link}{reason}{quality}", tones.get(egm.link, Tone.PLAIN))


def _polls(egm: EgmStatus) -> Said:
    bad = f"{egm.timeouts:,} silent, {egm.errors - egm.timeouts:,} damaged"
    timed = egm.answer_ms is not None and egm.link is not LinkWord.DOWN
    took = f", answers in {egm.answer_ms} ms" if timed else ""
    return Said(f"{egm.polls:,} sent, {egm.answers:,} answered, {bad}{took}", Tone.PLAIN)


def _not_told(what: str) -> Said:
    return Said(f"{what} are not told over NATS: see the gateway's own computer", Tone.QUIET)


def _line(egm: EgmStatus, line: LineStatus | None, sight: Sight) -> Said:
    here = f"{egm.line}, address {egm.address}"
    if line is None:
        return Said(here)
    since = f" for {age(line.since, sight.now)}" if line.since else ""
    return Said(f"{here}, port {line.port}, {line.state}{since}")


def _standing(egm: EgmStatus) -> str:
    bank = f"bank {egm.bank}" if egm.bank else "no bank named"
    return f"{bank}, zone {egm.zone}" if egm.zone else bank
