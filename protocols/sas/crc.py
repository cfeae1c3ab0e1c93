"""CRC-16/KERMIT, as SAS uses it: reflected 8408, seed 0, no final xor, low byte first on the wire.

Check value: ``crc16(b"123456789") == 0x2189``. Source: Montana DOJ, SAS Implementation
Guide. Counted over address to last data byte.
"""

from __future__ import annotations

from crcmod.predefined import mkPredefinedCrcFun

_kermit = mkPredefinedCrcFun("kermit")


def crc16(data: bytes, seed: int = 0) -> int:
    """Return the CRC of ``data``; ``seed`` is for polls 21 and 6E, which send one."""
    return int(_kermit(data, seed)) if seed else int(_kermit(data))


def with_crc(body: bytes) -> bytes:
    """Return ``body`` followed by its CRC, low byte first."""
    return body + crc16(body).to_bytes(2, "little")


def crc_ok(frame: bytes) -> bool:
    """Say whether the last two bytes of ``frame`` are the CRC of those before."""
    # Seed 0, no final xor, low byte first: a message with its own CRC behind it comes to 0.
    return len(frame) >= 3 and not _kermit(frame)
