"""The verdict: does the stream tell what happened on the floor, event for event?

Two witnesses are compared that share no code on the way: the simulator's ledger, written before
each exception enters a machine's queue, and what JetStream stored. For every EGM the exception
codes of the ledger, less those that the machine itself lost, must be the codes of the stream, in
the order in which the machine handed them over (a priority exception overtakes the queue) and,
behind those, in the order in which they happened. An event marked ``possiblerepeat`` may be one
more of the same as the one before it; an exception that overflowed a queue may have been heard
before that, and then forgotten by a machine that restarted; every other difference is a
disagreement. The sequences must have no holes.

Pure: no file, no clock, no network.
"""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from protocols.sas.tables.exceptions import PRIORITY_ORDER

PRIORITY = frozenset(PRIORITY_ORDER)
DISAGREEMENTS_MAX = 1_000
"""Disagreements listed in a verdict; there may be more."""


class Fate(Enum):
    """What the ledger tells of an exception."""

    HAPPENED = "exception"
    HANDED_OVER = "acked"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the ledger about an exception.

    Attributes:
        asset: asset number of the EGM.
        fate: it happened; the machine took it off its queue because a host acknowledged it; or the
            machine itself lost it (its queue was full, its memory was cleared).
        number: the ledger's own number of the exception, the same in all its entries.
        code: SAS exception code.
        may_be_told: of a lost one: a host may have heard it before it was lost.
    """

    asset: str
    fate: Fate
    number: int
    code: int
    may_be_told: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """An exception that should be told, or may be.

    Attributes:
        code: SAS exception code.
        optional: the machine lost it; a host may have heard it before.
    """

    code: int
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """One message of a stream.

    Attributes:
        stream: name of the stream.
        stream_sequence: the stream's own number of the message.
        id: CloudEvents id.
        type: short type, for example ``door.opened``.
        asset: asset number, or None.
        code: SAS exception code, or None where the event came from something else.
        sequence: gapless per gateway.
        familysequence: gapless per gateway and family.
        possible_repeat: the gateway says that it may be the one before once more.
    """

    stream: str
    stream_sequence: int
    id: str
    type: str
    asset: str | None
    code: int | None
    sequence: int
    familysequence: int
    possible_repeat: bool = False

    @property
    def family(self) -> str:
        """First word of the type."""
        return self.type.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One difference between floor and stream.

    Attributes:
        what: ``missing``, ``extra``, ``hole``, ``twice`` or ``order``.
        asset: the EGM, or ``-`` where it is about a sequence.
        index: position in the EGM's list of exceptions, or the sequence.
        code: SAS exception code, or None.
        detail: more, in words.
    """

    what: str
    asset: str
    index: int
    code: int | None = None
    detail: str = ""

    def __str__(self) -> str:
        """One line for a person."""
        code = f" code {self.code:02X}" if self.code is not None else ""
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.what}: {self.asset} #{self.index}{code}{detail}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the comparison found.

    Attributes:
        happened: exceptions of the ledger that the machines did not lose.
        lost: exceptions that the machines lost.
        stored: different events in the streams.
        with_code: those of them that tell of a SAS exception.
        repeats: events marked ``possiblerepeat`` that were indeed one more of the same.
        delivered_again: messages that a stream holds a second time, with the same id.
        disagreements: every difference, at most ``DISAGREEMENTS_MAX``.
    """

    happened: int
    lost: int
    stored: int
    with_code: int
    repeats: int
    delivered_again: int
    disagreements: tuple[Disagreement, ...]

    @property
    def agree(self) -> bool:
        """Say whether ledger and stream agree event for event."""
        return not self.disagreements


def judge(ledger: Iterable[Entry], stored: Iterable[Stored]) -> Verdict:
    """Compare the ``ledger`` of the floor, in its order, with what the streams ``stored``."""
    messages = list(stored)
    events = sorted(
        {message.id: message for message in reversed(messages)}.values(),
        key=lambda event: event.sequence,
    )
    expected, lost = _expected(ledger)
    told: dict[str, list[Stored]] = defaultdict(list)
    for event in events:
        if event.code is not None:
            told[event.asset or "-"].append(event)
    found: list[Disagreement] = []
    repeats = 0
    for asset in sorted(expected.keys() | told.keys()):
        extra, differences = _compare(asset, expected.get(asset, []), told.get(asset, []))
        repeats += extra
        found += differences
    found += _holes("sequence", [event.sequence for event in events])
    for family in sorted({event.family for event in events}):
        numbers = [event.familysequence for event in events if event.family == family]
        found += _holes(f"familysequence of {family}", numbers)
    found += _order(messages)
    return Verdict(
        happened=sum(not due.optional for dues in expected.values() for due in dues),
        lost=lost,
        stored=len(events),
        with_code=sum(map(len, told.values())),
        repeats=repeats,
        delivered_again=len(messages) - len(events),
        disagreements=tuple(found[:DISAGREEMENTS_MAX]),
    )


def _expected(ledger: Iterable[Entry]) -> tuple[dict[str, list[Due]], int]:
    """Return what is to be seen by asset, and how many were lost by the machines.

    What was lost and may have been told stands where it was lost: until then it was the next one to
    be handed over.
    """
    happened: dict[int, Entry] = {}
    handed_over: dict[int, None] = {}
    lost: dict[int, bool] = {}
    for entry in ledger:
        match entry.fate:
            case Fate.HAPPENED:
                happened[entry.number] = entry
            case Fate.HANDED_OVER:
                handed_over[entry.number] = None
            case Fate.LOST:
                lost[entry.number] = entry.may_be_told
                if entry.may_be_told:
                    handed_over[entry.number] = None
    expected: dict[str, list[Due]] = defaultdict(list)
    for number in handed_over | dict.fromkeys(happened):
        told = happened.get(number)  # None: it stood in an older file of the ledger
        if told is not None and lost.get(number, True):
            expected[told.asset].append(Due(told.code, number in lost))
    return expected, len(lost)


def _compare(
    asset: str, expected: Sequence[Due], told: Sequence[Stored]
) -> tuple[int, list[Disagreement]]:
    """Return how many of ``told`` were true repeats, and the differences.

    Goes through what was told with every place in ``expected`` where it could stand: a marked event
    that equals its predecessor may stand for nothing new, an optional exception may be passed over.
    """
    places = _passed_over(expected, {0: 0})
    for at, event in enumerate(told):
        spare = _repeats_before(told, at) or _is_repeated(told, at)
        after: dict[int, int] = {}
        for place, repeats in places.items():
            if place < len(expected) and expected[place].code == event.code:
                after[place + 1] = min(repeats, after.get(place + 1, repeats))
            if spare:
                after[place] = min(repeats + 1, after.get(place, repeats + 1))
        places = _passed_over(expected, after)
    if len(expected) in places:
        return places[len(expected)], []
    codes = [due.code for due in expected if not due.optional]
    return 0, list(_differences(asset, codes, _without_likely_repeats(codes, told)))


def _repeats_before(told: Sequence[Stored], at: int) -> bool:
    """Say whether the event may be the one before it once more: marked, and of the same code."""
    return told[at].possible_repeat and at > 0 and told[at - 1].code == told[at].code


def _is_repeated(told: Sequence[Stored], at: int) -> bool:
    """Say whether a marked event of its code follows behind priority exceptions alone.

    A machine that forgot that it had said the event says what overtakes its queue first.
    """
    for place, later in enumerate(told[at + 1 :]):
        if later.code == told[at].code:
            return place > 0 and later.possible_repeat
        if later.code not in PRIORITY:
            return False
    return False


def _passed_over(expected: Sequence[Due], places: dict[int, int]) -> dict[int, int]:
    """Add the places that are reached by passing over what is optional."""
    reached: dict[int, int] = {}
    for start, repeats in sorted(places.items()):
        place = start
        reached[place] = min(repeats, reached.get(place, repeats))
        while place < len(expected) and expected[place].optional:
            place += 1
            reached[place] = min(repeats, reached.get(place, repeats))
    return reached


def _without_likely_repeats(expected: Sequence[int], told: Sequence[Stored]) -> list[int]:
    """Return the codes told, less marked ones that do not fit: for the report of a disagreement."""
    kept: list[int] = []
    for before, event in zip((None, *told), told, strict=False):
        code = event.code
        assert code is not None, "an event without a code was told"
        fits = len(kept) < len(expected) and expected[len(kept)] == code
        if event.possible_repeat and before is not None and before.code == code and not fits:
            continue
        kept.append(code)
    return kept


def _differences(
    asset: str, expected: Sequence[int], told: Sequence[int]
) -> Iterator[Disagreement]:
    start = _agreed(expected, told)
    end = _agreed(expected[start:][::-1], told[start:][::-1])
    middle, shown = expected[start : len(expected) - end], told[start : len(told) - end]
    matcher = difflib.SequenceMatcher(a=list(middle), b=list(shown), autojunk=False)
    for tag, first, last, told_first, told_last in matcher.get_opcodes():
        if tag == "equal":
            continue
        for at in range(first, last):
            detail = f"happened, and is not in the stream; {len(expected)} happened"
            yield Disagreement("missing", asset, start + at, middle[at], detail)
        for at in range(told_first, told_last):
            detail = f"in the stream, and did not happen; {len(told)} told"
            yield Disagreement("extra", asset, start + at, shown[at], detail)


def _agreed(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many items at the start are the same."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _holes(name: str, numbers: Sequence[int]) -> Iterator[Disagreement]:
    """Yield what keeps ``numbers`` from being 1, 2, 3 ..., each once."""
    for number, times in sorted(Counter(numbers).items()):
        if times > 1:
            yield Disagreement("twice", "-", number, detail=f"{name} of {times} different events")
    before = 0
    for number in sorted(set(numbers)):
        if number != before + 1:
            detail = f"{name}: {before + 1} to {number - 1} missing"
            yield Disagreement("hole", "-", before + 1, detail=detail)
        before = number


def _order(messages: Iterable[Stored]) -> Iterator[Disagreement]:
    """Yield every event that a stream got after a later one of the same EGM."""
    newest: dict[tuple[str, str | None], int] = {}
    seen: set[str] = set()
    for message in sorted(messages, key=lambda each: (each.stream, each.stream_sequence)):
        if message.id in seen:
            continue
        seen.add(message.id)
        place = (message.stream, message.asset)
        if message.sequence < newest.get(place, 0):
            detail = f"{message.type} stands in {message.stream} behind a later one"
            yield Disagreement(
                "order", message.asset or "-", message.sequence, message.code, detail
            )
        newest[place] = max(newest.get(place, 0), message.sequence)
