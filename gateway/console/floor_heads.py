"""The words around the floor screen's lists: its title, the headings, and why a list is empty."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from gateway.console.calls import Calls
from gateway.console.filter import FIELDS
from gateway.console.floor import Contact, Floor
from gateway.console.sight import Said, Sight, Tone
from gateway.console.status_words import contact_words
from gateway.console.view import View
from gateway.console.words import clock, several
from gateway.status.model import EgmWord


@dataclass(frozen=True, slots=True)
class Heading:
    """What a line over a list says, left and right."""

    left: tuple[Said, ...]
    right: Said | None = None


def floor_words(floor: Floor) -> str:
    """Count the EGMs by state, worst first: ``24 EGMs: 3 link down, 1 handpay, 12 in play``."""
    counts = ", ".join(f"{number:,} {word}" for word, number in floor.words().items())
    total = several(len(floor.egms), "EGM")
    return f"{total}: {counts}" if counts else total


def title(floor: Floor, sight: Sight, socket: str) -> Heading:
    """Return the title: which gateway, whether it is live, how the floor is, the time."""
    contact = contact_words(floor, sight)
    parts = [Said(f" {floor.site}/{floor.gateway} " if floor.known else " slotgw ")]
    if floor.reach.contact is Contact.WAITING:
        parts.append(Said(f"{contact.text} at {socket}", contact.tone))
    else:
        parts.append(contact)
    if not sight.stale:
        parts.append(Said(f"  {floor_words(floor)}"))
    return Heading(tuple(parts), Said(f" {clock(sight.now, sight.zone)} "))


def place(span: tuple[int, int], listed: int, total: int, view: View) -> Said:
    """Say which EGMs are listed and in sight: `` 1-13 of 24 EGMs, by location ``."""
    egms = several(total, "EGM")
    if span[1] - span[0] + 1 < listed:
        egms = f"of {egms}" if listed == total else f"of {listed:,}, {egms}"
        egms = f"{span[0]:,}-{span[1]:,} {egms}"
    elif listed < total:
        egms = f"{listed:,} of {egms}"
    return Said(f" {egms}, {view.words()} ")


def tabs(events: Said, calls: Said, shown: str, sight: Sight) -> tuple[Said, ...]:
    """Return the heading of two lists that take turns; the one in brackets is shown."""
    marked = [
        Said(f"[{said.text}]" if name == shown else f" {said.text} ", said.tone)
        for name, said in (("events", events), ("calls", calls))
    ]
    return (rule(sight), marked[0], Said(sight.glyphs.bar, Tone.QUIET), marked[1])


def rule(sight: Sight) -> Said:
    """Return the beginning of a heading."""
    return Said(sight.glyphs.rule, Tone.QUIET)


def no_egms(floor: Floor, view: View, socket: str) -> Said:
    """Say why no EGM is listed, and what to do."""
    if not floor.known:
        reason = floor.reach.reason or f"connecting to {socket}"
        who = "NATS" if floor.over_nats else "the gateway"
        return Said(f"Waiting for {who}: {reason}", Tone.WARN)
    if not floor.egms and floor.over_nats:
        return Said("No gateway has told NATS of an EGM yet.", Tone.WARN)
    if not floor.egms:
        text = "This gateway has no EGMs: name them in the site file, under [[egms]]."
        return Said(text, Tone.WARN)
    if view.faults_only and not view.text.strip():
        return Said("No EGM needs anybody. f lists all.", Tone.GOOD)
    text = f"No EGM is listed under: {view.words()}. esc clears the filter, f lists all."
    return Said(f"{text}{_field_meant(view.text)}", Tone.WARN)


def _field_meant(text: str) -> str:
    """Return how to look in one part alone, to who typed ``bank 7`` for ``bank:7``."""
    words = text.casefold().split()
    for name, wanted in pairwise(words):
        if name in FIELDS:
            return f" Meant {name}:{wanted}?"
    return ""


def no_lines(floor: Floor) -> Said:
    """Say why no line is listed, and what to do."""
    if not floor.known:
        return Said("")
    if floor.over_nats:
        return Said("No gateway has told NATS of an EGM yet.", Tone.WARN)
    text = "This gateway has no lines: name them in the site file, under [[lines]]."
    return Said(text, Tone.WARN)


def no_events(floor: Floor) -> Said:
    """Say why no event is listed."""
    return Said("no events yet" if floor.known else "", Tone.QUIET)


def no_calls(calls: Calls) -> Said:
    """Say why no call is listed, and what to do."""
    if calls.reach.contact is Contact.LIVE:
        return Said("no open calls", Tone.QUIET)
    return Said(f"not connected: {calls.reach.reason or 'connecting to NATS'}", Tone.WARN)


def legend(sight: Sight) -> list[tuple[str, str]]:
    """Return mark and word of every state, worst first."""
    return [(sight.glyphs.state(word), str(word)) for word in EgmWord]
