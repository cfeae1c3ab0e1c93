"""Whether the outbox and NATS are well, what that means for the events, and what to do."""

from __future__ import annotations

from gateway.console.facts_pages import Account
from gateway.console.machine_words import FactLine
from gateway.console.page import World
from gateway.console.sight import Said, Sight, Tone
from gateway.console.words import age, clock_or_day, several
from gateway.status.model import NatsStatus, OutboxStatus

SLOW_COMMIT_MS = 100.0
"""A commit that takes longer holds its line up: the next poll waits for it."""


_DURABLE = {
    "sound": "sound",
    "weak": "weak",
    "unknown": "unknown, the server was not looked at yet",
}


def outbox_account(world: World, sight: Sight) -> Account:
    """Say whether events are kept and delivered."""
    floor = world.floor
    if not floor.known:
        return Account([_unknown("the outbox", world)], [])
    if floor.over_nats:
        return Account(_outboxes(world, sight), lives(world, sight))
    outbox, nats = floor.outbox, floor.nats
    verdict = [_storing(outbox), _delivering(outbox, nats)]
    if outbox.refused:
        verdict.append(Said(
            f"{several(outbox.refused, 'event')} refused by NATS and kept here: see which with "
            "slotgw outbox list --state refused, mend the cause, send them again with slotgw "
            "outbox replay", Tone.BAD,
        ))  # fmt: skip
    waiting = f"{several(outbox.depth, 'event')}, {nats.in_flight:,} under way"
    refused = Tone.BAD if outbox.refused else Tone.PLAIN
    facts = [
        FactLine("Waiting", Said(waiting)),
        FactLine("Oldest waiting", Said(_seconds(outbox.oldest_age_s))),
        FactLine("Acknowledged", Said(f"{outbox.acknowledged:,} since the file was made")),
        FactLine("Refused", Said(f"{outbox.refused:,}", refused)),
        FactLine("Last sequence", Said(f"{outbox.last_sequence:,}")),
        FactLine("Last commit took", Said(_milliseconds(outbox.commit_ms))),
    ]
    return Account([one for one in verdict if one.text], _aged(facts, sight))


def nats_account(world: World, sight: Sight) -> Account:
    """Say whether events reach NATS, and how safe they are there."""
    floor = world.floor
    if not floor.known:
        return Account([_unknown("NATS", world)], [])
    if floor.over_nats:
        return _over_nats(world, sight)
    nats, outbox = floor.nats, floor.outbox
    if nats.name == "yielded":
        verdict = [Said(f"NOT POLLING: {nats.name_words}", Tone.BAD)]
    elif nats.connected:
        verdict = [Said("Well: the gateway is connected to NATS.", Tone.GOOD)]
    else:
        verdict = [
            Said(
                f"NATS is away for {age(nats.since, sight.now) or 'an unknown time'}. Nothing is "
                f"lost: {several(outbox.depth, 'event')} wait in the outbox and are sent when it "
                "is back.", Tone.WARN,
            ),
            Said("Look whether nats-server runs and whether its address in the site file is "
                 "right; polling goes on meanwhile.", Tone.WARN),
        ]  # fmt: skip
    verdict.append(Said(nats.words))
    if nats.name_words and nats.name != "yielded":
        verdict.append(Said(nats.name_words, Tone.WARN))
    worth = nats.durability_words or _DURABLE[nats.durability]
    tone = Tone.GOOD if nats.durability == "sound" else Tone.WARN
    verdict.append(Said(f"What an acknowledgement is worth: {worth}.", tone))
    since = clock_or_day(nats.since, sight.now, sight.zone) if nats.since else "never yet"
    facts = [
        FactLine("Server", Said(nats.url or "not told")),
        FactLine("Connected" if nats.connected else "Away since", Said(since)),
        FactLine("Under way", Said(several(nats.in_flight, "event"))),
        FactLine("Open calls", Said(_calls(world))),
    ]
    return Account(verdict, _aged(facts, sight))


