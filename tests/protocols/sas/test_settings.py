"""What is uncertain is a setting, and each setting does what it says."""

import pytest

from protocols.sas.errors import RequestError
from protocols.sas.machine import build_reply
from protocols.sas.polls import long_poll, parse_request
from protocols.sas.reader import ReplyReader
from protocols.sas.requests import RequestReader
from protocols.sas.settings import STANDARD, UNCERTAIN, Dialect, may_be_global, poll_row
from protocols.sas.tables.evidence import Confidence
from protocols.sas.tables.polls import POLLS


def test_the_standard_dialect_is_the_table():
    assert all(poll_row(command) is row for command, row in POLLS.items())
    assert poll_row(0xC3) is None


def test_every_poll_of_weak_evidence_is_a_setting_or_has_no_layout():
    weak = {row.command for row in POLLS.values() if row.confidence is Confidence.LOW}
    opaque = {row.command for row in POLLS.values() if row.kind == "R/S"} | {0x69}
    assert weak - opaque <= UNCERTAIN


@pytest.mark.parametrize("command", sorted(UNCERTAIN))
def test_an_uncertain_layout_can_be_read_as_hex(command):
    dialect = Dialect(opaque=frozenset(UNCERTAIN))
    row = poll_row(command, dialect)
    for layout in (row.request, row.reply):
        if layout is not None and layout.fields:
            assert layout.names == {"data"}
    assert poll_row(0x11, dialect) is POLLS[0x11]


@pytest.mark.parametrize("command", [0x7A, 0xB6, 0xB7, 0x75, 0x76])
def test_an_uncertain_length_byte_can_be_left_out(command):
    dialect = Dialect(without_length_byte=frozenset(UNCERTAIN))
    assert long_poll(1, command, data="0102")[2:5] == b"\x02\x01\x02"
    bare = long_poll(1, command, dialect=dialect, data="0102")
    assert bare[2:4] == b"\x01\x02"
    assert parse_request(bare, dialect).values == {"data": "0102"}
    assert RequestReader(dialect).feed(bare) == [parse_request(bare, dialect)]


def test_an_uncertain_answer_is_read_and_written_the_same_way():
    dialect = Dialect(opaque=frozenset({0x5D}), without_length_byte=frozenset({0x5D}))
    frame = build_reply(1, 0x5D, dialect=dialect, data="c0ffee")
    reader = ReplyReader(long_poll(1, 0x5D), dialect=dialect)
    assert reader.feed(frame) is None
    assert reader.end().values == {"data": "c0ffee"}


def test_the_number_of_extended_meters_is_a_setting():
    codes = list(range(12))
    assert len(long_poll(1, 0x6F, game=0, codes=codes)) == 31
    with pytest.raises(RequestError):
        long_poll(1, 0xAF, dialect=Dialect(extended_codes_max=10), game=0, codes=codes[:11])
    assert long_poll(1, 0x6F, dialect=Dialect(extended_codes_max=10), game=0, codes=codes[:10])


def test_which_polls_may_be_global_is_a_setting():
    table = {0x75, 0x76, 0x7A, 0x7B, 0x7C, 0x7D, 0x7F, 0x80, 0x86}
    assert {command for command in range(256) if may_be_global(command)} == table | {0x4C}
    strict, loose = Dialect(more_globals=frozenset()), Dialect(more_globals=frozenset({0x01}))
    assert not may_be_global(0x4C, strict)
    assert long_poll(0, 0x01, dialect=loose)[:2] == b"\x00\x01"
    assert parse_request(long_poll(0, 0x01, dialect=loose), loose).kind == "global"


def test_a_dialect_can_be_compared_and_kept():
    assert Dialect() == STANDARD
    assert hash(Dialect()) == hash(STANDARD)
