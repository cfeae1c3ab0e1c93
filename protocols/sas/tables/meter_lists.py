"""The meter lists of 2F, 6F and AF answers, which only the meter table can split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from protocols.sas.bcd import to_bcd
from protocols.sas.errors import RequestError
from protocols.sas.field_lists import METER_BYTES_MAX, items, within
from protocols.sas.fields import Field, Values, digits_of, given, take, unhex, whole
from protocols.sas.tables.meters import METERS, MeterRow


class MeterValue(NamedTuple):
    """One meter in a 2F, 6F or AF answer.

    Attributes:
        code: meter code.
        value: the count, or None where the EGM does not keep the meter (size 0; 6F and AF only).
        size: BCD bytes it is sent in.
    """

    code: int
    value: int | None
    size: int


@dataclass(frozen=True, slots=True)
class SelectedMeters(Field):
    """The list of 2F: a code of one byte, then a number of the size in the meter table.

    What follows a code that the table has no size for cannot be split: it is kept as hex under
    ``undecoded``, the code first.
    """

    @property
    def low(self) -> int:
        """None at all."""
        return 0

    @property
    def high(self) -> int:
        """Ten meters in cents."""
        return 10 * 6

    @property
    def names(self) -> tuple[str, ...]:
        """The list, and what could not be split."""
        return (self.name, "undecoded")

    def read(self, data: bytes, at: int, values: Values) -> int:
        """Read the meters; see ``Field.read``."""
        found: list[MeterValue] = []
        while at < len(data):
            row = METERS.get(data[at])
            if row is None:
                values["undecoded"] = data[at:].hex()
                at = len(data)
                break
            part = take(data, at + 1, row.width, row.name)
            found.append(MeterValue(data[at], int(digits_of(part, row.name)), row.width))
            at += 1 + row.width
        values[self.name] = tuple(found)
        return at

    def write(self, values: Mapping[str, object]) -> bytes:
        """Write the meters: ``(code, value)`` or ``MeterValue`` each; see ``Field.write``."""
        parts: list[bytes] = []
        for item in items(given(values, self.name), self.name):
            code, value, size = _meter(item, self.name)
            row = METERS.get(code)
            if row is None or value is None or size not in (None, row.width):
                raise RequestError(f"2F cannot carry meter {code:02X} of size {size}")
            parts.append(bytes([code]) + to_bcd(value, row.width))
        return b"".join(parts) + unhex(values.get("undecoded", ""), "undecoded")


@dataclass(frozen=True, slots=True)
class ExtendedMeters(Field):
    """The list of 6F and AF: a code of two bytes, a size, and a number of that size."""

    @property
    def low(self) -> int:
        """None at all."""
        return 0

    @property
    def high(self) -> int:
        """As many as a length byte can count beside the game number."""
        return 253

    def read(self, data: bytes, at: int, values: Values) -> int:
        """Read the meters; see ``Field.read``."""
        found: list[MeterValue] = []
        while at < len(data):
            code = int.from_bytes(take(data, at, 2, "meter code"), "little")
            size = take(data, at + 2, 1, "meter size")[0]
            within(size, 0, METER_BYTES_MAX, f"size of meter {code:02X}")
            at += 3
            part = take(data, at, size, f"meter {code:02X}")
            value = int(digits_of(part, f"meter {code:02X}")) if size else None
            found.append(MeterValue(code, value, size))
            at += size
        values[self.name] = tuple(found)
        return at

    def write(self, values: Mapping[str, object]) -> bytes:
        """Write the meters: ``(code, value)`` or ``MeterValue`` each; see ``Field.write``."""
        parts: list[bytes] = []
        for item in items(given(values, self.name), self.name):
            code, value, size = _meter(item, self.name)
            row: MeterRow | None = METERS.get(code)
            if value is None:
                size = 0
            elif size is None:
                size = row.width if row else 4
            if not 0 <= code <= 0xFFFF or not 0 <= size <= METER_BYTES_MAX:
                raise RequestError(f"no meter {code:X} of size {size} can be sent")
            number = b"" if value is None else to_bcd(value, size)
            parts.append(code.to_bytes(2, "little") + bytes([size]) + number)
        return b"".join(parts)


def _meter(item: object, name: str) -> tuple[int, int | None, int | None]:
    parts = items(item, name)
    if not 2 <= len(parts) <= 3:
        raise RequestError(f"each of {name} must be (code, value) or (code, value, size)")
    value = None if parts[1] is None else whole(parts[1], name)
    size = None if len(parts) < 3 else whole(parts[2], name)
    return whole(parts[0], name), value, size
