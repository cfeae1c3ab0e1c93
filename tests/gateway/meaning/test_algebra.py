"""Full readings held against themselves."""

import pytest

FULL = {
    "coin_in": 50_000, "coin_out": 40_000, "jackpot": 9_000, "hand_paid_cancelled_credits": 700,
    "bills_accepted_credits": 13_000, "current_credits": 900, "ticket_in_credits": 0,
    "ticket_out_credits": 1_400, "electronic_to_egm_credits": 0, "electronic_to_host_credits": 0,
}  # fmt: skip
GAMES = {"games_played": 500, "games_won": 100, "games_lost": 400, "coin_in": 50_000}


def types(facts):
    return [fact.type for fact in facts]


def moved(base, **steps):
    return {name: count + steps.get(name, 0) for name, count in base.items()}


def test_whatever_was_wrong_before_we_came_is_not_told(seat):
    seat.reads("full", **FULL | {"bills_accepted_credits": 99})
    later = moved(FULL, coin_in=100, current_credits=-100)
    assert types(seat.reads("full", **later | {"bills_accepted_credits": 99})) == ["meter.read"]


@pytest.mark.parametrize(
    "steps",
    [
        {"coin_in": 100, "current_credits": -100},
        {"coin_out": 250, "current_credits": 250},
        {"bills_accepted_credits": 2_000, "current_credits": 2_000},
        {"ticket_out_credits": 900, "current_credits": -900},
        {"hand_paid_cancelled_credits": 900, "current_credits": -900},
        {"jackpot": 120_000},
        {"jackpot": 120_000, "current_credits": 120_000},
    ],
    ids=["bet", "win", "bill", "ticket", "handpay", "win by hand", "win keyed to credits"],
)
def test_what_guests_do_keeps_the_meters_in_step(seat, steps):
    seat.reads("full", **FULL)
    assert types(seat.reads("full", **moved(FULL, **steps))) == ["meter.read"]
    assert seat.wishes == []


def test_a_breach_is_looked_at_once_more_and_told_with_its_parts(seat):
    seat.reads("full", **FULL)
    stuck = moved(FULL, current_credits=-300)  # three games, and coin in stands still
    assert types(seat.reads("full", **stuck)) == ["meter.read"]
    assert seat.wishes == [("full", "algebra")]
    _, broken = seat.reads("algebra", **stuck)
    assert (broken.type, broken.data["left"], broken.data["right"]) == (
        "meter.algebrabroken", 0, -300,
    )  # fmt: skip
    assert broken.data["before"]["current_credits"]["count"] == 900
    assert broken.data["parts"]["current_credits"]["count"] == 600
    assert types(seat.reads("full", **stuck)) == ["meter.read"]  # told once


def test_an_answer_from_the_middle_of_a_game_is_no_breach(seat):
    seat.reads("full", **FULL)
    seat.reads("full", **moved(FULL, current_credits=-100))
    after = moved(FULL, coin_in=100, current_credits=-100)
    assert types(seat.reads("algebra", **after)) == ["meter.read"]
    assert types(seat.reads("full", **after)) == ["meter.read"]


def test_a_game_that_is_neither_won_nor_lost_yet_is_no_breach(seat):
    seat.reads("full", **GAMES)
    seat.reads("full", **moved(GAMES, games_played=1))
    assert seat.wishes == []
    seat.reads("full", **moved(GAMES, games_played=3, games_won=1))
    assert seat.wishes == [("full", "algebra")]


def test_a_meter_that_goes_over_its_top_breaks_nothing(seat):
    near = FULL | {"coin_in": 99_999_950, "coin_out": 89_000_000}
    seat.reads("full", **near)
    over = moved(near, current_credits=-100) | {"coin_in": 50}
    assert types(seat.reads("full", **over)) == ["meter.read", "meter.rolledover"]
    assert seat.wishes == []


def test_across_a_reset_nothing_is_held_against_anybody(seat):
    seat.reads("full", **FULL)
    assert "meter.epochstarted" in types(seat.reads("full", **dict.fromkeys(FULL, 0)))
    assert types(seat.reads("full", **dict.fromkeys(FULL, 0))) == ["meter.read"]


def test_coins_excuse_the_rule_for_credits(seat):
    seat.reads("full", coin_acceptor_credits=40, games_played=4)
    seat.reads("full", **FULL)
    seat.reads("full", coin_acceptor_credits=60, games_played=4)
    assert types(seat.reads("full", **moved(FULL, current_credits=20))) == ["meter.read"]
    assert ("full", "algebra") not in seat.wishes


def test_play_is_divided_by_whose_money_it_was(seat):
    (read,) = seat.reads(coin_in=5_000, restricted_played=1_200, nonrestricted_played=300)
    assert read.data["played"] == {
        "cashable_credits": 3_500, "restricted_credits": 1_200, "nonrestricted_credits": 300,
    }  # fmt: skip
    (read,) = seat.reads(coin_in=5_000, restricted_played=1_200)
    assert "played" not in read.data


def test_promotional_play_beyond_all_play_is_a_breach(seat):
    played = {"coin_in": 5_000, "restricted_played": 1_200, "nonrestricted_played": 300}
    seat.reads("full", **played)
    more = moved(played, coin_in=100, restricted_played=500)
    seat.reads("full", **more)
    _, broken = seat.reads("algebra", **more)
    assert broken.data["rule"] == "restricted + non-restricted play <= coin in"
