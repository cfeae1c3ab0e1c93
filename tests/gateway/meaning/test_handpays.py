"""The life of a handpay."""

import pytest

from gateway.meaning.handpay import WAITING_MAX

PENDING, RESET, CANCELLED = 0x51, 0x52, 0x55


def amount(seat, cents, level=0, group=0, partial=0, reset_id=0):
    return seat.answers(
        0x1B, "handpay", "gw1.b1.1", progressive_group=group, level=level, amount_cents=cents,
        partial_pay_cents=partial, reset_id=reset_id,
    )  # fmt: skip


def test_a_handpay_goes_from_pending_by_its_amount_to_its_reset(seat):
    (pending,) = seat.says(PENDING)
    assert seat.wishes == [("handpay", "handpay"), ("meters", "handpay")]
    assert seat.view.handpay == "amount unknown"
    seat.wait(0.2)
    (known,) = amount(seat, 125_000)
    assert seat.view.handpay == "1,250.00 USD jackpot"
    seat.wait(299.4)
    (reset,) = seat.says(RESET)
    assert seat.wishes == [("meters", "handpay")]
    assert seat.view.handpay is None

    assert pending.data == {
        "before": "none", "after": "pending", "repeat": False, "repeats": 0, "waiting": 1,
        "amountsource": "unknown", "handpay_class": "unknown",
    }  # fmt: skip
    assert known.type == "handpay.amountknown"
    assert (known.sas_code, known.caused_by) == (None, "gw1.b1.1")
    assert known.data["amount"] == {"amount": "1250.00", "currency": "USD"}
    assert (known.data["state"], known.data["read_after_s"]) == ("pending", 0.4)
    assert reset.data == {
        "before": "pending", "after": "none", "keyoff": "attendant", "waiting": 0,
        "amount": {"amount": "1250.00", "currency": "USD"}, "amountsource": "read",
        "handpay_class": "nonprogressive", "amount_after_s": 0.4, "lockup_s": 300.0,
    }  # fmt: skip
    assert pending.correlation == known.correlation == reset.correlation is not None


def test_the_same_handpay_said_again_is_a_repeat_and_not_a_second_one(seat):
    (first,) = seat.says(PENDING)
    amount(seat, 125_000)
    repeats = []
    for _ in range(3):
        seat.wait(14.8)
        repeats += seat.says(PENDING)
    assert [fact.sas_code for fact in repeats] == [PENDING] * 3
    assert [fact.data["repeats"] for fact in repeats] == [1, 2, 3]
    assert {fact.correlation for fact in repeats} == {first.correlation}
    assert {fact.severity for fact in repeats} == {"info"}
    assert repeats[-1].data["amount"]["amount"] == "1250.00"
    assert repeats[-1].data["pending_s"] > 40


def test_a_handpay_after_the_reset_is_another_one(seat):
    (first,) = seat.says(PENDING)
    seat.says(RESET)
    (second,) = seat.says(PENDING)
    assert not second.data["repeat"]
    assert second.correlation != first.correlation


@pytest.mark.parametrize(
    ("level", "handpay_class"),
    [(0x00, "nonprogressive"), (0x01, "progressive"), (0x20, "progressive"), (0x40, "topwin"),
     (0x80, "cancelledcredits"), (0x21, "unknown")],
)  # fmt: skip
def test_the_level_says_what_kind_it_is(level, handpay_class, seat):
    seat.says(PENDING)
    (known,) = amount(seat, 5, level=level)
    assert (known.data["level"], known.data["handpay_class"]) == (level, handpay_class)


def test_the_same_amount_read_again_is_no_news(seat):
    seat.says(PENDING)
    amount(seat, 125_000)
    assert amount(seat, 125_000) == []


def test_an_empty_answer_is_no_amount(seat):
    seat.says(PENDING)
    assert amount(seat, 0) == []
    assert seat.view.handpay == "amount unknown"


