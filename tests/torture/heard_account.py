"""What a listener owes: nothing is lost outside a declared gap, and nothing is invented."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.demo.judge import Entry, Fate, Stored, judge


@dataclass(frozen=True)
class Told:
    """An exception as the listening gateway told it.

    Attributes:
        code: in hex.
        at: when it was heard, seconds.
        possible_repeat: it may have been told before.
    """

    code: str
    at: float
    possible_repeat: bool


@dataclass(frozen=True)
class Heard:
    """What a listener owes, and what it told.

    Attributes:
        missing: handed over in no gap and not told: asset, code, moment.
        invented: told without a mark, and did not happen.
        covered: handed over and not told, in a gap, by the gap's cause.
        repeats: told once more, with a mark.
        gaps: gaps told, by cause.
        covering: those of them in which something was lost.
    """

    missing: list
    invented: list
    covered: Counter
    repeats: int
    gaps: Counter
    covering: int


def settle(
    told: Mapping[str, Sequence[Told]],
    gaps: Mapping[str, Sequence[tuple[str, float, float]]],
    handed: Mapping[str, Sequence[tuple[str, float, bool]]],
    *,
    late_s: float,
    slack_s: float,
) -> Heard:
    """Compare, machine by machine, what was handed over with what was told, and with the gaps.

    In order, as the judge of the demonstration does: what was handed over in a gap, or though no
    answer had gone out whole, may be told or not; a marked event may be the one before it again.

    Args:
        told: what the listener told, oldest first.
        gaps: cause, begin and end of each.
        handed: code, moment of the acknowledgement, and whether an answer had gone out whole.
        late_s: a report is told at most so long after its acknowledgement.
        slack_s: by so much the two clocks may differ.
    """
    missing, invented, covered, covering, repeats = [], [], Counter(), set(), 0
    for asset in sorted(handed.keys() | told.keys()):
        mine, ours = told.get(asset, ()), handed.get(asset, ())
        inside = [
            [gap for gap in gaps.get(asset, ()) if gap[1] - slack_s <= at <= gap[2] + slack_s]
            for _, at, _ in ours
        ]
        sure = [surely and not found for (_, _, surely), found in zip(ours, inside, strict=True)]
        verdict = judge(_entries(asset, ours, sure), _stored(asset, mine))
        repeats += verdict.repeats
        for one in verdict.disagreements:
            if one.what == "missing":
                missing.append((asset, f"{one.code:02X}", _when(ours, sure, one.index)))
            elif one.what == "extra":
                invented.append((asset, mine[min(one.index, len(mine) - 1)]))
        free = Counter((one.code, round(one.at)) for one in mine)
        for (code, acked, _), found in zip(ours, inside, strict=True):
            near = range(round(acked - 2), round(acked + late_s) + 1)
            at = next((at for at in near if free[code, at]), None)
            if at is not None:
                free[code, at] -= 1
            elif found:
                covered[found[0][0]] += 1
                covering.update((asset, *gap) for gap in found)
    causes = Counter(cause for found in gaps.values() for cause, _, _ in found)
    return Heard(missing, invented, covered, repeats, causes, len(covering))


def _entries(asset: str, handed: Sequence[tuple[str, float, bool]], sure: Sequence[bool]):
    for number, (code, _, _) in enumerate(handed):
        yield Entry(asset, Fate.HAPPENED, number, int(code, 16))
        yield Entry(asset, Fate.HANDED_OVER, number, int(code, 16))
        if not sure[number]:
            yield Entry(asset, Fate.LOST, number, int(code, 16), may_be_told=True)


def _stored(asset: str, told: Sequence[Told]) -> list[Stored]:
    return [
        Stored("", 0, f"{number}", "", asset, int(one.code, 16), number, number,
               one.possible_repeat)
        for number, one in enumerate(told, start=1)
    ]  # fmt: skip


def _when(handed, sure, index: int) -> float:
    """Return the moment of one of those that had to be told, by its place among them."""
    moments = [at for (_, at, _), owed in zip(handed, sure, strict=True) if owed]
    return moments[min(index, len(moments) - 1)]
