"""The machine's side: answers built by the table."""

import pytest

from protocols.sas.errors import RequestError
from protocols.sas.machine import (
    ack,
    build_exception,
    build_multi_denomination_error,
    build_real_time,
    build_reply,
    busy,
    nack,
)
from protocols.sas.polls import long_poll
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import (
    AckReply,
    BusyReply,
    ExceptionReply,
    NackReply,
)


def test_short_answers_have_no_crc():
    assert (ack(5), nack(5), busy(5)) == (b"\x05", b"\x85", b"\x05\x00")
    assert build_exception(5, 0x11) == b"\x11"


def test_a_host_hears_them_as_they_are_meant():
    poll = long_poll(5, 0x01)
    reader = ReplyReader(poll)
    assert reader.feed(ack(5)) is None
    assert reader.end() == AckReply(5, b"\x05")
    assert ReplyReader(poll).feed(nack(5)) == NackReply(5, b"\x85")
    assert ReplyReader(poll).feed(busy(5)) == BusyReply(5, b"\x05\x00")


@pytest.mark.parametrize("build", [ack, nack, busy])
@pytest.mark.parametrize("address", [0, 128])
def test_a_machine_without_an_address_says_nothing(build, address):
    with pytest.raises(RequestError):
        build(address)


def test_meters_are_given_as_pairs_or_with_their_size():
    pairs = build_reply(1, 0x6F, game=0, meters=[(0x00, 5), (0xA0, 7), (0x99, None), (0x1234, 1)])
    sizes = build_reply(
        1, 0x6F, game=0, meters=[(0x00, 5, 4), (0xA0, 7, 5), (0x99, None, 0), (0x1234, 1, 4)]
    )
    assert pairs == sizes
    selected = build_reply(1, 0x2F, game=0, meters=[(0x00, 5), (0xA0, 7)])
    assert selected == build_reply(1, 0x2F, game=0, meters=[(0x00, 5, 4), (0xA0, 7, 5)])


@pytest.mark.parametrize(
    ("command", "values"),
    [
        pytest.param(0xC3, {}, id="no such poll"),
        pytest.param(0x01, {}, id="only acknowledged"),
        pytest.param(0x11, {}, id="field missing"),
        pytest.param(0x11, {"coin_in": 10**8}, id="more digits than it has"),
        pytest.param(0x2F, {"game": 0, "meters": [(0x9E, 1)]}, id="meter without a size"),
        pytest.param(0x2F, {"game": 0, "meters": [(0x00, None)]}, id="2F cannot say not kept"),
        pytest.param(0x2F, {"game": 0, "meters": [(0x00, 1, 5)]}, id="wrong size in 2F"),
        pytest.param(0x6F, {"game": 0, "meters": [(0x00, 1, 10)]}, id="20 digits"),
        pytest.param(0x6F, {"game": 0, "meters": [(1 << 16, 1)]}, id="code of three bytes"),
        pytest.param(0x6F, {"game": 0, "meters": [(0x00,)]}, id="no value"),
        pytest.param(0x54, {"version": "6.02", "serial": ""}, id="long version"),
        pytest.param(0x54, {"version": "602", "serial": "x" * 41}, id="long serial"),
        pytest.param(0x54, {"version": "602", "serial": "\u20ac"}, id="letter of two bytes"),
        pytest.param(0x54, {"version": 602, "serial": ""}, id="number for text"),
        pytest.param(0xB4, {"game": 0, "category": 0, "payback": "9500",
                            "wager_category_coin_in": (1,)}, id="no size"),
        pytest.param(0xB4, {"game": 0, "category": 0, "payback": "9500",
                            "wager_category_coin_in": (1, 10)}, id="size too big"),
        pytest.param(0xB5, {"game": 0, "max_bet": 1, "progressive_group": 0, "level_mask": 0,
                            "game_name": "x" * 21, "paytable_name": "", "wager_categories": 0},
                     id="long name"),
        pytest.param(0x22, {"data": "00" * 256}, id="more than a message holds"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_our_mistake(command, values):
    with pytest.raises(RequestError):
        build_reply(1, command, **values)


def test_what_does_not_fit_under_a_length_byte_is_our_mistake():
    meters = [(code, 1, 9) for code in range(25)]
    with pytest.raises(RequestError):
        build_reply(1, 0x6F, game=0, meters=meters)


def test_an_answer_is_wrapped_as_its_request_was():
    request = long_poll(1, 0x11, denomination=4)
    reply = ReplyReader(request).feed(build_reply(1, 0x11, denomination=4, coin_in=5))
    assert (reply.denomination, reply.command, reply.values) == (4, 0x11, {"coin_in": 5})
    with pytest.raises(RequestError):
        build_reply(1, 0x1A, denomination=4, current_credits=5)


def test_a_wrapped_order_is_acknowledged_inside():
    request = long_poll(1, 0x09, denomination=4, game=1, enable=1)
    answer = build_reply(1, 0x09, denomination=4)
    assert ReplyReader(request).feed(answer) == AckReply(1, answer)


def test_a_wrapped_poll_can_be_refused_with_a_reason():
    request = long_poll(1, 0x11, denomination=9)
    reply = ReplyReader(request).feed(build_multi_denomination_error(1, 9, 4))
    assert (reply.command, reply.denomination, reply.values) == (0xB0, 9, {"error": 4})


def test_an_event_carries_its_data_or_is_our_mistake():
    frame = build_real_time(1, 0x7F, win=1250)
    assert ReplyReader(b"\x81").feed(frame) == ExceptionReply(
        1, 0x7F, {"win": 1250}, real_time=True, raw=frame
    )
    for code, data in ((0x7F, {}), (0x11, {"win": 1}), (0xD4, {"win": 1}), (0x100, {})):
        with pytest.raises(RequestError):
            build_real_time(1, code, **data)


def test_a_reel_may_stop_without_saying_which():
    assert build_real_time(1, 0x88) == bytes.fromhex("01ff885cad")


def test_an_unlisted_event_can_be_sent():
    frame = build_real_time(1, 0xD4, undecoded="beef")
    assert ReplyReader(b"\x81").feed(frame).data == {"undecoded": "beef"}