def test_several_that_wait_end_oldest_first(seat):
    seat.says(PENDING)
    (one,) = amount(seat, 100_000)
    seat.says(PENDING)
    (two,) = amount(seat, 200_000)
    assert two.correlation != one.correlation
    first, second, third = seat.says(RESET) + seat.says(RESET) + seat.says(RESET)
    assert [fact.data["waiting"] for fact in (first, second, third)] == [1, 0, 0]
    assert (first.correlation, second.correlation) == (one.correlation, two.correlation)
    assert (first.data["after"], second.data["after"]) == ("pending", "none")
    assert third.data["before"] == "none"
    assert third.correlation is None


def test_no_more_wait_than_are_remembered(seat):
    seat.says(PENDING)
    for number in range(2 * WAITING_MAX):
        amount(seat, 100 + number)
    assert seat.says(RESET)[0].data["waiting"] == WAITING_MAX - 1


def test_a_reset_of_nothing_is_told_and_knows_no_amount(seat):
    (reset,) = seat.says(RESET)
    assert (reset.data["before"], reset.data["keyoff"]) == ("none", "unknown")
    assert reset.data["amountsource"] == "unknown"


def test_an_amount_that_comes_after_the_reset_belongs_to_the_one_that_was_reset(seat):
    (pending,) = seat.says(PENDING)
    seat.says(RESET)
    (known,) = amount(seat, 125_000)
    assert (known.data["state"], known.correlation) == ("over", pending.correlation)
    assert seat.view.handpay is None
    assert amount(seat, 125_000) == []


def test_a_player_may_take_the_request_back(seat):
    seat.says(PENDING)
    (cancelled,) = seat.says(CANCELLED)
    assert (cancelled.type, cancelled.data["after"]) == ("handpay.cancelled", "none")


def test_a_key_off_to_machine_pay_is_told_and_then_known_at_the_reset(seat):
    seat.says(PENDING)
    (keyed,) = seat.says(0x5A)
    (reset,) = seat.says(RESET)
    assert (keyed.type, keyed.data["state"]) == ("handpay.keyedoff", "pending")
    assert reset.data["keyoff"] == "machinepay"
    assert keyed.correlation == reset.correlation


def test_a_validation_belongs_to_the_handpay_that_waits_or_was_the_last(seat):
    assert seat.says(0x3E)[0].correlation is None
    (pending,) = seat.says(PENDING)
    assert seat.says(0x3E)[0].correlation == pending.correlation
    seat.says(RESET)
    (late,) = seat.says(0x3E)
    assert (late.correlation, late.data["state"]) == (pending.correlation, "none")


def test_play_ends_a_handpay_whose_reset_was_missed(seat):
    (pending,) = seat.says(PENDING)
    seat.idles()
    _, reset = seat.says(0x7E)
    assert (reset.type, reset.sas_code) == ("handpay.reset", None)
    assert (reset.data["keyoff"], reset.correlation) == ("evidence", pending.correlation)
    assert seat.view.handpay is None


def test_a_game_that_was_queued_before_the_handpay_ends_nothing(seat):
    seat.idles()
    seat.says(PENDING)  # a flag: sent before the games that are still in the queue
    assert [fact.type for fact in seat.says(0x7E)] == ["game.started"]
    assert seat.view.handpay is not None


def test_games_counted_beyond_the_one_under_way_end_a_handpay(seat):
    seat.says(PENDING)
    seat.reads(games_played=100)
    seat.reads(games_played=101)
    assert seat.view.handpay is not None
    assert [fact.type for fact in seat.reads(games_played=102)] == ["meter.read", "handpay.reset"]


def test_a_handpay_outlives_a_restart(seat):
    (pending,) = seat.says(PENDING)
    amount(seat, 125_000)
    seat.restart("b2")
    (again,) = seat.says(PENDING)
    assert (again.data["repeat"], again.correlation) == (True, pending.correlation)
    assert seat.view.handpay == "1,250.00 USD jackpot"


def test_partial_pay_and_reset_id_are_told(seat):
    seat.says(PENDING)
    (known,) = amount(seat, 500, level=3, group=7, partial=1234, reset_id=1)
    assert known.data["partial_pay"]["amount"] == "12.34"
    assert (known.data["progressive_group"], known.data["reset_id"]) == (7, 1)
