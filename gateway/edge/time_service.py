"""What the kernel knows of the wall clock's offset, as its time service told it."""

from __future__ import annotations

import ctypes
from typing import Final

_UNSYNCHRONISED: Final = 0x40  # STA_UNSYNC
_NANOSECONDS: Final = 0x2000  # STA_NANO


class _Timex(ctypes.Structure):
    """``struct timex`` of Linux, adjtimex(2), as far as it is read."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def clock_offset() -> tuple[float, bool] | None:
    """Return the wall clock's offset in seconds and whether a time service holds it.

    None where the kernel does not say.
    """
    found = _Timex()
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(found))
    except (OSError, AttributeError):
        return None
    if state < 0:
        return None
    unit_s = 1e-9 if found.status & _NANOSECONDS else 1e-6
    return found.offset * unit_s, not found.status & _UNSYNCHRONISED
