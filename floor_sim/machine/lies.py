"""A meter that shows another count than it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Lie:
    """How one meter lies.

    Attributes:
        form: back: less by ``amount``, never below 0; plus: more by it; stuck: ``stuck_at``; width:
            only the last ``digits`` digits.
        amount: by how much it is wrong.
        digits: decimal digits that are left of it.
        stuck_at: what it always shows.
    """

    form: Literal["back", "plus", "stuck", "width"]
    amount: int = 0
    digits: int = 1
    stuck_at: int = 0

    def of(self, true: int) -> int:
        """Return what is shown instead of the ``true`` count."""
        match self.form:
            case "back":
                return max(0, true - self.amount)
            case "plus":
                return true + self.amount
            case "stuck":
                return self.stuck_at
            case "width":
                return int(true % 10**self.digits)
