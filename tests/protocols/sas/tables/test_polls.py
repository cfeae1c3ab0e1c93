"""The poll table as a whole: what the rows have in common."""

import pytest

from protocols.sas.tables.evidence import Confidence, Source
from protocols.sas.tables.polls import POLLS, POLLS_BY_NAME, poll_text
from protocols.sas.tables.rows import PollRow

EVERY_ROW = pytest.mark.parametrize("row", POLLS.values(), ids=lambda row: row.name)

SECTIONS = (
    "01 02 03 04 05 06 07 08 09 0A 0B 0E 2E 94 A8 AA 7F "
    "0F 10 11 12 13 14 15 16 17 18 19 1A 1C 1E 20 2A 2B 2C 2D 2F 31 32 33 34 35 36 37 38 39 3A 3B "
    "3C 3E 3F 40 41 42 43 44 45 46 47 48 49 4A 52 6F AF 9A 8F 8E 1D 22 23 24 25 26 27 28 62 63 64 "
    "65 66 67 68 69 6A 6B "
    "1F 51 53 54 55 56 7E A0 A4 B1 B2 B3 B4 B5 B6 B7 4F 21 6E "
    "1B 80 86 83 84 85 87 8A 8B 8C 90 95 96 97 98 99 7A 5D "
    "3D 4C 4D 50 57 58 70 71 7B 7C 7D 75 76 72 73 74 B0"
)

TOTALS = {  # command: bytes of the whole answer, where it is fixed
    0x0F: 28, 0x10: 8, 0x18: 8, 0x19: 24, 0x1B: 24, 0x1C: 36, 0x1E: 28, 0x1F: 24, 0x2D: 10,
    0x48: 10, 0x52: 22, 0x53: 26, 0x8E: 10, 0x8F: 13, 0x9A: 18, 0xA0: 12, 0x4D: 35,
}  # fmt: skip

REQUEST_TOTALS = {
    0x01: 4, 0x08: 9, 0x09: 7, 0x0E: 5, 0x2E: 6, 0x7F: 11, 0xA8: 5, 0x21: 6, 0x80: 11, 0x8A: 9,
    0x8B: 15, 0x8C: 13, 0x4C: 10, 0x4D: 5, 0x50: 5, 0x58: 13, 0xA0: 6, 0xB4: 8, 0x74: 8,
}  # fmt: skip


def test_every_poll_that_is_known_has_a_row():
    assert POLLS.keys() == {int(word, 16) for word in SECTIONS.split()}


@pytest.mark.parametrize(("command", "total"), TOTALS.items())
def test_an_answer_is_as_long_as_it_is_known_to_be(command, total):
    reply = POLLS[command].reply
    assert reply.fixed
    assert 4 + reply.low == total


@pytest.mark.parametrize(("command", "total"), REQUEST_TOTALS.items())
def test_a_request_is_as_long_as_it_is_known_to_be(command, total):
    assert 4 + POLLS[command].request.low == total


def test_length_bytes_are_within_their_known_bounds():
    for command, low, high in ((0x2F, 3, 0x0C), (0x6F, 4, 0x1A), (0xAF, 4, 0x1A), (0x86, 7, 0xC1)):
        request = POLLS[command].request
        assert (request.low, request.high) == (low, high)
    for command, high in ((0x74, 0x23), (0x73, 0x1D), (0x7B, 0x0A), (0x4F, 0x06), (0x54, 43)):
        assert POLLS[command].reply.high == high


@EVERY_ROW
def test_a_row_says_what_it_is_and_how_sure_that_is(row):
    assert row.meaning
    assert POLLS_BY_NAME[row.name] is row
    assert isinstance(row.confidence, Confidence)
    assert isinstance(row.source, Source)
    assert set(row.kind) <= set("RSMG/")


@EVERY_ROW
def test_a_row_says_what_silence_nack_and_busy_mean(row):
    assert "not supported" in row.silence
    assert "refused" in row.nack if row.kind == "R" else "wrong" in row.nack
    assert "later" in row.busy


@EVERY_ROW
def test_a_read_has_no_data_and_everything_else_a_crc(row):
    assert row.has_crc is (row.kind != "R")
    if row.kind == "R":
        assert not row.request.fields
        assert row.reply is not None


@EVERY_ROW
def test_a_poll_by_game_begins_with_the_game(row):
    if "M" in row.kind and row.command != 0xB0:
        assert row.request.fields[0].name == "game"


def test_what_b0_may_wrap_is_what_is_said_to_be_aware():
    aware = {row.command for row in POLLS.values() if row.multi_denomination}
    assert aware == {0x09, 0x11, 0x12, *range(0x14, 0x18), 0x2F, 0x56, 0x6F, 0xAF, 0xB5}


def test_a_poll_is_named_or_shown_as_hex():
    assert poll_text(0x11) == "coin in"
    assert poll_text(0xC3) == "poll C3"


def test_a_row_cannot_be_changed():
    with pytest.raises(AttributeError):
        POLLS[0x11].name = "other"
    assert isinstance(POLLS[0x11], PollRow)
