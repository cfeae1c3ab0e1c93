"""Promise P7 on this side: a secret is never shown, whatever happened to its frame."""

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.sas.crc import with_crc
from protocols.sas.errors import WireError
from protocols.sas.field_lists import Tail
from protocols.sas.machine import build_reply
from protocols.sas.polls import long_poll, parse_request
from protocols.sas.reader import ReplyReader
from protocols.sas.secrets import SECRET_SPANS, Secret, masked
from protocols.sas.tables.polls import POLLS

NUMBER = 987654321987654321
KEY = "c0ffee" * 6 + "c0ff"
KEY_SHOWN = bytes.fromhex(KEY).hex(" ")
TICKET = {"amount_cents": 1, "validation_number": NUMBER}
TRANSFER = {
    "transfer_code": 0, "index": 0, "transfer_type": 0, "cashable_cents": 1, "restricted_cents": 0,
    "nonrestricted_cents": 0, "flags": 0, "asset": 1, "key": KEY, "transaction_id": "AB",
    "receipt_data": "",
}  # fmt: skip
RECORD = {
    "validation_type": 0, "index": 1, "date": "07122020", "time": "021501",
    "validation_number": NUMBER % 10**16, "amount_cents": 1, "ticket_number": 1, "system_id": 1,
}  # fmt: skip
FRAMES = {  # frame: the hex that must not be seen
    build_reply(1, 0x3D, validation_number=98765432, amount_cents=1): "98 76 54 32",
    long_poll(1, 0x4C, validation_id=0xC3B2A1, sequence=0x998877): "a1 b2 c3 77 88 99",
    long_poll(0, 0x4C, validation_id=0xC3B2A1, sequence=0x998877): "a1 b2 c3 77 88 99",
    build_reply(1, 0x4C, validation_id=0xC3B2A1, sequence=0x998877): "a1 b2 c3 77 88 99",
    build_reply(1, 0x4D, **RECORD): "76 54 32 19 87 65 43 21",
    long_poll(1, 0x58, system_id=1, validation_number=NUMBER % 10**16): "76 54 32 19 87 65 43 21",
    build_reply(1, 0x70, status=0, **TICKET): "98 76 54 32 19 87 65 43 21",
    long_poll(1, 0x71, transfer_code=0, **TICKET): "98 76 54 32 19 87 65 43 21",
    build_reply(1, 0x71, status=0, **TICKET): "98 76 54 32 19 87 65 43 21",
    long_poll(1, 0x72, **TRANSFER): KEY_SHOWN,
    long_poll(1, 0x72, **TRANSFER, lock_timeout=500): KEY_SHOWN,
    long_poll(1, 0x73, registration_code=1, asset=1, key=KEY, pos_id=1): KEY_SHOWN,
    build_reply(1, 0x73, registration_status=1, asset=1, key=KEY, pos_id=1): KEY_SHOWN,
}  # fmt: skip

all_frames = pytest.mark.parametrize(("frame", "secret"), FRAMES.items(), ids=lambda x: x[:5].hex()
                                     if isinstance(x, bytes) else "")  # fmt: skip


@all_frames
def test_a_good_frame_is_masked_where_its_secret_is_and_nowhere_else(frame, secret):
    shown = masked(frame)
    hidden = frame.hex(" ").replace(secret, " ".join("**" for _ in secret.split()))
    assert shown == hidden[:-5] + "** **", "its CRC would tell most of a short secret"
    assert shown.count("**") == len(secret.split()) + 2


def parts(secret):
    """Every run of three bytes of a secret."""
    words = secret.split()
    return {" ".join(words[at : at + 3]) for at in range(len(words) - 2)}


