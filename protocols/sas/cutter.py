"""Cuts bursts into messages: what comes off a wire does not come one message at a time.

An answer may arrive in two pieces, two polls in one. Who spoke is told, or shown by the ninth bit
(the host sets it on the first byte of a message), or follows from the order of poll and answer.
A pause ends a message whatever it lacks: no two bytes of one lie more than 5 ms apart on the wire,
and the constants below leave time for being heard.
"""

from __future__ import annotations

from typing import Final

from protocols.sas.capture import BY_WAKEUP, Burst, Speaker
from protocols.sas.errors import WireError
from protocols.sas.message import MESSAGE_BYTES_MAX
from protocols.sas.reader import ReplyReader
from protocols.sas.requests import request_length

QUIET_US: Final = 10_000
"""A longer pause ends a message on a wire that carries both sides."""
TOLD_QUIET_US: Final = 30_000
"""A longer pause ends a message where it is told who speaks, so that no answer is mistaken."""
ANSWER_BEGINS_US: Final = 25_000
"""On a wire that carries both sides, whatever comes later after a poll is no answer to it."""

BY_ORDER: Final = "guessed from the order of poll and answer"


class Cutter:
    """Feed it bursts in order of time; it gives messages, each as a burst of its own.

    It knows no clock, and keeps at most one message (260 bytes). Call ``flush`` when the line has
    been quiet for ``TOLD_QUIET_US``, and at the end.
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._bits: list[bool | None] = []
        self._hidden: list[int] = []
        self._speaker = Speaker.UNKNOWN
        self._why = ""
        self._comment = ""
        self._first_us = 0
        self._last_us = 0
        self._asked_us = 0
        self._answer: ReplyReader | None = None  # waits for the answer to the last poll

    @property
    def pending(self) -> bool:
        """Bytes of a message wait for the rest of it."""
        return bool(self._data)

    def feed(self, burst: Burst) -> list[Burst]:
        """Take a burst; return the messages that it completes, in order."""
        told = burst.speaker is not Speaker.UNKNOWN
        out: list[Burst] = []
        if burst.at_us - self._last_us > (TOLD_QUIET_US if told else QUIET_US):
            out += self.flush()
        if not told and burst.at_us - self._asked_us > ANSWER_BEGINS_US and not self._data:
            self._answer = None
        self._last_us = burst.at_us
        hidden = set(burst.hidden)
        for at, (value, bit) in enumerate(zip(burst.data, burst.wakeup, strict=True)):
            speaker, why = self._who(burst.speaker, bit)
            if self._data and (speaker is not self._speaker or bit):
                out += self.flush()
            if not self._data:
                self._speaker, self._why = speaker, why
                self._first_us, self._comment = burst.at_us, burst.comment
            if at in hidden:
                self._hidden.append(len(self._data))
            self._data.append(value)
            self._bits.append(bit)
            if self._whole(value):
                out += self.flush()
        return out

    def flush(self) -> list[Burst]:
        """Return what is there of a message: it is whole, or its rest will not come."""
        if not self._data:
            return []
        message = Burst(
            self._first_us,
            self._speaker,
            bytes(self._data),
            tuple(self._bits),
            tuple(self._hidden),
            self._comment,
            self._why,
        )
        self._data.clear()
        self._bits.clear()
        self._hidden.clear()
        if self._speaker is Speaker.HOST:
            self._asked(message)
        else:
            self._answer = None
        return [message]

    def _who(self, told: Speaker, bit: bool | None) -> tuple[Speaker, str]:
        if told is not Speaker.UNKNOWN:
            return told, ""
        if bit:
            return Speaker.HOST, BY_WAKEUP
        if self._data:
            return self._speaker, self._why
        if bit is False:
            return Speaker.EGM, BY_WAKEUP
        return (Speaker.HOST if self._answer is None else Speaker.EGM), BY_ORDER

    def _whole(self, value: int) -> bool:
        """Say whether the byte that was added ends its message."""
        if len(self._data) >= MESSAGE_BYTES_MAX:
            return True
        if self._speaker is Speaker.HOST:
            length = request_length(self._data)
            return length is not None and len(self._data) >= length
        if self._bits[0]:
            return True  # a chirp
        if self._answer is None:
            return False  # nobody asked: it ends with the quiet
        try:
            return self._answer.feed(bytes([value])) is not None
        except WireError:
            self._answer = None
            return False

    def _asked(self, message: Burst) -> None:
        poll = message.data
        general = len(poll) == 1 and poll[0] > 0x80
        long = len(poll) > 1 and 0 < poll[0] < 0x80
        self._answer = ReplyReader(poll) if general or long else None
        self._asked_us = message.at_us
