"""Whether the clocks are well: the gateways', and the machines' own; in words, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from gateway.console.facts_pages import Account
from gateway.console.machine_words import FactLine
from gateway.console.page import World
from gateway.console.sight import Said, Sight, Tone
from gateway.console.words import age, clock_or_day
from gateway.events.envelope import Envelope
from gateway.events.lookup import Lookup

FAR_S: Final = 60.0
"""A machine whose clock is further off has reports that nobody finds a recording for."""
BEAT: Final = timedelta(minutes=1)
DAY: Final = timedelta(hours=24)
ROWS_MAX: Final = 12

_QUALITY: Final[dict[str, Tone]] = {
    "synced": Tone.GOOD, "unsynced": Tone.BAD, "stepped": Tone.WARN, "unknown": Tone.WARN,
}  # fmt: skip


def _clock(quality: str, name: str, off: str) -> Said:
    """Say how good the clock of the gateway ``name`` is, and what to do."""
    match quality:
        case "synced":
            text = f"Well: a time service holds the clock of {name}; events and recordings agree."
        case "unsynced":
            text = (
                f"NOT HELD: no time service holds the clock of {name}{off}: does chrony or ntpd "
                "run there, and reach a server? Its events say unsynced."
            )
        case "stepped":
            text = (
                f"JUST SET: the clock of {name} was set; times around that moment differ from "
                "recordings."
            )
        case _:
            text = (
                f"Not known: the computer of {name} does not say whether a time service holds "
                "its clock."
            )
    return Said(text, _QUALITY.get(quality, Tone.WARN))


async def ask_clock(world: World) -> Callable[[World, Sight], Account]:
    """Look up what the gateways told of clocks."""
    now, ask = world.sight().now, world.archive
    beats = await ask(Lookup(("gateway.heartbeat",), now - BEAT, None, None, 50))
    kinds = ("gateway.clockjudged", "gateway.clockstepped")
    told = await ask(Lookup(kinds, now - DAY, None, None, 50))
    read = await ask(Lookup(("egm.clockread",), now - DAY, None, None, 10_000))
    why = beats.why or told.why

    def account(_world: World, sight: Sight) -> Account:
        verdict = gateway_clocks(beats.events, told.events, why)
        verdict += machine_clocks(read.events)
        return Account(verdict, _rows(told.events, read.events, sight))

    return account


def gateway_clocks(beats: Sequence[Envelope], told: Sequence[Envelope], why: str) -> list[Said]:
    """Say of each gateway how good its clock is.

    Args:
        beats: heartbeats of the last minute.
        told: what was told of the clocks, the newest first.
        why: why there is less than was looked for.
    """
    newest: dict[str, Envelope] = {}
    for beat in beats:
        if beat.gateway not in newest or beat.time > newest[beat.gateway].time:
            newest[beat.gateway] = beat
    if not newest:
        reason = why or "no gateway has said anything in the last minute"
        return [Said(f"Not known: {reason}.", Tone.WARN)]
    said = []
    for name, beat in sorted(newest.items()):
        offset = next(
            (
                one.data.get("offset_s")
                for one in told
                if one.gateway == name and one.name == "gateway.clockjudged"
            ),
            None,
        )
        off = f" ({offset:+.3f} s off)" if isinstance(offset, int | float) and offset else ""
        said.append(_clock(beat.timequality, name, off))
    return said


def machine_clocks(read: Sequence[Envelope]) -> list[Said]:
    """Say which machines' own clocks are far off."""
    offsets = _offsets(read)
    far = {name: one for name, one in offsets.items() if abs(one[1]) > FAR_S}
    if not offsets:
        return [Said("No machine has shown its clock in the last 24 hours.", Tone.QUIET)]
    if not far:
        return [
            Said(
                f"Machines: the clocks of {len(offsets):,} were read, none is more than "
                f"{FAR_S:.0f} s off.",
                Tone.GOOD,
            )
        ]
    worst = sorted(far.items(), key=lambda each: -abs(each[1][1]))
    named = ", ".join(f"{place or name} {offset:+,.0f} s" for name, (place, offset) in worst[:5])
    more = f" and {len(far) - 5:,} more" if len(far) > 5 else ""
    return [
        Said(
            f"Machines: {len(far):,} of {len(offsets):,} clocks are more than {FAR_S:.0f} s "
            f"off: {named}{more}. Set them in the machine's menu.",
            Tone.WARN,
        )
    ]


def _offsets(read: Sequence[Envelope]) -> dict[str, tuple[str, float]]:
    newest: dict[str, tuple[datetime, str, float]] = {}
    for one in read:
        offset, asset = one.data.get("offset_s"), one.asset or ""
        if isinstance(offset, int | float) and (asset not in newest or newest[asset][0] < one.time):
            newest[asset] = (one.time, one.location, float(offset))
    return {asset: (place, offset) for asset, (_, place, offset) in newest.items()}


def _rows(told: Sequence[Envelope], read: Sequence[Envelope], sight: Sight) -> list[FactLine]:
    rows = [FactLine("This computer", Said(clock_or_day(sight.now, sight.now, sight.zone)))]
    for one in sorted(told, key=lambda event: event.time, reverse=True)[:ROWS_MAX]:
        at = clock_or_day(one.time, sight.now, sight.zone)
        if one.name == "gateway.clockstepped":
            text = f"{one.gateway}: the clock was set by {one.data.get('step_s')} s"
        else:
            text = f"{one.gateway}: {one.data.get('before')}, then {one.data.get('after')}"
        rows.append(FactLine(f"{at} ", Said(f"{text}, {age(one.time, sight.now)} ago")))
    far = sorted(_offsets(read).items(), key=lambda each: -abs(each[1][1]))
    rows += [
        FactLine(place or asset, Said(f"asset {asset}, {offset:+,.1f} s off"))
        for asset, (place, offset) in far[:ROWS_MAX]
        if abs(offset) > FAR_S
    ]
    return rows
