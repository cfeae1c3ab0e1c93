"""What passed on a line around a moment, for people: masked, in words, and without idle polls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from floor_sim.line import Side
from protocols.sas.capture import Burst as Captured
from protocols.sas.capture import Speaker
from protocols.sas.capture_mask import Masker
from protocols.sas.explain import Conversation

LINES_MAX: Final = 14
"""Messages that are shown; those in the middle are left out first."""
_NOTHING: Final = frozenset({b"\x00", b"\x1f"})
_SPEAKERS: Final[dict[Side, Speaker]] = {"host": Speaker.HOST, "egm": Speaker.EGM}


@dataclass(frozen=True, slots=True)
class Burst:
    """What came in one piece.

    Attributes:
        side: who said it.
        data: the bytes.
        at: when.
    """

    side: Side
    data: bytes
    at: float


def excerpt(
    bursts: Iterable[Burst], since: float, until: float, zero: float, line: str
) -> tuple[str, ...]:
    """Return what passed from ``since`` to ``until``; times are told from ``zero``."""
    wanted = [burst for burst in bursts if since <= burst.at <= until]
    if not wanted:
        return (f"nothing passed on the line {line} in that time",)
    masker, talk = Masker(), Conversation(captured=True)
    base = wanted[0].at
    messages: list[Captured] = []
    for burst in wanted:
        at_us = round((burst.at - base) * 1e6)
        bits = (None,) * len(burst.data)
        messages += masker.feed(Captured(at_us, _SPEAKERS[burst.side], burst.data, bits))
    messages += masker.flush()
    out: list[str] = []
    idle = 0
    for message in messages:
        words = talk.hear(message).summary
        if len(message.data) == 1 and (message.data in _NOTHING or message.data[0] >= 0x80):
            idle += 1
            continue
        at = base + message.at_us / 1e6 - zero
        who = message.speaker.value
        out.append(f"{at:9.3f} {who:<4} {_hex(message)[:60]}  {words[:100]}")
    if len(out) > LINES_MAX:
        left = len(out) - LINES_MAX
        half = LINES_MAX // 2
        out = [*out[:half], f"          ... {left} messages left out", *out[-half:]]
    return (f"on the line {line} (general polls and idle answers left out: {idle}):", *out)


def _hex(message: Captured) -> str:
    shown = [f"{byte:02X}" for byte in message.data]
    for place in message.hidden:
        shown[place] = "**"
    return " ".join(shown)
