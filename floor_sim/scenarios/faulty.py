"""Faults in a scenario: a fault is at the step's machine unless it says where."""

from __future__ import annotations

from typing import Any, Final

from floor_sim.faults import FaultKind
from floor_sim.faults.table import FAULTS, Place

_GROUPS: Final = ("asset", "bank", "panel")


def filled(fault: dict[str, Any], *, line: str, asset: str, address: int) -> dict[str, Any]:
    """Return the fault with the line, the asset or the address that it needs and does not name.

    Args:
        fault: as the file says it.
        line: the line of the machine.
        asset: its asset number.
        address: its SAS address.
    """
    kind = fault.get("kind")
    if not isinstance(kind, str) or kind not in {one.value for one in FaultKind}:
        return fault
    row = FAULTS[FaultKind(kind)]
    own: dict[str, Any] = {}
    if row.place not in {Place.MACHINE, Place.FLOOR}:
        own["line"] = line
        if "address" in row.needs:
            own["address"] = address
    elif not any(key in fault for key in _GROUPS):
        own["asset"] = asset
    return {**own, **fault}
