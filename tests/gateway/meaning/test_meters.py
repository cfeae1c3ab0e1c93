"""Readings, epochs and running totals."""

from gateway.meaning.observation import Observation
from protocols.sas.replies import LongPollReply, MeterReading

TOP = 10**8


def total(seat, key):
    return seat.engine._state.meters.tracks[key].total


def test_a_reading_tells_every_meter_with_unit_and_width(seat):
    (read,) = seat.answers(
        0x0F, "door", "gw1.b1.7", cancelled_credits=1, coin_in=2, coin_out=3, total_drop=4,
        jackpot=5, games_played=6,
    )  # fmt: skip
    assert (read.type, read.sas_code, read.caused_by) == ("meter.read", None, "gw1.b1.7")
    assert (read.data["trigger"], read.data["epoch"], read.data["game"]) == ("door", 1, 0)
    assert read.data["denomination"] == {"amount": "0.01", "currency": "USD"}
    assert read.data["meters"]["coin_in"] == {"count": 2, "unit": "credits", "digits": 8}
    assert read.data["meters"]["games_played"] == {"count": 6, "unit": "count", "digits": 8}
    assert len(read.data["meters"]) == 6
    assert read.occurred_before == read.observed
    assert read.occurred_after.monotonic_s < read.observed.monotonic_s


def test_credits_at_the_lines_own_pace_are_shown_and_not_told(seat):
    assert seat.answers(0x1A, "cadence", current_credits=750) == []
    assert seat.view.credits == 750
    assert [fact.type for fact in seat.answers(0x1A, "card", current_credits=750)] == ["meter.read"]


def test_the_view_shows_what_was_read(seat):
    seat.reads(coin_in=123, games_played=4)
    assert (seat.view.coin_in, seat.view.games_played) == (123, 4)


def test_a_rollover_is_told_and_the_total_goes_on(seat):
    seat.reads(coin_in=TOP - 100, coin_out=5_000_000)
    read, rolled = seat.reads(coin_in=150, coin_out=5_000_010)
    assert (read.data["epoch"], rolled.type) == (1, "meter.rolledover")
    assert rolled.data["before"]["count"] == TOP - 100
    assert (rolled.data["after"]["count"], rolled.data["increase"]) == (150, 250)
    assert total(seat, "coin_in/8") == 250
    seat.reads(coin_in=200, coin_out=5_000_010)
    assert total(seat, "coin_in/8") == 300


def test_a_ram_clear_begins_an_epoch_with_its_own_reading(seat):
    seat.reads(coin_in=900_000, games_played=900)
    seat.says(0x15)
    seat.says(0x16)
    read, began = seat.reads(coin_in=50, games_played=1)
    assert read.data["epoch"] == began.data["epoch"] == 2
    assert began.data["before"]["coin_in"]["count"] == 900_000
    assert began.data["after"]["coin_in"]["count"] == 50
    assert began.data["logic_door_seen"]
    assert total(seat, "coin_in/8") == 0
    assert seat.reads(coin_in=60, games_played=2)[0].data["epoch"] == 2


def test_a_ram_clear_without_a_logic_door_says_so(seat):
    seat.reads(coin_in=900_000, games_played=900)
    _, began = seat.reads(coin_in=0, games_played=0)
    assert not began.data["logic_door_seen"]


def test_a_door_that_was_opened_before_the_last_reading_explains_nothing(seat):
    seat.reads(coin_in=900_000, games_played=900)
    seat.says(0x15)
    seat.reads(coin_in=900_010, games_played=901)
    _, began = seat.reads(coin_in=0, games_played=0)
    assert not began.data["logic_door_seen"]


def test_a_step_back_adds_nothing_up(seat):
    seat.reads(coin_in=9_000_000, coin_out=5_000_000)
    _, fact = seat.reads(coin_in=8_999_000, coin_out=5_000_100)
    assert fact.type == "meter.regressed"
    assert (total(seat, "coin_in/8"), total(seat, "coin_out/8")) == (0, 100)
    seat.reads(coin_in=8_999_500, coin_out=5_000_100)
    assert total(seat, "coin_in/8") == 500


def test_meters_set_to_zero_are_told_together(seat):
    seat.reads(bills_20=900, bills_50=70, coin_in=9_000_000)
    (said,) = seat.says(0x7B)
    _, zeroed = seat.reads(bills_20=0, bills_50=0, coin_in=9_000_050)
    assert (said.type, said.data["what"]) == ("meter.zeroed", "billvalidatortotals")
    assert (zeroed.data["what"], zeroed.sas_code) == ("meters", None)
    assert zeroed.data["before"].keys() == {"bills_20", "bills_50"}


def test_a_fall_that_nothing_explains_is_undecided(seat):
    seat.reads(coin_in=9_000_000)
    assert [fact.type for fact in seat.reads(coin_in=0)] == ["meter.read", "meter.undecided"]


def test_two_widths_of_one_meter_are_followed_apart(seat):
    seat.reads(coin_in=99_999_900)
    seat.reads(digits=10, coin_in=7_299_999_900)
    assert len(seat.reads(digits=10, coin_in=7_300_000_100)) == 1
    assert [fact.type for fact in seat.reads(coin_in=100)] == ["meter.read", "meter.rolledover"]


def test_games_and_denominations_are_followed_apart(seat):
    seat.reads(coin_in=9_000_000)
    assert len(seat.reads(game=3, coin_in=10)) == 1
    moment = seat.moment()
    reply = LongPollReply(1, 0x11, {}, (MeterReading("coin_in", 5, 8),), denomination=2)
    assert len(seat.sees(Observation("10101", "L1", 1, reply, b"\x01", moment, moment))) == 1
    assert seat.view.coin_in == 9_000_000


def test_counts_that_begin_anew_by_right_are_no_news(seat):
    seat.reads(games_since_power_reset=500, games_since_slot_door_closed=90, coin_in=10)
    facts = seat.reads(games_since_power_reset=2, games_since_slot_door_closed=2, coin_in=20)
    assert [fact.type for fact in facts] == ["meter.read"]


def test_the_first_meters_after_a_gap_name_it(seat):
    seat.reads(coin_in=100)
    (gap,) = seat.gap()
    (during,) = seat.reads(coin_in=105, asked_s_ago=3.0)
    (after,) = seat.reads("gap", coin_in=110)
    (later,) = seat.reads(coin_in=110)
    assert gap.data["meters_before"]["coin_in"]["count"] == 100
    assert [fact.correlation for fact in (during, after, later)] == [None, gap.correlation, None]