@all_frames
def test_a_damaged_frame_shows_no_part_of_its_secret(frame, secret):
    for bit in range(8 * len(frame)):
        noisy = bytearray(frame)
        noisy[bit // 8] ^= 1 << bit % 8
        assert not any(part in masked(bytes(noisy)) for part in parts(secret))


@all_frames
def test_a_frame_cut_shifted_or_run_together_shows_no_part_of_its_secret(frame, secret):
    damaged = [frame[:length] for length in range(len(frame))]
    damaged += [front + frame for front in (b"\x80", b"\x00\x00", b"\x81\x01\x11", b"\x55" * 20)]
    damaged += [frame + frame, frame + b"\x00"]
    for bytes_seen in damaged:
        assert not any(part in masked(bytes_seen) for part in parts(secret))


@all_frames
def test_a_frame_whose_front_was_not_heard_shows_no_part_of_its_secret(frame, secret):
    for start in range(1, len(frame)):
        assert not any(part in masked(frame[start:]) for part in parts(secret))


@all_frames
def test_after_a_harmless_poll_a_frame_with_a_damaged_command_is_masked_all_the_same(frame, secret):
    for first in range(8, 16):
        for second in range(first, 16):
            noisy = bytearray(frame)
            noisy[1] ^= 1 << first % 8 | 1 << second % 8
            assert not any(part in masked(bytes(noisy), harmless=True) for part in parts(secret))


@all_frames
def test_an_error_about_a_damaged_frame_shows_no_part_of_its_secret(frame, secret):
    noisy = frame[:-1] + bytes([frame[-1] ^ 1])
    for raise_it in (
        lambda: parse_request(noisy),
        lambda: ReplyReader(b"\x01" + noisy[1:2]).feed(noisy),
        lambda: ReplyReader(b"\x81").feed(noisy),
    ):
        with pytest.raises(WireError) as caught:
            raise_it()
        assert not any(part in str(caught.value) for part in parts(secret))


@given(st.binary(max_size=60), st.sampled_from(sorted(FRAMES)), st.integers(0, 60))
def test_a_secret_in_the_midst_of_noise_is_not_shown(noise, frame, at):
    shown = masked(noise[:at] + frame + noise[at:])
    assert not any(part in shown for part in parts(FRAMES[frame]) if part not in noise.hex(" "))


def test_as_many_secrets_as_noise_can_look_like_are_masked_in_no_time():
    noise = b"\x3d" * 100_000
    assert masked(noise, harmless=True) == "3d 3d" + " **" * 99_998
    assert masked(bytes(100_000)) == " ".join(["00"] * 100_000)


def test_ordinary_frames_are_shown_whole():
    for text in ("81", "01 11", "01 1a 00 00 00 00 c3 fc", "01 ff 11 14 a4"):
        assert masked(bytes.fromhex(text)) == text
    answer = build_reply(1, 0x0F, cancelled_credits=1, coin_in=2, coin_out=3, total_drop=4,
                         jackpot=5, games_played=6)  # fmt: skip
    assert masked(answer) == answer.hex(" ")


def test_a_damaged_meter_answer_is_shown_for_the_technician():
    answer = bytearray(build_reply(1, 0x52, game=1, coin_in=11111111, coin_out=22222222,
                                   jackpot=33333333, games_played=44444444))  # fmt: skip
    answer[5] ^= 1
    with pytest.raises(WireError) as caught:
        ReplyReader(long_poll(1, 0x52, game=1)).feed(bytes(answer))
    assert bytes(answer).hex(" ") in str(caught.value)


def test_the_answer_of_a_transfer_has_no_key_and_is_shown_whole():
    frame = bytes.fromhex(
        "0172482A00FF80000000110000000000000000000000077A000000043336393207122020021501000000000000"
        "09000000000012682423090000000000001917400900000000000000000060CD"
    )
    assert masked(frame) == frame.hex(" ")


def test_a_transfer_answer_that_does_not_add_up_is_masked():
    good = "01 41 07122020 021501 00000000 0000 01 05 00 00"
    head = "01 72 {:02x} 00 00 00 00" + "00" * 15 + "00 01000000"
    for tail in (
        good,
        good.replace("01 41", "15 41"),     # an id longer than ids are
        good.replace("01 41", "01 07"),     # an id that nobody can print
        good.replace("021501", "0215ff"),   # no time of day
        good.replace("01 05", "0a 05"),     # a meter longer than meters are
        good + "00",                        # more than three meters
        "01 41 07122020 021501 00000000 0000",
    ):  # fmt: skip
        body = bytes.fromhex(head.format(0) + tail)
        frame = with_crc(body[:2] + bytes([len(body) - 3]) + body[3:])
        assert ("**" in masked(frame)) is (tail != good)


def secret_fields(fields, at=0):
    """Name, first and last byte of each secret field of a layout."""
    for field in fields:
        if isinstance(field, Tail):
            yield from secret_fields(field.fields, at)
        elif getattr(field, "secret", False):
            yield field.name, at, at + field.low
        at += field.high if field.low == field.high else 10**6


def test_the_spans_are_where_the_tables_say_that_secrets_are():
    spans = {}
    for row in POLLS.values():
        for layout in (row.request, row.reply):
            for _, start, stop in secret_fields(layout.fields) if layout else ():
                shift = 2 + layout.length_byte
                low, high = spans.get(row.command, (10**6, 0))
                spans[row.command] = (min(low, start + shift), max(high, stop + shift))
    assert spans == {command: tuple(span[:2]) for command, span in SECRET_SPANS.items()}


def test_a_secret_shows_itself_nowhere():
    secret = Secret(NUMBER)
    assert f"{secret} {secret!r} {secret:>5} {[secret]}" == "** ** ** [**]"
    with pytest.raises(TypeError):
        json.dumps({"number": secret})
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_a_secret_is_known_by_its_value():
    assert Secret(5) == Secret(5)
    assert Secret(5) != Secret(6)
    assert Secret(5) != 5
    assert len({Secret(5), Secret(5), Secret("5")}) == 2
    assert Secret(5).reveal() == 5


def test_an_answer_with_a_ticket_number_shows_it_nowhere():
    frame = build_reply(1, 0x3D, validation_number=98765432, amount_cents=1)
    reply = ReplyReader(long_poll(1, 0x3D)).feed(frame)
    assert reply.values["validation_number"] == Secret(98765432)
    assert "98765432" not in repr(reply)
    request = parse_request(long_poll(1, 0x58, system_id=1, validation_number=98765432))
    assert "98765432" not in repr(request)
