"""The checks: which steps each has, in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from gateway.commissioning import absence, families, identity, readings, wiring
from gateway.commissioning.families import Family
from gateway.commissioning.step import Step

Kind = Literal["commission", "comms", "absence", "meters"]


@dataclass(frozen=True, slots=True)
class Plan:
    """One check.

    Attributes:
        kind: its short name, which is typed too.
        title: for people.
        meaning: what it is for.
        steps: in order; none for the meter check, which is a table.
    """

    kind: Kind
    title: str
    meaning: str
    steps: tuple[Step, ...] = ()


def _family(name: str, title: str, do: str, family: Family) -> Step:
    return Step(name, title, do, partial(families.judge, family))


PORT: Final = Step("port", "Our port", "Nothing: our port on {line} is looked at.", wiring.port)
ADDRESS: Final = Step(
    "address", "SAS address", "Plug the harness in and switch the machine on. Its address must be "
    "{address}; a machine that nobody polls chirps its own after 5 s.", wiring.address,
)  # fmt: skip
NINTH: Final = Step(
    "ninth", "Ninth bit", "Nothing: a machine answers long polls only if our ninth bit is right.",
    wiring.ninth_bit,
)  # fmt: skip
SYNC: Final = Step(
    "sync", "Sync", "Leave the plugs alone for a few seconds: 20 polls in a row are wanted.",
    wiring.sync,
)  # fmt: skip
SERIAL: Final = Step(
    "serial", "Serial number", "Nothing: it is read (poll 54) and held to the registry.",
    identity.serial,
)  # fmt: skip
REGISTRY: Final = Step(
    "registry", "Denomination", "Nothing: it is read (poll 1F) and held to the registry.",
    identity.registry,
)  # fmt: skip
PLACE: Final = Step(
    "place", "Place", "Look at the sign of the bank and the asset plate of the machine.",
    identity.place, "Does asset {asset} stand at {location}?",
)  # fmt: skip
METERS: Final = Step(
    "meters", "Meters twice", "Wait: two readings, some ten seconds apart.", readings.twice
)
QUALITY: Final = Step(
    "quality", "Link quality", "Move plugs and harness a little while the figure is looked at.",
    wiring.quality,
)  # fmt: skip
DOOR: Final = _family("door", "Slot door", "Open the slot (main) door, close it.", families.DOOR)
BILL: Final = _family("bill", "Bill", "Put one bill in.", families.BILL)
GAME: Final = _family("game", "Game", "Play one game, and let it end.", families.GAME)
TICKET: Final = _family("ticket", "Ticket", "Cash out a small amount: a ticket is printed.",
                        families.TICKET)  # fmt: skip
HANDPAY: Final = _family(
    "handpay", "Handpay", "Make a small handpay: cash out with the printer off (or cancel credits "
    "with the key), and key it off.", families.HANDPAY,
)  # fmt: skip

ABSENCE: Final = (
    Step("ready", "In play", "Ask somebody to play at the machine until the end, with enough "
         "credits.", absence.ready),
    Step("unplug", "Line unplugged", "Unplug OUR harness at the machine (never the certified "
         "host's), for {absence} s. Meanwhile play on (ten games), one bill, one cash-out. Look "
         "at the candle, and at the certified host's link.", absence.unplug, lasting=True),
    Step("play", "Play, unplugged", "Say what you saw while our line was out.",
         absence.play_unplugged, "Did play go on, without a tilt or a lock-up?"),
    Step("bills", "Bills, unplugged", "Say what you saw while our line was out.",
         absence.bills, "Was the bill taken while our line was out?"),
    Step("tickets", "Tickets, unplugged", "Say what you saw while our line was out.",
         absence.tickets, "Was the ticket printed (or taken) while our line was out?"),
    Step("certified", "Certified host", "Look at the SMIB's display or the floor monitor of the "
         "certified system.", absence.certified,
         "Did the certified host's link stay up all the time?"),
    Step("kill", "Daemon killed", "Go on playing. On the gateway's computer: systemctl kill -s "
         "KILL slotgw (or kill -9 its process).", absence.kill, lasting=True),
    Step("playkill", "Play, daemon dead", "Say what you saw while the daemon was dead.",
         absence.play_killed, "Did play go on, without a tilt or a lock-up?"),
    Step("restkill", "Rest, daemon dead", "Say what you saw while the daemon was dead.",
         absence.rest_killed, "Did bills, tickets and the certified host's link go on?"),
)  # fmt: skip

PLANS: Final[Mapping[str, Plan]] = {
    plan.kind: plan
    for plan in (
        Plan("commission", "Commissioning", "a newly wired machine, from port to handpay",
             (PORT, ADDRESS, NINTH, SYNC, SERIAL, REGISTRY, METERS, DOOR, BILL, GAME, TICKET,
              HANDPAY)),
        Plan("absence", "Absence test", "our line unplugged, our daemon killed: play goes on",
             ABSENCE),
        Plan("comms", "Comms test", "after a move, a repair, a broken link; its end: the slot door",
             (PORT, ADDRESS, SYNC, SERIAL, PLACE, METERS, QUALITY, DOOR)),
        Plan("meters", "Meter check", "the machine's own meter page against the wire"),
    )
}  # fmt: skip
"""Every check by its kind."""
