"""A capture is written and read again as the same bursts."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from protocols.sas.capture import (
    BY_WAKEUP,
    Burst,
    Header,
    Speaker,
    burst_text,
    bytes_text,
    header_text,
    note_text,
    seconds_text,
)
from protocols.sas.capture_reader import read_capture

STARTED = datetime(2026, 2, 3, 4, 5, 6, 789012, UTC)

EXAMPLE = """\
sas-capture 1
line: L1
started: 2026-02-03T04:05:06.789012Z
ninth-bits: known

# the door
0.000000 host 81*
0.004312 egm 11
0.020105 host 01* 1A  # credits
0.023950 egm 01 1A 00 01 00 00 1F A6
1.000000 unknown 05? 05*
2.000000 egm 01 3D ** ** ** ** 00 00 00 12 34 ** **
"""


def test_the_example_is_written_and_read():
    captures, problems = read_capture(EXAMPLE.splitlines())
    assert problems == []
    (capture,) = captures
    assert capture.header == Header("L1", STARTED, ninth_bits=True)
    text = header_text(capture.header) + note_text("the door")
    text += "".join(burst_text(burst, ninth_bits=True) for burst in capture.bursts)
    assert text == EXAMPLE
    poll, door, ask, answer, odd, ticket = capture.bursts
    assert (poll.speaker, poll.data, poll.wakeup) == (Speaker.HOST, b"\x81", (True,))
    assert (door.at_us, door.wakeup) == (4312, (False,))
    assert (ask.data, ask.wakeup, ask.comment) == (b"\x01\x1a", (True, False), "credits")
    assert answer.data.hex() == "011a000100001fa6"
    assert (odd.speaker, odd.wakeup) == (Speaker.UNKNOWN, (None, True))
    assert (ticket.hidden, ticket.data[2:6]) == ((2, 3, 4, 5, 11, 12), bytes(4))


def test_without_ninth_bits_nothing_is_said_of_them():
    text = header_text(Header("L1")) + "0.5 host 81\n"
    (capture,), problems = read_capture(text.splitlines())
    assert (capture.bursts[0].wakeup, capture.bursts[0].at_us, problems) == ((None,), 500000, [])
    assert "started" not in text
    assert "ninth-bits: unknown" in text


def test_a_start_is_told_in_utc():
    east = datetime(2026, 2, 3, 6, 5, 6, 789012, timezone(timedelta(hours=2)))
    assert "started: 2026-02-03T04:05:06.789012Z" in header_text(Header("L1", east))


def test_times_and_bytes_are_written_in_one_way():
    assert seconds_text(61_000_001) == "61.000001"
    assert bytes_text(b"\x00\xff", (True, None), (0,), ninth_bits=True) == "*** FF?"
    assert bytes_text(b"\x00\xff", (True, None)) == "00* FF"


def test_a_comment_stays_in_its_line():
    burst = Burst(0, Speaker.EGM, b"\x00", (None,), comment="two\nlines")
    assert burst_text(burst, ninth_bits=False) == "0.000000 egm 00  # two lines\n"
    assert note_text("two\nlines") == "# two lines\n"


@st.composite
def bursts(draw):
    at, out = 0, []
    for _ in range(draw(st.integers(1, 6))):
        at += draw(st.integers(0, 10**9))
        data = draw(st.binary(min_size=1, max_size=30))
        bits = draw(st.tuples(*[st.sampled_from([True, False, None])] * len(data)))
        hidden = tuple(sorted(draw(st.sets(st.integers(0, len(data) - 1)))))
        data = bytes(0 if place in hidden else value for place, value in enumerate(data))
        speaker = draw(st.sampled_from(Speaker))
        out.append(Burst(at, speaker, data, bits, hidden, draw(st.sampled_from(["", "seen"]))))
    return out


@given(bursts())
def test_whatever_was_heard_is_read_again_as_it_was(heard):
    text = header_text(Header("L1", STARTED, ninth_bits=True))
    text += "".join(burst_text(burst, ninth_bits=True) for burst in heard)
    (capture,), problems = read_capture(text.splitlines())
    assert (capture.bursts, problems) == (heard, [])


def test_why_a_speaker_is_believed_is_not_written():
    burst = Burst(0, Speaker.HOST, b"\x81", (True,), why=BY_WAKEUP)
    assert burst_text(burst, ninth_bits=True) == "0.000000 host 81*\n"


def test_the_example_in_the_manual_is_a_capture():
    manual = Path(__file__).parents[3] / "hardware/capture-format.md"
    example = manual.read_text().split("```")[1]
    (capture,), problems = read_capture(example.splitlines())
    assert problems == []
    assert (capture.header, len(capture.bursts)) == (Header("L1", STARTED, ninth_bits=True), 8)
    assert capture.bursts[2].comment == "implied ACK of the 11"
    assert capture.bursts[-1].hidden == (2, 3, 4, 5, 11, 12)
