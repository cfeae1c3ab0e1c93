"""The data of a message: fields in wire order, with or without a length byte in front.

A message is ``address command [length] fields crc``; what is read and written again is the same
bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from protocols.sas.errors import BcdError, LengthError, RequestError
from protocols.sas.fields import Bcd, Field, Values

MESSAGE_BYTES_MAX: Final = 260
"""Longest message: address, command, length, 255 bytes, CRC."""


@dataclass(frozen=True, slots=True)
class Message:
    """The data of a request or an answer: fields in wire order.

    Attributes:
        fields: without address, command, length byte and CRC.
        length_byte: the message has a byte that counts what follows it up to the CRC.
    """

    fields: tuple[Field, ...] = ()
    length_byte: bool = False
    low: int = 0
    high: int = 0
    names: frozenset[str] = frozenset()
    bcd_plan: tuple[tuple[str, int, int], ...] = ()

    @property
    def fixed(self) -> bool:
        """Its length is known before the first byte arrives."""
        return self.low == self.high and not self.length_byte

    def read(self, data: bytes, *, longer: bool = False) -> Values:
        """Return the values of the fields; ``data`` is what lies between length byte and CRC.

        Args:
            data: the bytes of the fields.
            longer: keep bytes after the last field as hex under ``undecoded``.

        Raises:
            WireError: too few or too many bytes, or no BCD where it belongs.
        """
        if self.bcd_plan and len(data) == self.low:
            text = data.hex()
            if not text.isdecimal():
                raise BcdError("a nibble above 9 in a BCD field")
            return {name: int(text[start:stop]) for name, start, stop in self.bcd_plan}
        values: Values = {}
        at = 0
        for field in self.fields:
            at = field.read(data, at, values)
        if at != len(data):
            if longer and self.length_byte:
                values["undecoded"] = data[at:].hex()
                return values
            raise LengthError(f"{len(data) - at} bytes more than the fields take")
        return values

    def write(self, values: Mapping[str, object]) -> bytes:
        """Return length byte (where it has one) and fields.

        Raises:
            RequestError: a value is missing, unknown or does not fit.
        """
        unknown = values.keys() - self.names
        if unknown:
            raise RequestError(f"no such field: {', '.join(sorted(unknown))}")
        body = b"".join(field.write(values) for field in self.fields)
        if not self.length_byte:
            return body
        if len(body) > 255:
            raise RequestError(f"{len(body)} bytes do not fit under one length byte")
        return bytes([len(body)]) + body

    def check_length(self, length: int, *, longer: bool = False) -> None:
        """Check a length byte, or the number of data bytes where there is none.

        Raises:
            LengthError: the fields cannot take so few or so many.
        """
        if length < self.low or (length > self.high and not longer):
            raise LengthError(f"{length} data bytes, not {spread(self.low, self.high)}")

    def takes(self, data: bytes) -> bool:
        """Say whether ``data`` (all between command and CRC) has a length that fits."""
        if not self.length_byte:
            return self.low <= len(data) <= self.high
        return bool(data) and data[0] == len(data) - 1 and self.low <= data[0] <= self.high

    def payload(self, data: bytes, *, longer: bool = False) -> bytes:
        """Return ``data`` (all between command and CRC) without its length byte.

        Raises:
            LengthError: the length byte is wrong, or too few or too many bytes came.
        """
        if self.length_byte:
            if not data or data[0] != len(data) - 1:
                raise LengthError("the length byte does not count the bytes that follow it")
            data = data[1:]
            self.check_length(len(data), longer=longer)
            return data
        if not self.low <= len(data) <= self.high:
            raise LengthError(f"{len(data)} data bytes, not {spread(self.low, self.high)}")
        return data


def spread(low: int, high: int) -> str:
    """Return "7" or "7 to 9"."""
    return str(low) if low == high else f"{low} to {high}"


def message(*fields: Field, length_byte: bool = False) -> Message:
    """Return a message of ``fields`` with its sizes worked out."""
    names: list[str] = [name for field in fields for name in field.names]
    if len(names) != len(set(names)):
        raise RequestError(f"two fields share a name: {names}")
    return Message(
        fields,
        length_byte,
        sum(field.low for field in fields),
        sum(field.high for field in fields),
        frozenset(names),
        _bcd_plan(fields),
    )


def counted(*fields: Field) -> Message:
    """Return a message with a length byte in front of ``fields``."""
    return message(*fields, length_byte=True)


EMPTY: Final = Message()
"""A message without data."""


def _bcd_plan(fields: Iterable[Field]) -> tuple[tuple[str, int, int], ...]:
    """Return (name, first digit, last digit) of each field if all are plain BCD numbers."""
    plan: list[tuple[str, int, int]] = []
    at = 0
    for field in fields:
        if not isinstance(field, Bcd) or field.secret:
            return ()
        plan.append((field.name, at, at + 2 * field.width))
        at += 2 * field.width
    return tuple(plan)
