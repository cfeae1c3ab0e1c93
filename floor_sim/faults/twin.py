"""A second machine with the same address: somebody set it wrong, and it answers too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from floor_sim.machine import service
from floor_sim.machine.machine import Machine
from floor_sim.machine.port import SasPort
from floor_sim.machine.settings import MachineSettings


class _Nowhere:
    """A journal that keeps nothing: what happens at a twin is not on this floor."""

    remembers = False

    def __init__(self) -> None:
        self.next_n = 1

    def write(self, records: Sequence[Mapping[str, Any]], now: float) -> None:
        del now
        self.next_n += len(records)


def twin_port(address: int, now: float) -> SasPort:
    """Return the SAS port of a machine that has just got power, and has ``address``."""
    machine = Machine(MachineSettings(f"twin-{address}", address), _Nowhere(), {}, now=now)
    service.power_on(machine, now)
    return machine.ports[0]
