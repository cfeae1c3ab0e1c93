"""The machine's own clock: told, never set."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.meaning.machine_clock import READ_EVERY_S, TOLD_FROM_S


def shows(seat, ahead_s, local_s=0.0):
    """7E is answered by a machine whose clock is ahead of ours by so much."""
    ours = datetime.fromtimestamp((seat.moment().wall_ns) / 1e9, UTC) - timedelta(seconds=0.01)
    shown = ours + timedelta(seconds=ahead_s + local_s)
    return seat.answers(
        0x7E, "clock", date=shown.strftime("%m%d%Y"), time=shown.strftime("%H%M%S")
    )  # fmt: skip


@pytest.mark.parametrize("ahead_s", [0.0, 3.0, -20.0, 86_400.0])
def test_the_first_reading_is_told_to_half_a_second(seat, ahead_s):
    (told,) = shows(seat, ahead_s)
    assert told.type == "egm.clockread"
    assert told.data["offset_s"] == pytest.approx(ahead_s, abs=0.51)
    assert (told.severity == "notice") == (abs(ahead_s) > 60)


def test_it_is_compared_with_the_casinos_local_time(new_seat):
    seat = new_seat(utc_offset_s=lambda _: -7 * 3600.0)
    (told,) = shows(seat, 2.0, local_s=-7 * 3600)
    assert told.data["offset_s"] == pytest.approx(2.0, abs=0.51)


def test_only_what_differs_from_what_was_told_is_told_again(seat):
    shows(seat, 0.0)
    assert shows(seat, 1.0) == []
    (told,) = shows(seat, TOLD_FROM_S + 1.0)
    assert told.data["offset_before_s"] == pytest.approx(0.0, abs=0.51)


def test_drift_is_told_after_an_hour_and_a_clock_that_was_set_begins_anew(seat):
    shows(seat, 0.0)
    assert "drift_s_per_day" not in (shows(seat, 3.0) or [None])[0].data
    seat.wait(12 * 3600)
    (told,) = shows(seat, 8.0)
    assert told.data["drift_s_per_day"] == pytest.approx(16.0, abs=2.1)
    seat.wait(3600)
    (told,) = shows(seat, -600.0)
    assert "drift_s_per_day" not in told.data


def test_a_clock_without_a_time_is_told_once_as_it_is(seat):
    (told,) = seat.answers(0x7E, "clock", date="00000000", time="000000")
    assert (told.data, told.severity) == ({"shown": "00000000 000000"}, "notice")
    assert seat.answers(0x7E, "clock", date="00000000", time="000000") == []


def test_it_is_read_when_the_link_comes_up_and_once_an_hour(seat):
    seat.says(0x71)
    assert ("clock", "clock") not in seat.wishes, "the link is not up"
    seat.link("unknown", "up")
    assert ("clock", "clock") in seat.wishes
    seat.wait(READ_EVERY_S - 1)
    seat.says(0x72)
    assert ("clock", "clock") not in seat.wishes
    seat.wait(2)
    seat.says(0x71)
    assert ("clock", "clock") in seat.wishes


def test_each_start_of_the_gateway_tells_it_once(seat):
    shows(seat, 0.0)
    seat.egm = replace(seat.egm, birthid="b2")
    seat.restart("b2")
    assert len(shows(seat, 0.0)) == 1
    assert shows(seat, 0.0) == []
