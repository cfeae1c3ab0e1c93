"""All faults of a floor: what is on, and since when; the ledger is told of each begin and end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from floor_sim.agenda import Agenda, Task
from floor_sim.faults.checks import FaultError, Names, checked, misplaced
from floor_sim.faults.fault import Fault
from floor_sim.faults.machine_faults import BEGINS, ENDS
from floor_sim.faults.table import FAULTS, FaultKind, Place
from floor_sim.machine.machine import Machine

if TYPE_CHECKING:
    from floor_sim.line import Line

__all__ = ["FaultBoard", "FaultError"]


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a machine stands.

    Attributes:
        bank: its bank, or None.
        panel: the electrical panel that feeds it, or None.
    """

    bank: str | None = None
    panel: str | None = None


class Grounds(Protocol):
    """The floor, as far as faults need to know it."""

    agenda: Agenda

    @property
    def lines(self) -> Mapping[str, Line]:
        """Lines by name."""
        ...

    @property
    def machines(self) -> Mapping[str, Machine]:
        """Machines by asset."""
        ...

    def note(self, now: float, what: str, **facts: Any) -> None:
        """Write a record about the floor or a line."""
        ...


@dataclass(slots=True)
class _Known:
    fault: Fault
    begun: bool = False
    tasks: list[Task] = field(default_factory=list)


class FaultBoard:
    """The faults of one floor.

    Args:
        floor: the floor.
        stands: where its machines stand, by asset.
    """

    def __init__(self, floor: Grounds, stands: Mapping[str, Stand]) -> None:
        self._floor = floor
        self._stands = stands
        self._known: dict[int, _Known] = {}
        self._numbers = count(1)
        for line in floor.lines.values():
            line.faults.numbers = self._numbers
            line.faults.over = self._over

    @property
    def names(self) -> Names:
        """What a fault may name."""
        addresses = {
            name: [port.address for port in line.ports] for name, line in self._floor.lines.items()
        }
        stands = self._stands.values()
        banks = sorted({stand.bank for stand in stands if stand.bank is not None})
        panels = sorted({stand.panel for stand in stands if stand.panel is not None})
        return Names(addresses, [*self._floor.machines], banks, panels)

    def read(self, data: Mapping[str, Any]) -> Fault:
        """Return the fault that ``data`` says.

        Raises:
            FaultError: it makes no sense here; every mistake is in the one report.
        """
        return checked(data, self.names)

    def add(self, fault: Fault, now: float) -> int:
        """Add a fault; return its number, by which it can be removed.

        Raises:
            FaultError: it names what is not on this floor.
        """
        if [*misplaced(fault.model_dump(exclude_none=True), self.names)]:
            checked(fault.model_dump(mode="json", exclude_unset=True), self.names)
        line = self._line_of(fault)
        number = next(self._numbers) if line is None else line.faults.add(fault, now)
        known = self._known[number] = _Known(fault)
        begins = now + fault.start_s
        if fault.start_s:
            known.tasks.append(self._floor.agenda.at(begins, lambda at: self._begin(number, at)))
        else:
            self._begin(number, now)
        if fault.seconds is not None:
            ends = begins + fault.seconds
            task = self._floor.agenda.at(ends, lambda at: self._end(number, "time", at))
            known.tasks.append(task)
        return number

    def remove(self, number: int, now: float) -> bool:
        """Remove a fault; say whether it was there."""
        if number not in self._known:
            return any(line.faults.remove(number) for line in self._floor.lines.values())
        self._end(number, "removed", now)
        return True

    def clear(self, now: float, line: str | None = None) -> None:
        """Remove every fault, of the floor or of one line."""
        for number, known in list(self._known.items()):
            if line is None or known.fault.line == line:
                self._end(number, "removed", now)
        for name, one in self._floor.lines.items():
            if line in {None, name}:
                one.faults.clear()

    def active(self, now: float) -> dict[int, Fault]:
        """Return the faults that are not over, by number."""
        for line in self._floor.lines.values():
            line.faults.active(now)
        return {number: known.fault for number, known in self._known.items()}

    def dark(self) -> set[str]:
        """Return the machines that a power cut leaves without power, by asset."""
        return {
            asset
            for known in self._known.values()
            if known.begun and known.fault.kind is FaultKind.POWER_CUT
            for asset in self._assets(known.fault)
        }

    def _line_of(self, fault: Fault) -> Line | None:
        if FAULTS[fault.kind].place in {Place.MACHINE, Place.FLOOR}:
            return None
        assert fault.line is not None, "checked before"
        return self._floor.lines[fault.line]

    def _assets(self, fault: Fault) -> list[str]:
        if fault.asset is not None:
            return [fault.asset]
        stands = self._stands.items()
        if fault.bank is not None:
            return [asset for asset, stand in stands if stand.bank == fault.bank]
        return [asset for asset, stand in stands if stand.panel == fault.panel]

    def _machines(self, fault: Fault) -> list[Machine]:
        if self._line_of(fault) is not None:
            return []
        return [self._floor.machines[asset] for asset in self._assets(fault)]

    def _begin(self, number: int, now: float) -> None:
        known = self._known[number]
        said = known.fault.model_dump(mode="json", exclude_unset=True)
        self._floor.note(now, "fault", number=number, on=True, fault=said)
        known.begun = True
        self._act(BEGINS, known.fault, now, set())
        if known.fault.kind is FaultKind.OVERFLOW:
            self._end(number, "count", now)

    def _end(self, number: int, reason: str, now: float) -> None:
        known = self._known.pop(number, None)
        if known is None:
            return
        for task in known.tasks:
            task.cancel()
        facts: dict[str, Any] = {"kind": known.fault.kind.value, "reason": reason}
        line = self._line_of(known.fault)
        if line is not None:
            facts |= {"spoiled": line.faults.spoiled(number)}
            line.faults.remove(number)
        elif known.begun:
            self._act(ENDS, known.fault, now, self.dark())
        self._floor.note(now, "fault", number=number, on=False, **facts)

    def _over(self, number: int, reason: str, now: float) -> None:
        """Take note that a line's fault ended by itself."""
        self._end(number, reason, now)

    def _act(
        self,
        acts: Mapping[FaultKind, Callable[[Machine, Fault, float], None]],
        fault: Fault,
        now: float,
        spared: set[str],
    ) -> None:
        act = acts.get(fault.kind)
        for machine in self._machines(fault):
            if act is not None and machine.asset not in spared:
                act(machine, fault, now)
