"""What a host remembers of one EGM: link state, gaps, doubts, waiting long polls."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from protocols.sas.errors import (
    AddressError,
    BcdError,
    CrcError,
    LengthError,
    UnexpectedError,
)
from protocols.sas.host.link import (
    ASKS_MAX,
    BUSY_TRIES_MAX,
    GARBLED_TRIES_MAX,
    GOOD_TURNS_TO_UP,
    HISTORY,
    LEFT_ALONE_S,
    TAGS_MAX,
    EgmLink,
    Figures,
)
from protocols.sas.host.steps import Asked, Gap, LinkChanged, LinkState, Resume, Rules
from protocols.sas.replies import (
    ExceptionReply,
    IdleReply,
)

RULES = Rules(down_after_turns=3, retry_first_s=1.0, retry_max_s=3.0)
CREDITS = b"\x01\x1a"
COIN_IN = b"\x01\x11"


def link_that_is(state: LinkState) -> EgmLink:
    link = EgmLink(1)
    link.state = state
    return link


def fail(link: EgmLink, now: float, *, events_lost: bool = True):
    return link.failed(now, now - 0.05, RULES, "no answer", events_lost=events_lost)


def test_a_new_machine_has_no_history_no_past_and_no_counts():
    link = EgmLink(5)
    assert link.general == b"\x85"
    assert (link.due, link.state, link.failures, link.good) == (0.0, LinkState.UNKNOWN, 0, 0)
    assert (link.heard_at, link.lost_at, link.gap_cause, link.empty_at) == (None,) * 4
    assert (link.retry_s, link.mark, link.unproven, link.last_poll) == (0.0, 0, None, b"")
    assert (link.trouble, link.was_up, link.last_was_long, link.doubts) == (False,) * 3 + (set(),)
    assert set(asdict(Figures()).values()) == {0}
    assert Asked(CREDITS, []).busy == 0


def test_the_bounds_are_what_they_were_agreed_to_be():
    assert (ASKS_MAX + 1, TAGS_MAX, HISTORY) == (32, 32, 100)
    assert 4.4 < LEFT_ALONE_S < 5.0
    assert (BUSY_TRIES_MAX, GARBLED_TRIES_MAX, GOOD_TURNS_TO_UP) == (5, 3, 5)


def test_quality_is_the_share_of_the_last_hundred_polls():
    link = EgmLink(1)
    assert link.quality is None
    link.note(answered=True)
    assert link.quality == 1.0
    link.note(answered=False)
    link.note(answered=True)
    link.note(answered=True)
    assert link.quality == 0.75
    for _ in range(HISTORY):
        link.note(answered=False)
    assert (link.quality, link.history_length) == (0.0, 100)
    for _ in range(HISTORY - 1):
        link.note(answered=True)
    assert link.quality == 0.99
    link.note(answered=True)
    assert link.quality == 1.0
    link.note(answered=True)
    assert (link.quality, link.history_length) == (1.0, 100)


@pytest.mark.parametrize(
    ("state", "live", "given_up"),
    [
        (LinkState.UNKNOWN, False, False),
        (LinkState.UP, True, False),
        (LinkState.DEGRADED, True, False),
        (LinkState.DOWN, False, True),
    ],
)
def test_a_machine_is_live_until_it_is_given_up(state, live, given_up):
    link = link_that_is(state)
    assert (link.live, link.given_up) == (live, given_up)


# ------------------------------------------------------------------ what the last process left


def test_a_warm_restart_remembers_who_was_up_and_doubts_the_last_event():
    link = EgmLink(1)
    link.resume(Resume(41, None, 4.9, {1: (0x11,), 2: (0x12,)}, frozenset({1})), 100.0)
    assert (link.due, link.was_up, link.gap_cause) == (100.0, True, None)
    assert (link.doubts, link.trouble) == ({0x11}, True)


def test_a_machine_without_a_past_is_not_doubted():
    link = EgmLink(3)
    link.resume(Resume(41, None, 9.0, {1: (0x11,)}, frozenset({1})), 100.0)
    assert (link.was_up, link.gap_cause, link.doubts, link.trouble) == (False, None, set(), False)


@pytest.mark.parametrize(
    ("age_s", "cause", "lost_at"),
    [(5.0, "gateway_down", 95.0), (None, "restart_unknown", None)],
)
def test_a_cold_restart_is_a_gap_for_those_that_were_up(age_s, cause, lost_at):
    link = EgmLink(1)
    link.resume(Resume(41, None, age_s, {}, frozenset({1})), 100.0)
    assert (link.gap_cause, link.lost_at) == (cause, lost_at)
    fresh = EgmLink(1)
    fresh.resume(Resume(0, None, age_s, {}, frozenset({1})), 100.0)
    assert fresh.gap_cause is None


# ------------------------------------------------------------------ good and bad turns


def test_a_machine_goes_from_up_to_degraded_to_down_and_is_tried_ever_more_rarely():
    link = link_that_is(LinkState.UP)
    link.good = 4
    assert fail(link, 1.0) == (LinkChanged(1, LinkState.UP, LinkState.DEGRADED, "no answer"),)
    assert (link.failures, link.good, link.due) == (1, 0, 0.0)
    assert fail(link, 2.0) == ()
    link.support.refused.update({CREDITS: 1.0, b"\x01\x54": 1.0})
    assert fail(link, 3.0) == (
        LinkChanged(1, LinkState.DEGRADED, LinkState.DOWN, "no answer, 3 turns in a row"),
    )
    assert (link.due, link.support.refused) == (4.0, {CREDITS: 1.0})
    dues = []
    for now in (10.0, 20.0, 30.0):
        assert fail(link, now) == ()
        dues.append(link.due - now)
    assert dues == [2.0, 3.0, 3.0]


def test_a_machine_that_was_never_there_goes_down_as_well_and_what_it_said_unheard_is_a_gap():
    link = EgmLink(1)
    assert (fail(link, 1.0), fail(link, 2.0)) == ((), ())
    (change,) = fail(link, 3.0)
    assert (change.before, change.after) == (LinkState.UNKNOWN, LinkState.DOWN)
    ((change,), (gap,)) = link.answered(9.0, clean=True)
    assert (change.before, change.after) == (LinkState.DOWN, LinkState.UP)
    assert (gap.cause, gap.began, gap.ended) == ("no_exchange", 0.95, 9.0)


def test_the_pause_of_a_machine_that_is_down_never_shortens_its_pace():
    link = link_that_is(LinkState.UP)
    link.failures, link.due = 2, 50.0
    fail(link, 3.0)
    assert link.due == 50.0
    link.due = 90.0
    fail(link, 4.0)
    assert link.due == 90.0


def test_an_answer_lost_twice_is_a_gap_since_the_last_word():
    link = link_that_is(LinkState.UP)
    link.heard_at = 7.0
    fail(link, 8.0)
    fail(link, 9.0)
    assert (link.gap_cause, link.lost_at) == ("answer_lost_twice", 7.0)
    _, gaps = link.answered(11.9, clean=True)
    assert gaps == (Gap(1, "answer_lost_twice", 7.0, 11.9),)
    assert link.answered(12.0, clean=True)[1] == ()


def test_a_gap_begins_where_it_was_asked_if_nothing_was_ever_heard():
    link = link_that_is(LinkState.UP)
    fail(link, 8.0)
    assert link.lost_at == 7.95


def test_a_reading_that_is_lost_is_no_gap():
    link = link_that_is(LinkState.UP)
    fail(link, 8.0, events_lost=False)
    assert link.gap_cause is None


def test_a_machine_that_was_up_before_the_restart_has_a_gap_that_nobody_can_explain():
    link = EgmLink(1)
    link.was_up = True
    fail(link, 8.0)
    assert link.gap_cause == "restart_unknown"
    link.answered(9.0, clean=True)
    assert (link.was_up, link.gap_cause) == (False, None)
    link.state = LinkState.DOWN
    fail(link, 10.0)
    assert link.gap_cause is None


def test_a_gap_that_is_open_keeps_its_cause_and_its_beginning():
    link = link_that_is(LinkState.UP)
    link.gap_cause, link.lost_at, link.heard_at = "gateway_down", 1.0, 7.0
    fail(link, 8.0)
    assert (link.gap_cause, link.lost_at) == ("gateway_down", 1.0)
    _, gaps = link.answered(90.0, clean=True)
    assert gaps == (Gap(1, "gateway_down", 1.0, 90.0),)


def test_five_seconds_without_a_word_are_a_gap_of_their_own():
    link = link_that_is(LinkState.UP)
    link.answered(10.0, clean=True)
    assert link.answered(14.75, clean=True)[1] == ()
    assert link.answered(19.75, clean=True)[1] == (Gap(1, "no_exchange", 14.75, 19.75),)


def test_an_answer_lost_twice_and_then_five_seconds_is_one_gap_without_an_exchange():
    link = link_that_is(LinkState.UP)
    link.heard_at = 10.0
    fail(link, 11.0)
    assert link.answered(15.0, clean=True)[1] == (Gap(1, "no_exchange", 10.0, 15.0),)


def test_a_gap_without_a_known_beginning_keeps_its_cause():
    link = link_that_is(LinkState.UP)
    link.gap_cause = "answer_lost_twice"
    assert link.answered(15.0, clean=True)[1] == (Gap(1, "answer_lost_twice", None, 15.0),)


@pytest.mark.parametrize("state", [LinkState.UNKNOWN, LinkState.DOWN])
def test_one_answer_brings_a_machine_up(state):
    link = link_that_is(state)
    link.failures = 2
    changes, gaps = link.answered(1.0, clean=False)
    assert (changes, gaps) == ((LinkChanged(1, state, LinkState.UP, "answers"),), ())
    assert (link.failures, link.good, link.heard_at) == (0, 0, 1.0)


def test_five_clean_turns_in_a_row_end_degraded():
    link = link_that_is(LinkState.DEGRADED)
    for _ in range(3):
        link.answered(1.0, clean=True)
    link.answered(1.0, clean=False)
    assert link.good == 0
    for turn in range(1, GOOD_TURNS_TO_UP):
        assert link.answered(1.0, clean=True)[0] == ()
        assert link.good == turn
    changes, _ = link.answered(1.0, clean=True)
    assert changes == (LinkChanged(1, LinkState.DEGRADED, LinkState.UP, "5 good answers in a row"),)
    assert link.answered(1.0, clean=True)[0] == ()


def test_a_way_that_is_cut_takes_a_machine_down_at_once():
    link = link_that_is(LinkState.DEGRADED)
    link.failures, link.good, link.heard_at, link.unproven = 2, 3, 7.0, 0x11
    changes = link.cut(8.0, RULES, "the port has gone")
    assert changes == (LinkChanged(1, LinkState.DEGRADED, LinkState.DOWN, "the port has gone"),)
    assert (link.gap_cause, link.lost_at, link.doubts) == ("answer_lost_twice", 7.0, {0x11})
    assert (link.failures, link.good, link.retry_s, link.due) == (0, 0, 1.0, 8.2)
    link.heard_at = 9.0
    assert link.cut(9.0, RULES, "the port has gone") == ()
    assert link.lost_at == 7.0


def test_a_way_that_is_cut_before_anything_was_heard_changes_nothing():
    link = EgmLink(1)
    assert link.cut(8.0, RULES, "the port has gone") == ()
    assert (link.state, link.gap_cause) == (LinkState.UNKNOWN, None)


def test_a_cut_keeps_the_gap_that_is_open():
    link = link_that_is(LinkState.UP)
    link.gap_cause, link.lost_at, link.heard_at = "gateway_down", 1.0, 7.0
    link.cut(8.0, RULES, "the port has gone")
    assert (link.gap_cause, link.lost_at) == ("gateway_down", 1.0)


# ------------------------------------------------------------------ implied acknowledgements


def hear(link: EgmLink, code: int | None, *, repeat: bool = False) -> bool:
    reply = IdleReply(1) if code is None else ExceptionReply(1, code)
    return link.prove(reply, 5.0, repeat=repeat)


def test_a_first_answer_proves_the_acknowledgement_before_it():
    link = EgmLink(1)
    assert not hear(link, 0x11)
    assert link.unproven == 0x11
    assert not hear(link, 0x11)
    assert (link.unproven, link.doubts) == (0x11, set())


def test_an_answer_to_a_repeat_proves_nothing():
    link = EgmLink(1)
    hear(link, 0x11)
    assert hear(link, 0x11, repeat=True)
    assert not hear(link, 0x11)
    hear(link, 0x12, repeat=True)
    assert (link.unproven, link.doubts) == (0x12, {0x11})


def test_after_trouble_a_first_answer_proves_nothing_until_the_machine_has_said_something_new():
    link = EgmLink(1)
    hear(link, 0x11)
    link.doubt()
    link.unproven = 0x12
    link.answered_at_once()
    assert link.unproven == 0x12
    assert not hear(link, 0x13)
    assert (link.doubts, link.trouble, link.unproven) == ({0x11, 0x12}, False, 0x13)
    link.answered_at_once()
    assert link.unproven is None


def test_an_empty_queue_ends_every_doubt_and_says_since_when():
    link = EgmLink(1)
    hear(link, 0x11)
    link.doubt()
    assert not hear(link, None)
    assert (link.doubts, link.trouble, link.empty_at) == (set(), False, 5.0)
    assert not hear(link, 0x11)


def test_a_doubt_is_spent_by_the_event_that_it_marks():
    link = EgmLink(1)
    hear(link, 0x11)
    link.doubt()
    assert hear(link, 0x11)
    assert link.doubts == set()
    assert not hear(link, 0x11)


def test_a_failed_turn_doubts_the_acknowledgement():
    link = link_that_is(LinkState.UP)
    hear(link, 0x11)
    fail(link, 1.0)
    assert (link.doubts, link.unproven, link.trouble) == ({0x11}, None, True)


# ------------------------------------------------------------------ figures


def test_bad_answers_are_counted_by_what_was_wrong():
    figures = Figures()
    for error in (CrcError, LengthError, AddressError, AddressError, BcdError, UnexpectedError):
        figures.wrong(error("wrong", b""))
    counted = {name: count for name, count in asdict(figures).items() if count}
    assert counted == {
        "crc_errors": 1, "other_errors": 5, "length_errors": 1, "address_errors": 2,
        "bcd_errors": 1, "unexpected_errors": 1,
    }  # fmt: skip


def test_a_change_of_the_link_comes_with_the_figures_behind_it():
    link = EgmLink(1)
    assert link.told(5.0) == {**asdict(Figures()), "failures": 0}
    link.answered(10.0, clean=True)
    for answered in (True, True, False):
        link.note(answered=answered)
    fail(link, 10.5)
    fail(link, 11.0)
    told = link.told(12.25)
    assert (told["failures"], told["silent_s"], told["quality"]) == (2, 2.25, 0.67)
    assert (told["gaps"], told["gap_s"]) == (0, 0.0)
    link.answered(12.3456, clean=True)
    fail(link, 13.0)
    link.answered(14.3456, clean=True)
    told = link.told(14.3456)
    assert (told["gaps"], told["gap_s"], told["failures"], told["silent_s"]) == (2, 4.346, 0, 0.0)


def test_a_gap_without_a_known_beginning_is_counted_without_its_length():
    link = EgmLink(1)
    link.gap_cause = "restart_unknown"
    link.answered(50.0, clean=True)
    assert (link.figures.gaps, link.figures.gap_s) == (1, 0.0)


def test_the_silence_behind_a_change_is_told_to_the_millisecond():
    link = EgmLink(1)
    link.heard_at = 1.0
    assert link.told(1.12345)["silent_s"] == 0.123


def test_a_port_that_goes_may_come_back_with_another_machine_behind_it():
    link = EgmLink(1, state=LinkState.UP)
    link.support.answered = {b"\x01\x1a"}
    link.support.silent = {b"\x01\x0f": 2}
    link.support.refused = {b"\x01\x54": 1.0, b"\x01\x1e": 1.0}
    link.cut(5.0, Rules(), "the port has gone")
    support = link.support
    assert (support.answered, support.silent, support.refused) == (set(), {}, {b"\x01\x1e": 1.0})
