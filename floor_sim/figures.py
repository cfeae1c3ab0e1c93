"""A floor's day beside the figures that a usual North American floor has.

The figures are trade knowledge and assumptions, not measurements of a named casino: they say what a
simulated floor is tuned to.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Final

from floor_sim.day import Day
from floor_sim.machine.machine import Machine
from floor_sim.tally import BILLS

_DOORS: Final = (0x11, 0x15, 0x1D)


FEW: Final = 400
"""Events of a run below which chance moves their count by more than 5 per cent."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One row.

    Attributes:
        name: what it is, with its unit.
        measured: what the run came to.
        usual: what a usual floor has; None where there is no such figure.
        note: what to know about it.
        machine_days: of the run, where single events are counted.
    """

    name: str
    measured: float
    usual: float | None = None
    note: str = ""
    machine_days: float = 0

    @property
    def chance_percent(self) -> float | None:
        """How far chance alone moves a count of few events: one standard deviation, per cent."""
        expected = (self.usual or 0) * self.machine_days
        return 100 / sqrt(expected) if 0 < expected < FEW else None

    @property
    def remark(self) -> str:
        """The note, and how much of the ratio may be chance."""
        chance = self.chance_percent
        words = "" if chance is None else f"chance alone +-{chance:.0f} %"
        return "; ".join(part for part in (self.note, words) if part)

    @property
    def ratio(self) -> float | None:
        """Measured as a share of usual."""
        return self.measured / self.usual if self.usual else None


def figures(day: Day) -> list[Figure]:
    """Return the table of a run. Rates are for one machine and one day."""
    tally, md = day.tally, day.machine_days
    # guests bring play, bills and tickets: what is usual holds for a floor that is 30 % full
    full = day.wanted / 0.30
    won = tally.handpays
    seats = [taken for taken, _ in day.seats]
    machines = list(day.floor.machines.values())
    later = seats[len(seats) // 4 :]  # the floor was empty when it began
    coin_in = _coin_in(machines) / 100
    due = day.floor.drop.due if day.floor.drop is not None else 0
    hours_played = day.occupancy * len(machines) * day.hours

    def counted(name: str, events: float, usual: float, note: str = "") -> Figure:
        return Figure(name, events / md, usual, note, md)

    return [
        Figure("seats taken, mean %", 100 * day.occupancy, 100 * day.wanted, "of these hours"),
        Figure("seats taken, highest %", 100 * max(seats), None, "75 on a Saturday 21:00"),
        Figure("seats taken, lowest %", 100 * min(later), None, "8 on a Tuesday 04:00"),
        Figure("games", tally.games / md, 4_320 * full),
        Figure("games an hour in use", tally.games / hours_played, 600),
        Figure("coin in", coin_in / md, 5_400 * full, "4,320 games of 1.25"),
        Figure("bet, mean", coin_in / max(1, tally.games), 1.25, "currency units"),
        Figure("hold %", 100 * float(_hold(machines)), 100 * float(_par(machines)), "par"),
        Figure("guests", tally.counts["guest"] / md, 20.4 * full, "21 min each"),
        Figure("bills in", tally.count(*BILLS) / md, 25 * full),
        Figure("tickets in", (tally.count(0x67) - tally.refused_tickets) / md, 12 * full),
        Figure("tickets out", tally.count(0x3D) / md, 14 * full),
        counted("doors opened", tally.count(*_DOORS), 0.35),
        counted("cashboxes taken", tally.count(0x1B), due / md, "due on these weekdays"),
        counted("lamps", tally.count(0x71), 0.8),
        counted("bill jams", tally.count(0x28), 0.05),
        counted("bill reject bursts", tally.count(0x2B) / 3, 0.6),
        counted("tilts", tally.count(0x20, 0x40, 0x60), 0.09, "printer and other"),
        counted("paper low", tally.count(0x74), full / 30, "every 25 to 35 days"),
        counted("options changed", tally.count(0x3C), 0.01),
        counted("memories cleared", tally.counts["ram clear"], 0.002),
        counted("handpays of wins", won["win"], 0.08 * full),
        counted("of them 1,200.00 or more", won["taxable"], 0.08 * full),
        counted("handpays of cancelled credits", won["cancelled"], 0.02 * full),
        counted("handpays of progressives", won["progressive"], 0.004 * full),
        Figure("progressives due by coin in", _due(machines) / md, 0.004 * full, "by their cycles"),
    ]  # fmt: skip


def table(day: Day) -> str:
    """Return the figures as text."""
    lines = [f"{'for one machine and day':34} {'measured':>10} {'usual':>10} {'ratio':>6}"]
    for row in figures(day):
        usual = "" if row.usual is None else f"{row.usual:,.3f}"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append(
            f"{row.name:34} {row.measured:10,.3f} {usual:>10} {ratio:>6}  {row.remark}".rstrip()
        )
    return "\n".join(lines)


def _coin_in(machines: list[Machine]) -> int:
    return sum(_cents(machine, "coin_in") for machine in machines)


def _due(machines: list[Machine]) -> float:
    """Return how many progressives this coin in wins on average, paid by hand or not."""
    return sum(
        _cents(machine, "coin_in") / terms.cycle_cents
        for machine in machines
        for terms in (*machine.settings.pots, *machine.settings.links)
    )


def _cents(machine: Machine, meter: str) -> int:
    return machine.cabinet.meters.true(meter) * machine.settings.cents_per_credit


def _hold(machines: list[Machine]) -> Fraction:
    paid = sum(_cents(machine, "won_credits") for machine in machines)
    return 1 - Fraction(paid, max(1, _coin_in(machines)))


def _par(machines: list[Machine]) -> Fraction:
    """Return the hold that the games' pars make of what was played."""
    theo = sum(
        (Fraction(machine.settings.par_percent) / 100 * _cents(machine, "coin_in")
         for machine in machines), Fraction(0),
    )  # fmt: skip
    return theo / max(1, _coin_in(machines))
