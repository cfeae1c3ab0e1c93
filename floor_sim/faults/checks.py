"""What can be wrong with a fault: every mistake at once, in an operator's words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from edge_config.explain import nearest, problems_of
from edge_config.problems import Mistake, Problem, shown
from edge_config.toml_lines import LineFinder
from floor_sim.faults.fault import Fault
from floor_sim.faults.table import FAULTS, FaultKind, Place

HINT_NAMES_MAX = 8


class FaultError(Exception):
    """A fault makes no sense on this floor; ``str()`` is the whole report, a line a mistake.

    Attributes:
        problems: every mistake.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        assert problems, "a FaultError without a problem"
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True, slots=True)
class Names:
    """What a fault may name on a floor.

    Attributes:
        addresses: SAS addresses by line.
        assets: asset numbers.
        banks: banks.
        panels: electrical panels.
    """

    addresses: Mapping[str, Collection[int]]
    assets: Collection[str]
    banks: Collection[str]
    panels: Collection[str]


def checked(data: Mapping[str, Any], names: Names) -> Fault:
    """Return the fault that ``data`` says.

    Raises:
        FaultError: it makes no sense, or not on a floor of these ``names``.
    """
    problems: list[Problem] = []
    fault: Fault | None = None
    try:
        fault = Fault.model_validate(data)
    except ValidationError as error:
        problems += problems_of(error, Fault, "fault", LineFinder(""))
    problems += [
        Problem("fault", str(mistake.key[0]), mistake.found, mistake.expected, mistake.hint)
        for mistake in misplaced(data, names)
    ]
    if problems:
        raise FaultError(problems)
    assert fault is not None, "no problem and no fault"
    return fault


def misplaced(data: Mapping[str, Any], names: Names) -> Iterator[Mistake]:
    """Yield what a fault names that is not on the floor; what has not the right shape is skipped.

    The key of each mistake is the fault's own.
    """
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in {*FaultKind}:
        return
    row = FAULTS[FaultKind(kind)]
    line = data.get("line")
    if "line" in row.needs and line is None:
        yield Mistake(("line",), "nothing", "the name of a line", _some(names.addresses))
    places = {"asset": names.assets, "bank": names.banks, "panel": names.panels}
    for key, known in ({"line": names.addresses} | places).items():
        name = data.get(key)
        if isinstance(name, str) and key in row.keys and name not in known:
            hint = nearest(name, [*known]) or _some(known)
            yield Mistake((key,), shown(name), f"the name of a {key} of this floor", hint)
    address = data.get("address")
    if row.place in {Place.MESSAGE, Place.LINE} and isinstance(line, str):
        there = names.addresses.get(line, ())
        if isinstance(address, int) and there and address not in there:
            hint = f"its addresses are {', '.join(str(one) for one in there)}"
            yield Mistake(("address",), shown(address), f"an address on line {line}", hint)


def _some(names: Collection[str]) -> str:
    words = ", ".join([*names][:HINT_NAMES_MAX])
    return f"there are {words}" if words else "there is none"
