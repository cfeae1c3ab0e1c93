"""Plays scenarios on a clock that jumps, against a host of slotsim's own."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final, Literal, Protocol
from zoneinfo import ZoneInfo

from floor_sim.floor import Floor
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.machine import CardSlot
from floor_sim.memory_line import MemoryLine
from floor_sim.plain_host import PlainHost
from floor_sim.scenarios.company import Company
from floor_sim.scenarios.plan import SEED, Played, plan
from floor_sim.scenarios.verdict import Result
from floor_sim.virtual import NoReader

LONGEST_S: Final = 3_600.0
"""Virtual seconds after which a run is given up: no scenario takes so long."""
USUAL: Final = datetime(2026, 3, 7, 20, 0, tzinfo=ZoneInfo("America/Los_Angeles"))
"""What the wall shows at the beginning of scenarios that do not say it: a Saturday evening."""


class Host(Protocol):
    """A host of one line that is asked when it acts next."""

    due: float

    def act(self, now: float) -> None:
        """Send the poll that is due, or take its answer."""
        ...


HostFor = Callable[[MemoryLine], Host]


def apart(played: Sequence[Played]) -> list[list[Played]]:
    """Return the scenarios that can share a clock on the wall, together."""
    groups: dict[object, list[Played]] = {}
    for one in played:
        groups.setdefault((one.file.begins, one.file.time_zone), []).append(one)
    return list(groups.values())


def begins(played: Played) -> datetime:
    """Return the UTC moment at which a scenario begins."""
    at = played.file.begins
    if at is None:
        return USUAL.astimezone(UTC)
    return at.replace(tzinfo=at.tzinfo or ZoneInfo(played.file.time_zone)).astimezone(UTC)


def run_scenarios(
    played: Sequence[Played],
    *,
    host: Literal["plain", "certified"] = "plain",
    seed: int | None = None,
    faster: float = 1.0,
    host_for: HostFor | None = None,
) -> list[Result]:
    """Play scenarios in virtual time; return what they came to, in their order.

    Nobody makes events there: what must be seen in the event stream is BLOCKED.

    Args:
        played: the scenarios.
        host: who polls: a plain host, or the certified one.
        seed: of the floor.
        faster: how many times shorter people's pauses are.
        host_for: makes the host of a line instead.

    Raises:
        ConfigError: two scenarios share a name or a machine.
    """
    found: dict[str, Result] = {}
    for group in apart(played):
        company = _played(group, host, seed, faster, host_for)
        found |= {result.name: result for result in company.results()}
    return [found[one.name] for one in played]


def _played(
    group: Sequence[Played], host: Literal["plain", "certified"], seed: int | None, faster: float,
    host_for: HostFor | None,
) -> Company:  # fmt: skip
    transport = "certified" if host == "certified" else "pty"
    on = plan(group, host=transport, seed=SEED if seed is None else seed)
    company = Company(on, events=False, faster=faster)
    readers: dict[str, CardSlot] = {
        egm.asset: NoReader() for egm in on.floor.egms if egm.card_reader
    }
    floor = Floor(
        on.floor, MemoryJournal(), on.memories,
        wall_at_zero=begins(group[0]), readers=readers,
    )  # fmt: skip
    floor.start(0.0, playing=False)
    company.join(floor, 0.0)
    make = host_for or (lambda line: PlainHost(line, 0.0))
    drive(floor, [make(MemoryLine(line)) for line in floor.host_lines], company)
    return company


def drive(floor: Floor, hosts: Sequence[Host], company: Company) -> float:
    """Let time jump from one thing that is due to the next; return the moment of the end."""
    dues = [(host.due, number) for number, host in enumerate(hosts)]
    heapq.heapify(dues)
    now = 0.0
    while not company.done and now < LONGEST_S:
        due, number = dues[0] if dues else (LONGEST_S, -1)
        people = floor.next_due()
        if people is not None and people <= due:
            now = max(now, people)
            floor.run(now)
        elif number < 0:
            break
        else:
            now = max(now, due)
            hosts[number].act(now)
            heapq.heapreplace(dues, (hosts[number].due, number))
    return now
