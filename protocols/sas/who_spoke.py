"""Who said it, where nothing tells: a guess from what the bytes can be.

A message that only a host can send, or only an EGM, settles it. Many fit both: then the poll before
decides, then what a host is known to put into that poll, and in the end the host is believed.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from protocols.sas.capture import BY_WAKEUP, Burst, Speaker
from protocols.sas.crc import with_crc
from protocols.sas.errors import WireError
from protocols.sas.message import Message
from protocols.sas.settings import poll_row
from protocols.sas.tables.polls import MULTI_DENOMINATION, REAL_TIME

_HOST_SENDS: Final[dict[int, frozenset[int]]] = {
    0x71: frozenset({0xFF}),
    0x72: frozenset({0x80, 0xFE, 0xFF}),
    0x73: frozenset({0xFF}),
}
"""First byte behind the length byte by which a host's message is known; any other is an EGM's."""

_EGM_SENDS: Final = frozenset({0x2F, 0x6F, 0xAF})
"""Polls whose answers must be decimal all through: what fits one by chance is hardly a request."""


class Fit(IntEnum):
    """How well bytes fit a side."""

    NO = 0
    PERHAPS = 1
    """Nothing speaks against it, but no layout vouches for it."""
    YES = 2


def who_spoke(message: Burst, poll: bytes | None = None) -> tuple[Speaker, str]:
    """Return who said it, and why that is believed; the reason is empty where somebody told.

    Args:
        message: one message.
        poll: the poll before it, if nothing has answered that yet.
    """
    if message.speaker is not Speaker.UNKNOWN:
        return message.speaker, message.why
    data, bit = message.data, message.wakeup[0]
    if bit is not None:
        chirp = bit and len(data) == 1 and data[0] < 0x80
        return (Speaker.HOST if bit and not chirp else Speaker.EGM), BY_WAKEUP
    if len(data) == 1:
        if data[0] >= 0x80:
            return Speaker.HOST, "guessed: a lone byte from 80 up is most often a general poll"
        return Speaker.EGM, "guessed: a lone byte below 80 is most often an exception"
    if len(data) == 2:
        return _of_two_bytes(data)
    return _of_a_frame(data, poll)


def _of_two_bytes(data: bytes) -> tuple[Speaker, str]:
    if data[1] in {0x00, REAL_TIME}:
        return Speaker.EGM, f"guessed: no poll is {data[1]:02X}"
    return Speaker.HOST, "guessed: two bytes are most often a type R poll"


def _of_a_frame(data: bytes, poll: bytes | None) -> tuple[Speaker, str]:
    if data[1] == REAL_TIME:
        return Speaker.EGM, "guessed: FF behind the address is a real-time event"
    front = data.lstrip(b"\x00") if data[0] == 0 and data[1] != 0x4C else data
    body = with_crc(front[:-2]) if len(front) > 4 else with_crc(data[:-2])
    host, egm = _fits_host(with_crc(data[:-2])), _fits_egm(body)
    command = body[1]
    if host > egm:
        return Speaker.HOST, f"guessed: it fits a host's poll {command:02X}, and no answer to one"
    if egm > host:
        return Speaker.EGM, f"guessed: it fits an answer to poll {command:02X}, and no poll"
    if egm:
        return _of_both(data, poll)
    row = poll_row(command)
    if row is not None and row.reply is not None and data[0] < 0x80:
        return Speaker.EGM, f"guessed: damaged, but more like an answer to poll {command:02X}"
    return Speaker.HOST, "guessed: it fits neither side"


def _of_both(data: bytes, poll: bytes | None) -> tuple[Speaker, str]:
    """Decide about a frame that a host and an EGM may send."""
    command = data[1]
    if poll is not None and len(poll) > 1 and poll[:2] == data[:2]:
        return Speaker.EGM, "guessed: it fits an answer to the poll before it"
    known = _HOST_SENDS.get(command)
    if known is not None and len(data) > 5:
        if data[3] in known:
            return Speaker.HOST, f"guessed: {data[3]:02X} in poll {command:02X} is a host's word"
        return Speaker.EGM, f"guessed: {data[3]:02X} in poll {command:02X} is an EGM's word"
    if command in _EGM_SENDS:
        return Speaker.EGM, f"guessed: it fits an answer to poll {command:02X} digit by digit"
    return Speaker.HOST, f"guessed: poll {command:02X} and its answer look alike"


def _fits_host(frame: bytes) -> Fit:
    """Say how well a frame with a good CRC fits a host's long poll."""
    address, command, data = frame[0], frame[1], frame[2:-2]
    row = poll_row(command)
    if address > 0x7F or command in {0x00, REAL_TIME}:
        return Fit.PERHAPS if row is not None and _takes([row.request], data) else Fit.NO
    if row is None:
        return Fit.PERHAPS
    if row.kind == "R":
        return Fit.PERHAPS if not data else Fit.NO
    if not _takes([row.request], data) or not _readable(row.request, data):
        return Fit.NO
    if command == MULTI_DENOMINATION:
        base = poll_row(data[2])
        wrapped = data[2] != 0x00 and (base is None or _takes([base.request], data[3:]))
        return Fit.YES if wrapped else Fit.NO
    return _sure(row.request)


def _fits_egm(frame: bytes) -> Fit:
    """Say how well a frame with a good CRC fits an EGM's answer."""
    address, command, data = frame[0], frame[1], frame[2:-2]
    row = poll_row(command)
    if address > 0x7F or address == 0:
        return Fit.NO
    if row is None:
        return Fit.PERHAPS if data else Fit.NO
    if row.reply is None:
        return Fit.NO
    layouts = [row.reply, *row.variants]
    if not any(_takes([layout], data) and _readable(layout, data) for layout in layouts):
        return Fit.NO
    if command == MULTI_DENOMINATION:
        base = poll_row(data[2])
        short = len(data) == 4 and data[3] in {address, address | 0x80}
        wrapped = base is None or (base.reply is not None and _takes([base.reply], data[3:]))
        return Fit.YES if short or wrapped else Fit.NO
    return _sure(row.reply)


def _takes(layouts: Iterable[Message], data: bytes) -> bool:
    return any(layout.takes(data) for layout in layouts)


def _readable(layout: Message, data: bytes) -> bool:
    try:
        layout.read(layout.payload(data))
    except WireError:
        return False
    return True


def _sure(layout: Message) -> Fit:
    """Say how much it means that a layout fits: little, if it takes any bytes at all."""
    return Fit.PERHAPS if "data" in layout.names else Fit.YES
