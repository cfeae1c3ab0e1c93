"""Faults as nouns: added and removed while a floor runs."""

from floor_sim.faults.fault import Direction, Fault
from floor_sim.faults.fault_set import FaultSet
from floor_sim.faults.table import FAULTS, FaultKind, Place

__all__ = ["FAULTS", "Direction", "Fault", "FaultKind", "FaultSet", "Place"]
