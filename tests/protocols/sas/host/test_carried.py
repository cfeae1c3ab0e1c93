"""What a line has carried since a moment."""

from __future__ import annotations

from protocols.sas.host.carried import Carried


def test_a_new_line_has_carried_nothing_and_is_not_dead():
    line = Carried()
    assert line.moment == (0, 0)
    assert not line.dead_since(line.moment)


def test_a_line_is_dead_while_answers_are_missed_and_none_is_heard():
    line = Carried()
    then = line.moment
    line.missed += 1
    assert line.dead_since(then)
    assert not line.dead_since(line.moment)
    line.answers += 1
    assert not line.dead_since(then)
