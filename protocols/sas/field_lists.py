"""Fields whose length the bytes decide: lists, tails that may be missing, texts with a length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from protocols.sas.bcd import to_bcd
from protocols.sas.errors import LengthError, RequestError
from protocols.sas.fields import (
    Field,
    Values,
    digits_of,
    given,
    latin,
    take,
    unhex,
    whole,
)

METER_BYTES_MAX: Final = 9
"""Largest size that a number with a size byte may have: 18 digits."""


@dataclass(frozen=True, slots=True)
class Rest(Field):
    """All bytes that are left, as a hex string.

    Attributes:
        least: fewest bytes.
        most: most bytes.
    """

    least: int = 0
    most: int = 255

    @property
    def low(self) -> int:
        """Fewest bytes."""
        return self.least

    @property
    def high(self) -> int:
        """Most bytes."""
        return self.most

    def read(self, data: bytes, at: int, values: Values) -> int:
        """Read the bytes; see ``Field.read``."""
        within(len(data) - at, self.least, self.most, self.name)
        values[self.name] = data[at:].hex()
        return len(data)

    def write(self, values: Mapping[str, object]) -> bytes:
        """Write the bytes; see ``Field.write``."""
        part = unhex(given(values, self.name, "" if not self.least else None), self.name)
        if not self.least <= len(part) <= self.most:
            raise RequestError(f"{self.name} must be {self.least} to {self.most} bytes")
        return part


@dataclass(frozen=True, slots=True)
class TextRest(Field):
    """Text that goes on to the end of the message.

    Attributes:
        most: most bytes.
    """

    most: int

    @property
    def low(self) -> int:
        """None at all."""
        return 0

    @property
    def high(self) -> int:
        """Most bytes."""
        return self.most

    def read(self, data: bytes, at: int, values: Values) -> int:
        """Read the text; see ``Field.read``."""
        within(len(data) - at, 0, self.most, self.name)
        values[self.name] = data[at:].decode("latin-1")
        return len(data)

    def write(self, values: Mapping[str, object]) -> bytes:
        """Write the text; see ``Field.write``."""
        return _short(latin(values, self.name), self.most, self.name)


@dataclass(frozen=True, slots=True)
class CountedText(Field):
    """A byte that says how long the text is, and the text.

    Attributes:
        most: most characters.
    """

    most: int

    @property
    def low(self) -> int:
        """The count alone."""
        return 1

    @property
    def high(self) -> int:
        """The count and the longest text."""
        return 1 + self.most

    def read(self, data: bytes, at: int, values: Values) -> int:
        """Read the text; see ``Field.read``."""
        count = take(data, at, 1, self.name)[0]
        within(count, 0, self.most, self.name)
        values[self.name] = take(data, at + 1, count, self.name).decode("latin-1")
        return at + 1 + count

    def write(self, values: Mapping[str, object]) -> bytes:
        """Write the text; see ``Field.write``."""
        text = _short(latin(values, self.name), self.most, self.name)
        return bytes([len(text)]) + text


@dataclass(frozen=True, slots=True)
class SizedBcd(Field):
    """A byte that says how many BCD bytes follow, and the number: ``(value, size)``.

    A size of 0 means that the EGM does not keep it: the value is None.
    """

    unit: str = ""

    @property
    def low(self) -> int:
        """The size alone."""
        return 1

    @property
    def high(self) -> int:
        """The size and the longest number."""
        return 1 + METER_BYTES_MAX

    def read(self, data: bytes, at: int, values: Values) -> int:
        """Read the number; see ``Field.read``."""
        size = take(data, at, 1, self.name)[0]
        within(size, 0, METER_BYTES_MAX, self.name)
        part = take(data, at + 1, size, self.name)
        values[self.name] = (int(digits_of(part, self.name)) if size else None, size)
        return at + 1 + size

    def write(self, values: Mapping[str, object]) -> bytes:
        """Write the number; see ``Field.write``."""
        value, size = _pair(given(values, self.name), self.name)
        if not 0 <= size <= METER_BYTES_MAX:
            raise RequestError(f"{self.name}: size {size} is not 0 to {METER_BYTES_MAX}")
        return bytes([size]) + (to_bcd(whole(value, self.name), size) if size else b"")


@dataclass(frozen=True, slots=True)
class Numbers(Field):
    """A list of numbers of one width, to the end of the message or after a count: a tuple of int.

    Attributes:
        width: bytes of each.
        least: fewest numbers.
        most: most numbers.
        bcd: packed BCD; else binary, least significant byte first.
        count: a byte in front says how many.
    """

    width: int
    least: int
    most: int
    bcd: bool = False
    count: bool = False

    @property
    def low(self) -> int:
        """Fewest bytes."""
        return self.count + self.width * self.least

    @property
    def high(self) -> int:
        """Most bytes."""
        return self.count + self.width * self.most

    def read(self, data: bytes, at: int, values: Values) -> int:
        """Read the numbers; see ``Field.read``."""
        number, at = self._how_many(data, at)
        within(number, self.least, self.most, self.name)
        stop = at + number * self.width
        parts = [take(data, start, self.width, self.name) for start in range(at, stop, self.width)]
        values[self.name] = tuple(
            int(digits_of(part, self.name)) if self.bcd else int.from_bytes(part, "little")
            for part in parts
        )
        return stop

    def _how_many(self, data: bytes, at: int) -> tuple[int, int]:
        if self.count:
            return take(data, at, 1, self.name)[0], at + 1
        if self.least == self.most:
            return self.least, at
        left = len(data) - at
        if left % self.width:
            raise LengthError(f"{left} bytes are no whole number of {self.name}")
        return left // self.width, at

    def write(self, values: Mapping[str, object]) -> bytes:
        """Write the numbers; see ``Field.write``."""
        numbers = [whole(item, self.name) for item in items(given(values, self.name), self.name)]
        if not self.least <= len(numbers) <= self.most:
            raise RequestError(f"{self.name} takes {self.least} to {self.most} numbers")
        front = bytes([len(numbers)]) if self.count else b""
        return front + b"".join(self._one(number) for number in numbers)

    def _one(self, number: int) -> bytes:
        if self.bcd:
            return to_bcd(number, self.width)
        if not 0 <= number < 256**self.width:
            raise RequestError(f"{self.name}: {number} does not fit in {self.width} bytes")
        return number.to_bytes(self.width, "little")


@dataclass(frozen=True, slots=True)
class Rows(Field):
    """A list of small records, to the end or after a count: a tuple of dicts.

    Attributes:
        fields: of each record.
        least: fewest records.
        most: most records.
        count: a byte in front says how many.
    """

    fields: tuple[Field, ...]
    least: int
    most: int
    count: bool = False

    @property
    def low(self) -> int:
        """Fewest bytes."""
        return self.count + self.least * sum(field.low for field in self.fields)

    @property
    def high(self) -> int:
        """Most bytes."""
        return self.count + self.most * sum(field.high for field in self.fields)

    def read(self, data: bytes, at: int, values: Values) -> int:
        """Read the records; see ``Field.read``."""
        announced: int | None = None
        if self.count:
            announced, at = take(data, at, 1, self.name)[0], at + 1
            within(announced, self.least, self.most, self.name)
        rows: list[Values] = []
        while len(rows) < announced if announced is not None else at < len(data):
            row: Values = {}
            for field in self.fields:
                at = field.read(data, at, row)
            rows.append(row)
        within(len(rows), self.least, self.most, self.name)
        values[self.name] = tuple(rows)
        return at

    def write(self, values: Mapping[str, object]) -> bytes:
        """Write the records; see ``Field.write``."""
        rows = items(given(values, self.name), self.name)
        if not self.least <= len(rows) <= self.most:
            raise RequestError(f"{self.name} takes {self.least} to {self.most} records")
        parts = [bytes([len(rows)])] if self.count else []
        for row in rows:
            if not isinstance(row, Mapping):
                raise RequestError(f"each of {self.name} must be a mapping")
            parts += [field.write(row) for field in self.fields]
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class Tail(Field):
    """Fields that are all there or all missing, at the end of a message.

    They are written if the first of them is given.

    Attributes:
        fields: what the tail holds; a tail may end with a tail.
    """

    fields: tuple[Field, ...] = ()

    @property
    def low(self) -> int:
        """None at all."""
        return 0

    @property
    def high(self) -> int:
        """All of them."""
        return sum(field.high for field in self.fields)

    @property
    def names(self) -> tuple[str, ...]:
        """Keys of all fields in the tail."""
        return tuple(name for field in self.fields for name in field.names)

    def read(self, data: bytes, at: int, values: Values) -> int:
        """Read the tail if a byte is left; see ``Field.read``."""
        if at < len(data):
            for field in self.fields:
                at = field.read(data, at, values)
        return at

    def write(self, values: Mapping[str, object]) -> bytes:
        """Write the tail if it is given; see ``Field.write``."""
        if self.names[0] not in values:
            spare = [name for name in self.names if name in values]
            if spare:
                raise RequestError(f"{spare[0]} needs {self.names[0]} before it")
            return b""
        return b"".join(field.write(values) for field in self.fields)


def tail(*fields: Field) -> Tail:
    """Return a tail of ``fields``."""
    return Tail("", fields)


def within(number: int, low: int, high: int, name: str) -> None:
    """Check a number that came from the wire.

    Raises:
        LengthError: it is not within ``low`` to ``high``.
    """
    if not low <= number <= high:
        raise LengthError(f"{name}: {number} is not within {low} to {high}")


def _short(text: bytes, most: int, name: str) -> bytes:
    if len(text) > most:
        raise RequestError(f"{name} has more than {most} characters")
    return text


def items(value: object, name: str) -> Sequence[object]:
    """Return a list or tuple that a caller gave.

    Raises:
        RequestError: it is none.
    """
    if not isinstance(value, list | tuple):
        raise RequestError(f"field {name} must be a list or tuple")
    return value


def _pair(value: object, name: str) -> tuple[object, int]:
    parts = items(value, name)
    if len(parts) != 2:
        raise RequestError(f"field {name} must be (value, size)")
    return parts[0], whole(parts[1], name)
