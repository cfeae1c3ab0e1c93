"""Whatever is in a file: bursts, or one problem a line with its number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.sas.capture import BURST_BYTES_MAX, LINE_CHARACTERS_MAX, Burst, Header, Problem
from protocols.sas.capture_reader import read_capture, read_items

HEAD = ["sas-capture 1", "line: L1", "ninth-bits: unknown"]


def problem_of(*lines):
    captures, problems = read_capture(lines)
    assert len(problems) == 1
    return str(problems[0]), captures


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("hello", "no line of a capture: 'hello'"),
        ("0.1", "host, egm or unknown must follow the time"),
        ("0.1 guest 81", "host, egm or unknown must follow the time"),
        ("0.1 host", "a burst without bytes"),
        ("0.1 host 8", "'8' is no byte"),
        ("0.1 host 81 0x1A", "'0x1A' is no byte"),
        ("0.1 host 8181", "'8181' is no byte"),
        ("-1 host 81", "no line of a capture"),
        ("0.1234567 host 81", "no line of a capture"),
        ("9999999999 host 81", "no line of a capture"),
        ("0.1 host 81\x1b[31m", "is no byte"),
        ("x" * (LINE_CHARACTERS_MAX + 1), "longer than"),
        ("0.1 host" + " 00" * (BURST_BYTES_MAX + 1), "more than 4096 bytes"),
        ("port: L1", "no key of a header"),
    ],
)
def test_a_line_that_is_none_is_one_problem_with_its_number(line, words):
    text, captures = problem_of(*HEAD, line, "0.2 host 81")
    assert text.startswith("line 4: ")
    assert words in text
    assert text.isprintable()
    assert [len(capture.bursts) for capture in captures] == [1]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("line: ../etc", "letters, digits"),
        ("line:", "letters, digits"),
        ("started: yesterday", "no moment"),
        ("started: 2026-02-03T04:05:06", "without its time zone"),
        ("started: 0001-01-01T00:00:00+14:00", "no moment"),
        ("ninth-bits: some", "known or unknown"),
    ],
)
def test_a_header_that_is_wrong_is_one_problem(line, words):
    text, captures = problem_of("sas-capture 1", line, "0.2 host 81")
    assert text.startswith("line 2: ")
    assert words in text
    assert captures[0].header == Header()


def test_a_burst_before_the_header_is_a_problem():
    text, captures = problem_of("0.1 host 81")
    assert 'before the header "sas-capture 1"' in text
    assert captures == []


def test_time_does_not_go_back():
    text, captures = problem_of(*HEAD, "2.0 host 81", "1.999999 egm 00", "2.0 egm 00")
    assert "line 5: before the line above, at 2.000000" in text
    assert len(captures[0].bursts) == 2


def test_another_version_is_told_once_and_skipped():
    text, captures = problem_of("sas-capture 2", "line: L1", "anything", *HEAD, "0 host 81")
    assert "a version that is not 1" in text
    assert [capture.header.line for capture in captures] == ["L1"]


def test_captures_one_after_the_other_each_begin_at_zero():
    lines = [*HEAD, "5 host 81", "", "# next", "SAS-Capture 1", "Line: L2", "0 HOST 82"]
    captures, problems = read_capture(lines)
    assert problems == []
    assert [(c.header.line, c.bursts[0].at_us) for c in captures] == [("L1", 5_000_000), ("L2", 0)]


def test_items_come_as_they_stand():
    kinds = [type(item) for item in read_items([*HEAD, "0 host 81", "?", "1 host 81"])]
    assert kinds == [Header, Burst, Problem, Burst]


@given(
    st.lists(
        st.one_of(
            st.text(max_size=60),
            st.sampled_from([*HEAD, "0 host 81", "1 egm **", "1 egm 01 ** **?", "started: x"]),
            st.from_regex(r"[0-9.]{1,8} (host|egm|x) ([0-9A-F*?]{1,3} ){0,5}"),
        ),
        max_size=20,
    )
)
def test_no_file_can_make_the_reader_fail(lines):
    captures, problems = read_capture(lines)
    assert sum(len(capture.bursts) for capture in captures) + len(problems) <= len(lines)
    for problem in problems:
        assert 1 <= problem.number <= len(lines)
        assert str(problem).isprintable()
