"""A floor's day beside the figures that a usual North American floor has.

The figures are trade knowledge and assumptions, not measurements of a named casino: they say what a
simulated floor is tuned to.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from floor_sim.day import Day
from floor_sim.machine.machine import Machine
from floor_sim.tally import BILLS

_DOORS: Final = (0x11, 0x15, 0x1D)


@dataclass(frozen=True, slots=True)
class Figure:
    """One row.

    Attributes:
        name: what it is, with its unit.
        measured: what the run came to.
        usual: what a usual floor has; None where there is no such figure.
        note: what to know about it.
    """

    name: str
    measured: float
    usual: float | None = None
    note: str = ""

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
    return [
        Figure("seats taken, mean %", 100 * day.occupancy, 100 * day.wanted, "of these hours"),
        Figure("seats taken, highest %", 100 * max(seats), None, "75 on a Saturday 21:00"),
        Figure("seats taken, lowest %", 100 * min(later), None, "8 on a Tuesday 04:00"),
        Figure("games", tally.games / md, 4_320 * full),
        Figure("games an hour in use", tally.games / hours_played, 600),
        Figure("coin in", coin_in / md, 3_000 * full, "4,320 games of 1.25 would be 5,400"),
        Figure("bet, mean", coin_in / max(1, tally.games), 1.25, "currency units"),
        Figure("hold %", 100 * float(_hold(machines)), 100 * float(_par(machines)), "par"),
        Figure("guests", tally.counts["guest"] / md, 20.4 * full, "21 min each"),
        Figure("bills in", tally.count(*BILLS) / md, 25 * full),
        Figure("tickets in", (tally.count(0x67) - tally.refused_tickets) / md, 12 * full),
        Figure("tickets out", tally.count(0x3D) / md, 14 * full),
        Figure("doors opened", tally.count(*_DOORS) / md, 0.35),
        Figure("cashboxes taken", tally.count(0x1B) / md, due / md, "due on these weekdays"),
        Figure("lamps", tally.count(0x71) / md, 0.8),
        Figure("bill jams", tally.count(0x28) / md, 0.05),
        Figure("bill reject bursts", tally.count(0x2B) / 3 / md, 0.6),
        Figure("tilts", tally.count(0x20, 0x40, 0x60) / md, 0.09, "printer and other"),
        Figure("paper low", tally.count(0x74) / md, full / 30, "every 25 to 35 days"),
        Figure("options changed", tally.count(0x3C) / md, 0.01),
        Figure("memories cleared", tally.counts["ram clear"] / md, 0.002),
        Figure("handpays of wins", won["win"] / md, 0.08 * full),
        Figure("of them 1,200.00 or more", won["taxable"] / md, 0.08 * full),
        Figure("handpays of cancelled credits", won["cancelled"] / md, 0.02 * full),
        Figure("handpays of progressives", won["progressive"] / md, 0.004 * full),
    ]  # fmt: skip


def table(day: Day) -> str:
    """Return the figures as text."""
    lines = [f"{'for one machine and day':34} {'measured':>10} {'usual':>10} {'ratio':>6}"]
    for row in figures(day):
        usual = "" if row.usual is None else f"{row.usual:,.3f}"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append(
            f"{row.name:34} {row.measured:10,.3f} {usual:>10} {ratio:>6}  {row.note}".rstrip()
        )
    return "\n".join(lines)


def _coin_in(machines: list[Machine]) -> int:
    return sum(_cents(machine, "coin_in") for machine in machines)


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
