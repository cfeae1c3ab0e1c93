"""Packed BCD, most significant byte first: two decimal digits a byte."""

from __future__ import annotations

from protocols.sas.errors import BcdError, RequestError


def from_bcd(data: bytes) -> int:
    """Return the number in ``data``.

    Raises:
        BcdError: a nibble is above 9: not a number, and not to be guessed.
    """
    try:
        return int(data.hex())
    except ValueError:
        raise BcdError("a nibble above 9 in a BCD field") from None


def to_bcd(value: int, width: int) -> bytes:
    """Return ``value`` in ``width`` bytes.

    Raises:
        RequestError: ``value`` is negative or has more than ``2 * width`` digits.
    """
    if not 0 <= value < 10 ** (2 * width):
        raise RequestError(f"{value} does not fit in {width} BCD bytes")
    return bytes.fromhex(f"{value:0{2 * width}d}")
