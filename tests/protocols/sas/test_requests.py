"""What a machine hears: requests cut out of a stream that may hold anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.sas.crc import with_crc
from protocols.sas.errors import CrcError, LengthError, UnexpectedError, WireError
from protocols.sas.message import MESSAGE_BYTES_MAX
from protocols.sas.polls import SYNC, Request, general_poll, long_poll, parse_request
from protocols.sas.requests import RequestReader
from protocols.sas.symbols import from_host, joined
from protocols.sas.tables.polls import POLLS

METERS = long_poll(1, 0x6F, game=0, codes=[0, 5])
CONVERSATION = [SYNC, general_poll(1), long_poll(1, 0x11), METERS, long_poll(1, 0x01)]


def requests(heard):
    return [item for item in heard if isinstance(item, Request)]


def test_a_conversation_in_one_burst_is_cut_without_the_ninth_bit():
    heard = RequestReader().feed(b"".join(CONVERSATION))
    assert heard == [parse_request(message) for message in CONVERSATION]


def test_a_conversation_in_one_burst_is_cut_with_the_ninth_bit():
    stream = joined(from_host(message) for message in CONVERSATION)
    heard = RequestReader().feed(*stream)
    assert heard == [parse_request(message) for message in CONVERSATION]


def test_a_wakeup_byte_ends_a_message_that_was_cut_short():
    stream = joined([from_host(METERS[:4]), from_host(general_poll(1))])
    first, second = RequestReader().feed(*stream)
    assert isinstance(first, LengthError)
    assert second == parse_request(general_poll(1))


def test_a_quiet_line_ends_a_message_that_was_cut_short():
    reader = RequestReader()
    assert reader.feed(METERS[:4]) == []
    assert reader.pending == METERS[:4]
    (error,) = reader.reset()
    assert isinstance(error, LengthError)
    assert reader.reset() == []
    assert reader.feed(METERS) == [parse_request(METERS)]


def test_bytes_without_an_address_are_told_once_and_skipped():
    stray = (b"\x03\xa6", [False, False])
    reader = RequestReader()
    (error,) = reader.feed(*stray)
    assert isinstance(error, UnexpectedError)
    assert requests(reader.feed(*from_host(long_poll(1, 0x1A)))) == [
        parse_request(long_poll(1, 0x1A))
    ]


def test_a_crc_behind_a_read_does_not_hide_the_next_poll():
    reader = RequestReader()
    heard = reader.feed(b"\x01\x1a\x03\xa6", [True, False, False, False])
    heard += reader.feed(general_poll(1), [True])
    assert requests(heard) == [parse_request(b"\x01\x1a"), parse_request(general_poll(1))]


def test_a_damaged_request_is_an_error_and_the_next_is_heard():
    damaged = METERS[:-1] + bytes([METERS[-1] ^ 1])
    error, request = RequestReader().feed(damaged + SYNC)
    assert isinstance(error, CrcError)
    assert request == parse_request(SYNC)


@pytest.mark.parametrize("wakeup", [True, False], ids=["ninth bit", "no ninth bit"])
def test_a_poll_in_no_table_ends_where_its_crc_fits(wakeup):
    message = with_crc(b"\x01\xc3\x01\x02")
    reader = RequestReader()
    heard = reader.feed(*from_host(message)) if wakeup else reader.feed(message)
    assert heard == [parse_request(message)]
    assert (heard[0].command, heard[0].values) == (0xC3, {"data": "0102"})


def test_a_poll_in_no_table_without_data_ends_with_silence():
    reader = RequestReader()
    assert reader.feed(b"\x01\xc3") == []
    assert reader.reset() == [parse_request(b"\x01\xc3")]


def test_an_address_alone_is_cut_short():
    reader = RequestReader()
    assert reader.feed(b"\x01") == []
    assert isinstance(reader.reset()[0], LengthError)


def test_a_message_without_an_end_is_given_up():
    reader = RequestReader()
    heard = reader.feed(b"\x01\xc3" + bytes(2 * MESSAGE_BYTES_MAX))
    assert [type(item) for item in heard] == [LengthError]
    assert reader.pending == b""
    reader.reset()
    assert reader.feed(SYNC) == [parse_request(SYNC)]


WORDS = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(CONVERSATION),
    st.builds(lambda command: with_crc(bytes([1, command])), st.sampled_from(sorted(POLLS))),
)
STREAMS = st.lists(WORDS, max_size=30).map(b"".join)


@given(STREAMS, st.lists(st.integers(1, 20), min_size=1), st.data())
def test_any_bytes_in_any_pieces_give_requests_or_wire_errors(stream, cuts, data):
    known = data.draw(st.booleans())
    reader = RequestReader()
    at, turn = 0, 0
    while at < len(stream):
        piece = stream[at : at + cuts[turn % len(cuts)]]
        bits = data.draw(st.tuples(*[st.booleans()] * len(piece))) if known else None
        for item in reader.feed(piece, bits):
            assert isinstance(item, Request | WireError)
        assert len(reader.pending) <= MESSAGE_BYTES_MAX
        at, turn = at + len(piece), turn + 1
    assert all(isinstance(item, Request | WireError) for item in reader.reset())
    assert reader.feed(METERS) == [parse_request(METERS)]


@given(STREAMS)
def test_the_next_wakeup_byte_puts_a_machine_back_in_step(junk):
    reader = RequestReader()
    reader.feed(junk)
    heard = reader.feed(*from_host(METERS))
    assert heard[-1] == parse_request(METERS)
