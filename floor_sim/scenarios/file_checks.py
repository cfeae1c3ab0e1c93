"""What can be wrong between the parts of a scenario file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from edge_config.problems import Mistake, shown
from floor_sim.faults import Fault
from floor_sim.profile_library import shipped_names
from floor_sim.scenarios.faulty import filled
from floor_sim.scenarios.stage import DoingError, checked

_HAPPENS: Final = ("does", "fault", "people")
_SEEN: Final = ("event", "told", "poll", "record", "account")
_OF_ACTS: Final = frozenset(
    {"after_s", "exactly_s", "at_once", "repeat", "every_s", "if_possible", "machines"}
)
_OF_SIGHTS: Final = frozenset(
    {"times", "at_least", "never", "within_s", "data", "true_meters", "lost_too", "port"}
)


def mistakes_in(data: Mapping[str, object]) -> Iterator[Mistake]:
    """Yield what is wrong; whatever has not the right shape is skipped here."""
    machines = data.get("machines")
    names = [*machines] if isinstance(machines, dict) else []
    for name in names:
        yield from _machine(name, machines[name] if isinstance(machines, dict) else None)
    steps = data.get("steps")
    seen: set[str] = set()
    happened = False
    groups = _groups(machines)
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        if not isinstance(step, dict):
            continue
        yield from _step(("steps", number), step, names)
        yield from _references(("steps", number), step, {"asset": {*names}, **groups})
        yield from _name(("steps", number), step, seen)
        happened |= any(key in step for key in _HAPPENS)
        if step.get("people") is not None and not isinstance(data.get("people"), dict):
            yield Mistake(
                ("steps", number, "people"), "nobody", "a table headed [people]",
                "say how people are who come",
            )  # fmt: skip
    wanted = [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    if wanted and not any(key in step for step in wanted for key in _SEEN):
        yield Mistake(
            ("steps",), "nothing that must be seen", "at least one step with " + ", ".join(_SEEN),
            "without it nothing can fail",
        )  # fmt: skip


def _machine(name: str, info: object) -> Iterator[Mistake]:
    profile = info.get("profile") if isinstance(info, dict) else None
    if isinstance(profile, str) and profile not in shipped_names():
        yield Mistake(
            ("machines", name, "profile"), shown(profile), f"one of {', '.join(shipped_names())}"
        )


def _step(
    where: tuple[str | int, ...], step: dict[str, Any], names: list[str]
) -> Iterator[Mistake]:
    kinds = [key for key in (*_HAPPENS, *_SEEN) if key in step]
    if len(kinds) != 1:
        found = " and ".join(kinds) or "none of them"
        yield Mistake(
            where, found, f"one of {', '.join((*_HAPPENS, *_SEEN))}",
            "a step is one thing that happens or one thing that must be seen",
        )  # fmt: skip
        return
    acts = kinds[0] in _HAPPENS
    for key in sorted((_OF_SIGHTS if acts else _OF_ACTS) & step.keys()):
        yield Mistake(
            (*where, key), shown(step[key]), f"nothing: a step with {kinds[0]} takes no {key}"
        )
    limits = [key for key in ("times", "at_least", "never") if key in step]
    if len(limits) > 1:
        yield Mistake((*where, limits[1]), " and ".join(limits), "one of times, at_least, never")
    yield from _who(where, step, names)
    if kinds[0] == "does":
        yield from _does((*where, "does"), step["does"])
    elif kinds[0] == "fault":
        yield from _fault((*where, "fault"), step["fault"])


def _name(where: tuple[str | int, ...], step: dict[str, Any], seen: set[str]) -> Iterator[Mistake]:
    """Yield a name that is there twice, and one that is referred to before it is there."""
    for word in _strings(step.get("data")):
        if word.startswith("$seen.") and word.split(".")[1] not in seen:
            yield Mistake(
                (*where, "data"), shown(word), "the name of a step above",
                'give that step a name = "..."',
            )  # fmt: skip
    name = step.get("name")
    if isinstance(name, str):
        if name in seen:
            yield Mistake((*where, "name"), shown(name), "a name that no step above has")
        seen.add(name)


def _groups(machines: object) -> dict[str, set[str]]:
    """Return the banks and panels that machines stand in."""
    rows = machines.values() if isinstance(machines, dict) else ()
    tables = [row for row in rows if isinstance(row, dict)]
    return {
        kind: {row[kind] for row in tables if isinstance(row.get(kind), str)}
        for kind in ("bank", "panel")
    }


def _references(
    where: tuple[str | int, ...], step: dict[str, Any], known: dict[str, set[str]]
) -> Iterator[Mistake]:
    """Yield names of machines, banks and panels that are none."""
    fault = step.get("fault")
    for kind in ("bank", "panel"):
        name = fault.get(kind) if isinstance(fault, dict) else None
        if isinstance(name, str) and name not in known[kind]:
            yield Mistake((*where, "fault", kind), shown(name), _one_of(kind, known[kind]))
    for word in _strings(step.get("data")):
        kind, _, name = word[1:].partition(".")
        if word.startswith("$") and kind not in {*known, "seen"}:
            expected = "$asset.NAME, $bank.NAME, $panel.NAME or $seen.NAME.PATH"
            yield Mistake((*where, "data"), shown(word), expected)
        elif word.startswith("$") and kind in known and name not in known[kind]:
            yield Mistake((*where, "data"), shown(word), _one_of(kind, known[kind]))


def _one_of(kind: str, names: set[str]) -> str:
    what = "machine" if kind == "asset" else kind
    return f"a {what} of the scenario: {', '.join(sorted(names)) or 'it has none'}"


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)


def _who(where: tuple[str | int, ...], step: dict[str, Any], names: list[str]) -> Iterator[Mistake]:
    many = step.get("machines")
    given = [("machine", step.get("machine"))]
    given += [("machines", one) for one in many] if isinstance(many, list) else []
    for key, name in given:
        nowhere = name == "-" and "event" in step
        if isinstance(name, str) and name not in names and not nowhere:
            yield Mistake(
                (*where, key), shown(name), f"one of {', '.join(names) or 'no machines'}",
                "machines stand in tables headed [machines.NAME]",
            )  # fmt: skip
    alone = "machine" not in step and "machines" not in step
    if alone and len(names) > 1 and "people" not in step and "account" not in step:
        yield Mistake(
            where, "no machine", "machine, as there are several", f"one of {', '.join(names)}"
        )


def _does(where: tuple[str | int, ...], words: object) -> Iterator[Mistake]:
    for one in [words] if isinstance(words, str) else words if isinstance(words, list) else ():
        if not isinstance(one, str):
            continue
        try:
            checked(one)
        except DoingError as error:
            yield Mistake(where, shown(one), "something that can be done", str(error)[:300])


def _fault(where: tuple[str | int, ...], fault: object) -> Iterator[Mistake]:
    if not isinstance(fault, dict):
        return
    try:
        Fault.model_validate(_filled(fault))
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in detail["loc"])
        said = str(detail["msg"]).removeprefix("Value error, ")
        yield Mistake((*where, key), shown(detail["input"]), said, "see slotsim faults")


def _filled(fault: dict[str, Any]) -> dict[str, Any]:
    """Return a fault with whatever the step's machine will give it."""
    return filled(fault, line="L1", asset="1", address=1)
