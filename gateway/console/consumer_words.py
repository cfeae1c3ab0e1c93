"""Whether the services that read the streams keep up, in words, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from gateway.console.facts_pages import Account
from gateway.console.machine_words import FactLine
from gateway.console.page import World
from gateway.console.sight import Said, Sight, Tone
from gateway.console.words import age, several

if TYPE_CHECKING:
    from gateway.bus.followers import Follower

BEHIND_MIN: Final = 1_000
"""Messages waiting from which on a service that reads is called behind."""

_DOES: Final = {
    "dispatch": "calls for attendants are late",
    "loyalty": "points are late",
    "surveillance": "records and bookmarks are late",
    "reconcile": "the comparison with the SMS is late",
    "index": "slotgw find lacks the newest events",
}


async def ask_consumers(world: World) -> Callable[[World, Sight], Account]:
    """Ask NATS how the services keep up."""
    if world.followers is None:
        said = Said("Not known: no NATS password was given; see --password-file.", Tone.WARN)
        return lambda _world, _sight: Account([said], [])
    asked = world.sight().now
    found = await world.followers()
    if isinstance(found, str):
        away = [
            Said(f"Not known: {found}.", Tone.BAD),
            Said("What waits is kept in the streams until its days are over.", Tone.QUIET),
        ]
        return lambda _world, _sight: Account(away, [])

    def account(_world: World, sight: Sight) -> Account:
        verdict, facts = judged(found)
        facts.append(FactLine("Asked", Said(f"{age(asked, sight.now)} ago", Tone.QUIET)))
        return Account(verdict, facts)

    return account


def judged(found: Sequence[Follower]) -> tuple[list[Said], list[FactLine]]:
    """Return the verdict and a row a service."""
    verdict = [said for one in found if (said := _wrong(one)) is not None]
    dead = [one for one in found if one.dead]
    if dead:
        names = ", ".join(f"{one.dead:,} of {one.name}" for one in dead)
        verdict.append(
            Said(
                f"Dead letters, not taken and kept with their reason: {names}. Read "
                "them in the stream DEAD; they are no longer tried.",
                Tone.WARN,
            )
        )
    if not any(one.streams for one in found):
        verdict.append(
            Said(
                "No service reads the streams of this site: nobody is called, and "
                "nothing is compared. slotgw central --help lists them.",
                Tone.WARN,
            )
        )
    if not verdict:
        verdict = [Said("Well: every service that runs here keeps up.", Tone.GOOD)]
    return verdict, [FactLine(one.name, _row(one)) for one in found]


def _wrong(one: Follower) -> Said | None:
    late = _DOES.get(one.name, "its work is late")
    if not one.streams:
        return None
    if one.waiting and not one.reading:
        return Said(
            f"{one.name} does not read, {several(one.waiting, 'event')} wait: {late}. Is "
            f"it running? slotgw central {one.name}",
            Tone.BAD,
        )
    if not one.reading and not one.in_hand:
        return Said(f"{one.name} does not read now; nothing waits yet. Is it running?", Tone.WARN)
    if one.waiting >= BEHIND_MIN:
        return Said(f"{one.name} is behind by {several(one.waiting, 'event')}: {late}.", Tone.WARN)
    return None


def _row(one: Follower) -> Said:
    if not one.streams:
        return Said("not seen: never ran here, or reads only what this user may not", Tone.QUIET)
    reads = "reads" if one.reading or one.in_hand else "does not read"
    again = f", {one.again:,} again" if one.again else ""
    streams = ", ".join(name.removeprefix("SLOT_").lower() for name in one.streams)
    text = f"{one.waiting:,} wait, {one.in_hand:,} in hand{again}; {reads} {streams}"
    return Said(text, Tone.PLAIN if _wrong(one) is None else Tone.WARN)
