"""Which machine answers."""

import pytest

GAME = {
    "game_id": "AA", "additional_id": "001", "denomination_code": 1, "max_bet": 5,
    "progressive_group": 0, "game_options": "0000", "paytable": "PT0001", "base_percent": "9250",
}  # fmt: skip


def types(facts):
    return [fact.type for fact in facts]


def test_a_machine_is_told_once_identity_and_meters_are_known(seat):
    seat.link("unknown", "up")
    assert ("identity", "link_up") in seat.wishes
    assert ("meters", "link_up") in seat.wishes
    assert seat.answers(0x1F, **GAME) == []
    assert seat.answers(0x54, version="602", serial="A1") == []
    seat.says(0x11)
    _, born = seat.reads("link_up", coin_in=1_000, games_played=20)
    assert born.type == "egm.born"
    assert born.data["identity"] == {
        "game_id": "AA", "additional_id": "001", "paytable": "PT0001", "base_percent": "9250",
        "sas_version": "602", "serial": "A1",
        "denomination": {"amount": "0.01", "currency": "USD"},
    }  # fmt: skip
    assert born.data["meters"]["coin_in"]["count"] == 1_000
    assert (born.data["coverage"]["door"], born.data["coverage"]["bill"]) == ("seen", "neverseen")
    assert types(seat.reads(coin_in=1_000, games_played=20)) == ["meter.read"]


def test_the_order_of_the_answers_does_not_matter(seat):
    seat.link("unknown", "up")
    seat.reads("link_up", coin_in=1_000)
    seat.answers(0x54, version="602", serial="A1")
    assert types(seat.answers(0x1F, **GAME)) == ["egm.born"]


def test_meters_of_before_the_link_do_not_make_a_birth(seat):
    seat.reads(coin_in=1_000)
    seat.link("unknown", "up")
    seat.answers(0x1F, **GAME)
    assert seat.answers(0x54, version="602", serial="A1") == []


def test_a_machine_that_does_not_say_who_it_is_is_told_later_without_it(seat):
    seat.link("unknown", "up")
    assert types(seat.reads("link_up", coin_in=1_000)) == ["meter.read"]
    seat.wait(60)
    _, born = seat.reads(coin_in=1_100)
    assert (born.type, born.data["identity"]) == ("egm.born", {})


def test_a_machine_is_born_once_in_each_start_of_the_gateway(known_seat):
    seat = known_seat
    seat.link("up", "down")
    seat.link("down", "up")
    seat.answers(0x1F, **GAME)
    seat.answers(0x54, version="602", serial="A1")
    assert types(seat.reads(coin_in=1_000)) == ["meter.read"]
    seat.restart("b2")
    seat.link("unknown", "up")
    seat.answers(0x1F, **GAME)
    seat.answers(0x54, version="602", serial="A1")
    assert types(seat.reads(coin_in=1_000)) == ["meter.read", "egm.born"]


def test_another_serial_number_is_another_machine_and_nothing_of_the_old_one_holds(known_seat):
    seat = known_seat
    seat.says(0x11)
    seat.says(0x28)
    (swapped,) = seat.answers(0x54, version="602", serial="B9")
    assert (swapped.type, swapped.data["changed"]) == ("egm.swapped", ["serial"])
    assert (swapped.data["before"]["serial"], swapped.data["after"]["serial"]) == ("A1", "B9")
    assert seat.wishes[:2] == [("identity", "swapped"), ("meters", "swapped")]
    assert (seat.view.doors_open, seat.view.tilts) == ((), ())
    assert seat.answers(0x1F, **GAME | {"game_id": "ZZ"}) == []
    read, born = seat.reads(coin_in=5, coin_out=5, games_played=0)
    assert (read.data["epoch"], born.type) == (2, "egm.born")
    assert born.data["identity"]["serial"] == "B9"


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({"paytable": "PT0002", "base_percent": "8800"}, ["paytable", "base_percent"]),
        ({"denomination_code": 2}, ["denomination"]),
    ],
)
def test_another_paytable_or_denomination_is_a_change_of_options(change, changed, known_seat):
    fact, *rest = known_seat.answers(0x1F, **GAME | change)
    assert types(rest) == ["meter.epochstarted"] * ("denomination" in changed)
    assert (fact.type, fact.data["what"]) == ("integrity.optionschanged", "identity")
    assert (fact.data["changed"], fact.sas_code) == (changed, None)


def test_where_there_is_no_serial_number_another_game_is_another_machine(seat):
    seat.answers(0x1F, **GAME)
    assert types(seat.answers(0x1F, **GAME | {"game_id": "ZZ"})) == ["egm.swapped"]


def test_the_same_answer_again_is_no_news(known_seat):
    assert known_seat.answers(0x1F, **GAME) == []
    assert known_seat.answers(0x54, version="602", serial="A1") == []


def test_the_denomination_that_the_machine_reads_outweighs_the_site_file(known_seat):
    seat = known_seat
    seat.answers(0x1F, **GAME | {"denomination_code": 4})
    assert seat.view.denomination == "0.25"
    (read,) = seat.reads(coin_in=5_000)
    assert read.data["denomination"]["amount"] == "0.25"


def test_letters_that_a_screen_cannot_show_do_not_get_into_events(seat):
    seat.link("unknown", "up")
    seat.answers(0x1F, **GAME | {"game_id": "\x1b\x00"})
    seat.answers(0x54, version="602", serial="  ")
    _, born = seat.reads(coin_in=1)
    assert born.data["identity"]["game_id"] == "??"
    assert "serial" not in born.data["identity"]
