"""The CRC, against values that others publish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.sas.crc import crc16, crc_ok, with_crc


def bit_by_bit(data, crc=0):
    for value in data:
        crc ^= value
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return crc


def test_the_check_value_is_the_one_in_the_catalogue_of_crcs():
    assert crc16(b"123456789") == 0x2189


@pytest.mark.parametrize(
    ("body", "crc"),
    [
        ("01 01", "51 08"),
        ("01 02", "ca 3a"),
        ("01 72 02 ff 00", "0f 22"),
        ("01 73 01 ff", "a7 65"),
        ("01 1a 00 00 00 00", "c3 fc"),
        ("01 57 00 00 00 00 47 50", "83 6d"),
        ("01 58 01 12 34 56 78 90 12 34 56", "9c 34"),
        ("01 52 00 01", "69 3b"),
        ("01 ff 11", "14 a4"),
    ],
)
def test_known_messages_have_their_known_crcs(body, crc):
    assert with_crc(bytes.fromhex(body)) == bytes.fromhex(body + crc)


@given(st.binary(max_size=300), st.integers(0, 0xFFFF))
def test_it_is_what_a_bit_by_bit_loop_gives(data, seed):
    assert crc16(data) == bit_by_bit(data)
    assert crc16(data, seed) == bit_by_bit(data, seed)


@given(st.binary(min_size=1, max_size=300), st.integers(0, 0xFFFF))
def test_a_frame_is_good_exactly_if_its_last_bytes_are_its_crc(data, crc):
    frame = data + crc.to_bytes(2, "little")
    assert crc_ok(frame) is (crc == bit_by_bit(data))
    assert crc_ok(with_crc(data))


@pytest.mark.parametrize("frame", [b"", b"\x00", b"\x00\x00"])
def test_two_bytes_are_no_frame_even_if_they_are_zero(frame):
    assert not crc_ok(frame)
