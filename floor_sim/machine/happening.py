"""What happens at one moment: its records, written in one piece when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from floor_sim.machine.journal import Record
from floor_sim.machine.queue import OVERFLOW, Entry, Lost
from floor_sim.machine.real_time import event_data
from protocols.sas.tables.exceptions import exception_text

if TYPE_CHECKING:
    from floor_sim.machine.machine import Machine
    from floor_sim.machine.port import SasPort


class Happening:
    """What happens at one moment to one machine.

    Args:
        machine: the machine.
        now: the moment, seconds on the floor's clock.

    Attributes:
        now: see above.
        records: about the machine.
        others: records about other machines that this changes, written in the same piece.
    """

    def __init__(self, machine: Machine, now: float) -> None:
        self.now = now
        self.records: list[Record] = []
        self.others: list[tuple[Machine, Record]] = []
        self._machine = machine

    def note(self, what: str, **facts: Any) -> int:
        """Add a record; return the number that it will have."""
        number = self._machine.journal.next_n + len(self.records)
        self.records.append({**_place(self._machine), "what": what, **facts})
        return number

    def elsewhere(self, machine: Machine, what: str, **facts: Any) -> None:
        """Add a record of what this does to another machine; it is written in the same piece."""
        self.others.append((machine, {**_place(machine), "what": what, **facts}))

    def exception(
        self,
        code: int,
        data: Mapping[str, object] | None = None,
        *,
        only: SasPort | None = None,
        **facts: Any,
    ) -> int:
        """Report an exception to every host whose port has to do with it; return its number.

        Args:
            code: exception code.
            data: what it carries as a real-time event, by field.
            only: it concerns this port alone.
            facts: more for the record.
        """
        everyone = self._machine.ports
        carried = event_data(code, data) if everyone else ""
        ports = (
            [port for port in everyone if port.settings.reports(code)] if only is None else [only]
        )
        if len(ports) < len(everyone):
            facts["ports"] = [port.index for port in ports]
        number = self.note("exception", code=f"{code:02X}", text=exception_text(code), **facts)
        for port in ports:
            posted = port.post(Entry(code, number, carried))
            for lost in posted.lost:
                self.lost(port, lost)
            if posted.overflow:
                self.exception(OVERFLOW, only=port)
        return number

    def lost(self, port: SasPort, lost: Lost) -> None:
        """Write down that a host will never get an exception."""
        code = f"{lost.entry.code:02X}"
        self.at_port(port, "lost", code=code, of=lost.entry.n, reason=lost.reason)

    def at_port(self, port: SasPort, what: str, **facts: Any) -> None:
        """Add a record about one port; that of the second says where it hangs."""
        second = self._machine.settings.second
        if port.index and second is not None:
            facts |= {"line": second.line, "address": second.address}
        self.note(what, **facts, port=port.index)


def _place(machine: Machine) -> Record:
    """Return who a record is about."""
    settings = machine.settings
    return {"egm": settings.asset, "line": settings.line, "address": settings.address}
