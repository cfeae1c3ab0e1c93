"""The ninth bit as Linux hands it over: PARMRK escapes in the stream of received bytes.

A port is set to SPACE parity with INPCK and PARMRK and without IGNPAR. A byte whose ninth bit is
set then has a parity error and arrives as ``FF 00 byte``; a true FF arrives as ``FF FF``; all other
bytes as they are. A break arrives as ``FF 00 00``, the same as a wakeup byte 00.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from protocols.sas.symbols import Symbols

_ESCAPE: Final = 0xFF
_MARKED: Final = 0x00


class ParmrkDecoder:
    """Feed it bytes as the driver gives them; it gives symbols.

    It keeps at most two bytes of an escape that is not complete.

    Attributes:
        faults: escapes that no driver writes (``FF`` and neither 00 nor FF), since the start: bytes
            were lost, or PARMRK is off. The FF is then taken as it stands, with unknown wakeup.
    """

    def __init__(self) -> None:
        self.faults = 0
        self._escape = 0  # bytes of an escape seen so far: 0, 1 (FF) or 2 (FF 00)

    def feed(self, data: bytes) -> Symbols:
        """Take ``data``; return the symbols it completed, in order."""
        if not self._escape and _ESCAPE not in data:
            return Symbols(bytes(data), (False,) * len(data))
        values = bytearray()
        bits: list[bool | None] = []
        for value in data:
            self._take(value, values, bits)
        return Symbols(bytes(values), tuple(bits))

    def _take(self, value: int, values: bytearray, bits: list[bool | None]) -> None:
        if self._escape == 2:
            self._escape = 0
            values.append(value)
            bits.append(True)
        elif self._escape == 1:
            self._second(value, values, bits)
        elif value == _ESCAPE:
            self._escape = 1
        else:
            values.append(value)
            bits.append(False)

    def _second(self, value: int, values: bytearray, bits: list[bool | None]) -> None:
        if value == _MARKED:
            self._escape = 2
            return
        self._escape = 0
        values.append(_ESCAPE)
        if value == _ESCAPE:
            bits.append(False)
            return
        self.faults += 1
        bits.append(None)
        values.append(value)
        bits.append(False)

    def reset(self) -> None:
        """Forget an escape that is not complete: the line was quiet, or the port was reopened."""
        self._escape = 0


def encode(data: bytes, wakeup: Sequence[bool | None] = ()) -> bytes:
    """Return the stream in which a driver would hand over ``data``.

    Args:
        data: bytes on the wire.
        wakeup: the ninth bit of each; clear for those beyond its end.
    """
    stream = bytearray()
    for at, value in enumerate(data):
        if at < len(wakeup) and wakeup[at]:
            stream += bytes([_ESCAPE, _MARKED, value])
        elif value == _ESCAPE:
            stream += bytes([_ESCAPE, _ESCAPE])
        else:
            stream.append(value)
    return bytes(stream)
