"""The fields that messages are made of: each reads itself from bytes and writes itself back.

A field read and written again is the same bytes. Nothing here knows a command: the tables do.

BCD and text are most significant byte first, binary numbers least significant byte first.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from protocols.sas.bcd import to_bcd
from protocols.sas.errors import BcdError, LengthError, RequestError
from protocols.sas.secrets import Secret

Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class Field(ABC):
    """One field.

    Attributes:
        name: key of its value.
    """

    name: str

    @property
    @abstractmethod
    def low(self) -> int:
        """Fewest bytes it can take."""

    @property
    def high(self) -> int:
        """Most bytes it can take."""
        return self.low

    @property
    def names(self) -> tuple[str, ...]:
        """Keys that it reads and writes."""
        return (self.name,)

    @abstractmethod
    def read(self, data: bytes, at: int, values: Values) -> int:
        """Read from ``data[at:]`` into ``values``; return where the next field begins.

        Raises:
            WireError: the bytes cannot be this field.
        """

    @abstractmethod
    def write(self, values: Mapping[str, object]) -> bytes:
        """Return its bytes.

        Raises:
            RequestError: the value is missing or does not fit.
        """


def take(data: bytes, at: int, width: int, name: str) -> bytes:
    """Return ``width`` bytes of ``data`` from ``at``.

    Raises:
        LengthError: there are fewer.
    """
    part = data[at : at + width]
    if len(part) < width:
        raise LengthError(f"{name} needs {width} bytes, {len(part)} are left")
    return part


def digits_of(part: bytes, name: str) -> str:
    """Return the decimal digits of packed BCD.

    Raises:
        BcdError: a nibble is above 9.
    """
    text = part.hex()
    if not text.isdecimal():
        raise BcdError(f"{name} has a nibble above 9")
    return text


def given(values: Mapping[str, object], name: str, default: object = None) -> object:
    """Return the value of a field to be written, out of its wrapping if it is a secret.

    Raises:
        RequestError: it is missing and has no default.
    """
    value = values.get(name, default)
    if value is None:
        raise RequestError(f"field {name} is missing")
    return value.reveal() if isinstance(value, Secret) else value


def whole(value: object, name: str) -> int:
    """Return ``value`` as an int.

    Raises:
        RequestError: it is none.
    """
    if not isinstance(value, int):
        raise RequestError(f"field {name} must be a whole number, not {type(value).__name__}")
    return int(value)


@dataclass(frozen=True, slots=True)
class Bcd(Field):
    """A number in packed BCD.

    Attributes:
        width: bytes.
        unit: what one step is worth ("credits", "cents", "count", "").
        default: written when the caller gives none.
        secret: the value is bearer money: read as a ``Secret``.
    """

    width: int
    unit: str = ""
    default: int | None = None
    secret: bool = False

    @property
    def low(self) -> int:
        """Its width."""
        return self.width

    def read(self, data: bytes, at: int, values: Values) -> int:
        """Read the number; see ``Field.read``."""
        part = take(data, at, self.width, self.name)
        value = int(digits_of(part, self.name))
        values[self.name] = Secret(value) if self.secret else value
        return at + self.width

    def write(self, values: Mapping[str, object]) -> bytes:
        """Write the number; see ``Field.write``."""
        value = whole(given(values, self.name, self.default), self.name)
        try:
            return to_bcd(value, self.width)
        except RequestError:
            if self.secret:
                raise RequestError(f"{self.name} does not fit in {self.width} bytes") from None
            raise RequestError(
                f"{self.name}: {value} does not fit in {self.width} BCD bytes"
            ) from None


@dataclass(frozen=True, slots=True)
class Meter(Bcd):
    """A meter that a poll answers with; its name is a row of the meter table."""


@dataclass(frozen=True, slots=True)
class Lsb(Field):
    """A binary number, least significant byte first.

    Attributes:
        width: bytes.
        unit: what one step is worth.
        codes: meanings of its values, where it is a code; others print as hex.
        default: written when the caller gives none.
        secret: read as a ``Secret``.
    """

    width: int = 1
    unit: str = ""
    codes: Mapping[int, object] | None = None
    default: int | None = None
    secret: bool = False

    @property
    def low(self) -> int:
        """Its width."""
        return self.width

    def read(self, data: bytes, at: int, values: Values) -> int:
        """Read the number; see ``Field.read``."""
        value = int.from_bytes(take(data, at, self.width, self.name), "little")
        values[self.name] = Secret(value) if self.secret else value
        return at + self.width

    def write(self, values: Mapping[str, object]) -> bytes:
        """Write the number; see ``Field.write``."""
        value = whole(given(values, self.name, self.default), self.name)
        if not 0 <= value < 256**self.width:
            shown = "it" if self.secret else str(value)
            raise RequestError(f"{self.name}: {shown} does not fit in {self.width} bytes")
        return value.to_bytes(self.width, "little")


def byte(name: str, codes: Mapping[int, object] | None = None, default: int | None = None) -> Lsb:
    """Return a field of one byte: a code, a flag or a small number."""
    return Lsb(name, 1, codes=codes, default=default)


@dataclass(frozen=True, slots=True)
class Digits(Field):
    """Packed BCD kept as text because its zeros matter: dates (MMDDYYYY) and times (HHMMSS).

    Attributes:
        width: bytes; the text has twice as many digits.
        default: written when the caller gives none.
    """

    width: int
    default: str | None = None

    @property
    def low(self) -> int:
        """Its width."""
        return self.width

    def read(self, data: bytes, at: int, values: Values) -> int:
        """Read the digits; see ``Field.read``."""
        values[self.name] = digits_of(take(data, at, self.width, self.name), self.name)
        return at + self.width

    def write(self, values: Mapping[str, object]) -> bytes:
        """Write the digits; see ``Field.write``."""
        text = str(given(values, self.name, self.default))
        if len(text) != 2 * self.width or not (text.isascii() and text.isdecimal()):
            raise RequestError(f"{self.name} must be {2 * self.width} digits")
        return bytes.fromhex(text)


@dataclass(frozen=True, slots=True)
class Text(Field):
    """Text of a fixed width, ASCII by rule; other bytes are kept as their Latin-1 letters.

    Attributes:
        width: bytes; shorter text is filled with spaces.
    """

    width: int

    @property
    def low(self) -> int:
        """Its width."""
        return self.width

    def read(self, data: bytes, at: int, values: Values) -> int:
        """Read the text; see ``Field.read``."""
        values[self.name] = take(data, at, self.width, self.name).decode("latin-1")
        return at + self.width

    def write(self, values: Mapping[str, object]) -> bytes:
        """Write the text; see ``Field.write``."""
        text = latin(values, self.name)
        if len(text) > self.width:
            raise RequestError(f"{self.name} has more than {self.width} characters")
        return text.ljust(self.width)


def latin(values: Mapping[str, object], name: str) -> bytes:
    """Return the bytes of a text value.

    Raises:
        RequestError: it is missing, no text, or has letters that one byte cannot hold.
    """
    value = given(values, name)
    if not isinstance(value, str):
        raise RequestError(f"field {name} must be text, not {type(value).__name__}")
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        raise RequestError(f"{name} has letters that one byte cannot hold") from None


@dataclass(frozen=True, slots=True)
class Hex(Field):
    """Bytes whose meaning nobody agrees on, or a key: read as a hex string, never decoded.

    Attributes:
        width: bytes.
        default: written when the caller gives none.
        secret: read as a ``Secret``.
    """

    width: int
    default: str | None = None
    secret: bool = False

    @property
    def low(self) -> int:
        """Its width."""
        return self.width

    def read(self, data: bytes, at: int, values: Values) -> int:
        """Read the bytes; see ``Field.read``."""
        text = take(data, at, self.width, self.name).hex()
        values[self.name] = Secret(text) if self.secret else text
        return at + self.width

    def write(self, values: Mapping[str, object]) -> bytes:
        """Write the bytes; see ``Field.write``."""
        part = unhex(given(values, self.name, self.default), self.name)
        if len(part) != self.width:
            raise RequestError(f"{self.name} must be {self.width} bytes of hex")
        return part


def unhex(value: object, name: str) -> bytes:
    """Return the bytes of a hex string.

    Raises:
        RequestError: it is none.
    """
    try:
        return bytes.fromhex(str(value))
    except ValueError:
        raise RequestError(f"{name} must be hex") from None
