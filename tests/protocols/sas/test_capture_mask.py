"""No secret leaves the wire, however it comes over it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.sas.capture import Burst, Speaker, burst_text
from protocols.sas.capture_mask import SHADOW_US, Masker
from protocols.sas.polls import general_poll, long_poll
from protocols.sas.secrets import SECRET_SPANS

HOST, EGM, UNKNOWN = Speaker
REPLIES = json.loads((Path(__file__).parent / "vectors/replies.json").read_text())

NUMBER = "1234567890123456"
RECORD = bytes.fromhex("014d0001" + "02032026" + "111213" + NUMBER + "0000012345" + "0100" + "00"
                       + "00000000" + "0000")  # fmt: skip
LOOK = long_poll(1, 0x4D, function=0xFF)
FIRST = [(0, HOST, b"\x80")]
LATER = SHADOW_US // 1000 + 10


def with_crc_of(body):
    crc = 0
    for value in body:
        crc ^= value
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return body + crc.to_bytes(2, "little")


RECORD = with_crc_of(RECORD)


def masked(*heard):
    masker, messages = Masker(), []
    for at_ms, speaker, data in heard:
        messages += masker.feed(Burst(at_ms * 1000, speaker, data, (None,) * len(data)))
    messages += masker.flush()
    return [burst_text(message, ninth_bits=False).split(" ", 1)[1].strip() for message in messages]


def digits_in(lines):
    return any(NUMBER[at : at + 2] in line for line in lines for at in range(0, len(NUMBER), 2))


def test_a_ticket_number_is_masked_where_it_stands_and_its_crc_with_it():
    lines = masked((0, HOST, LOOK), (5, EGM, RECORD))
    assert lines[1] == (
        "egm 01 4D 00 01 02 03 20 26 11 12 13 ** ** ** ** ** ** ** ** 00 00 01 23 45 01 00 00 00 "
        "00 00 00 00 00 ** **  # a secret is masked; the CRC, masked too, was right"
    )
    assert lines[0] == f"host {LOOK.hex(' ').upper()}"


@pytest.mark.parametrize("cut", range(1, len(RECORD)))
def test_a_ticket_number_that_comes_in_two_pieces_is_masked(cut):
    together = masked((0, HOST, LOOK), (5, EGM, RECORD))
    assert masked((0, HOST, LOOK), (5, EGM, RECORD[:cut]), (9, EGM, RECORD[cut:])) == together


@pytest.mark.parametrize("cut", range(1, len(RECORD)))
def test_a_ticket_number_whose_rest_comes_late_is_masked(cut):
    lines = masked((0, HOST, LOOK), (5, EGM, RECORD[:cut]), (99, EGM, RECORD[cut:]))
    assert not digits_in(lines)


@pytest.mark.parametrize("cut", range(11, 19))
def test_a_ticket_number_that_was_half_over_when_the_capture_began_is_masked(cut):
    for speaker in (EGM, UNKNOWN):
        lines = masked((0, speaker, RECORD[cut : cut + 4]), (60, HOST, b"\x81"), (65, EGM, b"\x11"))
        assert not digits_in(lines)
        assert lines[-1] == "egm 11"


def test_half_a_message_waits_for_its_rest():
    masker = Masker()
    masker.feed(Burst(0, HOST, LOOK, (None,) * len(LOOK)))
    for data, pending in ((RECORD[:20], True), (RECORD[20:], False)):
        masker.feed(Burst(5, EGM, data, (None,) * len(data)))
        assert masker.pending is pending


def test_a_damaged_ticket_number_is_masked():
    for place in range(len(RECORD)):
        spoiled = bytearray(RECORD)
        spoiled[place] ^= 0x04
        lines = masked((0, HOST, LOOK), (5, EGM, bytes(spoiled)))
        assert not digits_in(lines[1:])
        assert "masked: it may hold a piece of a secret" in lines[1]


def test_a_damaged_meter_answer_is_shown_once_no_secret_can_be_in_it():
    spoiled = bytes.fromhex("01190045204000861480004130780063449400002062D5CF")
    poll = b"\x01\x19"
    early = masked((0, HOST, poll), (5, EGM, spoiled))
    assert "**" in early[1]
    later = masked((0, HOST, b"\x80"), (LATER, HOST, poll), (LATER + 5, EGM, spoiled))
    assert later[2] == f"egm {spoiled.hex(' ').upper()}"


def test_after_a_whole_answer_nothing_is_held_back():
    good = with_crc_of(bytes.fromhex("011a00010000"))
    spoiled = good[:-1] + b"\x00"
    lines = masked((0, HOST, b"\x01\x1a"), (5, EGM, good), (20, HOST, b"\x01\x1a"),
                   (25, EGM, spoiled))  # fmt: skip
    assert lines[3] == f"egm {spoiled.hex(' ').upper()}"


def test_short_answers_are_shown_although_a_secret_was_asked_for():
    for short in (b"\x01", b"\x81", b"\x01\x00"):
        lines = masked((0, HOST, LOOK), (5, EGM, short), (40, HOST, b"\x81"))
        assert lines[1] == f"egm {short.hex(' ').upper()}"


@pytest.mark.parametrize(
    "row",
    [r for r in REPLIES if int(r["wire"].split()[1], 16) in SECRET_SPANS],
    ids=lambda r: r["name"],
)
def test_every_answer_with_a_secret_is_masked(row):
    wire = bytes.fromhex(row["wire"])
    span = SECRET_SPANS[wire[1]]
    lines = masked((0, HOST, bytes.fromhex(row["poll"])), (5, EGM, wire))
    shown = lines[1].split("  #")[0].split()[1:]
    for at in range(span.start, min(span.stop, len(wire) - 2)):
        if wire[1] != 0x72:  # its answer carries no key
            assert shown[at] == "**"


@given(
    st.lists(st.tuples(st.sampled_from([0x81, 0x82, 0x80]), st.integers(0, 400)), max_size=4),
    st.lists(st.integers(1, len(RECORD) - 1), max_size=4),
    st.integers(0, 8 * len(RECORD) - 1) | st.none(),
    st.lists(st.integers(0, 300), min_size=5, max_size=5),
)
def test_no_pieces_damage_or_delay_bring_two_digit_pairs_of_a_number_out(polls, cuts, flip, gaps):
    """A lone byte after a general poll is an exception, and is told as one."""
    heard, at = [(0, HOST, LOOK)], 0
    record = bytearray(RECORD)
    if flip is not None:
        record[flip // 8] ^= 1 << flip % 8
    ends = [*sorted(set(cuts)), len(record)]
    start = 0
    for end, gap in zip(ends, gaps, strict=False):
        at += gap
        heard.append((at, EGM, bytes(record[start:end])))
        start = end
    for poll, gap in polls:
        at += gap
        heard.append((at, HOST, general_poll(poll & 0x7F) if poll > 0x80 else b"\x80"))
    for line in masked(*heard):
        shown = line.split("  #")[0].split()[2:]
        pairs = [NUMBER[i : i + 2] for i in range(0, len(NUMBER), 2)]
        if line.startswith("egm"):
            assert sum(token in pairs for token in shown) < 2
