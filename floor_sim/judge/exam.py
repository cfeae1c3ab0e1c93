"""What happens to the machines of a line while its host is judged, so that rules come up.

Each step is something that a person could do, or a fault of the line; a machine that is in no state
for it leaves it out. Steps name the first machine of the line and its last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from floor_sim.doings import do
from floor_sim.floor import Floor
from floor_sim.line import Line
from floor_sim.machine.machine import Machine


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens.

    Attributes:
        at_s: when, in seconds from the beginning.
        who: to which machine of the line.
        words: what a person does, as ``slotsim do`` takes it; empty for a fault.
        fault: what goes wrong, as a floor file says it, but for where.
    """

    at_s: float
    who: Literal["first", "last", "line"]
    words: str = ""
    fault: Mapping[str, Any] = field(default_factory=dict)


EXAM: Final = (
    Step(2.0, "first", "door open slot"),
    Step(3.0, "first", "door close slot"),
    Step(4.0, "last", "bill 20"),
    Step(4.6, "last", "game start 40"),
    Step(5.2, "last", "game end"),
    Step(6.0, "first", "ticket in 500"),
    Step(6.5, "first", "exception 3C"),
    Step(8.0, "first", fault={"kind": "silence", "count": 1}),
    Step(9.0, "last", "door open drop"),
    Step(9.0, "last", fault={"kind": "silence", "count": 1}),
    Step(10.0, "last", "door close drop"),
    Step(11.0, "line", fault={"kind": "truncate", "probability": 0.25, "seconds": 6.0}),
    Step(18.0, "first", "jackpot 1500"),
    Step(18.5, "last", "jackpot 1600"),
    Step(21.0, "last", "cash out"),
    Step(24.0, "first", "handpay reset"),
    Step(25.0, "first", "busy 2"),
    Step(28.0, "last", "handpay reset"),
    Step(33.0, "last", fault={"kind": "power_cut", "seconds": 3.0}),
    Step(40.0, "line", fault={"kind": "pull", "seconds": 7.0}),
    Step(60.0, "first", fault={"kind": "overflow", "exceptions": 12}),
)
"""The examination; its times leave a host time to do what it must."""

EXAM_S: Final = 70.0
"""Seconds after which everything has come up that can."""
_OF_MACHINES: Final = frozenset({"power_cut", "overflow"})


def begin_exam(floor: Floor, line: Line, now: float) -> None:
    """Put the examination of ``line``'s host on the floor's agenda."""
    by_port = {id(port): machine for machine in floor.machines.values() for port in machine.ports}
    machines = [by_port[id(port)] for port in line.ports]
    if not machines:
        return
    for step in EXAM:
        floor.agenda.at(now + step.at_s, _act(floor, line, machines, step))


def _act(floor: Floor, line: Line, machines: list[Machine], step: Step) -> Any:
    place = -1 if step.who == "last" else 0
    machine, port = machines[place], line.ports[place]

    def act(at: float) -> None:
        if step.words:
            do(machine, step.words, at)
            return
        where: dict[str, Any] = {"line": line.name}
        if step.fault["kind"] in _OF_MACHINES:
            where = {"asset": machine.asset}
        elif step.who != "line":
            where["address"] = port.address
        floor.faults.add(floor.faults.read({**step.fault, **where}), at)

    return act
