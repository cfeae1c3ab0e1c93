"""Games, as real-time events with figures and as plain codes."""

import pytest


@pytest.mark.parametrize(
    ("code", "wire", "told"),
    [
        (0x7E, {"wagered": 50, "coin_in": 1_234_550, "wager_type": 1, "progressive_group": 2},
         {"wagered_credits": 50, "coin_in_credits": 1_234_550, "wager_type": 1,
          "progressive_group": 2}),
        (0x7F, {"win": 120}, {"win_credits": 120}),
        (0x8C, {"game": 3}, {"game": 3}),
        (0x88, {"reel": 2, "stop": 11}, {"step": "reelstopped", "reel": 2, "stop": 11}),
        (0x88, {"reel": 2, "stop": 255}, {"step": "reelstopped", "reel": 2}),
        (0x8B, {"held": 0x83}, {"step": "cardheld", "held": True, "position": 3}),
        (0x8B, {"held": 0x03}, {"step": "cardheld", "held": False, "position": 3}),
        (0x8A, {"game": 1, "recall_index": 4}, {"game": 1, "entry": 4}),
    ],
)  # fmt: skip
def test_figures_of_real_time_events_are_told(code, wire, told, seat):
    (fact,) = seat.says(code, **wire)
    assert fact.data == told


def test_a_reel_that_stops_without_figures_is_told_without_them(seat):
    assert seat.says_in_real_time(0x88)[0].data == {"step": "reelstopped"}


def test_a_machine_is_in_play_between_start_and_end(seat):
    seat.says(0x7E)
    assert seat.view.in_play
    seat.says(0x7F)
    assert not seat.view.in_play


def test_games_or_credits_that_move_show_play_where_games_are_not_reported(seat):
    seat.reads(games_played=10)
    assert not seat.view.in_play
    seat.reads(games_played=11)
    assert seat.view.in_play
    seat.reads(games_played=11)
    assert not seat.view.in_play
    seat.reads(current_credits=500)
    seat.reads(current_credits=450)
    assert seat.view.in_play
    seat.reads(current_credits=450)
    assert not seat.view.in_play


@pytest.mark.parametrize("cut", ["power", "link", "gap"])
def test_an_end_that_may_never_come_leaves_nobody_in_play(cut, seat):
    seat.says(0x7E)
    {"power": lambda: seat.says(0x18), "link": lambda: seat.link("up", "down"), "gap": seat.gap}[
        cut
    ]()
    assert not seat.view.in_play
