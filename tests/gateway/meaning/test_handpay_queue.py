"""Whose amount it is: a machine answers with the oldest handpay that it was not asked about."""

import pytest

from tests.gateway.meaning.test_handpays import PENDING, RESET, amount


def test_an_amount_that_stood_before_in_the_machines_queue_is_not_that_of_the_one_at_hand(seat):
    (missed,) = seat.says(RESET)
    assert missed.data["before"] == "none", "its 51 was never heard"
    (pending,) = seat.says(PENDING)
    assert amount(seat, 28_940) == []
    assert seat.wishes == [("handpay", "handpay")]
    assert amount(seat, 31_880) == []
    older, mine = amount(seat, 0)
    assert (mine.correlation, mine.data["state"]) == (pending.correlation, "pending")
    assert mine.data["amount"]["amount"] == "318.80"
    assert (older.data["amount"]["amount"], older.data["state"]) == ("289.40", "over")
    assert older.correlation not in (None, pending.correlation)
    assert seat.view.handpay == "318.80 USD jackpot"
    assert amount(seat, 31_880) == []


@pytest.mark.parametrize("what", ["gap", "overflow", "link"])
def test_after_a_gap_the_queue_is_read_to_its_end_first(seat, what):
    if what == "link":
        seat.link("unknown", "up")
        assert ("handpay", "link_up") in seat.wishes
    else:
        _ = seat.gap() if what == "gap" else seat.says(0x70)
    (pending,) = seat.says(PENDING)
    assert amount(seat, 125_000) == []
    (known,) = amount(seat, 0)
    assert known.correlation == pending.correlation
    seat.says(RESET)
    seat.says(PENDING)
    assert len(amount(seat, 99_000)) == 1, "nothing is doubtful any more"


def test_an_empty_queue_after_a_gap_ends_the_doubt(seat):
    seat.gap()
    assert amount(seat, 0) == []
    seat.says(PENDING)
    assert len(amount(seat, 125_000)) == 1


def test_a_machine_that_says_the_same_until_the_reset_is_not_asked_for_ever(seat):
    seat.gap()
    (pending,) = seat.says(PENDING)
    assert amount(seat, 125_000) == []
    (known,) = amount(seat, 125_000)
    assert (known.correlation, seat.wishes) == (pending.correlation, [])


def test_two_that_were_not_read_get_their_amounts_in_their_order_from_the_newest_back(seat):
    for kept in (True, False):
        (first,) = seat.says(PENDING)
        seat.says(RESET)
        (second,) = seat.says(PENDING)
        told = amount(seat, 10_000) if kept else []
        told += amount(seat, 20_000)
        told += amount(seat, 0)
        found = {fact.correlation: fact.data["amount"]["amount"] for fact in told}
        older = {first.correlation: "100.00"} if kept else {}
        assert found == {**older, second.correlation: "200.00"}
        seat.says(RESET)


def test_a_heard_host_reads_as_it_likes_and_its_amounts_are_taken_as_they_come(seat):
    seat.gap()
    seat.says(PENDING)
    (known,) = seat.answers(
        0x1B, "heard", progressive_group=0, level=0, amount_cents=125_000, partial_pay_cents=0,
        reset_id=0,
    )  # fmt: skip
    assert known.data["amountsource"] == "heard"


def test_a_walk_goes_on_after_a_restart(seat):
    seat.gap()
    (pending,) = seat.says(PENDING)
    assert amount(seat, 125_000) == []
    seat.restart("b2")
    (known,) = amount(seat, 0)
    assert known.correlation == pending.correlation


def test_what_the_meters_told_first_is_confirmed_by_the_queue_and_no_second_handpay(seat):
    seat.gap()
    seat.reads(jackpot=0)
    (pending,) = seat.says(PENDING)
    seat.idles()
    seat.says(RESET)
    _, metered = seat.reads("handpay", jackpot=200_005)
    assert amount(seat, 200_005) == []
    (read,) = amount(seat, 0)
    assert [metered.data["amountsource"], read.data["amountsource"]] == ["meters", "read"]
    assert pending.correlation == metered.correlation == read.correlation


def test_an_amount_that_was_read_before_the_link_went_is_told_when_it_is_back(seat):
    seat.gap()
    (pending,) = seat.says(PENDING)
    assert amount(seat, 125_000) == []
    seat.link("up", "down")
    seat.gap()
    seat.link("down", "up")
    (known,) = amount(seat, 0)
    assert (known.correlation, known.data["amount"]["amount"]) == (pending.correlation, "1250.00")
