"""Takes the secrets out of what was heard before it is written anywhere.

A secret may come in pieces, damaged, or late; so bytes are first put together to messages, and a
message is judged by what was asked. One with a good CRC is masked exactly where its secret is, CRC
included, because a CRC over masked digits narrows them down. Bytes without a good CRC are shown
only where no secret can be in them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from protocols.sas.capture import Burst, Speaker
from protocols.sas.crc import crc_ok
from protocols.sas.cutter import BY_ORDER, Cutter
from protocols.sas.secrets import SECRET_SPANS, masked

SHADOW_US: Final = 1_000_000
"""So long after a message that has to do with a secret, pieces of one may still come."""

RIGHT: Final = "a secret is masked; the CRC, masked too, was right"
DAMAGED: Final = "masked: it may hold a piece of a secret"


class Masker:
    """Feed it bursts as they were heard; it gives messages that may be shared.

    It keeps at most one message. Call ``flush`` when the line has been quiet for
    ``cutter.TOLD_QUIET_US``, and at the end.
    """

    def __init__(self) -> None:
        self._cutter = Cutter()
        self._poll = b""
        # What came before the first message is not known: it may have been half a secret.
        self._shadow_us: int | None = None

    @property
    def pending(self) -> bool:
        """Bytes wait for the rest of their message."""
        return self._cutter.pending

    def feed(self, burst: Burst) -> list[Burst]:
        """Take a burst; return the messages it completes."""
        if self._shadow_us is None:
            self._shadow_us = burst.at_us + SHADOW_US
        return self._all(self._cutter.feed(burst))

    def flush(self) -> list[Burst]:
        """Return what is there of a message; its rest will not come."""
        return self._all(self._cutter.flush())

    def _all(self, messages: Iterable[Burst]) -> list[Burst]:
        return [self._one(message) for message in messages]

    def _one(self, message: Burst) -> Burst:
        hidden, comment = self._judge(message)
        data = message.data
        if message.speaker is not Speaker.HOST and len(data) > 3 and crc_ok(data):
            self._shadow_us = 0  # whole: no piece of it is still to come
        elif len(data) > 1 and data[0] < 0x80 and data[1] in SECRET_SPANS:
            self._shadow_us = message.at_us + SHADOW_US
        if message.speaker is Speaker.HOST:
            self._poll = data
        if not hidden:
            return message
        shown = bytes(0 if at in hidden else value for at, value in enumerate(data))
        return replace(message, data=shown, hidden=tuple(sorted(hidden)), comment=comment)

    def _judge(self, message: Burst) -> tuple[set[int], str]:
        """Return which bytes are to be hidden, and why."""
        data = message.data
        if crc_ok(data):
            hidden = _hidden(masked(data))
            return (hidden | {len(data) - 2, len(data) - 1} if hidden else hidden), RIGHT
        shadowed = message.at_us < (self._shadow_us or 0)
        if self._is_short(message) and not (shadowed and message.why == BY_ORDER):
            return set(), ""
        if shadowed:
            return set(range(len(data))), DAMAGED
        harmless = message.speaker is Speaker.EGM and self._asked_no_secret()
        return _hidden(masked(data, harmless=harmless)), DAMAGED

    def _is_short(self, message: Burst) -> bool:
        """Say whether these are one or two bytes that mean something by themselves."""
        data, poll = message.data, self._poll
        if message.speaker is not Speaker.EGM:
            return len(data) == 1 or (len(data) == 2 and data[0] < 0x80)
        if not poll:
            return message.wakeup == (True,)
        address = poll[0] & 0x7F
        if len(poll) == 1:
            return len(data) == 1
        return data in {bytes([address]), bytes([address | 0x80]), bytes([address, 0x00])}

    def _asked_no_secret(self) -> bool:
        poll = self._poll
        return len(poll) == 1 or (len(poll) > 1 and poll[1] not in SECRET_SPANS)


def _hidden(text: str) -> set[int]:
    return {at for at, shown in enumerate(text.split()) if shown == "**"}
