"""The verdict on small floors, each with one thing wrong."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.demo.judge import Entry, Fate, Stored, judge

DOOR, CLOSED, TILT, GAME = 0x11, 0x12, 0x21, 0x7E


def floor(*codes, asset="10101", first=1):
    """A ledger in which these exceptions happened, numbered from ``first`` on."""
    return [
        Entry(asset, Fate.HAPPENED, number, code) for number, code in enumerate(codes, start=first)
    ]


def lost(entry):
    return replace(entry, fate=Fate.LOST)


def handed_over(entry):
    return replace(entry, fate=Fate.HANDED_OVER)


def told(*codes, asset="10101", marked=()):
    """A stream in which everything went well; ``marked`` are positions with possiblerepeat."""
    return [
        Stored("SLOT_SIGNIFICANT", at, f"e.{at}", "door.opened", asset, code, at, at,
               possible_repeat=at - 1 in marked)
        for at, code in enumerate(codes, start=1)
    ]  # fmt: skip


def whats(verdict):
    return [(found.what, found.asset, found.index, found.code) for found in verdict.disagreements]


def test_a_clean_run_agrees():
    verdict = judge(floor(DOOR, CLOSED, GAME, GAME), told(DOOR, CLOSED, GAME, GAME))
    assert verdict.agree
    assert (verdict.happened, verdict.stored, verdict.with_code, verdict.repeats) == (4, 4, 4, 0)


def test_an_exception_that_never_came_is_missing():
    verdict = judge(floor(DOOR, CLOSED, GAME), told(DOOR, GAME))
    assert whats(verdict) == [("missing", "10101", 1, CLOSED)]
    assert not verdict.agree


def test_the_last_exception_is_missed_too():
    assert whats(judge(floor(DOOR, DOOR), told(DOOR))) == [("missing", "10101", 1, DOOR)]


def test_an_event_that_never_happened_is_extra():
    assert whats(judge(floor(DOOR), told(DOOR, TILT))) == [("extra", "10101", 1, TILT)]


def test_an_unmarked_second_one_of_the_same_is_extra():
    assert whats(judge(floor(DOOR), told(DOOR, DOOR))) == [("extra", "10101", 1, DOOR)]


def test_two_events_in_the_wrong_order_are_a_disagreement():
    assert not judge(floor(DOOR, CLOSED), told(CLOSED, DOOR)).agree


def test_an_egm_that_is_nowhere_in_the_stream_is_missing():
    verdict = judge(floor(DOOR) + floor(TILT, asset="10102", first=9), told(DOOR))
    assert whats(verdict) == [("missing", "10102", 0, TILT)]


def test_a_marked_repeat_may_be_there_once_more():
    verdict = judge(floor(DOOR, CLOSED), told(DOOR, DOOR, CLOSED, marked={1}))
    assert verdict.agree
    assert verdict.repeats == 1


def test_a_marked_event_may_as_well_have_happened():
    verdict = judge(floor(GAME, GAME, GAME), told(GAME, GAME, GAME, marked={1}))
    assert verdict.agree
    assert verdict.repeats == 0


def test_a_mark_in_the_middle_of_equal_ones_excuses_one_of_them_only():
    assert judge(floor(GAME, GAME), told(GAME, GAME, GAME, marked={1})).agree
    assert not judge(floor(GAME), told(GAME, GAME, GAME, marked={1})).agree


def test_a_mark_excuses_nothing_that_differs_from_its_predecessor():
    verdict = judge(floor(DOOR), told(DOOR, TILT, marked={1}))
    assert whats(verdict) == [("extra", "10101", 1, TILT)]


def test_a_mark_elsewhere_does_not_hide_a_missing_event():
    verdict = judge(floor(DOOR, CLOSED, TILT), told(DOOR, DOOR, CLOSED, marked={1}))
    assert whats(verdict) == [("missing", "10101", 2, TILT)]


def test_what_a_machine_lost_itself_is_not_asked_for():
    first, second, third = floor(DOOR, CLOSED, DOOR)
    verdict = judge([first, second, third, lost(third)], told(DOOR, CLOSED))
    assert verdict.agree
    assert (verdict.happened, verdict.lost) == (2, 1)
    assert judge([first, second, third, lost(first)], told(CLOSED, DOOR)).agree


def test_what_overflowed_may_have_been_heard_before_and_need_not():
    door, game, tilt = floor(DOOR, GAME, TILT)
    gone = replace(lost(door), may_be_told=True)
    ledger = [door, game, gone, tilt, handed_over(game)]
    assert judge(ledger, told(GAME, TILT)).agree
    assert judge(ledger, told(DOOR, GAME, TILT)).agree
    assert judge(ledger, told(DOOR, DOOR, GAME, TILT, marked=[1])).repeats == 1
    assert not judge(ledger, told(DOOR, DOOR, GAME, TILT)).agree
    assert not judge(ledger, told(GAME, DOOR, TILT)).agree
    assert not judge([door, game, lost(door)], told(DOOR, GAME)).agree
    assert judge(ledger, told(GAME, TILT)).happened == 2


def test_a_repeat_may_be_overtaken_by_a_handpay_but_by_nothing_else():
    handpay_reset = 0x52
    door, reset = floor(DOOR, handpay_reset)
    ledger = [door, reset, handed_over(reset), handed_over(door)]
    assert judge(ledger, told(DOOR, handpay_reset, DOOR, marked=[2])).repeats == 1
    assert not judge(ledger, told(DOOR, handpay_reset, DOOR)).agree
    door, tilt = floor(DOOR, TILT)
    ledger = [door, tilt, handed_over(tilt), handed_over(door)]
    assert not judge(ledger, told(DOOR, TILT, DOOR, marked=[2])).agree


def test_what_was_acknowledged_by_a_host_that_cannot_have_heard_it_is_lost():
    (door,) = floor(DOOR)
    assert judge([door, handed_over(door), lost(door)], told()).agree


def test_a_priority_exception_overtakes_the_queue_and_the_stream_tells_it_so():
    game, door = floor(GAME, DOOR)
    ledger = [game, door, handed_over(door), handed_over(game)]
    assert judge(ledger, told(DOOR, GAME)).agree
    assert not judge(ledger, told(GAME, DOOR)).agree


def test_what_still_waits_in_a_machine_is_missing_behind_what_was_handed_over():
    game, door = floor(GAME, DOOR)
    verdict = judge([game, door, handed_over(door)], told(DOOR))
    assert whats(verdict) == [("missing", "10101", 1, GAME)]


def test_a_ledger_whose_beginning_was_rotated_away_is_judged_by_what_is_left():
    gone, door = floor(GAME, DOOR)
    assert judge([handed_over(gone), door, handed_over(door)], told(DOOR)).agree


def test_a_message_delivered_twice_under_one_id_is_one_event():
    stream = told(DOOR, CLOSED)
    verdict = judge(floor(DOOR, CLOSED), [*stream, replace(stream[0], stream_sequence=3)])
    assert verdict.agree
    assert verdict.delivered_again == 1


def test_a_hole_in_the_sequence_is_a_disagreement():
    door, closed = told(DOOR, CLOSED)
    verdict = judge(floor(DOOR, CLOSED), [door, replace(closed, sequence=4)])
    assert [(found.what, found.detail) for found in verdict.disagreements] == [
        ("hole", "sequence: 2 to 3 missing")
    ]


def test_a_sequence_that_does_not_begin_at_one_has_a_hole():
    (door,) = told(DOOR)
    assert "sequence: 1 to 1 missing" in str(judge(floor(DOOR), [replace(door, sequence=2)]))


def test_a_sequence_given_to_two_events_is_a_disagreement():
    door, closed = told(DOOR, CLOSED)
    verdict = judge(floor(DOOR, CLOSED), [door, replace(closed, sequence=1)])
    assert ("twice", "-", 1, None) in whats(verdict)


def test_each_family_has_a_sequence_of_its_own():
    door, tilt, closed = told(DOOR, TILT, CLOSED)
    tilt = replace(tilt, type="tilt.raised", familysequence=1)
    assert judge(floor(DOOR, TILT, CLOSED), [door, tilt, replace(closed, familysequence=2)]).agree
    verdict = judge(floor(DOOR, TILT, CLOSED), [door, tilt, closed])
    assert [found.detail for found in verdict.disagreements] == [
        "familysequence of door: 2 to 2 missing"
    ]


def test_a_stream_that_has_an_egms_events_in_another_order_is_a_disagreement():
    door, closed = told(DOOR, CLOSED)
    stream = [replace(door, stream_sequence=2), replace(closed, stream_sequence=1)]
    assert whats(judge(floor(DOOR, CLOSED), stream)) == [("order", "10101", 1, DOOR)]


def test_the_order_between_two_egms_is_free():
    door, closed = told(DOOR, CLOSED)
    stream = [replace(door, stream_sequence=2), replace(closed, stream_sequence=1, asset="10102")]
    assert judge(floor(DOOR) + floor(CLOSED, asset="10102", first=9), stream).agree


def test_events_without_a_code_are_only_counted():
    (door,) = told(DOOR)
    meters = Stored("SLOT_METERS", 1, "e.2", "meter.read", "10101", None, 2, 1)
    verdict = judge(floor(DOOR), [door, meters])
    assert verdict.agree
    assert (verdict.stored, verdict.with_code) == (2, 1)


def test_a_disagreement_is_one_line():
    verdict = judge(floor(DOOR), told())
    assert str(verdict.disagreements[0]) == (
        "missing: 10101 #0 code 11 (happened, and is not in the stream; 1 happened)"
    )


CODES = st.lists(st.sampled_from([DOOR, CLOSED, GAME]), max_size=12)


@given(CODES, st.data())
def test_true_repeats_that_are_marked_never_break_the_verdict(codes, data):
    stream, marked, extra = [], set(), 0
    for code in codes:
        stream.append(code)
        if data.draw(st.booleans()):
            marked.add(len(stream))
            stream.append(code)
            extra += 1
    verdict = judge(floor(*codes), told(*stream, marked=marked))
    assert verdict.agree
    assert verdict.repeats == extra


@given(CODES.filter(bool), st.data())
def test_any_one_event_taken_away_is_seen(codes, data):
    gone = data.draw(st.integers(0, len(codes) - 1))
    verdict = judge(floor(*codes), told(*codes[:gone], *codes[gone + 1 :]))
    assert [found.what for found in verdict.disagreements] == ["missing"]


@given(CODES, st.integers(0, 12))
def test_any_one_event_invented_is_seen(codes, at):
    verdict = judge(floor(*codes), told(*codes[:at], TILT, *codes[at:]))
    assert whats(verdict) == [("extra", "10101", min(at, len(codes)), TILT)]


@pytest.mark.parametrize("codes", [[], [DOOR] * 500])
def test_a_very_quiet_and_a_very_long_list_agree_with_themselves(codes):
    assert judge(floor(*codes), told(*codes)).agree
