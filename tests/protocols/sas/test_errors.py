"""Whose fault it is, in words that hold no secret."""

import pytest

from protocols.sas import errors
from protocols.sas.errors import (
    RAW_BYTES_MAX,
    CrcError,
    LengthError,
    RequestError,
    SasError,
    WireError,
)

KINDS = {
    errors.CrcError: "crc",
    errors.LengthError: "length",
    errors.AddressError: "address",
    errors.BcdError: "bcd",
    errors.UnexpectedError: "unexpected",
}


def test_our_mistakes_and_theirs_are_told_apart():
    assert not issubclass(RequestError, WireError)
    assert issubclass(RequestError, SasError)


@pytest.mark.parametrize(("error", "kind"), KINDS.items())
def test_a_wire_error_has_one_word_for_its_counter(error, kind):
    assert issubclass(error, WireError)
    assert error.kind == kind


def test_an_error_shows_reason_and_bytes():
    error = CrcError("the CRC does not fit", b"\x01\x11\x00", harmless=True)
    assert (error.reason, error.raw) == ("the CRC does not fit", b"\x01\x11\x00")
    assert str(error) == "the CRC does not fit [01 11 00]"
    assert str(CrcError("nothing came")) == "nothing came"


def test_of_bytes_that_may_be_anything_an_error_shows_no_more_than_a_header():
    assert str(CrcError("the CRC does not fit", b"\x01\x11\x00")).endswith("[01 11 **]")


def test_an_error_shows_no_ticket_number():
    frame = bytes.fromhex("01 3d 12345678 0000004750 0000")
    error = CrcError("the CRC does not fit", frame)
    assert "12 34" not in f"{error} {error!r}"
    assert error.raw == frame


def test_an_error_keeps_and_shows_no_more_than_a_message_can_have_however_much_noise_came():
    error = LengthError("no answer is that long", b"\x01" * 5000, harmless=True)
    assert error.raw == b"\x01" * RAW_BYTES_MAX
    assert str(error).endswith(" 01 01 and 4700 more]")
    assert len(str(error)) < 1000
