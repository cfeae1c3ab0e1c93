"""A handpay beyond the wire: what people say of it, what the meters say, and the tax year."""

import json
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.meaning.limits import HandpayRules, Limit, LimitTable
from gateway.meaning.observation import Commanded
from tests.gateway.meaning.test_handpays import CANCELLED, PENDING, RESET, amount

VEGAS = ZoneInfo("America/Los_Angeles")
RULES = HandpayRules(
    {
        "w2g": LimitTable((Limit(120_000, None, date(2025, 12, 31)),
                           Limit(200_000, date(2026, 1, 1), date(2026, 12, 31))), wins_only=True),
        "two_person": LimitTable((Limit(120_000),), when_unknown="required"),
        "house": LimitTable(),
    },
    lambda ns: datetime.fromtimestamp(ns / 1e9, VEGAS).date(),
)  # fmt: skip


@pytest.fixture
def vegas(new_seat):
    """A seat in Nevada, two minutes before the year 2026 begins there."""
    seat = new_seat(rules=RULES)
    new_year = datetime(2026, 1, 1, tzinfo=VEGAS).timestamp()
    seat.zero_ns = int((new_year - seat.now_s - 120.0) * 1e9)
    return seat


def verdicts(fact):
    limits = fact.data["limits"]
    return tuple(limits[name]["verdict"] for name in ("w2g", "two_person", "house"))


def of_type(facts, name):
    return [fact for fact in facts if fact.type == name]


# ---------------------------------------------------------------- the tax year's midnight


def test_a_win_before_midnight_that_is_paid_after_it_falls_under_the_new_year(vegas):
    (pending,) = vegas.says(PENDING)
    (known,) = amount(vegas, 150_000)
    vegas.wait(300)
    (reset,) = vegas.says(RESET)
    (paid,) = vegas.hears("paid")
    assert verdicts(pending) == ("undecided", "required", "notapplicable")
    assert verdicts(known) == ("required", "required", "notapplicable")
    assert verdicts(reset) == verdicts(paid) == ("notrequired", "required", "notapplicable")
    assert [fact.data["limits"]["day"] for fact in (known, paid)] == ["2025-12-31", "2026-01-01"]


def test_a_win_paid_before_midnight_falls_under_the_old_year(vegas):
    vegas.says(PENDING)
    amount(vegas, 150_000)
    vegas.wait(100)
    assert verdicts(vegas.says(RESET)[0])[0] == "required"


def test_a_cancelled_credit_is_a_handpay_and_never_a_w2g(vegas):
    vegas.says(PENDING)
    (known,) = amount(vegas, 900_000, level=0x80)
    assert verdicts(known) == ("notapplicable", "required", "notapplicable")
    vegas.wait(300)
    assert verdicts(vegas.says(CANCELLED)[0])[0] == "notapplicable"


# ---------------------------------------------------------------- what people say


def test_an_attendant_types_what_the_display_shows_where_nobody_could_read_it(seat):
    (pending,) = seat.says(PENDING)
    seat.wait(60)
    (known,) = seat.hears("amount", amount_cents=125_000)
    assert (known.type, known.correlation) == ("handpay.amountknown", pending.correlation)
    assert (known.data["amountsource"], known.data["said_by"]) == ("display", "ann")
    assert known.data["handpay_class"] == "unknown"
    assert "level" not in known.data
    assert seat.view.handpay == "1,250.00 USD"
    assert seat.says(RESET)[0].data["amountsource"] == "display"


def test_the_same_amount_typed_is_no_news_and_another_one_is_told_as_a_difference(seat):
    seat.says(PENDING)
    amount(seat, 125_000)
    assert seat.hears("amount", amount_cents=125_000) == []
    (differs,) = seat.hears("amount", amount_cents=152_000)
    assert differs.type == "handpay.amountdiffers"
    assert (differs.data["amount"]["amount"], differs.data["amountsource"]) == ("1250.00", "read")
    assert (differs.data["other"]["amount"], differs.data["othersource"]) == ("1520.00", "display")
    assert seat.view.handpay == "1,250.00 USD jackpot"


