"""What a host hears unasked: real-time events and signatures, in answer to any poll."""

import pytest

from protocols.sas.crc import with_crc
from protocols.sas.errors import CrcError, LengthError, WireError
from protocols.sas.polls import general_poll, long_poll
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import ExceptionReply, SignatureReply
from protocols.sas.settings import Dialect

COIN_IN = long_poll(1, 0x11)


def wire(text):
    return bytes.fromhex(text)


def crc(text):
    return with_crc(wire(text))


@pytest.mark.parametrize("poll", [general_poll(1), COIN_IN])
def test_an_unlisted_event_is_a_value_with_whatever_it_carries(poll):
    reply = ReplyReader(poll).feed(crc("01 ff d4"))
    assert reply == ExceptionReply(1, 0xD4, real_time=True, raw=crc("01 ff d4"))
    reply = ReplyReader(poll).feed(crc("01 ff d4 1234"))
    assert reply.data == {"undecoded": "1234"}


def test_an_unlisted_event_must_end_with_its_crc():
    reader = ReplyReader(COIN_IN)
    assert reader.feed(wire("01 ff d4 12 34")) is None
    with pytest.raises(CrcError):
        reader.end()
    reader = ReplyReader(COIN_IN)
    assert reader.feed(wire("01 ff d4")) is None
    with pytest.raises(LengthError):
        reader.end()


@pytest.mark.parametrize("cut", ["01 ff", "01 ff 11", "01 ff 4f 37 04"])
def test_an_event_that_is_cut_short_is_refused(cut):
    reader = ReplyReader(general_poll(1))
    assert reader.feed(wire(cut)) is None
    with pytest.raises(LengthError):
        reader.end()


def test_a_reel_may_stop_without_saying_which():
    bare = wire("01ff885cad")
    assert ReplyReader(COIN_IN).feed(bare) == ExceptionReply(1, 0x88, real_time=True, raw=bare)
    strict = ReplyReader(COIN_IN, dialect=Dialect(reel_stop_without_data=False))
    assert strict.feed(bare) is None
    with pytest.raises(LengthError):
        strict.end()


def bare_reel_stop_that_looks_like_a_reel():
    address = next(a for a in range(1, 128) if 1 <= with_crc(bytes([a, 0xFF, 0x88]))[3] <= 9)
    return address, with_crc(bytes([address, 0xFF, 0x88]))


def test_a_crc_that_looks_like_a_reel_waits_for_silence():
    address, bare = bare_reel_stop_that_looks_like_a_reel()
    reader = ReplyReader(general_poll(address))
    assert reader.feed(bare) is None
    assert reader.end() == ExceptionReply(address, 0x88, real_time=True, raw=bare)


def test_a_crc_that_looks_like_no_reel_ends_at_once():
    bare = crc("6f ff 88")
    assert bare[3] == 10
    reply = ReplyReader(general_poll(0x6F)).feed(bare)
    assert reply == ExceptionReply(0x6F, 0x88, real_time=True, raw=bare)


@pytest.mark.parametrize(
    ("cut", "reason"),
    [
        ("01 ff", "cut short: a real-time event without a code"),
        ("01 ff 11", "cut short: 3 of 5 bytes"),
        ("01 ff 11 14", "cut short: 4 of 5 bytes"),
        ("01 ff d4 00", "cut short after 4 bytes"),
    ],
)
def test_a_cut_event_says_how_far_it_came(cut, reason):
    reader = ReplyReader(general_poll(1))
    reader.feed(wire(cut))
    with pytest.raises(LengthError) as caught:
        reader.end()
    assert caught.value.reason == reason


def test_a_signature_answers_a_general_poll():
    frame = crc("01 21 cdab")
    assert ReplyReader(general_poll(1)).feed(frame) == SignatureReply(1, 0xABCD, frame)


def test_a_signature_answers_any_poll_in_real_time_mode():
    frame = crc("01 21 cdab")
    assert ReplyReader(COIN_IN, rte=True).feed(frame) == SignatureReply(1, 0xABCD, frame)


@pytest.mark.parametrize("spoiled", ["01 21 cd", "01 21 cdab 0000", "01 21 cdab 000000"])
def test_a_spoiled_signature_is_refused(spoiled):
    reader = ReplyReader(general_poll(1))
    with pytest.raises(WireError):
        assert reader.feed(wire(spoiled)) or reader.end()
