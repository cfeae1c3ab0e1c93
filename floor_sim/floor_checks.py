"""What can be wrong between the parts of a floor file, though each part is right by itself.

Works on the parsed file before validation, so that these mistakes stand in the same report as
wrong types; whatever has not the right shape is skipped.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping

from edge_config.explain import nearest
from edge_config.line_time import EGMS_MAX
from edge_config.problems import Mistake, shown
from edge_config.wiring_checks import Row, rows_of, unknown_names, wiring_mistakes
from floor_sim.abilities import ability_mistakes
from floor_sim.faults.checks import Names, misplaced
from floor_sim.link_file import link_mistakes
from floor_sim.profile_library import shipped_names
from floor_sim.tcp_port import tcp_address


def mistakes_between(data: Mapping[str, object]) -> Iterator[Mistake]:
    """Yield every mistake between the tables of a floor file."""
    lines, egms = rows_of(data, "lines"), rows_of(data, "egms")
    profiles = data.get("profiles")
    own = [str(name) for name in profiles] if isinstance(profiles, Mapping) else []
    names = [*own, *shipped_names()]
    yield from wiring_mistakes(data)
    yield from unknown_names(egms, "profile", "profile", names)
    yield from _second_ports(lines, egms)
    yield from _links(lines, "lines", "port")
    yield from _links(egms, "egms", "card_reader")
    yield from _bridged(lines)
    yield from _games(data.get("pace"))
    yield from ability_mistakes(data.get("profiles"))
    yield from link_mistakes(data)
    yield from _faults(data, lines, egms)


def _links(rows: list[Row], key: str, name: str) -> Iterator[Mistake]:
    """Yield ports outside of the run folder: slotsim replaces what stands there."""
    for index, row in rows:
        port = row.get(name)
        if row.get("transport") in {"bridge", "serial"}:
            continue
        if row.get("transport") == "tcp":
            yield from _tcp(index, port)
            continue
        if isinstance(port, str) and posixpath.normpath(port).startswith(("/", "..")):
            expected, hint = "a path inside the run folder", "slotsim makes links there"
            yield Mistake((key, index, name), shown(port), expected, hint)


def _tcp(index: int, port: object) -> Iterator[Mistake]:
    """Yield an address of a TCP line that is none, or not of this computer."""
    if isinstance(port, str):
        try:
            tcp_address(port)
        except ValueError as error:
            hint = "TCP is not sealed, so a line on it stays on this computer"
            yield Mistake(("lines", index, "port"), shown(port), str(error), hint)


def _second_ports(lines: list[Row], egms: list[Row]) -> Iterator[Mistake]:
    """Yield second SAS ports that hang nowhere, on the first one's line, or where another is."""
    names = [name for _, row in lines if isinstance(name := row.get("name"), str)]
    taken = {
        (row.get("line"), row.get("address")): f"egms[{index}]" for index, row in reversed(egms)
    }
    crowd = Counter(row.get("line") for _, row in egms)
    for index, row in egms:
        second = row.get("second")
        if not isinstance(second, dict) or not isinstance(line := second.get("line"), str):
            continue
        key: tuple[str | int, ...] = ("egms", index, "second")
        crowd[line] += 1
        if line not in names:
            hint = nearest(line, names) or f"its lines are {', '.join(names[:8]) or 'none'}"
            yield Mistake((*key, "line"), shown(line), "the name of a line of this file", hint)
        elif line == row.get("line"):
            hint = "two hosts cannot poll on one line"
            yield Mistake((*key, "line"), shown(line), "another line than the first port's", hint)
        elif crowd[line] > EGMS_MAX:
            hint = "put some of them on another line"
            found = f"{crowd[line]} SAS ports on line {shown(line)}"
            yield Mistake((*key, "line"), found, f"at most {EGMS_MAX}", hint)
        address = second.get("address")
        place = f"egms[{index}].second"
        if (
            isinstance(address, int)
            and (other := taken.setdefault((line, address), place)) != place
        ):
            found = f"{shown(address)} again on line {shown(line)}"
            hint = f"it is also that of {other}; two EGMs would answer at once"
            yield Mistake((*key, "address"), found, "an address of its own on the line", hint)


def _bridged(lines: list[Row]) -> Iterator[Mistake]:
    """Yield what belongs to ptys and stands on a line of a bridge."""
    for index, row in lines:
        if row.get("transport") == "bridge" and "ninth_bit" in row:
            expected, hint = "nothing there", "a bridge always carries the ninth bit"
            found = f"{shown(row['ninth_bit'])} on a bridge"
            yield Mistake(("lines", index, "ninth_bit"), found, expected, hint)


def _faults(data: Mapping[str, object], lines: list[Row], egms: list[Row]) -> Iterator[Mistake]:
    """Yield faults that name what is not in the file."""
    seconds = [second for _, row in egms if isinstance(second := row.get("second"), dict)]
    addresses: dict[str, list[int]] = {}
    for row in [*(row for _, row in lines)]:
        if isinstance(name := row.get("name"), str):
            addresses[name] = []
    for row in [*(row for _, row in egms), *seconds]:
        line, address = row.get("line"), row.get("address")
        if isinstance(line, str) and isinstance(address, int):
            addresses.setdefault(line, []).append(address)
    names = Names(addresses, *([*_said(egms, key)] for key in ("asset", "bank", "panel")))
    for index, row in rows_of(data, "faults"):
        for mistake in misplaced(row, names):
            key = ("faults", index, *mistake.key)
            yield Mistake(key, mistake.found, mistake.expected, mistake.hint)


def _said(rows: list[Row], key: str) -> dict[str, None]:
    """Return what ``rows`` say for ``key``, once each, in their order."""
    return {name: None for _, row in rows if isinstance(name := row.get(key), str)}


def _games(pace: object) -> Iterator[Mistake]:
    games = pace.get("games") if isinstance(pace, Mapping) else None
    if not (isinstance(games, list) and len(games) == 2):
        return
    low, high = games
    if isinstance(low, int) and isinstance(high, int) and not 1 <= low <= high:
        yield Mistake(("pace", "games"), shown(games), "fewest and most games, such as [20, 120]")