def _storing(outbox: OutboxStatus) -> Said:
    if outbox.state != "ok":
        return Said(
            f"NOT WELL: events cannot be stored: {outbox.state}. Machines keep their own queues "
            "of 20 meanwhile; free the disk or mend it, then slotgw outbox verify.", Tone.BAD,
        )  # fmt: skip
    if outbox.commit_ms is not None and outbox.commit_ms > SLOW_COMMIT_MS:
        return Said(
            f"Slow: the last commit took {outbox.commit_ms:.0f} ms, and its line waited for it. "
            "Look at what else writes to this disk.", Tone.WARN,
        )  # fmt: skip
    return Said("Well: every event is on this computer's disk before the next poll.", Tone.GOOD)


def _delivering(outbox: OutboxStatus, nats: NatsStatus) -> Said:
    waiting = outbox.depth - nats.in_flight
    if waiting <= 0:
        return Said("Delivered: nothing waits but what is under way.", Tone.GOOD)
    oldest = f", the oldest for {_seconds(outbox.oldest_age_s)}" if outbox.oldest_age_s else ""
    cause = "" if nats.connected else ": NATS is away (page 7)"
    return Said(f"{several(waiting, 'event')} wait to be sent{oldest}{cause}.", Tone.WARN)


def lives(world: World, sight: Sight) -> list[FactLine]:
    """Return of each gateway whether it lives, and its last event."""
    facts = []
    for name, life in sorted(world.floor.gateways.items()):
        if life.gone:
            said = Said(f"{life.gone}, {age(life.since, sight.now)} ago", Tone.BAD)
        else:
            since = clock_or_day(life.since, sight.now, sight.zone) if life.since else "earlier"
            said = Said(
                f"lives since {since}, last heard {age(life.heard_at, sight.now)} ago, "
                f"last event {life.last_sequence:,}", Tone.GOOD,
            )  # fmt: skip
        facts.append(FactLine(name, said))
    return _aged(facts, sight)


def _outboxes(world: World, sight: Sight) -> list[Said]:
    gone = [life for life in world.floor.gateways.values() if life.gone]
    said = [
        Said("How much waits in an outbox is not told over NATS: what comes from a gateway has "
             "left it. Open slotgw console SITE.toml, or slotgw outbox status, there.", Tone.QUIET)
    ]  # fmt: skip
    if gone and not sight.stale:
        names = ", ".join(sorted(life.name for life in gone))
        said.insert(0, Said(f"Nothing comes from {names}: its events may wait there.", Tone.BAD))
    elif not sight.stale:
        said.insert(0, Said("Every gateway's events come.", Tone.GOOD))
    return said


def _over_nats(world: World, sight: Sight) -> Account:
    floor = world.floor
    if sight.stale:
        verdict = [Said(f"NATS is away: {floor.reach.reason}. The floor below is old.", Tone.BAD)]
    else:
        verdict = [Said("Well: this console follows the floor on NATS.", Tone.GOOD)]
    verdict.append(Said(
        "What an acknowledgement of this server is worth is told on a gateway's own console.",
        Tone.QUIET,
    ))  # fmt: skip
    facts = [FactLine("Server", Said(floor.nats.url)), FactLine("Open calls", Said(_calls(world)))]
    return Account(verdict, [*_aged(facts, sight), *lives(world, sight)])


def _unknown(what: str, world: World) -> Said:
    who = "NATS" if world.floor.over_nats else "The gateway"
    return Said(f"{who} has not answered yet, so nothing is known of {what}.", Tone.WARN)


def _calls(world: World) -> str:
    reach = world.calls.reach
    return reach.reason or f"followed, {len(world.calls.oldest_first()):,} open"


def _aged(facts: list[FactLine], sight: Sight) -> list[FactLine]:
    if not sight.stale:
        return facts
    return [FactLine(fact.label, Said(fact.said.text, Tone.QUIET)) for fact in facts]


def _seconds(value: float | None) -> str:
    return "nothing waits" if value is None else f"{value:,.0f} s"


def _milliseconds(value: float | None) -> str:
    return "not known yet" if value is None else f"{value:.1f} ms"
