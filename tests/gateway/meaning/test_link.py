"""Link and gaps."""

import pytest


def test_a_change_of_the_link_is_told_with_both_states_and_figures(seat):
    (down,) = seat.link("up", "down", "no answer for 5 s", timeouts=25)
    assert down.type == "link.down"
    assert down.data == {
        "before": "up", "after": "down", "reason": "no answer for 5 s", "figures": {"timeouts": 25},
    }  # fmt: skip
    assert seat.wishes == []


@pytest.mark.parametrize("before", ["unknown", "down"])
def test_a_link_that_comes_up_asks_who_and_how_much(before, seat):
    (up,) = seat.link(before, "up")
    assert up.type == "link.up"
    assert seat.wishes == [
        ("identity", "link_up"), ("meters", "link_up"), ("full", "link_up"),
        ("features", "link_up"), ("handpay", "link_up"), ("clock", "clock"),
    ]  # fmt: skip


def test_a_link_that_recovers_asks_nothing(seat):
    seat.link("unknown", "up")
    assert seat.link("up", "degraded")[0].type == "link.degraded"
    assert seat.link("degraded", "up")[0].type == "link.up"
    assert seat.wishes == []


def test_going_to_unknown_is_no_event(seat):
    assert seat.link("up", "unknown") == []


def test_a_gap_has_cause_and_both_moments_and_asks_for_meters(seat):
    (gap,) = seat.gap("answer_lost_twice", seconds=6.25)
    assert (gap.type, gap.data["cause"], gap.data["gap_s"]) == (
        "link.gap", "answer_lost_twice", 6.25,
    )  # fmt: skip
    assert seat.wishes == [("meters", "gap")]


def test_a_queue_that_overflowed_is_a_gap_with_the_code(seat):
    seat.says(0x11)
    seat.says(0x12)
    (gap,) = seat.says(0x70)
    assert (gap.type, gap.sas_code, gap.data["cause"]) == ("link.gap", 0x70, "overflow")
    assert "gap_s" not in gap.data
    assert seat.wishes == [("meters", "gap")]
    assert seat.says(0x12)[0].data["before"] == "unknown"


def test_two_gaps_have_two_names(seat):
    assert seat.gap()[0].correlation != seat.gap()[0].correlation
