"""What a fault does in a machine when it begins and when it ends; a row a fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from floor_sim.faults.fault import Fault
from floor_sim.faults.table import FaultKind
from floor_sim.machine import service
from floor_sim.machine.lies import Lie
from floor_sim.machine.machine import Machine

Act = Callable[[Machine, Fault, float], None]

SECONDS_AN_HOUR: Final = 3600.0


def _cut(machine: Machine, _fault: Fault, now: float) -> None:
    service.power_off(machine, now)


def _power_back(machine: Machine, _fault: Fault, now: float) -> None:
    service.power_on(machine, now)


def _skew(machine: Machine, fault: Fault, now: float) -> None:
    assert fault.drift_s_per_hour is not None, "the table says that it needs one"
    machine.drift(fault.drift_s_per_hour / SECONDS_AN_HOUR, now)


def _clock_again(machine: Machine, _fault: Fault, now: float) -> None:
    machine.drift(0.0, now)


def _overflow(machine: Machine, fault: Fault, now: float) -> None:
    codes = (service.MENU_ENTERED, service.MENU_LEFT)
    for place in range(fault.exceptions):
        service.report(machine, codes[place % 2], now)


def _lie(machine: Machine, fault: Fault, now: float) -> None:
    assert fault.meter is not None, "the table says that it needs one"
    assert fault.form is not None, "the table says that it needs one"
    stuck_at = machine.cabinet.meters.true(fault.meter)
    lie = Lie(fault.form, fault.amount, fault.digits, stuck_at)
    machine.cabinet.meters.lies[fault.meter] = lie
    _say_meter(machine, fault.meter, now)


def _truth_again(machine: Machine, fault: Fault, now: float) -> None:
    assert fault.meter is not None, "the table says that it needs one"
    machine.cabinet.meters.lies.pop(fault.meter, None)
    _say_meter(machine, fault.meter, now)


def _say_meter(machine: Machine, meter: str, now: float) -> None:
    """Write what the meter counts, and what it shows from now on."""
    meters = machine.cabinet.meters
    true, shown = meters.true(meter), meters.shown(meter)
    meters.take_lies()
    with machine.happening(now) as happening:
        digits = meters.digits(meter)
        happening.note("meter shown", meter=meter, digits=digits, true=true, shown=shown)


BEGINS: Final[dict[FaultKind, Act]] = {
    FaultKind.POWER_CUT: _cut,
    FaultKind.CLOCK_SKEW: _skew,
    FaultKind.OVERFLOW: _overflow,
    FaultKind.LYING_METER: _lie,
}
ENDS: Final[dict[FaultKind, Act]] = {
    FaultKind.POWER_CUT: _power_back,
    FaultKind.CLOCK_SKEW: _clock_again,
    FaultKind.LYING_METER: _truth_again,
}
