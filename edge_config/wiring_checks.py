"""What can be wrong between lines and EGMs, in a site file and in a file of a simulated floor.

Works on the parsed file before validation, so that these mistakes stand in the same report as
wrong types; whatever has not the right shape is skipped.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from edge_config.bridge_address import bridge_mistake, plain
from edge_config.explain import nearest
from edge_config.line_time import EGMS_MAX
from edge_config.problems import Mistake, shown

Row = tuple[int, Mapping[str, object]]


def wiring_mistakes(data: Mapping[str, object]) -> Iterator[Mistake]:
    """Yield every mistake between ``[[lines]]`` and ``[[egms]]``."""
    lines, egms = rows_of(data, "lines"), rows_of(data, "egms")
    names = [name for _, row in lines if isinstance(name := row.get("name"), str)]
    yield from _empty(data, "lines")
    yield from _empty(data, "egms")
    yield from _twice(lines, "lines", "name", "a name of its own for every line")
    yield from _twice(egms, "egms", "asset", "an asset number of its own for every EGM")
    yield from unknown_names(egms, "line", "line", names)
    yield from _addresses(egms)
    yield from _crowded_lines(lines, egms)
    yield from _ports(lines, egms)
    yield from _bridges(lines)


def rows_of(data: Mapping[str, object], key: str) -> list[Row]:
    """Return the tables of the list ``key`` with their positions; what is no table is left out."""
    rows = data.get(key)
    if not isinstance(rows, list):
        return []
    return [(index, row) for index, row in enumerate(rows) if isinstance(row, dict)]


def _empty(data: Mapping[str, object], key: str) -> Iterator[Mistake]:
    if data.get(key) == []:
        yield Mistake((key,), "an empty list", "at least one", f"tables headed [[{key}]]")


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


def unknown_names(rows: list[Row], key: str, word: str, names: Sequence[str]) -> Iterator[Mistake]:
    """Yield every EGM whose ``key`` is not among the ``names`` of the ``word``s of the file."""
    for index, row in rows:
        name = row.get(key)
        if isinstance(name, str) and name not in names:
            expected = f"the name of a {word} of this file"
            hint = nearest(name, names) or f"its {word}s are {', '.join(names[:8]) or 'none'}"
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
            hint = f"it is also that of egms[{other}]; two EGMs would answer at once"
            expected = "an address of its own on the line"
            yield Mistake(("egms", index, "address"), found, expected, hint)


def _crowded_lines(lines: list[Row], egms: list[Row]) -> Iterator[Mistake]:
    count = Counter(line for _, row in egms if isinstance(line := row.get("line"), str))
    for index, row in lines:
        name = row.get("name")
        if isinstance(name, str) and count[name] > EGMS_MAX:
            hint = "put some of them on another line"
            found = f"{count[name]} EGMs on line {shown(name)}"
            yield Mistake(("lines", index), found, f"at most {EGMS_MAX}", hint)


def _ports(lines: list[Row], egms: list[Row]) -> Iterator[Mistake]:
    used: dict[str, str] = {}
    for key, name, rows in (
        ("lines", "port", lines),
        ("lines", "port_egm", lines),
        ("egms", "card_reader", egms),
    ):
        for index, row in rows:
            port = row.get(name)
            if not isinstance(port, str):
                continue
            place = f"{key}[{index}].{name}"
            bridge = row.get("transport") == "bridge"
            other = used.setdefault(plain(port) if bridge else posixpath.normpath(port), place)
            if other != place:
                found, hint = f"{shown(port)} again", f"it is also that of {other}"
                yield Mistake((key, index, name), found, "a port of its own", hint)


def _bridges(lines: list[Row]) -> Iterator[Mistake]:
    for index, row in lines:
        port = row.get("port")
        if row.get("transport") != "bridge" or not isinstance(port, str):
            continue
        expected = bridge_mistake(port)
        if expected is not None:
            hint = "a bridge elsewhere needs a tunnel that ends on this computer"
            yield Mistake(("lines", index, "port"), shown(port), expected, hint)
