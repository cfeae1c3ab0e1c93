"""Readings, epochs and running totals."""

import pytest

from gateway.meaning.observation import Observation
from protocols.sas.replies import LongPollReply, MeterReading

TOP = 10**8


GAME = {
    "game_id": "AA", "additional_id": "001", "denomination_code": 1, "max_bet": 5,
    "progressive_group": 0, "game_options": "0000", "paytable": "PT0001", "base_percent": "9250",
}  # fmt: skip


def types(facts):
    return [fact.type for fact in facts]


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
    assert read.data["meters"]["coin_in"] == {
        "count": 2, "unit": "credits", "digits": 8, "total": 0,
    }  # fmt: skip
    assert read.data["meters"]["games_played"]["unit"] == "count"
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


def test_a_ram_clear_without_a_logic_door_is_an_alert_of_its_own(seat):
    seat.reads(coin_in=900_000, games_played=900)
    _, began, alert = seat.reads(coin_in=0, games_played=0)
    assert not began.data["logic_door_seen"]
    assert (alert.type, alert.data["what"], alert.data["doors_covered"]) == (
        "integrity.resetwithoutdoor", "allmeters", True,
    )  # fmt: skip


def test_a_reset_in_a_stretch_that_was_not_heard_says_that_a_door_may_have_opened(seat):
    seat.reads(coin_in=900_000, games_played=900)
    seat.link("up", "down")
    seat.link("down", "up")
    alert = seat.reads(coin_in=0, games_played=0)[-1]
    assert (alert.type, alert.data["doors_covered"]) == ("integrity.resetwithoutdoor", False)


def test_a_door_that_was_shut_before_the_last_reading_explains_nothing(seat):
    seat.reads(coin_in=900_000, games_played=900)
    seat.says(0x15)
    seat.says(0x16)
    seat.reads(coin_in=900_010, games_played=901)
    _, began, alert = seat.reads(coin_in=0, games_played=0)
    assert not began.data["logic_door_seen"]
    assert alert.type == "integrity.resetwithoutdoor"


def test_a_logic_door_that_is_still_open_explains_a_reset_however_often_was_read(seat):
    seat.reads(coin_in=900_000, games_played=900)
    seat.says(0x15)
    seat.reads("door", coin_in=900_000, games_played=900)
    _, began = seat.reads(coin_in=0, games_played=0)
    assert began.data["logic_door_seen"]
    assert "logic door is open" in began.data["evidence"]


def test_a_logic_door_that_was_shut_after_the_last_reading_explains_a_reset(seat):
    seat.reads(coin_in=900_000, games_played=900)
    seat.says(0x15)
    seat.reads("door", coin_in=900_000, games_played=900)
    seat.says(0x16)
    assert seat.reads(coin_in=0, games_played=0)[1].data["logic_door_seen"]


def test_a_meter_that_went_back_must_first_come_to_where_it_was(seat):
    seat.reads(coin_in=9_000_000, coin_out=5_000_000)
    _, fact = seat.reads(coin_in=8_999_000, coin_out=5_000_100)
    assert fact.type == "meter.regressed"
    assert (total(seat, "coin_in/8"), total(seat, "coin_out/8")) == (0, 100)
    seat.reads(coin_in=8_999_600, coin_out=5_000_100)
    assert total(seat, "coin_in/8") == 0
    (read,) = seat.reads(coin_in=9_000_050, coin_out=5_000_100)
    assert (total(seat, "coin_in/8"), read.data["breaks"]) == (50, 2)


def test_some_meters_set_to_zero_without_a_logic_door_are_an_alert_too(seat):
    seat.reads(jackpot=900_000, coin_in=9_000_000)
    _, zeroed, alert = seat.reads(jackpot=0, coin_in=9_000_050)
    assert (zeroed.type, alert.data["what"]) == ("meter.zeroed", "somemeters")


def test_another_accounting_denomination_begins_an_epoch_though_the_counts_go_on(known_seat):
    seat = known_seat
    seat.says(0x3C)
    _, began = seat.answers(0x1F, **GAME | {"denomination_code": 2})
    assert (began.type, began.data["reason"]) == ("meter.epochstarted", "denomination")
    assert began.data["before"]["coin_in"]["count"] == 1_000
    assert began.data["evidence"][0] == "accounting denomination changed from 0.01 to 0.05"
    (read,) = seat.reads("options", coin_in=1_000, coin_out=900, games_played=20)
    assert (read.data["epoch"], total(seat, "coin_in/8")) == (2, 0)
    assert read.data["denomination"]["amount"] == "0.05"


