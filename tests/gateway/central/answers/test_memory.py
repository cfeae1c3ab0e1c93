"""People ask as they speak; what is not known is said, and never guessed."""

import pytest

from gateway.central.answers.memory import Memory, UnknownError
from gateway.events.encode import Place, Stamp, encode
from gateway.events.envelope import decode
from gateway.events.fact import Fact
from gateway.events.moment import Moment

NOON = Moment(0.0, 1_795_003_200 * 1_000_000_000)


def reading(asset, location="01-14-07", *, game=0, epoch=1, number=1, **counts):
    meters = {name: {"count": n, "unit": "credits", "digits": 8} for name, n in counts.items()}
    data = {"meters": meters, "trigger": "cadence", "epoch": epoch, "game": game}
    place = Place("demo", "edge1", "US-NV", location=location, bank="07", line="L1", address=1)
    fact = Fact("meter.read", asset, data, NOON)
    return decode(encode(fact, place, Stamp("edge1", "b1", number, number), "2026-11-18").body)


@pytest.fixture
def memory():
    made = Memory()
    for asset, location, bank, zone in (
        ("10101", "01-14-07", "07", "main"),
        ("10102", "01-14-08", "07", "main"),
        ("20101", "02-14-07", "8", "high"),
    ):
        state = {"location": location, "bank": bank, "zone": zone, "credits": 5}
        made.take_state(asset, {"birthid": "b1", "sequence": 9, "state": state})
    return made


@pytest.mark.parametrize(
    ("words", "assets"),
    [
        ("state of 01-14-07", ["10101"]),
        ("01-14-08", ["10102"]),
        ("state of 14-08", ["10102"]),
        ("10102", ["10102"]),
        ("asset 20101", ["20101"]),
        ("state of bank 7", ["10101", "10102"]),
        ("bank 07", ["10101", "10102"]),
        ("state bank 8", ["20101"]),
        ("zone high", ["20101"]),
    ],
)
def test_a_machine_is_found_by_what_people_call_it(memory, words, assets):
    told = memory.state_of(words)
    assert [one["asset"] for one in told["machines"]] == assets
    assert told["notice"] == "observed, not official"
    assert told["machines"][0]["sequence"] == 9


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("state of 14-07", "may be 01-14-07, 02-14-07"),
        ("99999", "no machine is known"),
        ("bank 99", "no machine is known"),
        ("", "ask for a location"),
        ("state of the whole floor please", "ask for a location"),
    ],
)
def test_what_is_not_known_or_not_clear_is_said(memory, words, why):
    with pytest.raises(UnknownError, match=why):
        memory.state_of(words)


def test_meters_are_the_last_reading_of_each_with_its_time_and_width(memory):
    memory.take_reading(reading("10101", coin_in=100, coin_out=90))
    memory.take_reading(reading("10101", coin_in=110, number=2))
    [told] = memory.meters_of("meters of 10101")["machines"]
    assert told["meters"]["coin_in"] == {
        "count": 110, "unit": "credits", "digits": 8, "at": "2026-11-18T12:00:00+00:00",
    }  # fmt: skip
    assert told["meters"]["coin_out"]["count"] == 90


def test_a_new_epoch_forgets_the_old_counts_and_a_games_own_meters_are_left_out(memory):
    memory.take_reading(reading("10101", coin_in=100, coin_out=90))
    memory.take_reading(reading("10101", game=3, coin_in=7, number=2))
    memory.take_reading(reading("10101", epoch=2, coin_in=0, number=3))
    [told] = memory.meters_of("10101")["machines"]
    assert {name: one["count"] for name, one in told["meters"].items()} == {"coin_in": 0}


def test_a_machine_known_by_its_meters_alone_is_found_where_it_stands():
    memory = Memory()
    memory.take_reading(reading("10101", coin_in=1))
    assert memory.meters_of("bank 7")["machines"][0]["asset"] == "10101"
