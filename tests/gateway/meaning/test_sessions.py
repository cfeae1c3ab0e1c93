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


def split(coin_in, restricted, free):
    return {"coin_in": coin_in, "restricted_played": restricted, "nonrestricted_played": free}


def closed_after(seat, before, after, between=0):
    """A session between two pairs of readings; ``between`` is wagered between those of the end."""
    seat.reads(command=0xAF, **split(*before))  # so the machine is known to have such meters
    seat.reads(coin_in=before[0], coin_out=10)
    seat.card("c1")
    seat.reads("card", command=0xAF, **split(*before))
    seat.reads("card", coin_in=before[0], coin_out=10)
    seat.no_card()
    facts = session(seat.reads("card", command=0xAF, **split(*after)))
    facts += session(seat.reads("card", coin_in=after[0] + between, coin_out=500))
    (closed,) = facts
    return closed


def test_play_on_promotional_credits_is_told_apart(seat):
    closed = closed_after(seat, (1_000, 200, 50), (3_500, 900, 150))
    assert closed.data["coin_in_credits"] == 2_500
    assert closed.data["coin_out_credits"] == 490
    assert closed.data["played"] == {
        "cashable_credits": 1_700, "restricted_credits": 700, "nonrestricted_credits": 100,
    }  # fmt: skip


def test_a_machine_with_promotional_meters_is_asked_for_them_first(seat):
    seat.card("c0")
    assert seat.wishes == [("meters", "card")]
    seat.reads(command=0xAF, **split(1_000, 0, 0))
    seat.no_card()
    assert seat.wishes == [("full", "card"), ("meters", "card")]


def test_promotional_play_is_not_guessed_where_something_was_wagered_meanwhile(seat):
    closed = closed_after(seat, (1_000, 200, 50), (3_500, 900, 150), between=40)
    assert closed.data["coin_in_credits"] == 2_540
    assert "played" not in closed.data


def test_promotional_play_is_told_though_coin_in_goes_over_its_top(seat):
    before, after = (10**8 - 500, 5_000_000, 90_000), (2_000, 5_000_400, 90_000)
    closed = closed_after(seat, before, after)
    assert closed.data["played"] == {
        "cashable_credits": 2_100, "restricted_credits": 400, "nonrestricted_credits": 0,
    }  # fmt: skip


def test_parts_that_are_more_than_the_whole_are_not_told(seat):
    assert "played" not in closed_after(seat, (1_000, 0, 0), (1_100, 90, 80)).data


def test_a_session_of_a_machine_without_such_meters_has_no_parts(seat):
    seat.card("c1")
    seat.reads("card", **PLAYED)
    seat.no_card()
    (closed,) = session(seat.reads("card", **AFTER))
    assert "played" not in closed.data


def test_promotional_play_is_remembered_over_a_restart(seat):
    seat.reads(command=0xAF, **split(1_000, 0, 0))
    seat.reads(coin_in=1_000, coin_out=0)
    seat.card("c1")
    seat.reads("card", command=0xAF, **split(1_000, 0, 0))
    seat.reads("card", coin_in=1_000, coin_out=0)
    seat.restart("b2")
    seat.no_card()
    seat.reads("card", command=0xAF, **split(1_500, 500, 0))
    (closed,) = session(seat.reads("card", coin_in=1_500, coin_out=0))
    assert closed.data["played"]["restricted_credits"] == 500


def test_a_session_waits_for_its_games_though_the_full_reading_before_them_has_none(seat):
    """The full reading is more than one answer, and none of them counts games."""
    seat.reads(command=0xAF, **split(1_000, 0, 0))
    seat.reads(coin_in=1_000, coin_out=0, games_played=50)
    seat.card("c1")
    seat.reads("card", command=0xAF, **split(1_000, 0, 0))
    seat.reads("card", command=0x6F, coin_in=1_000, coin_out=0)
    seat.reads("card", coin_in=1_000, coin_out=0, games_played=50)
    seat.no_card()
    facts = session(seat.reads("card", command=0xAF, **split(1_200, 0, 0)))
    facts += session(seat.reads("card", command=0x6F, coin_in=1_200, coin_out=0))
    facts += session(seat.reads("card", coin_in=1_200, coin_out=0, games_played=55))
    (closed,) = facts
    assert (closed.data["coin_in_credits"], closed.data["games"]) == (200, 5)
