"""Requests from the host's side: built by the table, and read when another host sends them."""

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
from protocols.sas.polls import SYNC, Request, general_poll, long_poll, parse_request
from protocols.sas.tables.polls import POLLS


def test_a_general_poll_is_the_address_with_bit_7_set():
    assert general_poll(1) == b"\x81"
    assert general_poll(127) == b"\xff"
    assert parse_request(b"\x81") == Request("general", 1, raw=b"\x81")


def test_a_poll_to_nobody_syncs():
    assert SYNC == b"\x80"
    assert parse_request(SYNC) == Request("sync", 0, raw=SYNC)


@pytest.mark.parametrize("address", [0, 128, -1, 255])
def test_only_addresses_1_to_127_are_polled(address):
    with pytest.raises(RequestError):
        general_poll(address)
    with pytest.raises(RequestError):
        long_poll(address, 0x11)


def test_a_broadcast_says_so():
    request = parse_request(long_poll(0, 0x7F, date="12312025", time="235959"))
    assert (request.kind, request.address, request.command) == ("global", 0, 0x7F)


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        pytest.param(0xC3, {}, id="no such poll"),
        pytest.param(0x52, {}, id="field missing"),
        pytest.param(0x11, {"game": 1}, id="field that it does not have"),
        pytest.param(0x52, {"game": 10_000}, id="number too big"),
        pytest.param(0x52, {"game": -1}, id="number below zero"),
        pytest.param(0x52, {"game": "1"}, id="text for a number"),
        pytest.param(0x2F, {"game": 0, "codes": []}, id="no code"),
        pytest.param(0x2F, {"game": 0, "codes": [0] * 11}, id="eleven codes"),
        pytest.param(0x2F, {"game": 0, "codes": [256]}, id="code of two bytes in 2F"),
        pytest.param(0x2F, {"game": 0, "codes": 5}, id="no list"),
        pytest.param(0x6F, {"game": 0, "codes": [0] * 13}, id="thirteen codes"),
        pytest.param(0x7F, {"date": "1231", "time": "235959"}, id="short date"),
        pytest.param(0x7F, {"date": "12312025", "time": "23:59Z"}, id="letters in a time"),
        pytest.param(0x2E, {"delay": 65536}, id="binary too big"),
        pytest.param(0x4C, {"validation_id": 1 << 24, "sequence": 0}, id="secret too big"),
        pytest.param(0x58, {"system_id": 1, "validation_number": 10**16}, id="long number"),
        pytest.param(0x8B, {"data": "00"}, id="hex too short"),
        pytest.param(0x8B, {"data": "zz"}, id="no hex"),
        pytest.param(0x86, {"progressive_group": 1, "levels": [5]}, id="no mapping"),
        pytest.param(0x86, {"progressive_group": 1, "levels": []}, id="no level"),
        pytest.param(0x72, {"transfer_code": 0xFF, "transfer_type": 0}, id="tail without its head"),
    ],
)
def test_what_cannot_be_asked_is_our_mistake(command, fields):
    with pytest.raises(RequestError):
        long_poll(1, command, **fields)


def test_a_mistake_with_a_ticket_number_does_not_show_it():
    with pytest.raises(RequestError) as caught:
        long_poll(1, 0x58, system_id=1, validation_number=12345678901234567)
    assert "12345" not in str(caught.value)
    with pytest.raises(RequestError) as caught:
        long_poll(1, 0x4C, validation_id=987654321, sequence=0)
    assert "98765" not in str(caught.value)


def test_a_poll_that_is_not_for_all_may_not_go_to_all():
    with pytest.raises(RequestError):
        long_poll(0, 0x01)


@pytest.mark.parametrize("command", [0x01, 0x1A])
def test_what_b0_cannot_wrap_is_not_wrapped(command):
    with pytest.raises(RequestError):
        long_poll(1, command, denomination=1)


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        pytest.param("", LengthError, id="nothing"),
        pytest.param("01", LengthError, id="address alone"),
        pytest.param("81 11", AddressError, id="general poll in front"),
        pytest.param("01 00", UnexpectedError, id="busy is no command"),
        pytest.param("01 ff", UnexpectedError, id="an event is no command"),
        pytest.param("01 01", LengthError, id="control poll without CRC"),
        pytest.param("01 11 00", LengthError, id="read with a byte behind"),
        pytest.param("01 52 0001 0000", CrcError, id="wrong CRC"),
        pytest.param("01 c3 0102 0000", CrcError, id="unknown poll, wrong CRC"),
    ],
)
def test_what_is_no_request_is_refused(frame, error):
    with pytest.raises(WireError) as caught:
        parse_request(bytes.fromhex(frame))
    assert caught.type is error
    assert caught.value.raw == bytes.fromhex(frame)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param("01 52 000a", BcdError, id="letter in a game number"),
        pytest.param("01 2f 06 0000 00 01", LengthError, id="length byte too big"),
        pytest.param("01 2f 02 0000", LengthError, id="no code"),
        pytest.param("01 6f 05 0000 000001", LengthError, id="half a code"),
        pytest.param("00 52 0001", UnexpectedError, id="not for all"),
        pytest.param("01 b0 04 01 2f 01 00", LengthError, id="wrapped, but not whole"),
    ],
)
def test_a_good_crc_does_not_save_a_bad_request(body, error):
    frame = with_crc(bytes.fromhex(body))
    with pytest.raises(WireError) as caught:
        parse_request(frame)
    assert caught.type is error


def test_what_b0_should_not_wrap_is_read_as_hex():
    request = parse_request(with_crc(bytes.fromhex("01 b0 03 01 52 00")))
    assert (request.base, request.values) == (0x52, {"data": "00"})


def test_a_poll_in_no_table_is_a_value():
    assert parse_request(b"\x01\xc3") == Request("long", 1, 0xC3, raw=b"\x01\xc3")
    frame = with_crc(b"\x01\xc3\xbe\xef")
    assert parse_request(frame) == Request("long", 1, 0xC3, {"data": "beef"}, raw=frame)


@given(st.binary(max_size=80), st.booleans(), st.sampled_from([*POLLS, 0xC3]), st.booleans())
def test_any_bytes_are_a_request_or_a_wire_error(body, good, command, long):
    frame = bytes([1, command]) + body if long else body
    frame = with_crc(frame) if good else frame
    try:
        request = parse_request(frame)
    except WireError as error:
        assert error.raw == frame  # noqa: PT017 - whatever is raised is one of ours
        return
    assert request.raw == frame


@given(st.data())
def test_what_is_read_is_written_again(data):
    command = data.draw(st.sampled_from([c for c, row in POLLS.items() if row.kind != "R/S"]))
    body = data.draw(st.binary(max_size=60))
    row = POLLS[command]
    if row.request.length_byte:
        body = bytes([len(body)]) + body
    frame = with_crc(bytes([1, command]) + body) if row.has_crc else bytes([1, command])
    try:
        request = parse_request(frame)
    except WireError:
        return
    if command == 0xB0:
        return
    again = long_poll(1, command, **request.values)
    assert parse_request(again).values == request.values