def test_who_typed_a_wrong_amount_may_type_it_anew(seat):
    seat.says(PENDING)
    seat.hears("amount", amount_cents=125)
    known, differs = seat.hears("amount", amount_cents=125_000)
    assert (known.type, differs.type) == ("handpay.amountknown", "handpay.amountdiffers")
    assert seat.view.handpay == "1,250.00 USD"


def test_what_is_read_goes_before_what_was_typed(seat):
    (pending,) = seat.says(PENDING)
    seat.hears("amount", amount_cents=125)
    known, differs = amount(seat, 125_000)
    assert (known.data["amountsource"], known.correlation) == ("read", pending.correlation)
    assert (differs.data["other"]["amount"], differs.data["othersource"]) == ("1.25", "display")
    seat.says(RESET)
    assert seat.view.handpay is None, "it was one handpay"


def test_an_amount_for_a_machine_without_a_handpay_is_taken_for_none(seat):
    assert seat.hears("amount", amount_cents=125_000) == []
    assert seat.hears("paid") == []


def test_the_guests_wait_is_apart_from_the_lock_up_and_ends_when_somebody_says_so(seat):
    (pending,) = seat.says(PENDING)
    seat.wait(59.8)
    (reset,) = seat.says(RESET)
    seat.wait(89.8)
    (paid,) = seat.hears("paid")
    assert reset.data["lockup_s"] == 60.0
    assert (paid.data["lockup_s"], paid.data["guest_wait_s"]) == (60.0, 150.0)
    assert (paid.data["state"], paid.data["said_by"]) == ("over", "ann")
    assert paid.correlation == pending.correlation
    assert seat.hears("paid") == [], "a guest is paid once"


def test_the_guest_may_be_paid_before_the_key_off(seat):
    seat.says(PENDING)
    (paid,) = seat.hears("paid")
    assert (paid.data["state"], "lockup_s" in paid.data) == ("pending", False)


def test_the_one_that_ended_is_paid_before_the_one_that_waits_and_a_name_names_another(seat):
    (first,) = seat.says(PENDING)
    amount(seat, 100_000)
    (second,) = amount(seat, 200_000)
    (by_name,) = seat.hears("paid", correlation=second.correlation)
    seat.says(RESET)
    (paid,) = seat.hears("paid")
    assert (by_name.correlation, paid.correlation) == (second.correlation, first.correlation)


def test_each_stage_has_its_time(seat):
    seat.says(PENDING)
    seat.wait(0.8)
    amount(seat, 125_000)
    seat.wait(8.8)
    (validated,) = seat.says(0x3E)
    (reset,) = seat.says(RESET)
    assert validated.data["pending_s"] == 10.0
    stages = ("amount_after_s", "validated_after_s", "lockup_s")
    assert [reset.data[name] for name in stages] == [1.0, 10.0, 10.2]


# ---------------------------------------------------------------- which key-off


@pytest.mark.parametrize(("reset_id", "keyoff"), [(0, "attendant"), (1, "unknown")])
def test_a_key_off_is_the_attendants_only_where_no_other_is_offered(seat, reset_id, keyoff):
    seat.says(PENDING)
    amount(seat, 125_000, reset_id=reset_id)
    assert seat.says(RESET)[0].data["keyoff"] == keyoff


def test_a_machine_that_would_tell_a_key_off_to_itself_was_keyed_off_by_hand(seat):
    seat.answers(0xA0, game=0, features=[0, 0x21, 0, 0])
    seat.says(PENDING)
    amount(seat, 125_000, reset_id=1)
    assert seat.says(RESET)[0].data["keyoff"] == "attendant"


def test_cancelled_credits_cannot_go_to_the_credits(seat):
    seat.says(PENDING)
    amount(seat, 125_000, level=0x80, reset_id=1)
    assert seat.says(RESET)[0].data["keyoff"] == "attendant"


def test_a_reset_that_another_host_was_heard_to_order_is_remote(seat):
    seat.says(PENDING)
    (ordered,) = seat.sees(Commanded("10101", 0x94, "reset handpay", seat.moment()))
    assert (ordered.type, ordered.data["command"]) == ("host.commanded", "94")
    assert seat.says(RESET)[0].data["keyoff"] == "remote"
    seat.says(PENDING)
    assert seat.says(RESET)[0].data["keyoff"] == "unknown", "one order resets one handpay"


