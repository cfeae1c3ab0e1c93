"""What a listener owes: nothing is lost outside a declared gap, and nothing is invented."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SAID_AGAIN_S = 40
"""While cable or host are away a machine keeps what was heard, and says it again much later."""


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

    Args:
        told: what the listener told, oldest first.
        gaps: cause, begin and end of each.
        handed: code, moment of the acknowledgement, and whether an answer had gone out whole.
        late_s: a report is told at most so long after its acknowledgement.
        slack_s: by so much the two clocks may differ.
    """
    missing, invented, covered, covering, repeats = [], [], Counter(), set(), 0
    for asset in sorted(handed.keys() | told.keys()):
        mine = list(told.get(asset, ()))
        at = 0
        for code, acked, surely in handed.get(asset, ()):
            match = next(
                (index for index in range(at, len(mine))
                 if mine[index].code == code
                 and -SAID_AGAIN_S < mine[index].at - acked <= late_s),
                None,
            )  # fmt: skip
            if match is None:
                inside = [
                    (asset, *gap) for gap in gaps.get(asset, ())
                    if gap[1] - slack_s <= acked <= gap[2] + slack_s
                ]  # fmt: skip
                covering.update(inside)
                if inside:
                    covered[inside[0][1]] += 1
                elif surely:
                    missing.append((asset, code, acked))
                continue
            between, at = mine[at:match], match + 1
            repeats += sum(one.possible_repeat for one in between)
            invented += [(asset, one) for one in between if not one.possible_repeat]
        repeats += sum(one.possible_repeat for one in mine[at:])
        invented += [(asset, one) for one in mine[at:] if not one.possible_repeat]
    causes = Counter(cause for found in gaps.values() for cause, _, _ in found)
    return Heard(missing, invented, covered, repeats, causes, len(covering))
