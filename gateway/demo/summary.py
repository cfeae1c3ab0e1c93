"""What ran in a demo, in figures that come from what ran, and whether it may be called well.

``collect`` reads the gateway's status, the streams, the ledger and the outbox; ``Summary`` is what
they said; ``shortcomings`` and ``text_of`` are pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.bus.whole_stream import BusError, StoredMessage, WholeBus, whole_bus
from gateway.console.source import AwayError, UnreadableError, take_snapshot
from gateway.demo.cast import Cast
from gateway.demo.judge import Stored, Verdict, judge
from gateway.demo.ledger import LedgerError, read_ledger
from gateway.demo.rest import SLOT_STREAMS, Rest
from gateway.events.derived import DerivedEnvelope, decode_derived
from gateway.events.envelope import decode
from gateway.events.errors import SchemaError
from gateway.outbox.reader import Reader
from gateway.outbox.types import Counts, ReadError
from gateway.status.model import LineStatus

SHOWN_MAX = 20
"""Disagreements and event types shown; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Derived:
    """What the consumers published.

    Attributes:
        calls_opened: calls that dispatch opened.
        calls_closed: calls whose lock-up ended.
        points: whole points credited by loyalty.
        security_events: events that surveillance put on record.
        dead: messages that a consumer could not take.
    """

    calls_opened: int
    calls_closed: int
    points: int
    security_events: int
    dead: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What ran.

    Attributes:
        lines: figures of every line since the gateway's last start.
        outbox: the gateway's outbox when the demo had come to rest.
        events: events in the streams, by short type.
        derived: what the consumers made of them.
        restarts: times each program was started again, by name.
        verdict: floor against stream.
        faults: what is wrong with the outbox's own chain of hashes.
        unsettled: what did not come to rest.
    """

    lines: tuple[LineStatus, ...]
    outbox: Counts
    events: Mapping[str, int]
    derived: Derived
    restarts: Mapping[str, int]
    verdict: Verdict
    faults: tuple[str, ...]
    unsettled: tuple[str, ...]


class CollectError(Exception):
    """The figures cannot be read, so there is no verdict."""


async def collect(cast: Cast, rest: Rest, restarts: Mapping[str, int]) -> Summary:
    """Read what ran, up to the moment at which the demo came to ``rest``.

    Raises:
        CollectError: something cannot be read; says what.
    """
    if rest.outbox is None:
        raise CollectError(f"the outbox cannot be read: {'; '.join(rest.problems)}")
    last = rest.outbox.last_sequence
    try:
        snapshot = await take_snapshot(cast.places.status_socket)
        async with whole_bus(cast.places.nats_url, cast.passwords["admin"]) as bus:
            stored = [event for name in SLOT_STREAMS for event in await _events(bus, name)]
            derived = _derived(await bus.read("FLOOR"), len(await bus.read("DEAD")))
        reader = Reader(cast.places.outbox)
        try:
            faults = reader.verify().faults
        finally:
            reader.close()
        judged = [event for event in stored if event.sequence <= last]
        verdict = judge(read_ledger(cast.folder), judged)
    except (AwayError, UnreadableError, BusError, SchemaError, LedgerError, ReadError) as error:
        raise CollectError(str(error)) from error
    return Summary(
        lines=snapshot.lines,
        outbox=rest.outbox,
        events=Counter({event.id: event.type for event in judged}.values()),
        derived=derived,
        restarts=restarts,
        verdict=verdict,
        faults=faults,
        unsettled=rest.problems,
    )


async def _events(bus: WholeBus, stream: str) -> list[Stored]:
    return [_stored(message) for message in await bus.read(stream)]


def _stored(message: StoredMessage) -> Stored:
    event = decode(message.body)
    return Stored(
        stream=message.stream,
        stream_sequence=message.sequence,
        id=event.id,
        type=event.name,
        asset=event.asset,
        code=None if event.sascode is None else int(event.sascode, 16),
        sequence=event.sequence,
        familysequence=event.familysequence,
        possible_repeat=event.possiblerepeat,
    )


def _derived(messages: list[StoredMessage], dead: int) -> Derived:
    told: dict[str, DerivedEnvelope] = {}
    for message in messages:
        envelope = decode_derived(message.body)
        told.setdefault(envelope.id, envelope)
    names = Counter(envelope.name for envelope in told.values())
    credited = [one for one in told.values() if one.name == "loyalty.pointscredited"]
    return Derived(
        calls_opened=names["dispatch.callopened"],
        calls_closed=names["dispatch.callclosed"],
        points=sum(int(str(one.data["points"])) for one in credited),
        security_events=names["surveillance.recorded"],
        dead=dead,
    )


def shortcomings(summary: Summary) -> list[str]:
    """Return why the demo may not be called well, one line each; nothing if it may."""
    found = [f"did not come to rest: {what}" for what in summary.unsettled]
    found += [f"line {line.name} was not polled" for line in summary.lines if not line.polls]
    found += [f"line {line.name} never answered" for line in summary.lines if not line.answers]
    stages = {
        "no exception happened on the floor": summary.verdict.happened,
        "no event is in the streams": summary.verdict.stored,
        "no event was acknowledged": summary.outbox.acknowledged,
        "dispatch opened no call": summary.derived.calls_opened,
        "dispatch closed no call": summary.derived.calls_closed,
        "loyalty credited no points": summary.derived.points,
        "surveillance recorded nothing": summary.derived.security_events,
    }
    found += [why for why, count in stages.items() if not count]
    if summary.outbox.refused:
        found.append(f"{summary.outbox.refused} events were refused by NATS")
    if summary.derived.dead:
        found.append(f"{summary.derived.dead} messages are dead letters")
    found += [f"outbox: {fault}" for fault in summary.faults]
    wrong = summary.verdict.disagreements
    if wrong:
        found.append(f"floor and stream disagree in {len(wrong)} places:")
        found += [f"  {one}" for one in wrong[:SHOWN_MAX]]
        if len(wrong) > SHOWN_MAX:
            found.append(f"  and {len(wrong) - SHOWN_MAX} more")
    return found


def text_of(summary: Summary) -> str:
    """Return the one summary that is printed at the end."""
    verdict, outbox, derived = summary.verdict, summary.outbox, summary.derived
    lines = [_line_text(line) for line in summary.lines]
    lines.append(f"floor         {verdict.happened} exceptions, {verdict.lost} lost by machines")
    types = ", ".join(f"{name} {count}" for name, count in sorted(summary.events.items()))
    lines.append(f"events        {sum(summary.events.values())}: {types}")
    lines.append(
        f"outbox        depth {outbox.depth}, {outbox.acknowledged} acknowledged, "
        f"{outbox.refused} refused"
    )
    lines.append(
        f"dispatch      {derived.calls_opened} calls opened, {derived.calls_closed} closed"
    )
    lines.append(f"loyalty       {derived.points} points credited")
    lines.append(f"surveillance  {derived.security_events} security events recorded")
    again = ", ".join(f"{name} {count}" for name, count in summary.restarts.items() if count)
    lines.append(f"restarts      {again or 'none'}")
    wrong = shortcomings(summary)
    if wrong:
        lines.append("verdict       NOT WELL:")
        lines += [f"  {why}" for why in wrong]
    else:
        lines.append(
            f"verdict       floor and stream agree event for event: {verdict.happened} exceptions, "
            f"{verdict.repeats} told twice and marked so"
        )
    return "\n".join(lines)


def _line_text(line: LineStatus) -> str:
    return (
        f"line {line.name:8} {line.polls} polls, {line.answers} answers, "
        f"{line.timeouts} silences, {line.crc_errors} CRC errors, "
        f"{line.other_errors} other errors, {line.egms_up} of {line.egms} EGMs up"
    )
