"""Cashbox, power, lamp, menus, service."""

import pytest


@pytest.mark.parametrize(
    ("there", "back", "types", "lasted"),
    [
        (0x1B, 0x1C, ("cashbox.removed", "cashbox.installed"), "out_s"),
        (0x18, 0x17, ("power.lost", "power.applied"), "off_s"),
        (0x71, 0x72, ("lamp.on", "lamp.off"), "lit_s"),
        (0x82, 0x83, ("menu.entered", "menu.left"), "in_s"),
        (0x84, 0x85, ("menu.entered", "menu.left"), "in_s"),
    ],
)
def test_what_turns_one_way_and_back_says_how_long(there, back, types, lasted, seat):
    (first,) = seat.says(there)
    seat.wait(29.8)
    (second,) = seat.says(back)
    assert (first.type, second.type) == types
    assert first.data["before"] == "unknown"
    assert second.data["before"] == first.data["after"]
    assert second.data[lasted] == 30.0


def test_the_two_menus_do_not_mix(seat):
    seat.says(0x82)
    (left,) = seat.says(0x85)
    assert (left.data["menu"], left.data["before"]) == ("operator", "unknown")
    assert "in_s" not in left.data


def test_a_lamp_and_its_end_share_a_name_and_the_next_one_has_another(seat):
    on, again, off = seat.says(0x71) + seat.says(0x71) + seat.says(0x72)
    assert on.correlation == again.correlation == off.correlation is not None
    assert again.data["before"] == "on"
    assert seat.says(0x71)[0].correlation != on.correlation


def test_a_lamp_that_goes_out_twice_has_no_name_left(seat):
    seat.says(0x71)
    seat.says(0x72)
    (off,) = seat.says(0x72)
    assert (off.data["before"], off.correlation) == ("off", None)


def test_the_lamp_is_shown_while_it_is_lit(seat):
    seat.says(0x71)
    assert seat.view.lamp
    seat.says(0x72)
    assert not seat.view.lamp


def test_a_machine_is_in_service_again_when_a_game_starts(seat):
    seat.says(0x86)
    assert seat.view.out_of_service
    started, service = seat.says(0x7E)
    assert (service.type, service.data["clearedby"]) == ("egm.inservice", "gamestarted")
    assert (service.sas_code, service.caused_by) == (None, -1)
    assert not seat.view.out_of_service
    assert len(seat.says(0x7E)) == 1
    assert started.type == "game.started"


def test_a_game_that_may_be_an_old_one_proves_no_service(seat):
    seat.says(0x86)
    assert len(seat.says(0x7E, doubtful=True)) == 1
    assert seat.view.out_of_service


def test_a_counted_game_shows_service_where_games_are_not_reported(seat):
    seat.says(0x86)
    seat.reads(games_played=7)
    assert seat.view.out_of_service
    assert [fact.type for fact in seat.reads(games_played=8)] == ["meter.read"], "was under way"
    assert [fact.type for fact in seat.reads(games_played=9)] == ["meter.read", "egm.inservice"]
