"""Carded sessions, bracketed by meters."""

import pytest

from gateway.meaning.sessions import CLOSING_MAX

PLAYED = {"coin_in": 1_000, "coin_out": 400, "games_played": 20}
AFTER = {"coin_in": 3_500, "coin_out": 1_400, "games_played": 70}


def session(facts):
    return [fact for fact in facts if fact.type.startswith("session.")]


def test_a_session_is_what_the_meters_say_between_card_in_and_card_out(seat):
    (card_in,) = seat.card("c7")
    assert seat.wishes == [("meters", "card")]
    assert seat.view.carded
    read, opened = seat.reads("card", **PLAYED)
    seat.wait(299.6)
    (card_out,) = seat.no_card()
    assert seat.wishes == [("meters", "card")]
    assert not seat.view.carded
    _, closed = seat.reads("card", **AFTER)

    assert (card_in.type, card_in.data["card"], card_in.data["before"]) == (
        "card.in",
        "c7",
        "unknown",
    )
    assert (card_out.data["card"], card_out.data["in_s"]) == ("c7", 300.0)
    assert (opened.type, opened.caused_by, opened.sas_code) == ("session.opened", -1, None)
    assert opened.data["coin_in_before"]["count"] == 1_000
    assert closed.type == "session.closed"
    assert closed.data["quality"] == "bracketed"
    assert (closed.data["coin_in_before"]["count"], closed.data["coin_in_after"]["count"]) == (
        1_000,
        3_500,
    )
    assert (closed.data["coin_in_credits"], closed.data["games"]) == (2_500, 50)
    assert closed.data["coin_in"] == {"amount": "25.00", "currency": "USD"}
    assert (closed.data["coin_out_credits"], closed.data["session_s"]) == (1_000, 300.0)
    assert card_in.correlation == opened.correlation == card_out.correlation == closed.correlation
    assert read.correlation is None


def test_a_reading_that_was_under_way_before_the_card_counts_for_nothing(seat):
    seat.card("c7")
    assert session(seat.reads(asked_s_ago=1.0, **PLAYED)) == []
    assert len(session(seat.reads(**PLAYED))) == 1


def test_one_reading_ends_a_session_and_begins_the_next(seat):
    seat.card("c1")
    seat.reads(**PLAYED)
    seat.card("c2")
    closed, opened = session(seat.reads(**AFTER))
    assert (closed.data["card"], opened.data["card"]) == ("c1", "c2")
    assert closed.data["coin_in_after"] == opened.data["coin_in_before"]
    assert closed.correlation != opened.correlation


def test_a_card_that_left_before_any_meters_has_no_amount(seat):
    seat.card("c1")
    seat.no_card()
    (closed,) = session(seat.reads(**AFTER))
    assert closed.data["quality"] == "late"
    assert not {"coin_in", "coin_in_credits", "games"} & closed.data.keys()


@pytest.mark.parametrize(
    ("story", "after"),
    [
        ("RAM clear", {"coin_in": 0, "coin_out": 0, "games_played": 0}),
        ("step back", {"coin_in": 900, "coin_out": 1_400_000, "games_played": 21}),
    ],
)
def test_no_difference_is_taken_across_what_broke_the_meters(story, after, seat):
    seat.reads(coin_in=900_000, coin_out=1_400_000, games_played=9_000)
    seat.card("c1")
    seat.reads(coin_in=900_000, coin_out=1_400_000, games_played=9_000)
    seat.no_card()
    (closed,) = session(seat.reads(**after))
    assert (closed.data["quality"], "coin_in" in closed.data) == ("broken", False)


def test_a_rollover_inside_a_session_is_counted_through(seat):
    seat.card("c1")
    seat.reads(coin_in=10**8 - 300, coin_out=5_000_000)
    seat.no_card()
    (closed,) = session(seat.reads(coin_in=200, coin_out=5_000_100))
    assert (closed.data["quality"], closed.data["coin_in_credits"]) == ("bracketed", 500)


def test_a_denomination_that_changes_inside_a_session_breaks_it(known_seat):
    seat = known_seat
    seat.card("c1")
    seat.reads(coin_in=1_000, games_played=20)
    seat.answers(
        0x1F, game_id="AA", additional_id="001", denomination_code=2, max_bet=5,
        progressive_group=0, game_options="0000", paytable="PT0001", base_percent="9250",
    )  # fmt: skip
    seat.no_card()
    (closed,) = session(seat.reads(coin_in=1_500, games_played=30))
    assert closed.data["quality"] == "broken"


def test_without_a_denomination_credits_are_told_and_no_money(new_seat):
    seat = new_seat()
    seat.egm = type(seat.egm)("10101", None, birthid="b1")
    seat.engine = type(seat.engine)(seat.egm)
    seat.card("c1")
    seat.reads(**PLAYED)
    seat.no_card()
    (closed,) = session(seat.reads(**AFTER))
    assert (closed.data["coin_in_credits"], "coin_in" in closed.data) == (2_500, False)


def test_a_card_that_cannot_be_read_opens_no_session(seat):
    (card_in,) = seat.card(None)
    assert "card" not in card_in.data
    assert seat.view.carded
    assert session(seat.reads(**PLAYED)) == []
    seat.no_card()
    assert session(seat.reads(**AFTER)) == []


def test_a_session_goes_on_through_a_restart(seat):
    seat.card("c1")
    (opened,) = session(seat.reads(**PLAYED))
    seat.restart("b2")
    seat.now_s = 5.0
    seat.no_card()
    (closed,) = session(seat.reads(**AFTER))
    assert (closed.correlation, closed.data["coin_in_credits"]) == (opened.correlation, 2_500)


def test_sessions_that_wait_for_meters_are_bounded_and_none_goes_silently(seat):
    told = []
    for number in range(CLOSING_MAX + 3):
        told += session(seat.card(f"c{number}"))
    told += session(seat.no_card())
    assert [fact.data["quality"] for fact in told] == ["broken"] * 3
    rest = session(seat.reads(**PLAYED))
    assert [fact.data["card"] for fact in told + rest] == [
        f"c{number}" for number in range(CLOSING_MAX + 3)
    ]


def test_a_card_left_behind_is_told_once_after_play_has_stopped(new_seat):
    seat = new_seat(abandoned_limit_s=60.0)
    seat.card("c1")
    seat.wait(50)
    seat.says(0x7E)
    seat.wait(50)
    assert seat.reads(current_credits=5) == []
    seat.wait(20)
    (left,) = seat.reads(current_credits=5)
    assert (left.type, left.data["card"]) == ("card.abandoned", "c1")
    seat.wait(100)
    assert seat.reads(current_credits=5) == []