# ---------------------------------------------------------------- the meters afterwards


def idles_and_resets(seat):
    seat.idles()
    return seat.says(RESET)


def test_the_jackpot_meter_tells_the_amount_that_nobody_read(seat):
    seat.reads(jackpot=5_000, cancelled_credits=700)
    (pending,) = seat.says(PENDING)
    idles_and_resets(seat)
    _, known = seat.reads("handpay", jackpot=130_000, cancelled_credits=700)
    assert (known.type, known.correlation) == ("handpay.amountknown", pending.correlation)
    assert known.data["amount"] == {"amount": "1250.00", "currency": "USD"}
    assert (known.data["amountsource"], known.data["handpay_class"]) == ("meters", "win")
    assert known.data["state"] == "over"


def test_a_cash_out_by_hand_is_told_by_its_own_meter(seat):
    before = {"jackpot": 5_000, "hand_paid_cancelled_credits": 10}
    seat.reads(**before)
    seat.says(PENDING)
    idles_and_resets(seat)
    _, known = seat.reads("handpay", jackpot=5_000, hand_paid_cancelled_credits=300_010)
    assert known.data["amount"]["amount"] == "3000.00"
    assert known.data["handpay_class"] == "cancelledcredits"


def test_cancelled_credits_tell_a_cash_out_only_where_no_ticket_can_have_left(seat):
    for muddied in (False, True):
        seat.reads(jackpot=0, cancelled_credits=0)
        if muddied:
            seat.says(0x3D)
        seat.says(PENDING)
        idles_and_resets(seat)
        known = of_type(seat.reads("handpay", jackpot=0, cancelled_credits=300_000),
                        "handpay.amountknown")  # fmt: skip
        assert bool(known) is not muddied
        seat.reads(jackpot=0, cancelled_credits=300_000)
        seat.reads(jackpot=0, cancelled_credits=0)


def test_a_reading_that_was_under_way_at_the_reset_settles_nothing(seat):
    seat.reads(jackpot=0)
    seat.says(PENDING)
    idles_and_resets(seat)
    assert of_type(seat.reads(asked_s_ago=0.5, jackpot=125_000), "handpay.amountknown") == []
    assert of_type(seat.reads(jackpot=125_000), "handpay.amountknown") != []


def test_two_unknown_handpays_between_two_readings_stay_unknown(seat):
    seat.reads(jackpot=0)
    seat.says(PENDING)
    idles_and_resets(seat)
    seat.says(PENDING)
    idles_and_resets(seat)
    assert of_type(seat.reads(jackpot=250_000), "handpay.amountknown") == []


def test_an_unknown_handpay_beside_a_known_one_is_what_is_left(seat):
    seat.reads(jackpot=0)
    seat.says(PENDING)
    amount(seat, 100_000)
    idles_and_resets(seat)
    (second,) = seat.says(PENDING)
    idles_and_resets(seat)
    (known,) = of_type(seat.reads(jackpot=250_000), "handpay.amountknown")
    assert (known.data["amount"]["amount"], known.correlation) == ("1500.00", second.correlation)


@pytest.mark.parametrize("what", ["gap", "overflow"])
def test_nothing_is_said_across_a_gap_in_which_another_handpay_may_have_been(seat, what):
    seat.reads(jackpot=0)
    seat.says(PENDING)
    amount(seat, 125_000)
    _ = seat.gap() if what == "gap" else seat.says(0x70)
    idles_and_resets(seat)
    facts = seat.reads("handpay", jackpot=200_000)
    assert [fact.type for fact in facts if fact.type.startswith("handpay")] == []


def test_nothing_is_said_across_a_ram_clear(seat):
    seat.reads(jackpot=500_000, coin_in=90_000_000)
    seat.says(PENDING)
    idles_and_resets(seat)
    seat.says(0x7A)
    facts = seat.reads("handpay", jackpot=0, coin_in=0)
    assert of_type(facts, "handpay.amountknown") == []


