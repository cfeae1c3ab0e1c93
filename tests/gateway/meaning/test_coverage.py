"""What a port has shown of each family: proven, seen, not offered, or not yet."""

import pytest

from gateway.meaning.coverage import KEYS, PAIRS, SILENT_MAX, WITNESSES
from gateway.meaning.observation import Unsupported
from protocols.sas.tables import METERS_BY_NAME


def born(seat):
    """The machine is known: what changes from now on is told."""
    seat.link("unknown", "up")
    seat.answers(
        0x1F, game_id="AA", additional_id="001", denomination_code=1, max_bet=5,
        progressive_group=0, game_options="0000", paytable="PT0001", base_percent="9250",
    )  # fmt: skip
    seat.answers(0x54, version="602", serial="A1")
    facts = seat.reads("link_up", coin_in=0, games_played=0)
    (told,) = [fact for fact in facts if fact.type == "egm.born"]
    return told.data["coverage"]


def changes(facts):
    return {
        fact.data["family"]: (fact.data["before"], fact.data["after"])
        for fact in facts
        if fact.type == "egm.coveragechanged"
    }


def test_a_machine_that_said_nothing_yet_has_shown_nothing_but_its_meters(seat):
    coverage = born(seat)
    assert coverage.keys() == set(KEYS)
    assert {key for key, now in coverage.items() if now != "neverseen"} == {"meter"}


def test_one_report_is_seen_and_both_ends_are_proof(seat):
    born(seat)
    assert changes(seat.says(0x11)) == {"door": ("neverseen", "seen")}
    assert changes(seat.says(0x11)) == {}
    assert changes(seat.says(0x12)) == {"door": ("seen", "proven")}


def test_what_was_seen_before_the_birth_is_told_in_it(seat):
    seat.says(0x11), seat.says(0x71), seat.says(0x72)
    coverage = born(seat)
    assert (coverage["door"], coverage["lamp"]) == ("seen", "proven")


def test_a_meter_that_moves_as_games_are_told_proves_games_and_meters(seat):
    born(seat)
    seat.says(0x7E), seat.says(0x7F)
    assert changes(seat.reads(games_played=1)) == {
        "game": ("seen", "proven"), "meter": ("seen", "proven"),
    }  # fmt: skip


def test_a_meter_that_moves_again_and_again_without_a_word_shows_what_is_not_offered(seat):
    born(seat)
    for games in range(1, SILENT_MAX):
        assert changes(seat.reads(games_played=games)) == {}
    told = seat.reads(games_played=SILENT_MAX)
    assert changes(told) == {"game": ("neverseen", "notoffered")}
    assert "without a word" in told[-1].data["evidence"]
    assert changes(seat.says(0x7E)) == {"game": ("notoffered", "seen")}


def test_a_meter_that_stands_still_says_nothing(seat):
    born(seat)
    for _ in range(2 * SILENT_MAX):
        assert changes(seat.reads(games_played=0)) == {}


@pytest.mark.parametrize("what", ["gap", "link", "clear"])
def test_across_a_gap_or_a_break_no_meter_bears_witness(seat, what):
    born(seat)
    for games in range(1, 3 * SILENT_MAX):
        if what == "gap":
            seat.gap()
        elif what == "link":
            seat.link("up", "down"), seat.link("down", "up")
        else:
            seat.says(0x7A)
            seat.reads(games_played=0, coin_in=0)
            seat.reads(games_played=0, coin_in=0)
            continue
        assert "game" not in changes(seat.reads(games_played=games))


@pytest.mark.parametrize(
    ("features", "transfers"),
    [([0, 0, 0, 0], "notoffered"), ([0x02, 0, 0, 0], "neverseen"), ([0x04, 0, 0, 0], "neverseen"),
     ([0, 0x40, 0, 0], "neverseen")],
)  # fmt: skip
def test_a_machine_that_says_it_has_no_transfers_is_believed(seat, features, transfers):
    seat.answers(0xA0, game=0, features=features)
    assert born(seat)["transfer"] == transfers


def test_what_was_seen_goes_before_what_the_machine_says_of_itself(seat):
    seat.answers(0xA0, game=0, features=[0, 0, 0, 0])
    seat.says(0x66)
    assert born(seat)["transfer"] == "seen"


def test_a_poll_that_is_not_answered_is_not_offered_until_it_is(seat):
    born(seat)
    told = seat.sees(Unsupported("10101", frozenset({0x1B, 0x7E}), seat.moment()))
    assert changes(told) == {
        "handpay.amountknown": ("neverseen", "notoffered"),
        "egm.clockread": ("neverseen", "notoffered"),
    }
    assert "1B" in told[0].data["evidence"] + told[1].data["evidence"]
    back = seat.sees(Unsupported("10101", frozenset({0x7E}), seat.moment()))
    assert changes(back) == {"handpay.amountknown": ("notoffered", "neverseen")}


def test_another_machine_has_shown_nothing(seat):
    born(seat)
    seat.says(0x11)
    seat.answers(0x54, version="602", serial="B2")
    assert seat.engine._state.coverage.of("door")[0] == "neverseen"


def test_coverage_outlives_a_restart_and_is_told_again_at_the_next_birth(seat):
    born(seat)
    seat.says(0x11), seat.says(0x12)
    seat.restart("b2")
    assert born(seat)["door"] == "proven"


def test_every_witness_is_a_meter_that_is_read_and_every_pair_a_family():
    assert WITNESSES.keys() <= METERS_BY_NAME.keys()
    assert PAIRS.keys() <= set(KEYS)
