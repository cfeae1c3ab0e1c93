"""What can be wrong between the parts of a floor file, though each part is right by itself.

Works on the parsed file before validation, so that these mistakes stand in the same report as
wrong types; whatever has not the right shape is skipped.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from edge_config.explain import nearest
from edge_config.problems import Mistake, shown

Row = tuple[int, Mapping[str, object]]

EGMS_MAX = 32
"""Machines on one line."""


def mistakes_between(data: Mapping[str, object]) -> Iterator[Mistake]:
    """Yield every mistake between the tables of a floor file."""
    lines, egms = _rows(data, "lines"), _rows(data, "egms")
    profiles = data.get("profiles")
    names = [str(name) for name in profiles] if isinstance(profiles, Mapping) else []
    yield from _twice(lines, "lines", "name", "a name of its own for every line")
    yield from _twice(egms, "egms", "asset", "an asset number of its own for every machine")
    yield from _known(egms, "line", "line", [str(row.get("name")) for _, row in lines])
    yield from _known(egms, "profile", "profile", names)
    yield from _addresses(egms)
    yield from _crowded(lines, egms)
    yield from _ports(lines, egms)
    yield from _pairs(data.get("pace"))


def _rows(data: Mapping[str, object], key: str) -> list[Row]:
    rows = data.get(key)
    if not isinstance(rows, list):
        return []
    return [(index, row) for index, row in enumerate(rows) if isinstance(row, dict)]


def _twice(rows: list[Row], key: str, name: str, expected: str) -> Iterator[Mistake]:
    first: dict[str, int] = {}
    for index, row in rows:
        value = row.get(name)
        if not isinstance(value, str):
            continue
        if value in first:
            hint = f"it is also that of {key}[{first[value]}]"
            yield Mistake((key, index, name), f"{shown(value)} again", expected, hint)
        first.setdefault(value, index)


def _known(egms: list[Row], key: str, word: str, names: list[str]) -> Iterator[Mistake]:
    for index, row in egms:
        name = row.get(key)
        if isinstance(name, str) and name not in names:
            hint = nearest(name, names) or f"there are {', '.join(names[:8]) or 'none'}"
            expected = f"the name of a {word} of this file"
            yield Mistake(("egms", index, key), shown(name), expected, hint)


def _addresses(egms: list[Row]) -> Iterator[Mistake]:
    first: dict[tuple[str, int], int] = {}
    for index, row in egms:
        line, address = row.get("line"), row.get("address")
        if not isinstance(line, str) or not isinstance(address, int) or isinstance(address, bool):
            continue
        other = first.setdefault((line, address), index)
        if other != index:
            found = f"{shown(address)} again on line {shown(line)}"
            hint = f"it is also that of egms[{other}]; two machines would answer at once"
            expected = "an address of its own on the line"
            yield Mistake(("egms", index, "address"), found, expected, hint)


def _crowded(lines: list[Row], egms: list[Row]) -> Iterator[Mistake]:
    for index, row in lines:
        count = sum(1 for _, egm in egms if egm.get("line") == row.get("name"))
        if count > EGMS_MAX:
            found = f"{count} machines on line {shown(row.get('name'))}"
            hint = "put some of them on another line"
            yield Mistake(("lines", index), found, f"at most {EGMS_MAX}", hint)


def _ports(lines: list[Row], egms: list[Row]) -> Iterator[Mistake]:
    used: dict[str, str] = {}
    for key, name, rows in (("lines", "port", lines), ("egms", "card_reader", egms)):
        for index, row in rows:
            port = row.get(name)
            if not isinstance(port, str):
                continue
            place = f"{key}[{index}].{name}"
            path = posixpath.normpath(port)
            if path.startswith(("/", "..")):
                expected, hint = "a path inside the run folder", "slotsim makes links there"
                yield Mistake((key, index, name), shown(port), expected, hint)
            other = used.setdefault(path, place)
            if other != place:
                found, hint = f"{shown(port)} again", f"it is also that of {other}"
                yield Mistake((key, index, name), found, "a port of its own", hint)


def _pairs(pace: object) -> Iterator[Mistake]:
    games = pace.get("games") if isinstance(pace, Mapping) else None
    if not (isinstance(games, list) and len(games) == 2):
        return
    low, high = games
    if isinstance(low, int) and isinstance(high, int) and not 1 <= low <= high:
        yield Mistake(("pace", "games"), shown(games), "fewest and most games, such as [20, 120]")
