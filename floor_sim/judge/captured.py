"""Judges a capture: what ``slotgw capture`` wrote, or anybody else in its format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from floor_sim.judge.conversation import Side
from floor_sim.judge.judge import Judge, together
from floor_sim.judge.report import Report
from floor_sim.judge.rule import Row, Settings
from protocols.sas.capture import Burst, Capture, Speaker
from protocols.sas.crc import with_crc
from protocols.sas.cutter import Cutter
from protocols.sas.symbols import Symbols
from protocols.sas.who_spoke import who_spoke

GUESSED: Final = (
    "Nobody told who spoke: it was guessed from the bytes, so some findings may be guesses too."
)
NO_BITS: Final = "The host's ninth bits are not known: rules about wakeup bits were not exercised."
MASKED: Final = "{} messages have masked bytes: what they say and their CRC were not judged."


def judge_captures(captures: Iterable[Capture], rows: Iterable[Row], settings: Settings) -> Report:
    """Judge each line of a file by ``rows``; captures of one line follow each other in time."""
    rows = tuple(rows)
    judges: list[Judge] = []
    seconds, masked, guessed = 0.0, 0, False
    for capture in captures:
        judge = Judge(capture.header.line, rows, settings)
        judges.append(judge)
        last_s = 0.0
        for burst, sure in _told(capture.bursts):
            guessed |= not sure
            masked += bool(burst.hidden)
            last_s = burst.at_us / 1e6
            if burst.hidden[:1] and burst.hidden[0] < 2:
                continue  # whose it is, or what, nobody can tell
            side: Side = "host" if burst.speaker is Speaker.HOST else "egm"
            judge.hear(side, Symbols(burst.data, burst.wakeup), last_s)
        seconds += last_s
    tallies = together([judge.end() for judge in judges])
    bits = any(judge.conversation.ninth_bits for judge in judges)
    remarks = [GUESSED] * guessed + [NO_BITS] * (not bits)
    if masked:
        remarks.append(MASKED.format(masked))
    lines = tuple(dict.fromkeys(judge.line for judge in judges))
    return Report(tallies, lines, seconds, sum(judge.messages for judge in judges), tuple(remarks))


def _told(bursts: Iterable[Burst]) -> Iterator[tuple[Burst, bool]]:
    """Yield bursts with their speaker, and whether that is certain.

    Where nobody told and no ninth bit shows it, messages are cut and guessed as ``slotgw decode``
    does it.
    """
    bursts = list(bursts)
    if all(burst.speaker is not Speaker.UNKNOWN for burst in bursts):
        yield from ((_whole(burst), True) for burst in bursts)
        return
    cutter = Cutter()
    poll: bytes | None = None
    for message in [*(one for burst in bursts for one in cutter.feed(burst)), *cutter.flush()]:
        speaker, why = who_spoke(message, poll)
        poll = message.data if speaker is Speaker.HOST else None
        told = Burst(message.at_us, speaker, message.data, message.wakeup, message.hidden)
        yield _whole(told), "guessed" not in why


def _whole(burst: Burst) -> Burst:
    """Return a burst whose masked CRC fits the bytes that stand for masked ones, if it was one."""
    if len(burst.hidden) < 3 or len(burst.data) < 5:
        return burst
    if {len(burst.data) - 2, len(burst.data) - 1} <= set(burst.hidden):
        data = with_crc(burst.data[:-2])
        return Burst(burst.at_us, burst.speaker, data, burst.wakeup, burst.hidden)
    return burst
