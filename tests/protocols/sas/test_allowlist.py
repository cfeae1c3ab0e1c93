"""Promise P1: what may be sent, and that nothing else may."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.sas.allowlist import (
    ANY_LINE,
    FRAME_BYTES_MAX,
    LISTS,
    OWN_LINE,
    OWN_LINE_ADDS,
    allow_list_hash,
    allowed,
)
from protocols.sas.crc import with_crc
from protocols.sas.errors import RequestError
from protocols.sas.polls import SYNC, general_poll, long_poll, parse_request
from protocols.sas.tables.polls import POLLS

BOTH = pytest.mark.parametrize("name", LISTS)
CODES = [0x00, 0x01, 0x05]

READS = [
    SYNC,
    general_poll(1),
    general_poll(127),
    *(long_poll(1, command) for command in (0x0F, 0x11, 0x1A, 0x1F, 0x48, 0x54, 0x7E, 0xB1)),
    long_poll(1, 0x2F, game=0, codes=CODES),
    long_poll(1, 0x2F, game=12, codes=list(range(10))),
    long_poll(1, 0x6F, game=0, codes=CODES),
    long_poll(1, 0xAF, game=0, codes=list(range(12))),
    long_poll(1, 0x52, game=3),
    long_poll(1, 0xA0, game=0),
    long_poll(1, 0xB4, game=1, category=2),
    long_poll(1, 0x4D, function=0xFF),
    long_poll(1, 0x50, validation_type=1),
    long_poll(1, 0x72, transfer_code=0xFF, index=0),
    long_poll(1, 0x72, transfer_code=0xFF, index=42),
    long_poll(1, 0x73, registration_code=0xFF),
    long_poll(1, 0x74, lock_code=0xFF),
    long_poll(1, 0x7B, mask=0, states=0, cashable_expiry=0, restricted_expiry=0),
    long_poll(1, 0x11, denomination=1),
    long_poll(1, 0x2F, denomination=1, game=0, codes=CODES),
    long_poll(1, 0x6F, denomination=1, game=0, codes=list(range(12))),
    long_poll(1, 0xB5, denomination=1, game=2),
]

CHANGES = [
    long_poll(1, 0x01),
    long_poll(1, 0x02),
    long_poll(1, 0x94),
    long_poll(1, 0xA8, method=1),
    long_poll(1, 0x4D, function=0x00),
    long_poll(1, 0x4D, function=0x01),
    long_poll(1, 0x72, transfer_code=0x80),
    long_poll(1, 0x72, transfer_code=0x00, index=0),
    long_poll(1, 0x72, transfer_code=0xFE, index=0),
    long_poll(1, 0x73, registration_code=0x00),
    long_poll(1, 0x73, registration_code=0x80),
    long_poll(1, 0x74, lock_code=0x00, condition=1, lock_timeout=500),
    long_poll(1, 0x74, lock_code=0x80),
    long_poll(1, 0x74, lock_code=0xFF, condition=1),
    long_poll(1, 0x7B, mask=1, states=0, cashable_expiry=0, restricted_expiry=0),
    long_poll(1, 0x7B, mask=0, states=1, cashable_expiry=0, restricted_expiry=0),
    long_poll(1, 0x7B, mask=0, states=0, cashable_expiry=30, restricted_expiry=0),
    long_poll(1, 0x71, transfer_code=0xFF),
    long_poll(1, 0x7F, date="12312025", time="235959"),
    long_poll(0, 0x7F, date="12312025", time="235959"),
    long_poll(0, 0x7B, mask=0, states=0, cashable_expiry=0, restricted_expiry=0),
    long_poll(1, 0x21, seed=1),
    long_poll(1, 0x3D),
    long_poll(1, 0x57),
    long_poll(1, 0x70),
    long_poll(1, 0x84),
    long_poll(1, 0x09, denomination=1, game=1, enable=0),
    with_crc(bytes.fromhex("01 b0 02 01 01")),
    with_crc(bytes.fromhex("01 b0 02 01 b0")),
]

CHANGES_OWN_LINE_MAY_MAKE = [
    long_poll(1, 0x0E, enable=1),
    long_poll(1, 0x0E, enable=0),
    long_poll(1, 0x1B),
]


@BOTH
@pytest.mark.parametrize("frame", READS, ids=bytes.hex)
def test_a_read_may_be_sent_on_every_line(frame, name):
    assert allowed(frame, name)


@BOTH
@pytest.mark.parametrize("frame", CHANGES, ids=bytes.hex)
def test_what_changes_a_machine_may_be_sent_on_no_line(frame, name):
    assert not allowed(frame, name)


@pytest.mark.parametrize("frame", CHANGES_OWN_LINE_MAY_MAKE, ids=bytes.hex)
def test_event_mode_and_the_handpay_need_a_line_of_our_own(frame):
    assert allowed(frame, "own_line")
    assert not allowed(frame, "any_line")


def test_a_line_of_our_own_adds_event_mode_and_the_handpay_and_nothing_else():
    assert set(OWN_LINE) - set(ANY_LINE) == set(OWN_LINE_ADDS)
    assert {row.frame.split()[1] for row in OWN_LINE_ADDS} == {"0E", "1B"}
    assert not allowed(with_crc(b"\x01\x0e\x02"), "own_line")


@BOTH
@pytest.mark.parametrize("frame", READS[3:], ids=bytes.hex)
def test_a_read_that_is_not_exactly_right_may_not_be_sent(frame, name):
    assert not allowed(frame + b"\x00", name)
    assert not allowed(with_crc(frame), name)
    assert not allowed(b"\x80" + frame, name)
    assert not allowed(bytes([0]) + frame[1:], name)
    assert not allowed(bytes([frame[0] | 0x80]) + frame[1:], name)
    if len(frame) > 2:
        assert not allowed(frame[:-1], name)
        assert not allowed(frame[:-2], name)
        for bit in range(8 * (len(frame) - 2), 8 * len(frame)):
            noisy = bytearray(frame)
            noisy[bit // 8] ^= 1 << bit % 8
            assert not allowed(bytes(noisy), name)


@BOTH
def test_nothing_is_sent_for_no_bytes_or_half_a_message(name):
    for frame in (b"", b"\x00", b"\x01", b"\x7f", b"\x00\x00"):
        assert not allowed(frame, name)


def test_a_list_that_does_not_exist_is_a_defect():
    with pytest.raises(RequestError):
        allowed(SYNC, "every_line")


def test_every_pattern_has_its_reason():
    assert all(row.reason and row.frame for row in OWN_LINE)
    assert len({row.frame for row in OWN_LINE}) == len(OWN_LINE)


def test_every_length_of_a_list_of_meters_is_judged():
    for count in range(15):
        codes = bytes(range(count))
        frame = with_crc(bytes([1, 0x2F, 2 + count, 0, 0]) + codes)
        assert allowed(frame, "any_line") is (1 <= count <= 10)
        frame = with_crc(bytes([1, 0x6F, 2 + 2 * count, 0, 0]) + bytes(2 * count))
        assert allowed(frame, "any_line") is (1 <= count <= 12)
    assert not allowed(with_crc(bytes([1, 0x6F, 5, 0, 0, 1, 2, 3])), "any_line")
    assert not allowed(with_crc(bytes([1, 0x2F, 4, 0, 0, 1])), "any_line")


@pytest.mark.parametrize("game", ["000a", "00a0", "0a00", "a000"])
def test_a_game_that_is_no_number_is_asked_for_nowhere(game):
    assert allowed(with_crc(bytes.fromhex("0152" + game.replace("a", "9"))), "any_line")
    assert not allowed(with_crc(bytes.fromhex("0152" + game)), "any_line")
    assert not allowed(with_crc(bytes.fromhex("012f03" + game + "00")), "any_line")


def test_the_hash_changes_with_the_frames():
    assert re.fullmatch("[0-9a-f]{64}", allow_list_hash())
    assert allow_list_hash() == (
        "9a384d0ede41aaa3c4e21f49185c1c4f4ec62d37c4a55b67481462d4ccf4c80e"
    ), "the allow-lists have changed: is every new frame harmless?"


# What the lists may let through, told a second time and in another way.
READ_COMMANDS = {
    *range(0x0F, 0x1B), 0x1C, 0x1E, 0x1F, 0x20, 0x2A, 0x2B, 0x2C, *range(0x31, 0x3D), 0x3E, 0x3F,
    *range(0x40, 0x4B), 0x4F, 0x51, 0x54, 0x55, 0x56, 0x7E, 0x8E, 0x8F, 0xB1, 0xB2, 0xB3,
}  # fmt: skip
GAME_COMMANDS = {0x2D, 0x52, 0x53, 0x83, *range(0x95, 0x9B), 0xA0, 0xA4, 0xB5}
METER_COMMANDS = {0x2F, 0x6F, 0xAF}
IN_B0 = {0x11, 0x12, 0x14, 0x15, 0x16, 0x17, 0x56, 0x2F, 0x6F, 0xAF, 0xB5}


def may_be_sent(request, name):
    """Judge a request by what it asks, not by its bytes."""
    command, values = request.command, request.values
    if request.kind in {"general", "sync"}:
        return True
    if request.kind == "global":
        return False
    if command == 0xB0:
        return request.base in IN_B0 and "data" not in values and (
            request.base == 0xB5 or not values.get("game"))  # fmt: skip
    if command in READ_COMMANDS | GAME_COMMANDS | METER_COMMANDS | {0x50, 0xB4}:
        return True
    if command in {0x0E, 0x1B}:
        return name == "own_line" and values.get("enable", 0) in {0, 1}
    exactly = {
        0x4D: {"function": 0xFF},
        0x72: {"transfer_code": 0xFF, "index": values.get("index")},
        0x73: {"registration_code": 0xFF},
        0x74: {"lock_code": 0xFF, "condition": 0, "lock_timeout": 0},
        0x7B: {"mask": 0, "states": 0, "cashable_expiry": 0, "restricted_expiry": 0},
    }
    return "index" in values if command == 0x72 and values == exactly[0x72] else (
        command in exactly and command != 0x72 and values == exactly[command])  # fmt: skip


@st.composite
def frames(draw):
    """Any of the 256 commands with any body, often with a right length byte and a right CRC."""
    address = draw(st.sampled_from([0, 1, 2, 0x7F, 0x80, 0x81, 0xFF]))
    command = draw(st.one_of(st.integers(0, 255), st.sampled_from(sorted(POLLS))))
    body = draw(
        st.one_of(st.binary(max_size=FRAME_BYTES_MAX), st.sampled_from([b"\xff", b"\xff\x00"]))
    )
    if draw(st.booleans()):
        body = bytes([len(body)]) + body
    if command == 0xB0 and draw(st.booleans()):
        base = draw(st.sampled_from([0x01, 0x09, 0x0E, 0x1B, *sorted(IN_B0)]))
        body = bytes([1, base]) + body
        body = bytes([len(body)]) + body
    frame = bytes([address, command]) + body
    return with_crc(frame) if draw(st.booleans()) else frame


@BOTH
@given(frame=frames())
def test_nothing_passes_but_a_read_whatever_the_bytes(name, frame):
    if allowed(frame, name):
        assert may_be_sent(parse_request(frame), name)


@BOTH
def test_of_all_commands_with_short_bodies_only_reads_pass(name):
    texts = ("", "00", "01", "ff", "0000", "01ff", "0180", "02ff00", "020000", "028000", "00000000",
             "ff000000", "080000000000000000", "03000005", "0400000500")  # fmt: skip
    bodies = [bytes.fromhex(text) for text in texts]
    passed = set()
    for command in range(256):
        for body in bodies:
            for address in (0, 1):
                bare = bytes([address, command]) + body
                for frame in (bare, with_crc(bare)):
                    if allowed(frame, name):
                        assert may_be_sent(parse_request(frame), name)
                        passed.add(command)
    own = {0x0E, 0x1B} if name == "own_line" else set()
    assert passed == (
        READ_COMMANDS | GAME_COMMANDS | METER_COMMANDS | own
        | {0x4D, 0x50, 0x72, 0x73, 0x74, 0x7B, 0xB4}
    )  # fmt: skip
