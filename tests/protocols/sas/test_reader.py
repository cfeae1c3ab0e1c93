"""What a host hears in answer to one poll, from good bytes and from bad ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.sas.crc import with_crc
from protocols.sas.errors import (
    AddressError,
    BcdError,
    CrcError,
    LengthError,
    RequestError,
    UnexpectedError,
    WireError,
)
from protocols.sas.message import MESSAGE_BYTES_MAX
from protocols.sas.polls import SYNC, general_poll, long_poll
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import (
    AckReply,
    BusyReply,
    ExceptionReply,
    IdleReply,
    LongPollReply,
    MeterReading,
    NackReply,
    Reply,
    SilenceReply,
)
from protocols.sas.settings import Dialect
from protocols.sas.tables.polls import POLLS

COIN_IN = long_poll(1, 0x11)
SHUTDOWN = long_poll(1, 0x01)


def wire(text):
    return bytes.fromhex(text)


def crc(text):
    return with_crc(wire(text))


def test_an_idle_machine_says_nothing_to_report():
    reply = ReplyReader(general_poll(1)).feed(b"\x00")
    assert reply == IdleReply(1, b"\x00")


def test_the_obsolete_waiting_for_player_is_idle_too():
    assert ReplyReader(general_poll(1)).feed(b"\x1f") == IdleReply(1, b"\x1f")


def test_an_idle_answer_is_complete_at_once_and_only_once():
    reader = ReplyReader(general_poll(1))
    assert reader.feed(b"\x00") is not None
    with pytest.raises(UnexpectedError):
        reader.feed(b"\x00")
    with pytest.raises(UnexpectedError):
        reader.end()


def test_an_exception_code_nobody_lists_is_a_value():
    assert ReplyReader(general_poll(1)).feed(b"\xd4") == ExceptionReply(1, 0xD4, raw=b"\xd4")


@pytest.mark.parametrize(("address", "code"), [(0x11, 0x11), (1, 0xFF)], ids=["own address", "FF"])
def test_an_exception_that_could_begin_a_frame_waits_for_silence(address, code):
    reader = ReplyReader(general_poll(address))
    assert reader.feed(bytes([code])) is None
    assert reader.end() == ExceptionReply(address, code, raw=bytes([code]))


def test_81_at_address_1_is_hopper_low_or_a_nack_by_what_was_asked():
    reader = ReplyReader(general_poll(1))
    assert reader.feed(b"\x81") is None  # it is the poll, too: an answer may come behind an echo
    assert reader.end() == ExceptionReply(1, 0x81, raw=b"\x81")
    assert ReplyReader(SHUTDOWN).feed(b"\x81") == NackReply(1, b"\x81")


def test_two_bytes_are_no_exception():
    with pytest.raises(LengthError):
        ReplyReader(general_poll(1)).feed(b"\x11\x12")


def test_what_comes_behind_an_echo_of_the_poll_is_told_as_an_echo():
    with pytest.raises(UnexpectedError, match="an echo"):
        ReplyReader(general_poll(1)).feed(b"\x81\x11")
    with pytest.raises(LengthError):
        ReplyReader(general_poll(1)).feed(b"\x11\x81")


def test_an_address_and_a_strange_byte_answer_no_general_poll():
    with pytest.raises(UnexpectedError):
        ReplyReader(general_poll(1)).feed(b"\x01\x11")


@pytest.mark.parametrize("poll", [general_poll(1), COIN_IN, SHUTDOWN, SYNC])
def test_silence_is_a_reply(poll):
    reader = ReplyReader(poll)
    assert reader.feed(b"") is None
    assert reader.end() == SilenceReply(poll[0] & 0x7F)


def test_silence_after_a_general_poll_is_idle_in_real_time_mode():
    assert ReplyReader(general_poll(1), rte=True).end() == IdleReply(1, b"")
    assert ReplyReader(COIN_IN, rte=True).end() == SilenceReply(1)


def test_nobody_may_answer_a_sync_or_a_broadcast():
    for poll in (SYNC, wire("00 7f 12312025 235958 0000")):
        with pytest.raises(UnexpectedError):
            ReplyReader(poll).feed(b"\x00")


def test_an_ack_is_known_by_the_silence_after_it():
    reader = ReplyReader(SHUTDOWN)
    assert reader.feed(b"\x01") is None
    assert reader.end() == AckReply(1, b"\x01")


def test_an_address_alone_is_no_answer_to_a_read():
    reader = ReplyReader(COIN_IN)
    reader.feed(b"\x01")
    with pytest.raises(LengthError):
        reader.end()


@pytest.mark.parametrize("poll", [COIN_IN, SHUTDOWN])
def test_a_busy_machine_is_asked_again_later(poll):
    assert ReplyReader(poll).feed(b"\x01\x00") == BusyReply(1, b"\x01\x00")


@pytest.mark.parametrize("answer", ["81 00", "01 00 00"], ids=["nack", "busy"])
def test_a_short_answer_with_more_behind_it_is_refused(answer):
    with pytest.raises(LengthError):
        ReplyReader(SHUTDOWN).feed(wire(answer))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param("01 11 00012344 01fd", CrcError, id="flipped bit"),
        pytest.param("01 11 0001234a f605", BcdError, id="letter in a digit"),
        pytest.param("02 11 00012345 01fd", AddressError, id="neighbour answered"),
        pytest.param("82", AddressError, id="neighbour refused"),
        pytest.param("01 11 00012345 01fd 00", LengthError, id="one byte too many"),
        pytest.param("01 12 00000000 e3a6", UnexpectedError, id="answer to another poll"),
        pytest.param("01 21 cdab 0000", UnexpectedError, id="signature nobody waits for"),
    ],
)
def test_a_bad_answer_says_what_was_wrong(answer, error):
    with pytest.raises(WireError) as caught:
        ReplyReader(COIN_IN).feed(wire(answer))
    assert caught.type is error
    assert caught.value.raw == wire(answer)


def test_a_reader_that_has_failed_gives_nothing_more():
    reader = ReplyReader(COIN_IN)
    with pytest.raises(AddressError):
        reader.feed(b"\x02")
    with pytest.raises(UnexpectedError):
        reader.feed(b"\x11")
    with pytest.raises(UnexpectedError):
        reader.end()


def test_a_reader_that_has_ended_gives_nothing_more():
    silent = ReplyReader(COIN_IN)
    assert silent.end() == SilenceReply(1)
    with pytest.raises(UnexpectedError, match="ended before"):
        silent.end()
    answered = ReplyReader(COIN_IN)
    assert answered.feed(wire("01 11 00012345 01fd")) is not None
    with pytest.raises(UnexpectedError, match="after the end"):
        answered.feed(b"\x00")
    late = ReplyReader(COIN_IN)
    late.end()
    with pytest.raises(UnexpectedError, match="after the end"):
        late.feed(b"\x01")


def test_a_bad_answer_is_shown_where_no_secret_can_be_in_it():
    with pytest.raises(CrcError, match="01 11 00 01 23 45 01 fe"):
        ReplyReader(COIN_IN).feed(wire("01 11 00012345 01fe"))
    reader = ReplyReader(wire("01 3d"))
    with pytest.raises(WireError) as caught:
        assert reader.feed(wire("01 3d 12345678 00001234 0000")) or reader.end()
    assert "12 34 56 78" not in str(caught.value)


def test_a_refusal_has_the_address_with_its_highest_bit_set():
    poll = long_poll(2, 0x01)
    assert ReplyReader(poll).feed(b"\x82") == NackReply(2, b"\x82")
    with pytest.raises(AddressError):
        ReplyReader(poll).feed(b"\x83")


def test_an_answer_without_zeros_in_front_is_read_where_zeros_may_be():
    answer = wire("01 11 00012345 01fd")
    assert ReplyReader(COIN_IN, dialect=Dialect(leading_zeros=2)).feed(answer) is not None


def test_a_control_poll_has_no_data_answer():
    with pytest.raises(UnexpectedError):
        ReplyReader(SHUTDOWN).feed(crc("01 01 00"))


def test_a_length_byte_that_cannot_be_is_refused_at_once():
    reader = ReplyReader(long_poll(1, 0x54))
    with pytest.raises(LengthError):
        reader.feed(wire("01 54 02"))


def test_meters_come_with_name_code_digits_and_game():
    reply = ReplyReader(long_poll(1, 0x52, game=7)).feed(
        crc("01 52 0007 00000001 00000002 00000003 00000004")
    )
    assert reply.meters == (
        MeterReading("coin_in", 1, 8, 0x00, 7),
        MeterReading("coin_out", 2, 8, 0x01, 7),
        MeterReading("jackpot", 3, 8, 0x02, 7),
        MeterReading("games_played", 4, 8, 0x05, 7),
    )


def test_a_meter_of_a_longer_size_says_so():
    poll = long_poll(1, 0x6F, game=0, codes=[0x00, 0x05])
    reply = ReplyReader(poll).feed(crc("01 6f 0f 0000 0000 07 00000000000123 0500 00"))
    assert reply.meters == (MeterReading("coin_in", 123, 14, 0x00, 0),)


def test_a_meter_with_a_size_byte_of_its_own_is_a_meter_too():
    poll = long_poll(1, 0xB4, game=1, category=2)
    reply = ReplyReader(poll).feed(crc("01 b4 0d 0001 0002 39353030 04 00001234"))
    assert reply.meters == (MeterReading("wager_category_coin_in", 1234, 8, None, 1),)
    reply = ReplyReader(poll).feed(crc("01 b4 09 0001 0002 39353030 00"))
    assert reply.meters == ()


@pytest.mark.parametrize(
    ("poll", "answer"),
    [
        (long_poll(1, 0x52, game=7), "01 52 0008 00000001 00000002 00000003 00000004"),
        (long_poll(1, 0x2F, game=0, codes=[0]), "01 2f 07 0000 05 00000001"),
        (long_poll(1, 0x6F, game=0, codes=[0]), "01 6f 09 0000 0500 04 00000001"),
        (long_poll(1, 0xB4, game=1, category=2), "01 b4 09 0001 0003 39353030 00"),
        (long_poll(1, 0x50, validation_type=1), "01 50 02 00000001 0000000100"),
    ],
    ids=["game", "meter of 2F", "meter of 6F", "category", "validation type"],
)
def test_a_late_answer_to_an_earlier_question_is_no_reading(poll, answer):
    with pytest.raises(UnexpectedError):
        ReplyReader(poll).feed(crc(answer))
    lenient = ReplyReader(poll, dialect=Dialect(echo_checked=False))
    assert isinstance(lenient.feed(crc(answer)), LongPollReply)


def test_a_poll_in_no_table_is_answered_by_what_its_crc_vouches_for():
    reader = ReplyReader(wire("01 c3"))
    assert reader.feed(crc("01 c3 0102")) is None
    assert reader.end() == LongPollReply(1, 0xC3, {"data": "0102"}, raw=crc("01 c3 0102"))
    for bad, error in (("01 c3 e6", LengthError), ("01 c3 01 e6", CrcError)):
        reader = ReplyReader(wire("01 c3"))
        reader.feed(wire(bad))
        with pytest.raises(error):
            reader.end()


def test_a_wrapped_poll_may_be_acknowledged_or_refused():
    poll = long_poll(1, 0x09, denomination=4, game=1, enable=1)
    for last, kind in ((0x01, AckReply), (0x81, NackReply)):
        answer = with_crc(bytes([1, 0xB0, 3, 4, 0x09, last]))
        assert ReplyReader(poll).feed(answer) == kind(1, answer)


@pytest.mark.parametrize("answer", ["01 b0 06 02 11 00000001", "01 b0 06 01 12 00000001"])
def test_a_wrapped_answer_must_be_for_what_was_asked(answer):
    with pytest.raises(UnexpectedError):
        ReplyReader(long_poll(1, 0x11, denomination=1)).feed(crc(answer))


def test_an_unknown_poll_wrapped_is_answered_as_it_came():
    poll = with_crc(wire("01 b0 02 01 c3"))
    reply = ReplyReader(poll).feed(crc("01 b0 04 01 c3 beef"))
    assert (reply.command, reply.denomination, reply.values) == (0xC3, 1, {"data": "beef"})


def test_a_longer_answer_is_read_where_a_site_asks_for_it():
    longer = crc("01 74 25 01000000 ff 00 00 00 00" + "0000000000" * 4 + "00000000 0000 beef")
    poll = long_poll(1, 0x74, lock_code=0xFF)
    with pytest.raises(LengthError):
        ReplyReader(poll).feed(longer)
    reply = ReplyReader(poll, dialect=Dialect(longer_answers=True)).feed(longer)
    assert (reply.values["asset"], reply.values["undecoded"]) == (1, "beef")


def test_variants_can_be_refused():
    frame = crc("01 1f 14 4142 434445 01 ff 03 a55a 503132333435 39353132")
    assert ReplyReader(long_poll(1, 0x1F)).feed(frame).values["game_id"] == "AB"
    with pytest.raises(LengthError):
        ReplyReader(long_poll(1, 0x1F), dialect=Dialect(variants=False)).feed(frame)


def test_zeros_in_front_are_skipped_only_as_many_as_a_site_says():
    answer = b"\x00\x00" + wire("01 11 00012345 01fd")
    assert ReplyReader(COIN_IN, dialect=Dialect(leading_zeros=2)).feed(answer) is not None
    with pytest.raises(AddressError):
        ReplyReader(COIN_IN, dialect=Dialect(leading_zeros=1)).feed(answer)
    reader = ReplyReader(COIN_IN, dialect=Dialect(leading_zeros=2))
    assert reader.feed(b"\x00") is None
    with pytest.raises(LengthError):
        reader.end()


def test_an_answer_longer_than_any_message_is_refused():
    reader = ReplyReader(wire("01 c3"))
    assert reader.feed(wire("01 c3") + bytes(MESSAGE_BYTES_MAX - 2)) is None
    with pytest.raises(LengthError):
        reader.feed(b"\x00")


def test_a_poll_that_says_nothing_to_compare_with_takes_any_answer():
    answer = crc("01 52 0008 00000001 00000002 00000003 00000004")
    assert ReplyReader(b"\x01\x52").feed(answer).values["game"] == 8


def test_a_wrapped_answer_for_another_game_is_taken_where_a_site_asks_for_it():
    poll = long_poll(1, 0xB5, denomination=1, game=2)
    answer = crc("01 b0 14 01 b5 11 0003 0300 07 03000000 03 466f6f 01 50 0002")
    with pytest.raises(UnexpectedError):
        ReplyReader(poll).feed(answer)
    lenient = ReplyReader(poll, dialect=Dialect(echo_checked=False))
    assert lenient.feed(answer).values["game"] == 3


@pytest.mark.parametrize("poll", [b"", b"\x01", b"\x81\x11"])
def test_what_is_no_poll_has_no_reader(poll):
    with pytest.raises(RequestError):
        ReplyReader(poll)


POLLS_TO_ANSWER = [
    SYNC,
    *(general_poll(address) for address in (1, 0x11, 0x21, 0x7F)),
    *(bytes([1, command]) for command in POLLS),
    wire("01 c3"),
    long_poll(1, 0x2F, game=0, codes=[0, 1]),
    long_poll(1, 0x6F, game=0, codes=[0, 1]),
    long_poll(1, 0x11, denomination=1),
]


@st.composite
def answers(draw):
    """A poll, and bytes like an answer: random ones, often begun or ended as they should be."""
    poll = draw(st.sampled_from(POLLS_TO_ANSWER))
    body = draw(st.binary(max_size=300))
    if draw(st.booleans()):
        front = bytes([poll[0] & 0x7F]) + poll[1:2]
        body = front + bytes([len(body) % 256]) * draw(st.integers(0, 1)) + body
    if draw(st.booleans()):
        body = with_crc(body)
    return poll, body


DIALECTS = st.builds(
    Dialect,
    leading_zeros=st.integers(0, 3),
    longer_answers=st.booleans(),
    echo_checked=st.booleans(),
    variants=st.booleans(),
    reel_stop_without_data=st.booleans(),
)


@given(answers(), st.lists(st.integers(1, 40), min_size=1), DIALECTS, st.booleans())
def test_any_bytes_in_any_pieces_give_a_reply_or_a_wire_error(case, cuts, dialect, rte):
    poll, body = case
    reader = ReplyReader(poll, rte=rte, dialect=dialect)
    at, turn = 0, 0
    reply = None
    try:
        while reply is None and at < len(body):
            step = cuts[turn % len(cuts)]
            reply = reader.feed(body[at : at + step])
            at, turn = at + step, turn + 1
            assert len(reader._buffer) <= MESSAGE_BYTES_MAX
        reply = reply if reply is not None else reader.end()
    except WireError as error:
        assert error.reason  # noqa: PT017 - whatever is raised is one of ours, with a reason
        return
    assert isinstance(reply, Reply)
    assert reply.address == poll[0] & 0x7F
