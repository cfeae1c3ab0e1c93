"""What becomes of the long polls that wait for one EGM."""

from __future__ import annotations

import pytest

from protocols.sas.host.link import BUSY_TRIES_MAX, EgmLink
from protocols.sas.host.steps import Asked
from protocols.sas.replies import (
    AckReply,
    BusyReply,
    ExceptionReply,
    IdleReply,
    LongPollReply,
    NackReply,
)

CREDITS = b"\x01\x1a"
COIN_IN = b"\x01\x11"


def test_a_long_poll_that_is_answered_is_known_and_its_callers_are_told():
    link = EgmLink(1)
    link.support.silent[CREDITS] = 2
    asked = Asked(CREDITS, ["a", "b"])
    assert link.long_poll_answered(asked, LongPollReply(1, 0x1A)) == ("a", "b")
    assert (link.support.answered, link.support.silent) == ({CREDITS}, {})
    assert link.last_was_long is True
    assert link.long_poll_answered(None, IdleReply(1)) == ()
    assert link.last_was_long is False


def test_a_poll_never_answered_three_times_is_refused_and_others_are_not():
    link = EgmLink(1)
    for tags in ((), (), ("a",)):
        assert link.long_poll_failed(Asked(CREDITS, ["a"]), 5.0, silent=True) == tags
        assert [asked.poll for asked in link.asks] == ([] if tags else [CREDITS])
        link.asks.clear()
    assert link.ask(CREDITS, "x", 5.0) is False
    assert link.ask(COIN_IN, "x", 5.0) is True
    assert link.long_poll_failed(None, 5.0, silent=True) == ()


def test_a_poll_answered_with_noise_is_given_up_the_third_time_unless_it_was_answered_before():
    link = EgmLink(1)
    asked = Asked(CREDITS, ["a"])
    link.support.silent[CREDITS] = 2
    for tags in ((), (), ("a",)):
        assert link.long_poll_failed(asked, 5.0, silent=False) == tags
        link.asks.clear()
    assert (link.support.silent, link.support.refused) == ({}, {})
    link.support.answered.add(CREDITS)
    asked = Asked(CREDITS, ["a"])
    for _ in range(9):
        assert link.long_poll_failed(asked, 5.0, silent=False) == ()
        assert link.asks.pop() is asked


def test_a_poll_that_waits_goes_to_the_front_when_it_is_asked_for_first_and_waits_once():
    link = EgmLink(1)
    for poll in (CREDITS, COIN_IN):
        assert link.ask(poll, "a", 1.0)
    assert link.ask(COIN_IN, "b", 1.0, first=True)
    assert list(link.asks) == [Asked(COIN_IN, ["a", "b"]), Asked(CREDITS, ["a"])]


def test_equal_asks_share_one_poll():
    link = EgmLink(1)
    assert [
        link.ask(CREDITS, "a", 0.0),
        link.ask(COIN_IN, "b", 0.0),
        link.ask(CREDITS, "c", 0.0),
    ] == [True] * 3
    assert [(asked.poll, asked.tags) for asked in link.asks] == [
        (CREDITS, ["a", "c"]), (COIN_IN, ["b"]),
    ]  # fmt: skip


def test_a_busy_machine_is_asked_again_behind_the_others_and_given_up_the_fifth_time():
    link = EgmLink(1)
    link.ask(COIN_IN, "other", 0.0)
    asked = Asked(CREDITS, ["a"])
    for turn in range(1, BUSY_TRIES_MAX):
        assert link.long_poll_answered(asked, BusyReply(1)) == ()
        assert (asked.busy, link.figures.busy) == (turn, turn)
        assert [waiting.poll for waiting in link.asks] == [COIN_IN, CREDITS]
        link.asks.pop()
    assert link.long_poll_answered(asked, BusyReply(1)) == ("a",)
    assert link.figures.busy == BUSY_TRIES_MAX == 5


@pytest.mark.parametrize("reply", [ExceptionReply(1, 0x11), IdleReply(1)])
def test_an_event_instead_of_an_answer_lets_the_poll_wait_in_front(reply):
    link = EgmLink(1)
    link.ask(COIN_IN, "other", 0.0)
    assert link.long_poll_answered(Asked(CREDITS, ["a"]), reply) == ()
    assert [waiting.poll for waiting in link.asks] == [CREDITS, COIN_IN]


def test_a_refusal_is_counted_and_is_the_end():
    link = EgmLink(1)
    assert link.long_poll_answered(Asked(CREDITS, ["a"]), NackReply(1)) == ("a",)
    assert (link.figures.nacks, len(link.asks)) == (1, 0)
    assert link.long_poll_answered(Asked(CREDITS, ["a"]), AckReply(1)) == ("a",)
    assert (link.figures.nacks, len(link.asks)) == (1, 0)


def test_what_cannot_wait_is_asked_first():
    link = EgmLink(1)
    assert link.ask(CREDITS, "a", 1.0)
    assert link.ask(COIN_IN, "b", 1.0)
    assert link.ask(b"\x01\x0f", "c", 1.0, first=True)
    assert [asked.poll for asked in link.asks] == [b"\x01\x0f", CREDITS, COIN_IN]
