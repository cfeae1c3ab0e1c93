"""Nine-bit symbols: bytes with the wakeup bit that goes with each.

SAS sets the ninth bit (the wakeup bit) on the first byte of a message from the host, and on a
machine's chirp; it is clear on everything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from protocols.sas.errors import LengthError

BITS_A_BYTE = 8


class Symbols(NamedTuple):
    """Bytes and their ninth bits.

    Attributes:
        data: the bytes.
        wakeup: the ninth bit of each, None where it is not known.
    """

    data: bytes
    wakeup: tuple[bool | None, ...]


def from_host(message: bytes) -> Symbols:
    """Return a host's message as symbols: wakeup on the first byte only."""
    return Symbols(message, tuple(at == 0 for at in range(len(message))))


def from_machine(message: bytes) -> Symbols:
    """Return a machine's answer as symbols: wakeup on no byte."""
    return Symbols(message, (False,) * len(message))


def with_parity(message: bytes) -> Symbols:
    """Return a message whose ninth bits are even parity, as of a port that left SAS mode."""
    return Symbols(message, tuple(byte.bit_count() % 2 == 1 for byte in message))


def chirp(address: int) -> Symbols:
    """Return the byte that a machine sends every 200 ms while its host is away."""
    return Symbols(bytes([address]), (True,))


def without_ninth_bit(data: bytes) -> Symbols:
    """Return bytes from a line that does not carry the ninth bit."""
    return Symbols(data, (None,) * len(data))


def pack(symbols: Symbols) -> bytes:
    """Return the bytes, then their ninth bits, eight a byte from bit 0 up; unknown is clear."""
    bits = bytearray((len(symbols.data) + BITS_A_BYTE - 1) // BITS_A_BYTE)
    for at, bit in enumerate(symbols.wakeup):
        if bit:
            bits[at // BITS_A_BYTE] |= 1 << at % BITS_A_BYTE
    return symbols.data + bytes(bits)


def unpack(packed: bytes) -> Symbols:
    """Return what ``pack`` has packed.

    Raises:
        LengthError: no number of symbols takes that many bytes, or spare bits are set.
    """
    number = len(packed) * BITS_A_BYTE // (BITS_A_BYTE + 1)
    data, bits = packed[:number], packed[number:]
    if len(bits) != (number + BITS_A_BYTE - 1) // BITS_A_BYTE:
        raise LengthError(f"{len(packed)} bytes are no packed symbols")
    flags = tuple(bool(bits[at // BITS_A_BYTE] >> at % BITS_A_BYTE & 1) for at in range(number))
    if number % BITS_A_BYTE and bits[-1] >> number % BITS_A_BYTE:
        raise LengthError("spare bits of packed symbols are set")
    return Symbols(data, flags)


def joined(parts: Iterable[Symbols]) -> Symbols:
    """Return all ``parts`` as one, in order."""
    everything = list(parts)
    return Symbols(
        b"".join(part.data for part in everything),
        tuple(bit for part in everything for bit in part.wakeup),
    )
