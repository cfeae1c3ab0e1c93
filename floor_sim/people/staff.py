"""Staff: attendants and technicians who end what waits for a person.

They look at a machine whenever something happened to it, and come after a while: so a handpay, an
open door or a tilt ends, however it came about, also after a power cut.
"""

from __future__ import annotations

from collections.abc import Callable

from floor_sim.agenda import Task
from floor_sim.chance import draw
from floor_sim.crowd_file import Crew
from floor_sim.machine import paper, play, service
from floor_sim.machine.cabinet import Cabinet
from floor_sim.machine.machine import Machine
from floor_sim.people.crews import Crews
from floor_sim.people.guests import RETRY_S, House, present

READ_FIRST_S = 1.0
"""When play has stopped, a handpay is keyed off so long after it came, for a host to read it."""

OF_ATTENDANTS = frozenset({"handpay", "jam", "lamp", "cashbox", "cashbox door", "paper"})
"""What attendants do; all else is a technician's."""

FOREVER = float("inf")

TEST_BILL = 1
"""What a person feeds to a machine that was mended, if no guest was faster."""


class Staff:
    """Everybody who works on the floor.

    Args:
        house: the floor.
        seed: how long they take depends on it.
        crew: how many they are; nothing: there is always somebody free.

    Attributes:
        crews: who is free, or None.
    """

    def __init__(self, house: House, seed: int, crew: Crew | None = None) -> None:
        self._house = house
        self._seed = seed
        self._crew = crew
        self.crews: Crews | None = None
        if crew is not None:
            sizes = {"attendant": crew.attendants, "technician": crew.technicians}
            self.crews = Crews(sizes)
        self._left_alone: set[str] = set()
        self._tasks: dict[tuple[str, str], Task] = {}
        self._calls = 0
        self._acts: dict[str, tuple[str, Callable[[Machine, float], bool]]] = {
            "handpay": ("handpay_s", play.reset_handpay),
            "cashbox": ("door_s", service.put_cashbox),
            "tilt": ("tilt_s", mend_tilts),
            "test": ("tilt_s", feed_test_bill),
            "jam": ("jam_s", feed_test_bill),
            "paper": ("door_s", fill_paper),
            "lamp": ("lamp_s", lambda machine, now: service.lamp(machine, now, on=False)),
        }

    @property
    def pending(self) -> int:
        """Jobs that wait for a person."""
        return len(self._tasks)

    def look(self, machine: Machine, now: float) -> None:
        """See what the machine needs, and plan to come."""
        if not self._house.attended or machine.asset in self._left_alone:
            return
        needs = needs_of(machine)
        for need in needs:
            if (machine.asset, need) not in self._tasks:
                self._plan(machine, need, now)
        for asset, need in list(self._tasks):
            if asset == machine.asset and need not in needs:
                self._tasks.pop((asset, need)).cancel()
                self._over((asset, need), now)

    def leave(self, machine: Machine, now: float) -> None:
        """Leave a machine to others who work there, until ``attend``."""
        self._left_alone.add(machine.asset)
        for key in [key for key in self._tasks if key[0] == machine.asset]:
            self._tasks.pop(key).cancel()
            self._over(key, now)

    def attend(self, machine: Machine, now: float) -> None:
        """Look after a machine again."""
        self._left_alone.discard(machine.asset)
        self.look(machine, now)

    def _over(self, key: tuple[str, str], now: float) -> None:
        if self.crews is not None:
            self.crews.over(key, now)

    def hurry(self, machines: list[Machine], now: float) -> None:
        """Play has stopped: end at once whatever waits."""
        self._left_alone.clear()
        for key, task in [*self._tasks.items()]:
            task.cancel()
            self._over(key, now)
        self._tasks.clear()
        for machine in machines:
            self.look(machine, now)

    def _plan(self, machine: Machine, need: str, now: float) -> None:
        self._calls += 1
        name = self._acts[need][0] if need in self._acts else "door_s"
        low, high = getattr(self._house.pace, name)
        chance = draw(self._seed, machine.asset, "staff", need, self._calls)
        seconds = chance.uniform(low, high) / self._house.speed
        if not self._house.playing:
            seconds = READ_FIRST_S if need == "handpay" else 0.0
        if self._crew is None or self.crews is None or not self._house.playing:
            self._at(now + seconds, machine, need)
            return
        walk_s = chance.uniform(*self._crew.walk_s) / self._house.speed
        role = "attendant" if need in OF_ATTENDANTS else "technician"
        key = (machine.asset, need)
        self._tasks[key] = Task(FOREVER, None)  # waits for somebody
        self.crews.call(
            role, key, lambda at: self._at(at + walk_s + seconds, machine, need), now
        )  # fmt: skip

    def _at(self, due: float, machine: Machine, need: str) -> None:
        if (old := self._tasks.get((machine.asset, need))) is not None:
            old.cancel()
        task = self._house.agenda.at(due, lambda now: self._come(machine, need, now))
        self._tasks[machine.asset, need] = task

    def _come(self, machine: Machine, need: str, now: float) -> None:
        if not machine.live or (self._house.playing and not present(machine)):
            self._at(now + RETRY_S, machine, need)
            return
        del self._tasks[machine.asset, need]
        if need in self._acts:
            self._acts[need][1](machine, now)
        else:
            service.close_door(machine, need.removesuffix(" door"), now)
        if need in needs_of(machine):
            self._at(now + RETRY_S, machine, need)
        else:
            self._over((machine.asset, need), now)


def needs_of(machine: Machine) -> list[str]:
    """Return what a person has to do at the machine, always in the same order.

    The order decides who comes first where two come at once; that of a set would differ from
    process to process, and one seed would be two runs.
    """
    cabinet = machine.cabinet
    needs = {
        "cashbox": cabinet.cashbox_out,
        **{f"{door} door": True for door in sorted(cabinet.doors)},
        "handpay": cabinet.locked,
        "tilt": bool(cabinet.tilts),
        "test": cabinet.untested and cabinet.ready,
        "jam": cabinet.jammed,
        "paper": _wants_paper(cabinet),
        "lamp": cabinet.lamp,
    }
    if cabinet.cashbox_out:
        needs["cashbox door"] = False  # it is shut behind the cashbox
    return [need for need, there in needs.items() if there]


def _wants_paper(cabinet: Cabinet) -> bool:
    """Say whether the printer wants paper now; while it has some left, nobody disturbs a guest."""
    used = cabinet.credits or cabinet.card is not None or cabinet.game is not None
    return paper.is_out(cabinet) or (paper.is_low(cabinet) and not used)


def fill_paper(machine: Machine, now: float) -> bool:
    """Open the machine and put paper in; the open door is the next job."""
    if machine.cabinet.game is not None:
        return False
    service.open_door(machine, "slot", now)
    return paper.fill(machine, now)


def mend_tilts(machine: Machine, now: float) -> bool:
    """Open the machine and mend what tilts; the open door is the next job."""
    service.open_door(machine, "slot", now)
    return service.clear_tilts(machine, now)


def feed_test_bill(machine: Machine, now: float) -> bool:
    """Feed a bill, to see that the machine works again; say whether it was taken."""
    return play.bill_in(machine, TEST_BILL, now)
