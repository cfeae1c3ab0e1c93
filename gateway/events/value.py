"""Values made by the thousand a second: frozen for whoever reads the code, not for the machine.

``dataclass(frozen=True)`` sets every field by a detour that costs some 70 ns; an event from answer
to envelope passes through about sixty of them. The type checker refuses to change a field of such a
value all the same, and they have the hash of a frozen one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def value(cls: type[T]) -> type[T]:
    """Make ``cls`` a dataclass with slots, equal and hashed by its fields, which never change."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
