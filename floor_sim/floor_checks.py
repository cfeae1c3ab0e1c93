"""What can be wrong between the parts of a floor file, though each part is right by itself.

Works on the parsed file before validation, so that these mistakes stand in the same report as
wrong types; whatever has not the right shape is skipped.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from edge_config.problems import Mistake, shown
from edge_config.wiring_checks import Row, rows_of, unknown_names, wiring_mistakes


def mistakes_between(data: Mapping[str, object]) -> Iterator[Mistake]:
    """Yield every mistake between the tables of a floor file."""
    lines, egms = rows_of(data, "lines"), rows_of(data, "egms")
    profiles = data.get("profiles")
    names = [str(name) for name in profiles] if isinstance(profiles, Mapping) else []
    yield from wiring_mistakes(data)
    yield from unknown_names(egms, "profile", "profile", names)
    yield from _links(lines, "lines", "port")
    yield from _links(egms, "egms", "card_reader")
    yield from _bridged(lines)
    yield from _games(data.get("pace"))


def _links(rows: list[Row], key: str, name: str) -> Iterator[Mistake]:
    """Yield ports outside of the run folder: slotsim replaces what stands there."""
    for index, row in rows:
        port = row.get(name)
        if row.get("transport") == "bridge":
            continue
        if isinstance(port, str) and posixpath.normpath(port).startswith(("/", "..")):
            expected, hint = "a path inside the run folder", "slotsim makes links there"
            yield Mistake((key, index, name), shown(port), expected, hint)


def _bridged(lines: list[Row]) -> Iterator[Mistake]:
    """Yield what belongs to ptys and stands on a line of a bridge."""
    for index, row in lines:
        for key in ("ninth_bit", "tap"):
            if row.get("transport") == "bridge" and key in row:
                expected, hint = "nothing there", "a bridge always carries the ninth bit; no tap"
                yield Mistake(
                    ("lines", index, key), f"{shown(row[key])} on a bridge", expected, hint
                )


def _games(pace: object) -> Iterator[Mistake]:
    games = pace.get("games") if isinstance(pace, Mapping) else None
    if not (isinstance(games, list) and len(games) == 2):
        return
    low, high = games
    if isinstance(low, int) and isinstance(high, int) and not 1 <= low <= high:
        yield Mistake(("pace", "games"), shown(games), "fewest and most games, such as [20, 120]")
