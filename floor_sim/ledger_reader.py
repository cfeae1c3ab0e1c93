"""Reads the truth out of a ledger: what happened, what each host was given, what nobody will get.

For tests and for whoever judges a gateway. ``Truth.of`` takes the run folder of a floor, also while
it runs; ``Truth`` takes any records, such as those of a journal in memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from floor_sim.ledger import records
from floor_sim.machine.journal import Record, merge


@dataclass(frozen=True, slots=True)
class Event:
    """An exception that happened.

    Attributes:
        n: number of its record.
        t: its moment: UTC as text in a file, seconds in memory.
        asset: the machine.
        code: exception code.
        ports: SAS ports to which it was reported; None: all of the machine's.
    """

    n: int
    t: str | float
    asset: str
    code: int
    ports: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class LostEvent:
    """An exception that the host of one SAS port cannot have had.

    Attributes:
        of: number of the record of the exception.
        asset: the machine.
        port: the SAS port, 0 or 1.
        code: exception code.
        reason: why.
    """

    of: int
    asset: str
    port: int
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class FaultSpan:
    """A fault, from begin to end.

    Attributes:
        number: its number in its run.
        fault: its keys, as they were given.
        began: its moment.
        ended: its moment; None while it lasts.
        reason: time, count, removed, or how the run ended: stop, or power cut.
        spoiled: messages that it spoiled, of a fault of a line that has ended.
    """

    number: int
    fault: dict[str, Any]
    began: str | float
    ended: str | float | None = None
    reason: str | None = None
    spoiled: int | None = None


@dataclass(frozen=True, slots=True)
class ShownMeter:
    """What a lying meter has shown.

    Attributes:
        t: the moment.
        asset: the machine.
        meter: name of the meter.
        true: what it had counted.
        shown: what the wire said.
        digits: decimal digits of the answer that said it; at other widths it may say another.
    """

    t: str | float
    asset: str
    meter: str
    true: int
    shown: int
    digits: int


class Truth:
    """What a ledger holds.

    Args:
        told: its records, oldest first.
    """

    def __init__(self, told: Iterable[Record]) -> None:
        self._told = list(told)

    @classmethod
    def of(cls, folder: Path) -> Truth:
        """Return the truth of a run folder.

        Raises:
            LedgerError: the ledger is damaged.
            OSError: it cannot be read.
        """
        return cls(records(folder))

    def events(self, asset: str | None = None, port: int | None = None) -> list[Event]:
        """Return what happened, in order; with ``port`` only what that SAS port had to report."""
        return [
            Event(told["n"], told["t"], told["egm"], int(told["code"], 16), _ports(told))
            for told in self._of("exception", asset)
            if port is None or "ports" not in told or port in told["ports"]
        ]

    def handed_over(self, asset: str, port: int = 0) -> list[int]:
        """Return the codes that the port's host has acknowledged and can have had, in order."""
        return [
            int(told["code"], 16)
            for told in self._of("acked", asset)
            if told["port"] == port and told.get("whole", True)
        ]

    def lost(self, asset: str | None = None, port: int | None = None) -> list[LostEvent]:
        """Return what the hosts cannot have had, in the order in which it was lost."""
        return [
            LostEvent(told["of"], told["egm"], told["port"], int(told["code"], 16), told["reason"])
            for told in self._of("lost", asset)
            if port is None or told["port"] == port
        ]

    def waiting(self, asset: str, port: int = 0) -> list[Event]:
        """Return what happened, was not lost, and still waits for the port's host."""
        gone = {lost.of for lost in self.lost(asset, port)}
        gone |= {told["of"] for told in self._of("acked", asset) if told["port"] == port}
        return [event for event in self.events(asset, port) if event.n not in gone]

    def faults(self, line: str | None = None, asset: str | None = None) -> list[FaultSpan]:
        """Return the faults, in the order of their begin; of one line or one machine, if named."""
        spans: list[FaultSpan] = []
        open_at: dict[int, int] = {}
        for told in self._told:
            if told["what"] in {"start", "stop"}:
                for place in open_at.values():
                    reason = "stop" if told["what"] == "stop" else "power cut"
                    spans[place] = _ended(spans[place], told, reason)
                open_at.clear()
            elif told["what"] == "fault" and told["on"]:
                open_at[told["number"]] = len(spans)
                spans.append(FaultSpan(told["number"], told["fault"], told["t"]))
            elif told["what"] == "fault" and told["number"] in open_at:
                place = open_at.pop(told["number"])
                spans[place] = _ended(spans[place], told, told["reason"])
        wanted = {"line": line, "asset": asset}
        return [
            span
            for span in spans
            if all(name is None or span.fault.get(key) == name for key, name in wanted.items())
        ]

    def meters(self, asset: str) -> dict[str, int]:
        """Return the true counts of a machine's meters; those that never moved are left out."""
        memory: Record = {}
        for told in self._told:
            if told.get("egm") == asset:
                merge(memory, told.get("state", {}))
        return dict(memory.get("meters", {}))

    def shown_meters(self, asset: str | None = None) -> list[ShownMeter]:
        """Return each time that a lying meter was shown, in order."""
        return [
            ShownMeter(
                told["t"], told["egm"], told["meter"], told["true"], told["shown"], told["digits"]
            )
            for told in self._of("meter shown", asset)
        ]

    def _of(self, what: str, asset: str | None) -> Iterable[Record]:
        return (
            told for told in self._told if told["what"] == what and asset in {None, told.get("egm")}
        )


def _ports(told: Record) -> tuple[int, ...] | None:
    return tuple(told["ports"]) if "ports" in told else None


def _ended(span: FaultSpan, told: Record, reason: str) -> FaultSpan:
    return FaultSpan(span.number, span.fault, span.began, told["t"], reason, told.get("spoiled"))
