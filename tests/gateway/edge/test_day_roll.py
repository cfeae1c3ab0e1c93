"""A gaming day ends once, on the casino's wall: on days of 23, 24 and 25 hours, and whatever the
gateway's own clock is set to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from edge_config.site import SiteInfo
from gateway.edge.day_roll import DAYS_KEY, DayRoll

HOUR = timedelta(hours=1)


class Line:
    """A line that remembers what was wished of it."""

    def __init__(self):
        self.works = {1: None, 2: None}
        self.wished = []

    def wish(self, address, what, tag):
        self.wished.append((address, what, tag.trigger))


class Wall:
    """A wall clock that stands until it is set."""

    def __init__(self, *utc):
        self.now = datetime(*utc, tzinfo=UTC)

    def monotonic(self):
        return 0.0

    def wall_ns(self):
        return round(self.now.timestamp() * 1e9)


class Casino:
    """A roll, its line and its clock."""

    def __init__(self, zone="America/Los_Angeles", starts="04:00", utc=(2026, 3, 6, 20), **keys):
        self.site = SiteInfo(
            id="d", name="D", jurisdiction="US-NV", currency="USD", time_zone=zone,
            gaming_day_starts=starts,
        )  # fmt: skip
        self.line, self.wall, self.kept = Line(), Wall(*utc), dict(keys)
        self.start()

    def start(self):
        """Start a gateway on what the last one kept."""
        self.roll = DayRoll(self.site, [self.line], self.kept, self.kept.update, self.wall)
        self.roll.look()

    def rolls(self, hours):
        """Let hours pass, looking every ten minutes; return when days rolled."""
        found = []
        for _ in range(hours * 6):
            self.wall.now += timedelta(minutes=10)
            if self.roll.look():
                found.append(self.wall.now)
        return found


@pytest.mark.parametrize(
    ("zone", "starts", "utc", "lengths"),
    [
        ("America/Los_Angeles", "04:00", (2026, 3, 6, 20), [23, 24]),
        ("America/Los_Angeles", "04:00", (2026, 10, 30, 20), [25, 24]),
        ("America/Los_Angeles", "02:30", (2026, 3, 7, 20), [23.5]),  # 02:30 is not: 03:00 it is
        ("America/Los_Angeles", "01:30", (2026, 10, 31, 20), [25]),  # 01:30 is twice: the first
        ("Australia/Lord_Howe", "04:00", (2026, 4, 2, 20), [24.5, 24]),
        ("Asia/Macau", "06:00", (2026, 3, 28, 20), [24, 24]),
    ],
)
def test_a_gaming_day_has_the_hours_that_the_clock_on_the_wall_gives_it(zone, starts, utc, lengths):
    casino = Casino(zone, starts, utc)
    rolls = casino.rolls(24 * (len(lengths) + 1) + 12)[: len(lengths) + 1]
    assert [(b - a) / HOUR for a, b in pairwise(rolls)] == lengths


def test_a_roll_asks_every_machine_for_its_meters():
    casino = Casino()
    (at,) = casino.rolls(24)
    assert at == datetime(2026, 3, 7, 12, tzinfo=UTC)
    assert casino.line.wished == [
        (address, what, "dayroll") for address in (1, 2) for what in ("meters", "full")
    ]


def test_a_clock_set_back_over_the_roll_rolls_no_day_twice():
    casino = Casino()
    assert len(casino.rolls(17)) == 1
    casino.wall.now -= 2 * HOUR
    assert casino.rolls(4) == []


def test_a_clock_that_was_years_ahead_keeps_no_day_from_being_rolled():
    casino = Casino()
    now = casino.wall.now
    casino.wall.now += timedelta(days=3_650)
    assert casino.roll.look()
    casino.wall.now = now
    assert not casino.roll.look()
    assert len(casino.rolls(48)) == 2


def test_a_roll_that_nobody_was_there_for_is_made_up_for_once():
    casino = Casino()
    casino.wall.now += 24 * HOUR
    casino.start()
    assert len(casino.line.wished) == 4
    casino.start()
    assert len(casino.line.wished) == 4
    assert casino.kept[DAYS_KEY].split() == ["2026-03-06", "2026-03-07"]


def test_the_first_day_of_a_gateway_began_without_it():
    assert Casino().line.wished == []
