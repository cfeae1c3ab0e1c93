"""The step that reads the meters twice, and whether they can be true."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from gateway.commissioning.step import Case, Finding, failed, grew, meter_of, passed, waiting
from gateway.commissioning.told import Count, Reading
from protocols.sas.tables.meters import METERS_BY_NAME, Kind

METERS_MIN: Final = 6
"""Meters that must have been read twice."""

APART_S: Final = 8.0
"""Seconds between two readings that count as two."""

GAMES_PER_S: Final = 1.0
"""Games a second that nobody plays."""

MONEY: Final = ("coin_in", "total_drop", "bills_accepted_credits", "ticket_in_credits")


def twice(case: Case) -> Finding:
    """Meters were read twice, well apart, and what they say can be true."""
    readings = case.since(Reading)
    names = sorted({name for one in readings for name in one.meters if _counts(name)})
    if not names:
        return waiting("the meters are asked", "No answer: does this port report meters?", "full")
    wrong = [why for name in names for why in _wrong(name, readings)] + _among(readings)
    if wrong:
        return failed(
            "; ".join(wrong[:3]),
            "Compare with the meter page in the machine's operator menu (:meters). A wrong width "
            "or a meter that falls: a RAM clear, another board, or noise (look at CRC errors).",
        )
    both = [name for name in names if _apart_s(readings, name) >= APART_S]
    if len(both) >= min(METERS_MIN, len(names)):
        worth = _latest(readings, "coin_in")
        shown = "" if worth is None else f", coin in {worth.value:,}"
        return passed(f"{len(both)} meters read twice and plausible{shown}")
    return waiting(f"{len(names)} meters read once; the second reading follows", wants="full")


def _counts(name: str) -> bool:
    row = METERS_BY_NAME.get(name)
    return row is not None and row.kind is Kind.COUNTER


def _wrong(name: str, readings: Sequence[Reading]) -> list[str]:
    seen = meter_of(readings, name)
    found = []
    for (before_at, before), (at, after) in pairwise(seen):
        if before.digits != after.digits:
            continue  # another poll: its own track
        steps, seconds = grew(before, after), (at - before_at).total_seconds()
        if steps > 10**before.digits // 2:
            found.append(f"{name} went back from {before.value:,} to {after.value:,}")
        elif name == "games_played" and steps > 3 + GAMES_PER_S * seconds:
            found.append(f"{steps:,} games in {seconds:.0f} s")
    return found


def _among(readings: Sequence[Reading]) -> list[str]:
    """Return what meters of the whole life of a machine say against one another."""
    games, coin_in = _latest(readings, "games_played"), _latest(readings, "coin_in")
    found = []
    if games and coin_in and games.value and not coin_in.value:
        found.append(f"{games.value:,} games played, and coin in is 0")
    if games and coin_in and coin_in.value and not games.value:
        found.append(f"coin in is {coin_in.value:,}, and no game was played")
    return found


def _latest(readings: Sequence[Reading], name: str) -> Count | None:
    seen = meter_of(readings, name)
    return seen[-1][1] if seen else None


def _apart_s(readings: Sequence[Reading], name: str) -> float:
    seen = meter_of(readings, name)
    return (seen[-1][0] - seen[0][0]).total_seconds() if seen else 0.0
