"""Frames between a bridge and its host, whole, cut and spoiled."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.sas.bridge import (
    BODY_BYTES_MAX,
    FRAME_BYTES_MAX,
    SYMBOLS_MAX,
    FrameReader,
    decode,
    encode,
)
from protocols.sas.bridge_frames import (
    Bye,
    Came,
    Close,
    Hello,
    LineIs,
    LineState,
    NotSent,
    Open,
    Ping,
    Pong,
    Send,
    SendList,
    Unknown,
    Why,
)
from protocols.sas.crc import with_crc
from protocols.sas.errors import RequestError, WireError
from protocols.sas.symbols import Symbols, from_host

BYTE = st.integers(0, 255)
LINE = st.integers(1, 254)
WORD = st.integers(0, 2**32 - 1)
TEXT = st.text(max_size=10)
SYMBOLS = st.lists(st.tuples(BYTE, st.booleans()), min_size=1, max_size=SYMBOLS_MAX).map(
    lambda pairs: Symbols(bytes(value for value, _ in pairs), tuple(bit for _, bit in pairs))
)
FRAMES = st.one_of(
    st.builds(Hello, BYTE, BYTE, BYTE, st.booleans(), TEXT),
    st.builds(Bye, TEXT),
    st.builds(Open, LINE, st.sampled_from(SendList)),
    st.builds(Close, LINE),
    st.builds(LineIs, LINE, st.sampled_from(LineState), TEXT),
    st.builds(Send, LINE, SYMBOLS),
    st.builds(NotSent, LINE, st.sampled_from(Why)),
    st.builds(Came, LINE, SYMBOLS, st.booleans(), st.none() | st.integers(0, 2**64 - 1)),
    st.builds(Ping, WORD),
    st.builds(Pong, WORD),
)

# written by hand from the text of hardware/bridge.md; CRCs and COBS worked out outside
VECTORS = {
    # 01 00 'SAS9' 01 01 00 00 'gw'  crc
    "hello":   (Hello(name="gw"), "01 00 53415339 01 01 00 00 6777"),
    "open":    (Open(3, SendList.ANY_LINE), "10 03 01"),
    "line is": (LineIs(3, LineState.TAKEN), "12 03 02"),
    # 81 and its wakeup bit; 01 1A, of which the first has it
    "general": (Send(3, from_host(b"\x81")), "20 03 81 01"),
    "long":    (Send(3, from_host(b"\x01\x1a")), "20 03 01 1a 01"),
    "came":    (Came(3, Symbols(b"\x11", (False,))), "22 03 00 11 00"),
    "at":      (Came(3, Symbols(b"\x11", (True,)), at_us=258), "22 03 01 0201000000000000 11 01"),
    "ping":    (Ping(0x01020304), "03 00 04030201"),
    "nothing": (NotSent(3, Why.NOT_ALLOWED), "21 03 01"),
}  # fmt: skip


def crc(data):
    register = 0
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x8408 if register & 1 else 0)
    return register.to_bytes(2, "little")


def stuffed(body):
    """COBS, one byte at a time, as a microcontroller does it."""
    out, code_at, code = bytearray(1), 0, 1
    for byte in body:
        if byte:
            out.append(byte)
            code += 1
        if not byte or code == 0xFF:
            out[code_at] = code
            code_at, code = len(out), 1
            out.append(0)
    out[code_at] = code
    return bytes(out)


@pytest.mark.parametrize(("frame", "hexes"), VECTORS.values(), ids=VECTORS)
def test_a_frame_has_the_bytes_that_the_document_says(frame, hexes):
    body = bytes.fromhex(hexes)
    body += crc(body)
    assert encode(frame) == stuffed(body) + b"\0"
    assert decode(body) == frame


def documented():
    """The examples of the document: name, body and stream."""
    text = Path(__file__).parents[3].joinpath("hardware", "bridge.md").read_text()
    rows = re.findall(r"^\| ([^|]+) \| `([0-9a-f ]+)` \| `([0-9a-f ]+)` \|$", text, re.MULTILINE)
    return {name: (bytes.fromhex(body), bytes.fromhex(stream)) for name, body, stream in rows}


def test_the_examples_of_the_document_are_right_and_of_every_common_kind():
    examples = documented()
    assert {body[0] for body, _ in examples.values()} == {1, 3, 0x10, 0x12, 0x20, 0x21, 0x22}
    for name, (body, stream) in examples.items():
        assert body[-2:] == crc(body[:-2]), name
        assert stream == stuffed(body) + b"\0", name
        assert encode(decode(body)) == stream, name


@given(st.lists(FRAMES, max_size=6), st.lists(st.integers(0, 400), max_size=6), st.booleans())
def test_frames_come_out_as_they_went_in_however_the_stream_is_cut(frames, cuts, drip):
    stream = b"".join(encode(frame) for frame in frames)
    edges = range(len(stream) + 1) if drip else sorted({0, *cuts, len(stream)})
    reader = FrameReader()
    got, at = [], 0
    for edge in edges:
        got += reader.feed(stream[at:edge])
        at = max(at, edge)
    assert got == frames
    assert reader.bad == 0


@given(st.binary(max_size=BODY_BYTES_MAX))
def test_stuffed_bytes_hold_no_delimiter_and_their_length_is_bounded(payload):
    body = with_crc(b"\x77\x00" + payload[: BODY_BYTES_MAX - 4])
    one = stuffed(body)
    assert 0 not in one
    assert len(one) < FRAME_BYTES_MAX
    assert FrameReader().feed(one + b"\0") == [Unknown(0x77)]


@given(st.lists(st.binary(max_size=600), max_size=6))
def test_any_bytes_in_any_pieces_give_frames_or_a_count_and_take_bounded_room(pieces):
    reader = FrameReader()
    for piece in pieces:
        reader.feed(piece)
        assert len(reader._buffer) <= FRAME_BYTES_MAX
    good = encode(Ping(7))
    assert reader.feed(b"\0" + good)[-1] == Ping(7)  # back in step with the next delimiter


@given(FRAMES, st.integers(0, 10_000), st.integers(0, 7))
def test_a_flipped_bit_never_makes_another_frame_of_one(frame, at, bit):
    stream = bytearray(encode(frame))
    stream[at % len(stream)] ^= 1 << bit
    got = [each for each in FrameReader().feed(bytes(stream)) if each != frame]
    assert got == []


@pytest.mark.parametrize(
    "hexes",
    ["20 00 81 01", "20 ff 81 01", "20 03", "20 03 81", "20 03 81 03", "12 03 09", "12 03",
     "10 03 01 01", "11 03 00", "03 00 01", "03 01 04030201", "01 00 53415338 01 01 00 00",
     "22 03 00", "22 03 01 00", "10 03 07", ""],
)  # fmt: skip
def test_a_frame_with_fields_that_it_cannot_have_is_none(hexes):
    body = bytes.fromhex(hexes)
    with pytest.raises(WireError):
        decode(body + crc(body))


@pytest.mark.parametrize(
    "frame",
    [
        Send(0, from_host(b"\x81")), Send(255, from_host(b"\x81")), Send(3, Symbols(b"", ())),
        Send(3, from_host(bytes(SYMBOLS_MAX + 1))), Send(3, Symbols(b"\x81", ())), Ping(2**32),
        Hello(lines=300), Came(3, from_host(b"\x81"), at_us=2**64),
    ],
    ids=str,
)  # fmt: skip
def test_a_frame_out_of_bounds_is_never_made(frame):
    with pytest.raises(RequestError):
        encode(frame)


def test_a_text_that_is_too_long_is_cut_at_the_end_of_a_character():
    (bye,) = FrameReader().feed(encode(Bye("é" * 63 + "xé")))
    assert bye == Bye("é" * 32)


@pytest.mark.parametrize("count", [251, 252, 253, 254, SYMBOLS_MAX])
def test_a_long_run_without_zeros_is_cut_into_blocks_as_a_microcontroller_does_it(count):
    frame = Send(3, Symbols(b"\x11" * count, (True,) * count))
    body = b"\x20\x03" + b"\x11" * count + b"\xff" * (count // 8)
    body += bytes([(1 << count % 8) - 1]) if count % 8 else b""
    body += crc(body)
    assert encode(frame) == stuffed(body) + b"\0"
    assert FrameReader().feed(encode(frame)) == [frame]


def test_a_stream_without_delimiters_is_skipped_to_the_next_one_and_counted_once():
    reader = FrameReader()
    for _ in range(10):
        assert reader.feed(b"\x11" * 300) == []
        assert len(reader._buffer) <= FRAME_BYTES_MAX
    assert reader.feed(b"\0" + encode(Ping(7))) == [Ping(7)]
    assert reader.bad == 1


@pytest.mark.parametrize(("length", "good"), [(64, True), (65, False)])
def test_a_text_longer_than_its_bound_is_refused(length, good):
    body = b"\x02\x00" + b"x" * length
    frames = FrameReader().feed(stuffed(body + crc(body)) + b"\0")
    assert frames == ([Bye("x" * length)] if good else [])
