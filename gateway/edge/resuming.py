"""What a line begins with: the page of the last process, and what of it the outbox covers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gateway.edge.clock import Clock, moment
from gateway.edge.page import OUTSTANDING, LinePage
from gateway.events.moment import Moment
from protocols.sas.host.steps import Resume

POLLED: Final = 1
"""Number of a poll that was never sent. The outbox covers it before a line's first poll leaves:
else a power cut before an answer is on disk would look as if the line was never polled."""


def resume_of(
    page: LinePage, committed: int, clock: Clock, was_up: frozenset[int], addresses: Iterable[int]
) -> tuple[Resume, Moment | None]:
    """Work out what is owed to a line, and since when a gap lasts; the table is in RESTART.md.

    Args:
        page: of the line.
        committed: number of the line's last poll that the outbox covers.
        clock: both clocks.
        was_up: addresses whose link was up when the last process ended.
        addresses: of all EGMs of the line.
    """
    found = page.found
    if found is None or not page.this_boot:
        number = max(committed, found.number if found else 0)
        if not number:
            return Resume(POLLED), moment(clock)
        return Resume(number, was_up=frozenset(addresses)), moment(clock)
    age_s = max(0.0, clock.monotonic() - found.monotonic_s)
    owed = found.poll if found.state == OUTSTANDING and found.number > committed else None
    number = max(committed, found.number)
    return Resume(number, owed, age_s, was_up=was_up), moment(clock, found.monotonic_s)


def seconds_of(wall_ns: int, clock: Clock) -> float:
    """Return a wall time on the monotonic clock, never in the future."""
    now = moment(clock)
    return now.monotonic_s - max(0.0, (now.wall_ns - wall_ns) / 1e9)
