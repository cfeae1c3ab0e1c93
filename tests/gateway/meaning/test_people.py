"""What people found at a machine is told as they said it, beside what the wire said."""

import pytest

from gateway.events.catalogue import CATALOGUE

READ = {"cancelled_credits": 0, "coin_in": 1_234, "coin_out": 0, "total_drop": 20, "jackpot": 0,
        "games_played": 7}  # fmt: skip


def test_typed_meters_stand_beside_what_the_wire_said(seat):
    seat.reads(**READ)
    (told,) = seat.hears("manual", meters={"coin_in": 1_300, "games_won": 3}, reason="check")
    assert told.type == "meter.manual"
    assert told.data == {
        "meters": {"coin_in": {"count": 1_300, "unit": "credits", "digits": 8},
                   "games_won": {"count": 3, "unit": "count", "digits": 8}},
        "observed": {"coin_in": {"count": 1_234, "unit": "credits", "digits": 8}},
        "person": "ann", "reason": "check",
    }  # fmt: skip
    CATALOGUE["meter.manual"].model.model_validate(told.data)


def test_a_total_is_what_it_was_after_meters_were_typed(seat):
    seat.reads(**READ)
    seat.hears("manual", meters={"coin_in": 9}, reason="check")
    seat.reads(**READ | {"coin_in": 1_235})
    assert seat.engine._state.meters.latest("coin_in").total == 1


def test_more_digits_than_the_meter_has_are_told_as_typed(seat):
    (told,) = seat.hears("manual", meters={"coin_in": 123_456_789}, reason="check")
    assert told.data["meters"]["coin_in"]["digits"] == 9
    assert told.data["observed"] == {}


def test_nothing_typed_is_nothing_told(seat):
    assert seat.hears("manual", meters={}, reason="check") == []


@pytest.mark.parametrize("check", ["commission", "comms", "absence", "meters"])
def test_a_check_that_ended_is_told_with_the_user_who_did_it(seat, check):
    data = {"check": check, "verdict": "pass", "passed": 3, "failed": 0, "not_done": 0,
            "failures": [], "report": "0" * 64}  # fmt: skip
    (told,) = seat.hears("checked", check=data)
    assert told.type == "egm.checked"
    assert told.data == {**data, "person": "ann"}
    CATALOGUE["egm.checked"].model.model_validate(told.data)
