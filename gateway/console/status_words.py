"""Whether the gateway, NATS, the outbox and the lines are well, in words."""

from __future__ import annotations

from dataclasses import replace

from gateway.console.calls import Calls
from gateway.console.floor import Contact, Floor
from gateway.console.sight import Said, Sight, Tone
from gateway.console.words import age, clock, several
from gateway.status.model import LineStatus, NatsStatus, OutboxStatus

_NOTHING_NEW = "connected"
_WORKING_LINES = ("polling", "listening", "answering")
GATEWAYS_NAMED = 4
"""Gateways that are named; more are counted."""


def contact_words(floor: Floor, sight: Sight) -> Said:
    """Say whether what is shown is fresh, and if not, since when."""
    reach, now = floor.reach, sight.now
    who = "NATS" if floor.over_nats else "the gateway"
    if reach.contact is Contact.WAITING:
        return Said(f"waiting {age(reach.since, now)} for {who}", Tone.WARN)
    if reach.contact is Contact.AWAY:
        as_at = clock(floor.heard_at or reach.since, sight.zone)
        away = "NATS" if floor.over_nats else "GATEWAY"
        return Said(f"{away} AWAY {age(reach.since, now)}, all is as it was at {as_at}", Tone.BAD)
    return Said("live", Tone.GOOD)


def status_rows(floor: Floor, sight: Sight) -> tuple[list[Said], list[Said]]:
    """Return the two rows of the status: NATS with the outbox, and the lines.

    While the gateway is away: why, and how the rest was when it was last heard.
    """
    if floor.reach.contact is not Contact.AWAY:
        first = gateways_words(floor, sight) if floor.over_nats else nats_words(floor, sight)
        return first, [lines_words(floor, sight)]
    sight = replace(sight, now=floor.heard_at or sight.now)
    first = gateways_words(floor, sight) if floor.over_nats else nats_words(floor, sight)
    then = f"{first[0].text}; {lines_words(floor, sight).text}"
    return [Said(floor.reach.reason, Tone.BAD)], [Said(f"it was: {then}", Tone.QUIET)]


def gateways_words(floor: Floor, sight: Sight) -> list[Said]:
    """Say which gateways tell of the floor over NATS, and of which nothing is heard."""
    if not floor.known:
        return [Said("Gateways: not known before NATS answers", Tone.QUIET)]
    lives = [floor.gateways[name] for name in sorted(floor.gateways)]
    gone = [life for life in lives if life.gone]
    well = [life.name for life in lives if not life.gone]
    named = ", ".join(well) if len(well) <= GATEWAYS_NAMED else f"{len(well)} gateways"
    said = [Said(f"NATS connected, {named or 'no gateway'} live", Tone.PLAIN)]
    said += [
        Said(f"; {life.gone}, {age(life.since, sight.now)} ago", Tone.BAD)
        for life in gone[:GATEWAYS_NAMED]
    ]
    if len(gone) > GATEWAYS_NAMED:
        said.append(Said(f"; {len(gone) - GATEWAYS_NAMED} more are gone", Tone.BAD))
    return said


def nats_words(floor: Floor, sight: Sight) -> list[Said]:
    """Say how NATS and the outbox are, what happens to the events meanwhile; last, why.

    First of all, where another gateway has this one's name; then also what may be lost in NATS.
    """
    if floor.known and floor.nats.name == "yielded":
        return [Said(floor.nats.name_words, Tone.BAD)]
    said = _nats_state(floor, sight)
    words = floor.nats.words if floor.known and floor.nats.words != _NOTHING_NEW else ""
    row = [said, Said(f" ({words})", said.tone)] if words else [said]
    if floor.known and floor.nats.connected:
        row += _doubts(floor.nats)
    return row


def _doubts(nats: NatsStatus) -> list[Said]:
    """Say what is not as good as it could be: the name not confirmed, events that may be lost."""
    doubts = []
    if nats.name_words:
        doubts.append(Said(f"; {nats.name_words}", Tone.WARN))
    if nats.durability_words and nats.durability != "sound":
        tone = Tone.WARN if nats.durability == "weak" else Tone.QUIET
        doubts.append(Said(f"; durability {nats.durability_words}", tone))
    return doubts


