"""The short way of an idle answer through a link, bound by bound."""

from __future__ import annotations

import pytest

from protocols.sas.host.link import EgmLink
from protocols.sas.host.steps import LinkState


@pytest.mark.parametrize(
    ("link", "calm"),
    [
        (EgmLink(1, state=LinkState.UP, heard_at=100.0), True),
        (EgmLink(1, state=LinkState.UP, heard_at=99.001), True),
        (EgmLink(1, state=LinkState.UP, heard_at=99.0), False),  # five seconds: a gap
        (EgmLink(1, state=LinkState.UP), False),
        (EgmLink(1, state=LinkState.DEGRADED, heard_at=100.0), False),
        (EgmLink(1, state=LinkState.DOWN, heard_at=100.0), False),
        (EgmLink(1, state=LinkState.UP, heard_at=100.0, gap_cause="no_exchange"), False),
        (EgmLink(1, state=LinkState.UP, heard_at=100.0, doubts={0x51}), False),  # kept on disk
    ],
)
def test_a_link_is_calm_when_an_idle_answer_is_nothing_to_tell(link, calm):
    assert link.calm(104.0) is calm


def test_an_idle_answer_the_short_way_ends_trouble_failures_and_silence():
    link = EgmLink(1, state=LinkState.UP, heard_at=1.0, failures=2, good=3, unproven=0x11)
    link.trouble = link.was_up = link.last_was_long = link.probed = link.mute = True
    link.idle(2.0, 1.9)
    assert (link.unproven, link.trouble) == (None, False)
    assert (link.failures, link.good, link.heard_at, link.empty_at) == (0, 4, 2.0, 1.9)
    assert {link.was_up, link.last_was_long, link.probed, link.mute} == {False}
    assert (link.figures.answers, link.quality) == (1, 1.0)


def test_the_quality_of_a_link_looks_back_on_a_hundred_polls_by_either_way():
    link = EgmLink(1, state=LinkState.UP, heard_at=1.0)
    link.note(answered=False)
    for _ in range(99):
        link.idle(2.0, 1.9)
    assert (link.quality, link.history_length) == (0.99, 100)
    link.idle(2.0, 1.9)
    assert (link.quality, link.history_length) == (1.0, 100)


@pytest.mark.parametrize(("asked_at", "proven"), [(5.499, True), (5.5, False)])
def test_an_acknowledgement_counts_unless_the_machine_was_left_alone_four_and_a_half_seconds(
    asked_at, proven
):
    link = EgmLink(1, state=LinkState.UP, heard_at=1.0, unproven=0x11)
    link.answered_at_once(asked_at)
    assert (link.unproven is None) is proven
