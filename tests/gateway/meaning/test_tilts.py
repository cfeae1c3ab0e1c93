"""Tilts and faults, and what shows that they are over."""

import pytest

from gateway.events.families.tilts import KIND_BY_NAME
from gateway.meaning.exceptions import MEANT
from gateway.meaning.tilts import CLEARS

TILT_CODES = [code for code, meant in MEANT.items() if meant.event == "tilt.raised"]


def clears(seat, code, **data):
    """Say ``code``; return kinds and evidence of what it cleared."""
    facts = seat.says(code, **data)
    return [
        (fact.data["kind"], fact.data["clearedby"]) for fact in facts if fact.type == "tilt.cleared"
    ]


@pytest.mark.parametrize("code", TILT_CODES, ids="{:02X}".format)
def test_a_tilt_is_told_with_words_and_what_to_look_at(code, seat):
    (raised,) = seat.says(code)
    kind = KIND_BY_NAME[raised.data["kind"]]
    assert (raised.data["before"], raised.data["after"]) == ("clear", "raised")
    assert raised.data["first_check"] == kind.first_check
    assert raised.data["stops_play"] == kind.stops_play
    assert seat.view.tilts == (raised.data["words"],)


@pytest.mark.parametrize(
    ("code", "evidence", "kind", "by"),
    [
        (0x28, 0x4A, "billjam", "billaccepted"),
        (0x28, 0x67, "billjam", "ticketinserted"),
        (0x61, 0x3D, "printerpaperout", "ticketprinted"),
        (0x20, 0x7E, "general", "gamestarted"),
        (0x42, 0x7E, "reeltilt", "gamestarted"),
        (0x29, 0x17, "billacceptorhardware", "powerapplied"),
        (0x74, 0x17, "printerpaperlow", "powerapplied"),
        (0x75, 0x76, "printerpoweroff", "printerpoweron"),
    ],
)
def test_evidence_clears_what_it_can_clear(code, evidence, kind, by, seat):
    seat.says(code)
    assert clears(seat, evidence) == [(kind, by)]
    assert seat.view.tilts == ()


@pytest.mark.parametrize(
    ("code", "evidence"),
    [(0x28, 0x3D), (0x28, 0x7E), (0x61, 0x4A), (0x20, 0x4A), (0x20, 0x12), (0x74, 0x3D)],
)
def test_what_proves_nothing_clears_nothing(code, evidence, seat):
    seat.says(code)
    assert clears(seat, evidence) == []
    assert len(seat.view.tilts) == 1


def test_time_clears_nothing(seat):
    seat.says(0x28)
    seat.wait(86_400)
    seat.reads(coin_in=1)
    assert seat.view.tilts == ("bill jam",)


def test_evidence_that_may_be_old_clears_nothing(seat):
    seat.says(0x28)
    seat.says(0x4A, doubtful=True)
    assert seat.view.tilts == ("bill jam",)


def test_paper_that_was_loaded_is_no_longer_low(seat):
    seat.says(0x74)
    seat.says(0x61)
    assert sorted(kind for kind, _ in clears(seat, 0x3D)) == ["printerpaperlow", "printerpaperout"]


def test_a_tilt_and_its_end_share_a_name_and_say_how_long(seat):
    (raised,) = seat.says(0x28)
    seat.wait(9.8)
    (again,) = seat.says(0x28)
    assert (again.data["before"], again.correlation) == ("raised", raised.correlation)
    seat.wait(9.8)
    _, cleared = seat.says(0x4A)
    assert (cleared.correlation, cleared.data["raised_s"]) == (raised.correlation, 20.0)
    assert cleared.occurred_after == raised.observed
    assert seat.says(0x28)[0].correlation != raised.correlation


def test_reels_tilt_one_by_one_and_end_together(seat):
    seat.says(0x41)
    seat.says(0x43)
    assert seat.view.tilts == ("reel 1 tilt", "reel 3 tilt")
    assert len(clears(seat, 0x7E)) == 2


def test_a_game_counted_after_the_tilt_clears_it_where_games_are_not_reported(seat):
    seat.reads(games_played=10)
    seat.says(0x20)
    assert seat.wishes == [("meters", "tilt")]
    assert [fact.type for fact in seat.reads("tilt", games_played=11)] == ["meter.read"]
    assert [fact.type for fact in seat.reads(games_played=12)] == ["meter.read"], "was under way"
    read, cleared = seat.reads(games_played=13)
    assert (cleared.data["clearedby"], cleared.caused_by) == ("gameplayed", -1)
    assert seat.view.tilts == ()
    assert read.type == "meter.read"


def test_a_reading_that_was_under_way_when_the_tilt_came_is_no_beginning(seat):
    seat.reads(games_played=10)
    seat.says(0x20)
    seat.reads(games_played=11, asked_s_ago=5.0)
    seat.reads(games_played=12)
    assert seat.view.tilts == ("general tilt",)


def test_printer_power_that_was_never_off_is_told_all_the_same(seat):
    (cleared,) = seat.says(0x76)
    assert (cleared.type, cleared.sas_code, cleared.data["before"]) == (
        "tilt.cleared",
        0x76,
        "clear",
    )


def test_every_kind_can_be_cleared_by_something():
    assert set().union(*CLEARS.values()) == KIND_BY_NAME.keys()


def test_a_person_who_was_there_ends_a_fault_by_kind_or_all_of_them(seat):
    seat.says(0x28)
    seat.says(0x42)
    (cleared,) = seat.hears("mended", kind="billjam")
    assert (cleared.data["clearedby"], cleared.data["said_by"]) == ("person", "ann")
    assert seat.view.tilts == ("reel 2 tilt",)
    assert len(seat.hears("mended")) == 1
    assert seat.hears("mended") == []
