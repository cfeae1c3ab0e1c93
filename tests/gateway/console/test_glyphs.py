"""Marks for every terminal."""

import pytest
from rich.cells import cell_len

from gateway.console.glyphs import ASCII, STATE_MARKS, UNICODE, glyphs_for


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["utf-8", "ascii"])
def test_every_state_has_a_mark_of_one_cell_and_no_two_share_one(glyphs):
    marks = [glyphs.state(word) for word in STATE_MARKS]
    assert [cell_len(mark) for mark in marks] == [1] * len(marks)
    assert len(set(marks)) == len(marks)


def test_the_ascii_marks_are_ascii():
    marks = [ASCII.state(word) for word in STATE_MARKS]
    assert "".join([*marks, ASCII.ellipsis, ASCII.rule, ASCII.bar]).isascii()


@pytest.mark.parametrize(
    ("environment", "encoding", "glyphs"),
    [
        ({"LANG": "en_US.UTF-8"}, "utf-8", UNICODE),
        ({"LANG": "de_DE.utf8"}, "utf-8", UNICODE),
        ({}, "utf-8", UNICODE),
        ({"LC_CTYPE": "C.UTF-8"}, "utf-8", UNICODE),
        ({"LANG": "C.UTF-8", "LC_CTYPE": "C.UTF-8"}, "utf-8", UNICODE),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, "utf-8", ASCII),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "utf-8", ASCII),  # Python set LC_CTYPE by itself
        ({"LANG": "de_DE.ISO-8859-1"}, "iso-8859-1", ASCII),
        ({"LANG": "de_DE.ISO-8859-1"}, "utf-8", ASCII),
        ({"LANG": "en_US.UTF-8", "TERM": "vt220"}, "utf-8", ASCII),
        ({"LANG": "en_US.UTF-8"}, "ascii", ASCII),
        ({"LANG": "en_US.UTF-8"}, None, ASCII),
    ],
)
def test_a_terminal_gets_the_marks_that_it_can_show(environment, encoding, glyphs):
    assert glyphs_for(environment, encoding) is glyphs


def test_text_from_a_wire_cannot_steer_the_terminal():
    assert UNICODE.plain("bill\x1b[2Jjam\n\x07") == "bill?[2Jjam??"
    assert UNICODE.plain("café ▲") == "café ▲"
    assert ASCII.plain("café ▲\x1b") == "caf? ??"