def _nats_state(floor: Floor, sight: Sight) -> Said:
    nats, outbox = floor.nats, floor.outbox
    if not floor.known:
        return Said("NATS and outbox: not known before the gateway answers", Tone.QUIET)
    if outbox.state != "ok":
        waiting = _waiting(outbox)
        return Said(f"OUTBOX CANNOT STORE: {outbox.state}; {waiting}", Tone.BAD)
    if not nats.connected:
        since = f" {age(nats.since, sight.now)}" if nats.since else ""
        going_on = ", polling goes on" if _working(floor) and not sight.stale else ""
        text = f"NATS away{since}, {_waiting(outbox)}{going_on}{_refused(outbox)}"
        return Said(text, Tone.WARN)
    parts = [f"NATS connected {age(nats.since, sight.now)}".rstrip()]
    if outbox.depth > nats.in_flight:
        parts.append(f"{several(outbox.depth, 'event')} waiting")
    if nats.in_flight:
        parts.append(f"{nats.in_flight:,} under way")
    parts.append(f"{outbox.acknowledged:,} acknowledged")
    return Said(", ".join(parts) + _refused(outbox), Tone.WARN if outbox.refused else Tone.PLAIN)


def lines_words(floor: Floor, sight: Sight) -> Said:
    """Say which lines do not work and since when, else how long the longest turn takes."""
    lines = [floor.lines[name] for name in sorted(floor.lines)]
    if not lines:
        return Said("Lines: none" if floor.known else "Lines: not known yet", Tone.QUIET)
    broken = [line for line in lines if not _works(line)]
    up, egms = sum(line.egms_up for line in lines), sum(line.egms for line in lines)
    links = f"{up:,} of {several(egms, 'EGM')} answer"
    if broken:
        named = "; ".join(
            f"{line.name} {line.state} {age(line.since, sight.now)}".rstrip() for line in broken
        )
        well = len(lines) - len(broken)
        return Said(f"{well} of {several(len(lines), 'line')} work; {named}; {links}", Tone.BAD)
    states = sorted({line.state for line in lines})
    cycles = [line.cycle_s for line in lines if line.cycle_s is not None]
    turn = f", a turn takes {max(cycles):.2f} s" if cycles else ""
    bad = sum(line.crc_errors + line.other_errors for line in lines)
    errors = f", {several(bad, 'bad answer')}" if bad else ""
    said = f"{several(len(lines), 'line')} {'/'.join(states)}, {links}{turn}{errors}"
    return Said(said, Tone.PLAIN if up == egms else Tone.WARN)


def calls_words(calls: Calls, sight: Sight) -> Said:
    """Say how many calls are open, or why that is not known."""
    number = len(calls.oldest_first())
    if calls.reach.contact is Contact.WAITING:
        return Said("Calls: not connected", Tone.QUIET)
    if calls.reach.contact is Contact.AWAY:
        since = age(calls.reach.since, sight.now)
        return Said(f"Calls: {number:,} open, OLD: NATS away {since}", Tone.WARN)
    more = f", {calls.left_out:,} more not listed" if calls.left_out else ""
    bad = f", {calls.unreadable:,} unreadable" if calls.unreadable else ""
    return Said(f"Calls: {number:,} open{more}{bad}", Tone.NOTE if number else Tone.PLAIN)


def _waiting(outbox: OutboxStatus) -> str:
    if not outbox.depth:
        return "no events waiting"
    return f"{several(outbox.depth, 'event')} kept on disk"


def _refused(outbox: OutboxStatus) -> str:
    return f", {outbox.refused:,} REFUSED" if outbox.refused else ""


def _works(line: LineStatus) -> bool:
    return line.state.startswith(_WORKING_LINES)


def _working(floor: Floor) -> bool:
    return any(_works(line) for line in floor.lines.values())
