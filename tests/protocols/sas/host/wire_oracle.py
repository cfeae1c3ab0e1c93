"""What may be on a host's line, told a second time: from the promise, not from the code.

Nothing of the session, the allow-list or the CRC that it uses takes part here.
"""

from __future__ import annotations

import re

BARE = re.compile(
    "0f|1[0-9ac]|1e|1f|20|2[abc]|3[1-9a-c]|3e|3f|4[0-9a]|4f|51|54|55|56|7e|8e|8f|b[123]"
)
BARE_OWN = re.compile("1b")
WITH_CRC = re.compile(
    r"(2d|52|53|83|9[5-9a]|a0|a4|b5)\d{4}"  # a game in four digits
    r"|2f(?P<list>..)(?P<listed>\d{4}(..){1,10})"
    r"|(6f|af)(?P<long_list>..)(?P<long_listed>\d{4}(....){1,12})"
    r"|4dff|50..|7202ff..|7301ff|74ff000000|7b080{16}|b4\d{8}"
    r"|b002..(11|12|14|15|16|17|56)"
    r"|b004..b5\d{4}"
    r"|b0(?P<b0>..)(?P<in_b0>..2f(?P<b0_list>..)(?P<b0_listed>0000(..){1,10}))"
    r"|b0(?P<b0x>..)(?P<in_b0x>..(6f|af)(?P<b0x_list>..)(?P<b0x_listed>0000(....){1,12}))"
)
WITH_CRC_OWN = re.compile("0e0[01]")
COUNTED = (
    ("list", "listed"), ("long_list", "long_listed"), ("b0", "in_b0"), ("b0_list", "b0_listed"),
    ("b0x", "in_b0x"), ("b0x_list", "b0x_listed"),
)  # fmt: skip


def crc(data: bytes) -> bytes:
    """CRC-16/KERMIT bit by bit, low byte first."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return value.to_bytes(2, "little")


def signed(text: str) -> bytes:
    """Bytes in hex, and their CRC."""
    body = bytes.fromhex(text)
    return body + crc(body)


def harmless(frame: bytes, allow: str) -> bool:
    """Whether the promise lets these bytes on a line with this list."""
    if len(frame) == 1:
        return frame[0] >= 0x80
    if len(frame) < 2 or not 1 <= frame[0] <= 127:
        return False
    own = allow == "own_line"
    text = frame[1:].hex()
    if BARE.fullmatch(text) or (own and BARE_OWN.fullmatch(text)):
        return True
    signed_text = frame[1:-2].hex() if crc(frame[:-2]) == frame[-2:] else ""
    return bool(own and WITH_CRC_OWN.fullmatch(signed_text)) or _is_read(signed_text)


def _is_read(text: str) -> bool:
    found = WITH_CRC.fullmatch(text)
    return found is not None and all(
        found[length] is None or int(found[length], 16) == len(found[body]) // 2
        for length, body in COUNTED
    )


def key(poll: bytes) -> bytes:
    """What a machine compares to know a poll again: address and command, in B0 also what it wraps.

    Two of one key in a row are a repeat to it: it says again what it said.
    """
    return poll[:5] if poll[1:2] == b"\xb0" else poll[:2]