def test_a_denomination_whose_change_set_the_meters_to_zero_is_one_epoch_and_not_two(known_seat):
    seat = known_seat
    seat.says(0x3C)
    assert "meter.epochstarted" in types(seat.reads(coin_in=0, coin_out=0, games_played=0))
    assert types(seat.answers(0x1F, **GAME | {"denomination_code": 2})) == [
        "integrity.optionschanged"
    ]


def test_a_bill_meter_that_falls_waits_for_the_meters_of_the_machine(seat):
    seat.reads(coin_in=9_000_000, games_played=9_000)
    seat.reads(bills_20=900, bills_50=70)
    assert types(seat.reads(bills_20=0, bills_50=0)) == ["meter.read"]
    assert seat.wishes == [("meters", "fell")]
    assert types(seat.reads(coin_in=9_000_100, games_played=9_001)) == ["meter.read"]
    zeroed = seat.reads(bills_20=0, bills_50=0)[1]
    assert zeroed.data["before"].keys() == {"bills_20", "bills_50"}


def test_a_bill_meter_that_fell_in_a_ram_clear_is_part_of_it(seat):
    seat.reads(coin_in=9_000_000, games_played=9_000)
    seat.reads(bills_20=900, bills_50=70)
    seat.reads(bills_20=0, bills_50=0)
    assert "meter.epochstarted" in types(seat.reads(coin_in=0, games_played=0))
    assert types(seat.reads(bills_20=0, bills_50=0)) == ["meter.read"]


def test_an_impossible_rise_is_told_with_its_frame_and_changes_no_total(seat):
    seat.reads(coin_in=9_000_000, coin_out=5_000_000)
    _, invalid = seat.reads(coin_in=59_000_000, coin_out=5_000_000)
    assert (invalid.type, invalid.raw) == ("meter.invalid", "01 0f **")
    assert invalid.data["reason"].startswith("rose by 50000000, and")
    (read,) = seat.reads(coin_in=9_000_300, coin_out=5_000_000)
    assert read.data["meters"]["coin_in"]["total"] == 300


def test_a_meter_that_cannot_be_right_in_one_answer_is_not_used_in_another(seat):
    seat.reads(coin_in=9_000_000, coin_out=5_000_000)
    seat.reads("full", digits=10, coin_in=9_000_000, coin_out=5_000_000)
    seat.wait(10_000)  # long enough for the count of the other answer to be possible
    seat.reads(coin_in=9_000_000, coin_out=5_000_000)
    assert types(seat.reads(coin_in=39_000_000, coin_out=5_000_000))[1:] == ["meter.invalid"]
    _, invalid = seat.reads("full", digits=10, coin_in=39_000_000, coin_out=5_000_000)
    assert invalid.data["reason"] == "it goes with a count that cannot be right"
    seat.reads(coin_in=9_000_100, coin_out=5_000_000)
    (read,) = seat.reads("full", digits=10, coin_in=9_000_100, coin_out=5_000_000)
    assert read.data["meters"]["coin_in"]["total"] == 100


def test_a_part_of_what_is_certain_cannot_have_gone_round(new_seat):
    seat = new_seat(meter_digits=5)
    part = {"restricted_played": 10}
    seat.reads("full", coin_in=100, games_played=10, **part)
    for count in range(101, 111):  # coin in is read all the while
        seat.wait(100)
        seat.reads(coin_in=count, games_played=10)
    assert types(seat.reads("full", coin_in=110, games_played=10, restricted_played=12)) == [
        "meter.read"
    ]
    seat.wait(1_000)
    alone = seat.reads("full", restricted_played=14, games_played=10)
    assert types(alone) == ["meter.read", "meter.undecided"]


def test_a_rise_that_stays_is_where_the_meter_goes_on_from(seat):
    seat.reads(coin_in=9_000_000, coin_out=5_000_000)
    for _ in range(3):
        assert types(seat.reads(coin_in=59_000_000, coin_out=5_000_000))[1:] == ["meter.invalid"]
        assert types(seat.reads(coin_in=59_000_000, coin_out=5_000_000))[1:] in (
            ["meter.invalid"], [],
        )  # fmt: skip
        seat.wait(60)
    (read,) = seat.reads(coin_in=59_000_100, coin_out=5_000_000)
    assert read.data["meters"]["coin_in"]["total"] == 100


