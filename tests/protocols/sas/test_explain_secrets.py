"""A frame with a secret that the line has damaged: no explanation of it shows the secret."""

from itertools import combinations

import pytest

from protocols.sas.capture import Burst, Speaker
from protocols.sas.crc import with_crc
from protocols.sas.explain import Conversation, explain
from protocols.sas.machine import build_reply
from protocols.sas.polls import general_poll, long_poll
from protocols.sas.secrets import SECRET_SPANS

TICKET = {"amount_cents": 1, "validation_number": 987654321987654321}
KEY = "c0ffee" * 6 + "c0ff"
FRAMES = [
    build_reply(1, 0x3D, validation_number=98765432, amount_cents=1),
    long_poll(1, 0x4C, validation_id=0xC3B2A1, sequence=0x998877),
    build_reply(
        1, 0x4D, validation_type=0, index=1, date="07122020", time="021501", amount_cents=1,
        validation_number=9876543219876543, ticket_number=1, system_id=1,
    ),
    long_poll(1, 0x58, system_id=1, validation_number=9876543219876543),
    build_reply(1, 0x70, status=0, **TICKET),
    long_poll(1, 0x71, transfer_code=0, **TICKET),
    build_reply(1, 0x71, status=0, **TICKET),
    long_poll(
        1, 0x72, transfer_code=0, index=0, transfer_type=0, cashable_cents=1, restricted_cents=0,
        nonrestricted_cents=0, flags=0, asset=1, key=KEY, transaction_id="AB", receipt_data="",
    ),
    long_poll(1, 0x73, registration_code=1, asset=1, key=KEY, pos_id=1),
    build_reply(1, 0x73, registration_status=1, asset=1, key=KEY, pos_id=1),
]  # fmt: skip
all_frames = pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame[:3].hex())


def flipped(frame, bits):
    noisy = bytearray(frame)
    for bit in bits:
        noisy[bit // 8] ^= 1 << bit % 8
    return bytes(noisy)


def explanations(data):
    """What is said of it: by itself, and after a poll that a person typed before it."""
    for speaker in Speaker:
        yield explain(data, speaker)
        for poll in (general_poll(1), b"\x01\x1a", b"\x01\x48"):
            conversation = Conversation()
            conversation.hear(Burst(0, Speaker.HOST, poll, (None,) * len(poll)))
            yield conversation.hear(Burst(0, speaker, data, (None,) * len(data)))


def shown_of(found, secret):
    """How many bytes of the secret stand there for everybody to see."""
    return len(set(secret) - set(found.hidden))


@all_frames
def test_one_or_two_flipped_bits_of_the_header_do_not_uncover_a_secret(frame):
    span = SECRET_SPANS[frame[1]]
    header = [(bit,) for bit in range(8 * (3 if not span.total else 2))]
    command = combinations(range(8, 16), 2)
    for bits in (*header, *command):
        noisy = flipped(frame, bits)
        for found in explanations(noisy):
            assert shown_of(found, range(span.start, span.stop)) == 0, noisy.hex()
            assert found.fields == () or any(f.value == "**" for f in found.fields), noisy.hex()


@all_frames
def test_a_frame_cut_short_with_a_flipped_bit_shows_next_to_nothing_of_its_secret(frame):
    span = SECRET_SPANS[frame[1]]
    for length in range(span.start + 3, len(frame)):
        for bit in range(8, 16):
            for speaker in Speaker:
                found = explain(flipped(frame, (bit,))[:length], speaker)
                assert shown_of(found, range(span.start, min(span.stop, length))) <= 2


@all_frames
def test_a_frame_one_byte_too_long_or_too_short_hides_its_secret_with_a_right_crc_too(frame):
    span = SECRET_SPANS[frame[1]]
    for body in (frame[:-3], frame[:-2] + b"\x55", frame[:2] + frame[3:-2]):
        for data in (with_crc(body), body + b"\x12\x34"):
            for found in explanations(data):
                shifted = range(span.start - (len(body) == len(frame) - 3), span.stop - 1)
                assert shown_of(found, shifted) <= 1, data.hex()


@pytest.mark.parametrize(
    "body",
    ["0111 00001234", "0115 00001234", "0146 00001234", "010F" + 48 * "0", "0152" + 36 * "0"],
)
def test_a_damaged_answer_that_can_hold_no_secret_is_shown_for_the_technician(body):
    good = with_crc(bytes.fromhex(body))
    found = explain(flipped(good, (8 * len(good) - 1,)), Speaker.EGM)
    assert (found.crc_ok, found.hidden) == (False, ())
    assert found.fields


@pytest.mark.parametrize("command", [10, 11, 12, 14, 15, 17, 46])
def test_the_tail_of_a_ticket_number_that_looks_like_an_answer_is_not_shown(command):
    number = int(f"987654{command}98765432")  # its two digits are a command
    tail = long_poll(1, 0x58, system_id=1, validation_number=number)[-8:]
    for found in explanations(tail):
        assert (found.crc_ok, found.fields) == (False, ())
        assert shown_of(found, range(2, 8)) == 0


@all_frames
def test_no_tail_of_a_frame_with_a_secret_is_read(frame):
    for begin in range(1, len(frame) - 4):
        for speaker in Speaker:
            found = explain(frame[begin:], speaker)
            assert found.hidden or found.crc_ok or found.fields == ()


@pytest.mark.parametrize("at", range(2, 8))
def test_an_answer_with_one_digit_wrong_or_its_crc_the_wrong_way_round_is_still_read(at):
    good = bytearray(with_crc(bytes.fromhex("011100001234")))
    for flips in (0x10, 0x02):
        good[at] ^= flips
        assert explain(bytes(good), Speaker.EGM).fields
        good[at] ^= flips
    turned = bytes(good[:-2] + good[:-3:-1])
    assert explain(turned, Speaker.EGM).fields


def test_an_answer_with_two_bytes_wrong_is_read_after_its_poll_only():
    data = bytearray(with_crc(bytes.fromhex("011100001234")))
    data[4] ^= 0x01
    data[7] ^= 0x01
    found = explain(bytes(data), Speaker.EGM)
    assert found.hidden
    assert "with its poll before it" in found.notes[-1]
    conversation = Conversation()
    conversation.hear(Burst(0, Speaker.HOST, b"\x01\x11", (None, None)))
    assert conversation.hear(Burst(0, Speaker.EGM, bytes(data), (None,) * 8)).fields


def test_a_damaged_answer_is_shown_after_its_poll_though_it_may_have_been_cut():
    conversation = Conversation()
    conversation.hear(Burst(0, Speaker.HOST, b"\x01\x35", (None, None)))
    data = bytes.fromhex("0135000012340000")
    assert conversation.hear(Burst(0, Speaker.EGM, data, (None,) * 8)).hidden == ()
    assert explain(data, Speaker.EGM).hidden, "one bit from 3D, and five bytes short of it"
