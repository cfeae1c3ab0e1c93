"""Bytes as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.sas.capture import LINE_CHARACTERS_MAX, Speaker
from protocols.sas.hex_text import NotHexError, message_from_hex


@pytest.mark.parametrize(
    "text", ["011A03A6", "01 1a 03 a6", " 0x01,0x1A, 0x03 0xA6", "01:1A:03:A6", "01-1A 03_A6"]
)
def test_bytes_may_stand_together_or_apart(text):
    message = message_from_hex(text, Speaker.HOST)
    assert (message.data.hex(), message.speaker) == ("011a03a6", Speaker.HOST)
    assert message.wakeup == (None,) * 4


def test_a_mark_says_that_ninth_bits_are_known():
    assert message_from_hex("01* 1A").wakeup == (True, False)
    assert message_from_hex("81*").wakeup == (True,)
    assert message_from_hex("01*1A?").wakeup == (True, None)


def test_a_masked_byte_is_taken():
    message = message_from_hex("013D**")
    assert (message.data, message.hidden) == (b"\x01\x3d\x00", (2,))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no bytes at all"),
        ("  ", "no bytes at all"),
        ("zz", "'zz' is not hex"),
        ("0x", "'' is not hex"),
        ("01 1", "'1' has an odd number of hex digits"),
        ("011", "odd number"),
        ("x" * 100, "..."),
        ("\u0661\u0661", "is not hex"),
        ("00" * LINE_CHARACTERS_MAX, "characters are no message"),
    ],
)
def test_what_is_not_hex_is_said_to_be_none(text, words):
    with pytest.raises(NotHexError) as caught:
        message_from_hex(text)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 120
    assert "\n" not in str(caught.value)


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_are_read_from_their_hex(data):
    assert message_from_hex(data.hex()).data == message_from_hex(data.hex(" ")).data == data


@given(st.text(max_size=50))
def test_any_text_gives_bytes_or_says_why_not(text):
    try:
        heard = message_from_hex(text).data
    except NotHexError as error:
        heard = str(error).encode()
    assert heard
