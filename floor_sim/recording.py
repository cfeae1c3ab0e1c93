"""What a capture says that machines answer: for each poll its answers, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from protocols.sas.capture import Burst, Capture, Speaker
from protocols.sas.cutter import Cutter
from protocols.sas.explain import same_poll
from protocols.sas.explained import sealed
from protocols.sas.tables.exceptions import IDLE_CODES
from protocols.sas.tables.polls import REAL_TIME

After = Literal["last", "again"]
"""What comes when all recorded answers to a poll were given: the last one known, or all again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One recorded answer.

    Attributes:
        data: the bytes; empty where the machine was silent.
        after_s: how long it took.
    """

    data: bytes
    after_s: float = 0.0


@dataclass(slots=True)
class Answers:
    """The answers to one poll.

    Attributes:
        poll: the poll; 00 where a byte of it is masked.
        hidden: places of masked bytes, which any byte fits.
        recorded: in order.
        given: how many were given.
    """

    poll: bytes
    hidden: frozenset[int] = frozenset()
    recorded: list[Answer] = field(default_factory=list)
    given: int = 0

    def fits(self, poll: bytes) -> bool:
        """Say whether ``poll`` is this one, but for what is masked."""
        return len(poll) == len(self.poll) and all(
            at in self.hidden or value == mine
            for at, (value, mine) in enumerate(zip(poll, self.poll, strict=True))
        )


@dataclass(slots=True)
class Recording:
    """One line of a capture as machines that say again what they said.

    Attributes:
        line: name of the line.
        polls: by the bytes of the poll and the places of those that are masked.
        unusable: answers that are masked beyond repair, and are replayed as silence.
    """

    line: str
    polls: dict[tuple[bytes, tuple[int, ...]], Answers] = field(default_factory=dict)
    unusable: int = 0

    @property
    def answers(self) -> int:
        """How many answers were recorded, silence not counted."""
        return sum(bool(one.data) for answers in self.polls.values() for one in answers.recorded)

    @property
    def addresses(self) -> list[int]:
        """Addresses of the machines that answered."""
        return sorted(
            {
                answers.poll[0] & 0x7F
                for answers in self.polls.values()
                if any(one.data for one in answers.recorded)
            }
        )

    def find(self, poll: bytes) -> Answers | None:
        """Return the answers to a poll, or None if it was not recorded."""
        exact = self.polls.get((poll, ()))
        if exact is not None:
            return exact
        return next((a for a in self.polls.values() if a.hidden and a.fits(poll)), None)


def recordings(captures: Iterable[Capture]) -> list[Recording]:
    """Return one recording a line; captures of the same line follow each other."""
    found: dict[str, Recording] = {}
    for capture in captures:
        name = capture.header.line
        _record(found.setdefault(name, Recording(name)), capture)
    return list(found.values())


def _record(recording: Recording, capture: Capture) -> None:
    asked: Burst | None = None
    before: tuple[bytes, bytes] = b"", b""  # the exchange that the next poll may repeat
    for message in _messages(capture.bursts):
        if message.speaker is Speaker.HOST:
            if asked is not None:
                before = _note(recording, asked, Answer(b""), before)
            asked = message if message.data != b"\x80" and message.data[0] else None
            if asked is None:
                before = b"", b""
        elif asked is not None and not message.wakeup[0]:  # a chirp is no answer
            data = _usable(recording, message)
            after_s = (message.at_us - asked.at_us) / 1_000_000
            before = _note(recording, asked, Answer(data, after_s), before)
            asked = None


def _messages(bursts: Iterable[Burst]) -> Iterator[Burst]:
    cutter = Cutter()
    for burst in bursts:
        yield from cutter.feed(burst)
    yield from cutter.flush()


def _usable(recording: Recording, message: Burst) -> bytes:
    """Return the bytes of an answer; masked ones as 00, with a CRC that fits."""
    if not message.hidden:
        return message.data
    if len(message.data) > 2:
        seal = sealed(message)
        if seal.readable:
            return seal.body
    recording.unusable += 1
    return b""


def _note(
    recording: Recording, asked: Burst, answer: Answer, before: tuple[bytes, bytes]
) -> tuple[bytes, bytes]:
    """Write down an exchange, unless it is the one before once more; return it."""
    poll, said = before
    repeats = bool(said) and same_poll(asked.data, poll)
    if repeats and answer.data in {said, b""}:
        return before  # an implied NACK, and the same again
    answers = Answers(asked.data, frozenset(asked.hidden))
    answers = recording.polls.setdefault((asked.data, asked.hidden), answers)
    answers.recorded.append(answer)
    return asked.data, answer.data if is_kept(answer.data) else b""


def is_kept(answer: bytes) -> bool:
    """Say whether a machine keeps an answer until it is acknowledged."""
    if len(answer) == 1:
        return answer[0] not in IDLE_CODES
    if len(answer) == 2:
        return answer[1] != 0x00  # busy
    return bool(answer) and not (answer[1] == REAL_TIME and answer[2] in IDLE_CODES)
