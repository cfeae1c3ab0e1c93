"""Meters since a moment: a difference only where one may be taken."""

from datetime import timedelta

import pytest

from gateway.console.meter_words import readings, rows
from tests.gateway.console.sample_floors import NOW
from tests.gateway.console.test_bus_floor import told


def count(number, total=None, unit="credits"):
    one = {"count": number, "unit": unit, "digits": 8}
    return one if total is None else one | {"total": total}


def read(sequence, seconds, epoch=1, breaks=0, **meters):
    return told("meter.read", sequence, seconds=seconds, epoch=epoch, breaks=breaks, meters=meters)


CASES = [
    ("a difference", {}, count(1_000), {}, count(1_250), "+250"),
    ("across a rollover by the running total", {}, count(99_999_990, 500), {}, count(10, 520),
     "+20"),
    ("it fell, nobody knows why", {}, count(500), {}, count(10),
     "fell or rolled over: see events"),
    ("a new epoch", {}, count(500), {"epoch": 2}, count(10), "began anew (epoch 2)"),
    ("a break between", {}, count(500), {"breaks": 1}, count(510),
     "a break between: no difference"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("then", "first", "later", "second", "due"), [row[1:] for row in CASES],
    ids=[row[0] for row in CASES],
)  # fmt: skip
def test_what_a_meter_counted_since_then(then, first, later, second, due):
    before = readings([read(1, -3600, **then, coin_in=first)])
    now = readings([read(2, -10, **later, coin_in=second)])
    (row,) = rows(now, before, "0.01")
    assert row.since.words == due


def test_each_meter_is_as_it_was_last_read_and_known_ones_come_first():
    events = [
        read(1, -100, coin_in=count(1), games_played=count(7), zebra=count(3)),
        read(2, -10, coin_in=count(9), current_credits=count(4)),
    ]
    now = readings(events)
    assert [row.name for row in rows(now, {}, None)] == [
        "coin_in", "games_played", "current_credits", "zebra"
    ]  # fmt: skip
    assert now["coin_in"].count == 9
    assert now["games_played"].at == NOW - timedelta(seconds=100)
    by_name = {row.name: row.since.words for row in rows(now, {}, None)}
    assert by_name["current_credits"] == ""
    assert by_name["coin_in"] == "no earlier reading"


def test_readings_of_an_older_life_of_the_meters_are_gone():
    events = [read(1, -100, coin_in=count(900), games_played=count(7)),
              read(2, -10, epoch=2, coin_in=count(1))]  # fmt: skip
    assert set(readings(events)) == {"coin_in"}


def test_readings_of_one_game_are_not_the_machines():
    one = read(1, -10, coin_in=count(9))
    of_game = one.model_copy(update={"data": {**one.data, "game": 3}})
    assert readings([of_game]) == {}
