"""Linked progressives: the bets of many machines feed a pool, and a game on any of them may win it.

A level begins at ``start_cents``, grows by a share of the coin in of all linked machines, and is
won by a game with a chance of its bet out of ``cycle_cents``. So it returns ``start / cycle +
increment`` of a machine's coin in, in the long run, and that stands in the machine's par. Whether a
game wins depends on the seed, the machine and the number of the game alone; what it wins, on what
was played on all of them. What the pool holds follows from their coin in meters and from what each
remembers of the last win: a win is one write about all of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from floor_sim.machine.happening import Happening
    from floor_sim.machine.machine import Machine
    from floor_sim.machine.settings import PotSettings

UNITS: Final = 10_000
"""A pool is counted in ten thousandths of a cent."""


class Link:
    """The machines of one link, and the controller that keeps their pool.

    Attributes:
        machines: who is linked, in the order in which they joined.
    """

    def __init__(self) -> None:
        self.machines: list[Machine] = []

    def join(self, machine: Machine) -> None:
        """Link a machine; it leaves the link that it was on."""
        machine.link = self
        self.machines.append(machine)

    def held_units(self, level: PotSettings) -> int:
        """Return what a level holds, in ten thousandths of a cent."""
        return level.start_cents * UNITS + sum(
            _fed_units(machine, place) for machine, place in self._linked_to(level)
        )

    def reset(
        self, level: PotSettings, rest_units: int, winner: Machine, happening: Happening
    ) -> None:
        """Let a level begin again, on every machine.

        Args:
            level: which.
            rest_units: what of it was not paid, and stays in it.
            winner: the machine that pays.
            happening: the win; it is written together with it.
        """
        for machine, place in self._linked_to(level):
            _begin_again(machine, place, rest_units if machine is winner else 0)
            if machine is not winner:
                happening.elsewhere(
                    machine, "link reset", group=winner.settings.progressive_group,
                    level=level.level, won_by=winner.asset,
                )  # fmt: skip

    def _linked_to(self, level: PotSettings) -> Iterator[tuple[Machine, int]]:
        """Yield the machines that a level is common to, and its place on each."""
        for machine in self.machines:
            for place, own in enumerate(machine.settings.links):
                if own.level == level.level:
                    yield machine, place


def hit(machine: Machine, number: int, bet_cents: int) -> int | None:
    """Return the place of the level that game ``number`` wins, or None."""
    levels = machine.settings.links
    for place, level in enumerate(levels):
        drawn = machine.link_luck.of(number * len(levels) + place, level.cycle_cents)
        if drawn < bet_cents:
            return place
    return None


def kept_over_reset(machine: Machine) -> tuple[tuple[int, int], ...]:
    """Return what a machine must remember of its levels when its meters begin again at 0."""
    return tuple((0, _fed_units(machine, place)) for place in range(len(machine.settings.links)))


def _fed_units(machine: Machine, place: int) -> int:
    """Return what a machine has put into a level since it was won last."""
    settings = machine.settings
    since, carried = _kept(machine)[place]
    coin_in = machine.cabinet.meters.true("coin_in") - since
    return carried + coin_in * settings.cents_per_credit * settings.links[place].increment


def _begin_again(machine: Machine, place: int, carried: int) -> None:
    kept = list(_kept(machine))
    kept[place] = (machine.cabinet.meters.true("coin_in"), carried)
    machine.cabinet.progressives = replace(machine.cabinet.progressives, links=tuple(kept))


def _kept(machine: Machine) -> tuple[tuple[int, int], ...]:
    """Return coin in at the last win, and what that left, of each level."""
    kept, levels = machine.cabinet.progressives.links, len(machine.settings.links)
    return kept if len(kept) == levels else ((0, 0),) * levels
