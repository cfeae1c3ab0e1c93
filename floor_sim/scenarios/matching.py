"""Whether something that was seen is what a step asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from floor_sim.scenarios.evidence import Item
from floor_sim.scenarios.file import NOWHERE, Step
from floor_sim.scenarios.plan import Played
from floor_sim.scenarios.shape import looked_up
from protocols.sas.tables.exceptions import exception_text

MISSING: Final = object()
_LIMITS: Final = frozenset({"at_least", "at_most"})

Reference = Callable[[str], Any]
"""Turns ``$asset.a``, ``$bank.b`` or ``$seen.NAME.path`` into what it stands for."""
Shown = Callable[[Item, str, int], int]
"""What the machine of an item shows of a meter when the item comes: item, name, digits."""


def wanted_item(step: Step, played: Played) -> tuple[str, str, str | None]:
    """Return the kind, the name and the asset number of what a step asks for."""
    asset = None if step.machine == NOWHERE else machine_of(step, played)
    if step.event is not None:
        return "event", step.event, asset
    if step.told is not None:
        return "record", "acked", asset
    if step.poll is not None:
        return "poll", step.poll, asset
    assert step.record is not None, "an account is not matched"
    return "record", step.record, asset


def machine_of(step: Step, played: Played) -> str:
    """Return the asset number of the step's machine: the scenario's only one if it says none."""
    return played.assets[step.machine or next(iter(played.assets))]


def differences(
    step: Step, item: Item, played: Played, refer: Reference, shown: Shown
) -> list[str]:
    """Return in what an item differs from what a step asks for; nothing: that is it.

    An item of another kind or name, or of another machine, is told as such, and no more.
    """
    kind, name, asset = wanted_item(step, played)
    if item.kind != kind or name not in {item.name, "any"}:
        return [f"it is {item.name}"]
    if item.asset != asset and not (kind == "poll" and item.name == "sync"):
        return [f"it is about {item.asset or 'no machine'}"]
    found: list[str] = []
    if step.told is not None and item.data.get("code") != step.told:
        return [f"its code is {item.data.get('code')}"]
    if step.told is not None and item.data.get("whole") is False:
        found.append("no whole answer had gone out")
    if item.port and item.port != step.port:
        found.append(f"it is port {item.port}")
    found += _unlike(step.data, item.data, refer, "")
    for meter in step.true_meters:
        found += _untrue(meter, item, shown)
    return found


def nearness(step: Step, item: Item, played: Played) -> int:
    """Return how near an item is to what a step asks for; more is nearer, 0 is not at all."""
    kind, name, asset = wanted_item(step, played)
    if item.kind != kind:
        return 0
    same = 4 if item.name == name else 0
    family = 2 if item.name.partition(".")[0] == name.partition(".")[0] else 0
    here = 1 if item.asset == asset else 0
    if step.told is not None and item.data.get("code") == step.told:
        same += 4
    return same + family + here if same or family else 0


def _unlike(want: Mapping[str, Any], found: Any, refer: Reference, path: str) -> list[str]:
    out: list[str] = []
    for key, value in want.items():
        here = f"{path}{key}"
        got = found.get(key, MISSING) if isinstance(found, Mapping) else MISSING
        if got is MISSING:
            out.append(f"there is no {here}")
        elif isinstance(value, Mapping) and value.keys() and value.keys() <= _LIMITS:
            out += _outside(value, got, here)
        elif isinstance(value, Mapping):
            out += _unlike(value, got, refer, f"{here}.")
        else:
            meant = refer(value) if isinstance(value, str) and value.startswith("$") else value
            if got != meant or isinstance(got, bool) is not isinstance(meant, bool):
                out.append(f"its {here} is {got!r} and not {meant!r}")
    return out


def _outside(limits: Mapping[str, Any], got: Any, here: str) -> list[str]:
    try:
        number = float(got)
    except (TypeError, ValueError):
        return [f"its {here} is {got!r}, no number"]
    low, high = limits.get("at_least"), limits.get("at_most")
    if low is not None and number < low:
        return [f"its {here} is {got}, less than {low}"]
    if high is not None and number > high:
        return [f"its {here} is {got}, more than {high}"]
    return []


def _untrue(meter: str, item: Item, shown: Shown) -> list[str]:
    count, digits = (looked_up(item.data, f"meters.{meter}.{key}") for key in ("count", "digits"))
    if not isinstance(count, int) or not isinstance(digits, int) or item.asset is None:
        return [f"it does not have the meter {meter}"]
    true = shown(item, meter, digits)
    return [] if count == true else [f"its {meter} is {count}, and the machine shows {true}"]


def words_of(step: Step, played: Played) -> str:
    """Return what a step says, in one line for people: what happens, or what is expected."""
    where = "" if step.machine in {None, NOWHERE} else f" at {step.machine}"
    if step.happens:
        return _happens(step, where)
    if step.account is not None:
        return {
            "host": "every exception handed over to the host, none lost",
            "events": "an event for every exception that was handed over, in order",
        }[step.account] + (f" (port {step.port})" if step.port != 1 else "")
    _, name, _ = wanted_item(step, played)
    what = f"event {name}" if step.event else f"record {name}"
    if step.told is not None:
        what = f"exception {step.told} ({exception_text(int(step.told, 16))}) handed over"
    elif step.poll is not None:
        what = f"{name} poll" if len(name) > 2 else f"long poll {name}"
    port = " on port 2" if step.port == 2 else ""
    data = "".join(f", {key} {_value(value)}" for key, value in step.data.items())
    meters = f", true {', '.join(step.true_meters)}" if step.true_meters else ""
    return f"{what}{where}{port}{data}{meters}, {often(step)}"


def often(step: Step) -> str:
    """Return how often a step wants to see it."""
    if step.never:
        return "never"
    if step.at_least is not None:
        return f"{step.at_least} times or more" if step.at_least > 1 else "at least once"
    return "once" if step.times == 1 else f"{step.times} times"


def _happens(step: Step, where: str) -> str:
    if step.people is not None:
        return f"people {step.people}"
    if step.fault is not None:
        rest = ", ".join(f"{key} {value}" for key, value in step.fault.items() if key != "kind")
        return f"fault {step.fault.get('kind')}{where}" + (f" ({rest})" if rest else "")
    assert step.does is not None, "something happens"
    here = f" at {', '.join(step.machines)}" if step.machines else where
    again = f", {step.repeat} times" if step.repeat > 1 else ""
    return f"{', '.join(step.does)}{here}{again}"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key.replace('_', ' ')} {_value(one)}" for key, one in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)