def test_meters_that_agree_settle_a_handpay_and_tell_its_key_off(seat):
    for before, metered, keyoff in (
        (0, 125_000, "attendant"), (125_000, 125_000, "machinepay"),
    ):  # fmt: skip
        seat.reads(jackpot=before)
        seat.says(PENDING)
        amount(seat, 125_000, reset_id=1)
        idles_and_resets(seat)
        (settled,) = of_type(seat.reads("handpay", jackpot=metered), "handpay.settled")
        assert settled.data["keyoff"] == keyoff
        seat.reads(jackpot=metered)
        seat.reads(jackpot=0)


def test_meters_that_disagree_are_told_and_change_no_amount(seat):
    seat.reads(jackpot=0)
    seat.says(PENDING)
    amount(seat, 125_000)
    idles_and_resets(seat)
    (differs,) = of_type(seat.reads("handpay", jackpot=100_000), "handpay.amountdiffers")
    assert (differs.data["other"]["amount"], differs.data["othersource"]) == ("1000.00", "meters")
    assert differs.data["amount"]["amount"] == "1250.00"


# ---------------------------------------------------------------- restarts, lost links


def test_five_in_a_queue_stay_themselves_through_restarts_repeats_and_a_lost_link(seat):
    seat.reads(jackpot=0)
    names = []
    for number in range(5):
        said = seat.says(PENDING) + amount(seat, 100_000 + number)
        names.append(said[-1].correlation)
        seat.restart(f"b{number + 2}")
        seat.wait(15)
    seat.link("up", "down")
    seat.gap()
    seat.restart("b9")
    seat.link("down", "up")
    resets = [fact for _ in range(5) for fact in seat.says(RESET)]
    assert len(set(names)) == 5
    assert [fact.correlation for fact in resets] == names
    assert [fact.data["waiting"] for fact in resets] == [4, 3, 2, 1, 0]
    assert [int(float(fact.data["amount"]["amount"]) * 100) % 10 for fact in resets] == [*range(5)]


def test_what_is_settled_by_meters_is_remembered_across_a_restart(seat):
    seat.reads(jackpot=0)
    seat.says(PENDING)
    idles_and_resets(seat)
    seat.restart("b2")
    assert json.loads(seat.engine.state())["handpays"]["unsettled"]
    (known,) = of_type(seat.reads(jackpot=125_000), "handpay.amountknown")
    assert known.data["amountsource"] == "meters"


# ---------------------------------------------------------------- sessions


def test_a_closed_session_is_corrected_by_name_and_with_who_did_it(seat):
    seat.card("c1")
    seat.reads("card", coin_in=0)
    seat.no_card()
    *_, closed = seat.reads("card", coin_in=1_000)
    (corrected,) = seat.hears(
        "session", correlation=closed.correlation, coin_in_credits=900, reason="slip of the host"
    )
    assert (corrected.type, corrected.correlation) == ("session.corrected", closed.correlation)
    assert corrected.data["coin_in"] == {"amount": "9.00", "currency": "USD"}
    assert corrected.data["said_by"] == "ann"
    assert seat.hears("session", correlation="session-of-nobody", coin_in_credits=1) == []


def test_where_the_jackpot_stood_still_the_meter_of_cancelled_credits_is_asked_for(seat):
    full = {"jackpot": 0, "hand_paid_cancelled_credits": 0, "digits": 10}
    seat.reads("link_up", **full)
    seat.reads("link_up", jackpot=0, cancelled_credits=0)
    seat.says(PENDING)
    idles_and_resets(seat)
    assert (
        of_type(seat.reads("handpay", jackpot=0, cancelled_credits=0), "handpay.amountknown") == []
    )
    assert seat.wishes == [("full", "handpay")]
    (known,) = of_type(
        seat.reads("handpay", **(full | {"hand_paid_cancelled_credits": 300_000})),
        "handpay.amountknown",
    )
    assert known.data["handpay_class"] == "cancelledcredits"


def test_meters_of_another_width_are_not_compared(seat):
    seat.reads(jackpot=100)
    seat.says(PENDING)
    idles_and_resets(seat)
    assert of_type(seat.reads(jackpot=125_100, digits=10), "handpay.amountknown") == []
    (known,) = of_type(seat.reads(jackpot=125_100), "handpay.amountknown")
    assert known.data["amount"]["amount"] == "1250.00"
