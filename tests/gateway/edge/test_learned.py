"""What the edge learned of an EGM's polls, kept over a restart."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from gateway.edge.learned import NOTHING, LearnedBook
from protocols.sas.host.support import Support

CREDITS = b"\x01\x1a"
HOUR_NS = 3_600_000_000_000


@dataclass
class Clocks:
    """Both clocks, put forward by hand."""

    now: float = 100.0
    wall: int = 1_800_000_000_000_000_000

    def monotonic(self) -> float:
        return self.now

    def wall_ns(self) -> int:
        return self.wall


def learned(at: float = 90.0) -> Support:
    support = Support()
    support.who = "602 A1"
    support.refused[CREDITS] = at
    return support


def test_what_was_learned_comes_back_as_old_as_it_is_by_then():
    clocks = Clocks()
    kept = LearnedBook(clocks, {}).changed(1, "10001", learned())
    assert list(kept) == ["learned.10001"]
    after = Clocks(now=7.0, wall=clocks.wall + HOUR_NS)
    book = LearnedBook(after, {1: kept["learned.10001"]})
    assert book.found == {1: ("602 A1", {CREDITS: 7.0 - 3600.0 - 10.0})}


def test_only_what_is_new_is_kept_again():
    book = LearnedBook(Clocks(), {1: "", 2: ""})
    support = Support()
    assert book.changed(1, "10001", support) == {}
    support = learned()
    assert book.changed(1, "10001", support) != {}
    assert book.changed(1, "10001", support) == {}
    assert book.changed(2, "10002", support) != {}
    support.refused.clear()
    text = book.changed(1, "10001", support)["learned.10001"]
    assert json.loads(text) == {"who": "602 A1", "refused": {}}


def test_what_was_found_is_not_kept_again_until_it_changes():
    clocks = Clocks()
    text = LearnedBook(clocks, {}).changed(1, "10001", learned())["learned.10001"]
    book = LearnedBook(clocks, {1: text})
    support = Support()
    support.resume(*book.found[1])
    assert book.changed(1, "10001", support) == {}
    support.poll_was_answered(CREDITS)
    assert book.changed(1, "10001", support) != {}


def test_a_wall_clock_that_stepped_back_makes_nothing_younger_than_now():
    clocks = Clocks()
    text = LearnedBook(clocks, {}).changed(1, "10001", learned(at=100.0))["learned.10001"]
    clocks.wall -= HOUR_NS
    assert LearnedBook(clocks, {1: text}).found == {1: ("602 A1", {CREDITS: 100.0})}


def test_an_egm_that_moved_to_another_address_is_learned_anew_but_for_who_it_is():
    text = LearnedBook(Clocks(), {}).changed(1, "10001", learned())["learned.10001"]
    assert LearnedBook(Clocks(), {2: text}).found == {2: ("602 A1", {})}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"who": 5, "refused": {}}', '{"who": null}',
     '{"who": null, "refused": {"0": 5}}', '{"who": null, "refused": {"011a": -1}}',
     '{"who": null, "refused": {"011a": 1e400}}', '{"who": null, "refused": {"zz": 1}}'],
)  # fmt: skip
def test_what_cannot_be_read_is_learned_anew(text):
    assert LearnedBook(Clocks(), {1: text}).found == {1: NOTHING}
