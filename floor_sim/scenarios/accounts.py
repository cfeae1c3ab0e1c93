"""Accounts of a machine: what happened, what its host took, and what the event stream has of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from floor_sim.scenarios.evidence import Item
from protocols.sas.tables.exceptions import exception_text

SHOWN: Final = 4
"""Differences that are told; there may be more."""


def host_differences(
    items: Sequence[Item], asset: str, port: int, since: float, *, lost_too: bool
) -> list[str]:
    """Return which exceptions of a machine since ``since`` were not handed over, or were lost."""
    happened: dict[int, str] = {}
    gone: dict[int, str] = {}
    out: list[str] = []
    for item in items:
        if item.kind != "record" or item.asset != asset:
            continue
        data = item.data
        if item.name == "exception" and item.at >= since:
            if port - 1 in data.get("ports", (port - 1,)):
                happened[data["n"]] = data["code"]
        elif item.name in {"acked", "lost"} and item.port == port:
            gone[data["of"]] = item.name
            if item.name == "lost" and data["of"] in happened and not lost_too:
                out.append(f"{_code(data['code'])} was lost: {data.get('reason', 'no reason')}")
    out += [f"{_code(code)} was not handed over" for n, code in happened.items() if n not in gone]
    return out


def event_differences(items: Sequence[Item], asset: str, port: int, since: float) -> list[str]:
    """Return how the codes of a machine's events differ from what its host took.

    What came before ``since`` may be missing at the front. An event that says of itself that the
    machine may have told it before may stand there once more.
    """
    before: list[int] = []
    taken: list[int] = []
    for item in items:
        here = item.kind == "record" and item.asset == asset and item.port == port
        if here and item.name == "acked" and item.data.get("whole") is not False:
            (taken if item.at >= since else before).append(int(item.data["code"], 16))
    told = [
        item for item in items
        if item.kind == "event" and item.asset == asset and item.code is not None
    ]  # fmt: skip
    wanted = [*before, *taken]
    for skipped in range(len(before) + 1):
        if _agree(wanted[skipped:], told):
            return []
    missing = max(0, len(wanted) - len(told))
    return _unequal(wanted[min(len(before), missing) :], told)


def _agree(wanted: Sequence[int], told: Sequence[Item]) -> bool:
    place = 0
    for item in told:
        if place < len(wanted) and item.code == wanted[place]:
            place += 1
        elif not item.repeat:
            return False
    return place == len(wanted)


def _unequal(wanted: Sequence[int], told: Sequence[Item]) -> list[str]:
    """Return where they part, for people."""
    codes = [item.code for item in told if item.code is not None]
    if sorted(codes) == sorted(wanted):
        pairs = zip(wanted, codes, strict=True)
        where = next((n for n, pair in enumerate(pairs) if pair[0] != pair[1]), 0)
        taken, told_of = _list(wanted[where:]), _list(codes[where:])
        return [f"another order from the {where + 1}. on: {taken} handed over, events: {told_of}"]
    missing, extra = _surplus(wanted, codes), _surplus(codes, wanted)
    out = [f"no event tells of {_list(missing)}"] if missing else []
    return out + ([f"events that nothing stands for: {_list(extra)}"] if extra else [])


def _surplus(codes: Sequence[int], others: Sequence[int]) -> list[int]:
    left = list(others)
    out = []
    for code in codes:
        if code in left:
            left.remove(code)
        else:
            out.append(code)
    return out


def _list(codes: Sequence[int]) -> str:
    shown = ", ".join(_code(f"{code:02X}") for code in codes[:SHOWN])
    return shown + (f" and {len(codes) - SHOWN} more" if len(codes) > SHOWN else "")


def _code(code: str) -> str:
    return f"{code} ({exception_text(int(code, 16))})"
