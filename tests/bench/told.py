"""One figure with its goal: printed by a bench, gathered by ``make bench`` for its last table."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

VARIABLE = "SLOT_BENCH_FIGURES"
"""Environment variable with the file to which figures go as JSON lines, if they are gathered."""


@dataclass(frozen=True, slots=True)
class Told:
    """A figure and its goal.

    Attributes:
        what: words.
        value: as measured.
        goal: the most it should be, or the least.
        at_least: the goal is the least.
        unit: behind both; empty for a ratio.
    """

    what: str
    value: float
    goal: float
    at_least: bool = False
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether the goal is met."""
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    def __str__(self) -> str:
        sign, unit = (">=" if self.at_least else "<="), f" {self.unit}" if self.unit else ""
        number = f"{self.value:.2f}" if self.value < 100 else f"{self.value:.0f}"
        goal = f"{sign} {self.goal:.3g}{unit}"
        return f"{self.what:<58}{number + unit:>12}{goal:>14}  {'met' if self.met else 'NOT met'}"


def tell(*figures: Told) -> None:
    """Print figures with their goals, and let ``make bench`` have them."""
    for figure in figures:
        print(f"  = {figure}", flush=True)
    path = os.environ.get(VARIABLE)
    if path:
        with Path(path).open("a") as file:
            file.writelines(json.dumps(asdict(figure)) + "\n" for figure in figures)