def test_another_width_is_told_until_it_is_believed(seat):
    seat.reads(command=0x6F, coin_in=9_000_000, digits=8)
    for _ in range(2):
        _, invalid = seat.reads(command=0x6F, coin_in=9_000_100, digits=10)
        assert invalid.data["reason"] == "width changed from 8 to 10 digits"
    _, believed = seat.reads(command=0x6F, coin_in=9_000_200, digits=10)
    assert believed.data["reason"].endswith("taken as it is")
    (read,) = seat.reads(command=0x6F, coin_in=9_000_300, digits=10)
    assert read.data["meters"]["coin_in"]["total"] == 100


def test_the_site_file_may_know_that_meters_are_narrower_than_what_is_sent(new_seat):
    seat = new_seat(meter_digits=6)
    seat.reads(coin_in=999_900, coin_out=500_000)
    _, rolled = seat.reads(coin_in=50, coin_out=500_000)
    assert (rolled.type, rolled.data["increase"]) == ("meter.rolledover", 150)
    _, invalid = seat.reads(coin_in=1_000_050, coin_out=500_000)
    assert invalid.data["reason"] == "it shows 1000050, and the site file gives it 6 digits"


def test_a_meter_too_narrow_to_be_followed_is_told_once_and_has_no_total(new_seat):
    seat = new_seat(meter_digits=4)
    _, invalid = seat.reads(jackpot=100)
    assert "too few to be followed at 0.01 a credit" in invalid.data["reason"]
    (read,) = seat.reads(jackpot=50)
    assert "total" not in read.data["meters"]["jackpot"]


def test_meters_set_to_zero_are_told_together(seat):
    seat.reads(bills_20=900, bills_50=70, coin_in=9_000_000)
    (said,) = seat.says(0x7B)
    _, zeroed = seat.reads(bills_20=0, bills_50=0, coin_in=9_000_050)
    assert (said.type, said.data["what"]) == ("meter.zeroed", "billvalidatortotals")
    assert (zeroed.data["what"], zeroed.sas_code) == ("meters", None)
    assert zeroed.data["before"].keys() == {"bills_20", "bills_50"}


def test_a_fall_that_nothing_explains_is_undecided(seat):
    """The one meter of its answer; two readings more may bring others to hold it against."""
    seat.reads(coin_in=9_000_000)
    for _ in range(2):
        assert types(seat.reads(coin_in=0)) == ["meter.read"]
    _, fact = seat.reads(coin_in=0)
    assert fact.type == "meter.undecided"
    assert fact.data["evidence"][0] == "1 of 1 meters fell"


def test_two_widths_of_one_meter_are_followed_apart(seat):
    seat.reads(coin_in=99_999_900, coin_out=5_000_000)
    seat.reads(digits=10, coin_in=7_299_999_900)
    assert len(seat.reads(digits=10, coin_in=7_300_000_100)) == 1
    assert types(seat.reads(coin_in=100, coin_out=5_000_000)) == ["meter.read", "meter.rolledover"]


def test_the_wall_clock_may_step_between_readings(seat):
    """Within one start of the gateway only the monotonic clock counts."""
    seat.reads(coin_in=TOP - 100, coin_out=5_000_000)
    for step_s in (-86_400 * 400, 86_400 * 4000):
        seat.zero_ns += step_s * 10**9
        assert len(seat.reads(coin_in=TOP - 100, coin_out=5_000_000)) == 1
    assert types(seat.reads(coin_in=150, coin_out=5_000_010))[1:] == ["meter.rolledover"]
    assert seat.view.coin_in == 150


@pytest.mark.parametrize("step_s", [-86_400 * 4000, -3600, 3600, 86_400 * 4000])
def test_the_wall_clock_may_step_while_the_gateway_is_down(seat, step_s):
    seat.reads(coin_in=TOP - 100, coin_out=5_000_000, games_played=60_000)
    seat.zero_ns += step_s * 10**9
    seat.restart("b2")
    now = seat.reads(coin_in=150, coin_out=5_000_010, games_played=60_010)
    assert types(now)[1:] == ["meter.rolledover"]
    assert seat.view.coin_in == 150
    seat.zero_ns += step_s * 10**9
    seat.restart("b3")
    assert "meter.epochstarted" in types(seat.reads(coin_in=0, coin_out=0, games_played=0))


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
