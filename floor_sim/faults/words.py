"""Faults as a person types them: a kind, then KEY=VALUE words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from floor_sim.faults.fault import Fault
from floor_sim.faults.table import FAULTS, FaultKind

_NUMBERS: Final = frozenset(
    name
    for name, field in Fault.model_fields.items()
    if any(one in str(field.annotation) for one in ("int", "float"))
)


def read_settings(words: Sequence[str]) -> dict[str, Any]:
    """Return KEY=VALUE words as a fault takes them: numbers where it wants numbers.

    Raises:
        ValueError: a word is not KEY=VALUE.
    """
    values: dict[str, Any] = {}
    for word in words:
        key, sign, value = word.partition("=")
        if not sign or not key:
            raise ValueError(f"{word!r} is not KEY=VALUE, such as line=L1")
        values[key] = _number(value) if key in _NUMBERS else value
    return values


def said(fault: Mapping[str, Any]) -> str:
    """Return a fault, as the control API tells it, in the words that add it: what is not usual."""
    keys = FAULTS[FaultKind(fault["kind"])].keys
    given = [key for key in keys[1:] if fault[key] != Fault.model_fields[key].default]
    return " ".join([fault["kind"], *(f"{key}={fault[key]}" for key in given)])


def _number(text: str) -> object:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
