"""Lines out of a stream, whatever the pieces it comes in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.console.json_lines import LineCutter, LineTooLongError


@given(
    lines=st.lists(st.binary(max_size=20).map(lambda line: line.replace(b"\n", b""))),
    cuts=st.lists(st.integers(min_value=1, max_value=7), min_size=1),
)
def test_lines_come_out_whole_however_the_bytes_arrive(lines, cuts):
    stream = b"".join(line + b"\n" for line in lines)
    cutter, out, at, turn = LineCutter(20, 20), [], 0, 0
    while at < len(stream):
        size = cuts[turn % len(cuts)]
        out += cutter.feed(stream[at : at + size])
        at, turn = at + size, turn + 1
    assert out == [line for line in lines if line]


def test_a_line_that_is_not_over_is_kept_back():
    cutter = LineCutter()
    assert cutter.feed(b"half") == []
    assert cutter.feed(b" done\nnext") == [b"half done"]


@pytest.mark.parametrize("data", [b"x" * 11, b"x" * 11 + b"\n"], ids=["endless", "ended"])
def test_a_line_over_its_bound_is_refused_before_it_grows_further(data):
    with pytest.raises(LineTooLongError):
        LineCutter(10, 10).feed(data)


def test_the_first_line_may_be_longer_than_the_others():
    cutter = LineCutter(10, 5)
    assert cutter.feed(b"x" * 10 + b"\n") == [b"x" * 10]
    assert cutter.feed(b"12345\n") == [b"12345"]
    with pytest.raises(LineTooLongError):
        cutter.feed(b"123456\n")
