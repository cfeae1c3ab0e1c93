"""What is wrong with an operator's file: one line a problem, all of them in one report.

ConfigError   the operator's: a file that is missing, cannot be read, or says something wrong
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN_PROBLEMS_MAX = 200
"""Lines in a report; what is over is counted in its last line."""

FOUND_CHARACTERS_MAX = 60
"""Characters of a wrong value that a report shows."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong with a file's content, found by a model's cross-check.

    Attributes:
        key: where, as keys and list positions from the top: ``("egms", 3, "address")``.
        found: what stands there, in words.
        expected: what should stand there, in words.
        hint: what to do next, or empty.
    """

    key: tuple[str | int, ...]
    found: str
    expected: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of one file, ready for an operator.

    Attributes:
        path: the file, as the operator named it.
        key: where in the file, for example ``egms[3].address``; empty for the whole file.
        found: what is there, in words.
        expected: what should be there, in words.
        hint: what to do next, or empty.
        line_number: line of the file, counted from 1, or None where it is not known.
    """

    path: str
    key: str
    found: str
    expected: str
    hint: str = ""
    line_number: int | None = None

    def __str__(self) -> str:
        """One line: ``path:line: key: found X, expected Y; hint``."""
        place = self.path if self.line_number is None else f"{self.path}:{self.line_number}"
        where = f"{place}: {self.key}" if self.key else place
        hint = f"; {self.hint}" if self.hint else ""
        return f"{where}: found {self.found}, expected {self.expected}{hint}"


class ConfigError(Exception):
    """A file of the operator's is wrong. ``str()`` is the whole report, one line a problem.

    Attributes:
        problems: every problem found, in the order of the file's keys.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        assert self.problems, "a ConfigError without a problem"
        super().__init__(self.problems)

    def __str__(self) -> str:
        """Return the report; at most ``SHOWN_PROBLEMS_MAX`` lines and one that counts the rest."""
        lines = [str(problem) for problem in self.problems[:SHOWN_PROBLEMS_MAX]]
        if (rest := len(self.problems) - SHOWN_PROBLEMS_MAX) > 0:
            lines.append(f"{self.problems[0].path}: and {rest} more")
        return "\n".join(lines)


def shown(value: object) -> str:
    """Return ``value`` as a report shows it: on one line, of bounded length."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = repr(value) if isinstance(value, str | float) else f"{type(value).__name__} {value}"
    if isinstance(value, int):
        text = format(value, "d") if value.bit_length() < 200 else "a very large number"
    if len(text) <= FOUND_CHARACTERS_MAX:
        return text
    return text[: FOUND_CHARACTERS_MAX - 3] + "..."
