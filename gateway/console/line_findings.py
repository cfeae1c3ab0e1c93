"""What is wrong with a line, in the words of somebody who will go and look: where, and at what.

A line is a wire from machine to machine in the order of the SAS addresses. Where the answers stop
is where the wire is broken; one silent machine between two that answer is its own plug; bad answers
from one machine are its board, from all of them the wire. Pure: status models in, words out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median, median_low

from gateway.console.sight import Said, Tone
from gateway.console.words import percent
from gateway.status.model import EgmStatus, EgmWord, LineStatus, LinkWord

BAD_SHARE_MIN = 0.02
"""Share of a machine's last 100 polls that must have failed before it is called noisy."""

SLOW_FACTOR = 1.5
"""A turn longer than this times the planned one is worth a word."""

SLOW_ANSWER_MS = 20
"""In so many milliseconds a machine begins its answer by the book (Montana DOJ, SAS implementation
guide); later ones cost the line its time."""

_WORKING = ("polling", "listening", "answering", "nobody answers")

# The beginning of a line's state, and what to do about it; the first row that fits.
_STATE_ADVICE: tuple[tuple[str, str], ...] = (
    ("waiting for the port",
     "is the adapter plugged in and powered? slotgw ports lists what this computer sees"),
    ("stopped: another host",
     "two hosts poll this wire: unplug ours from it at once, then find out whose port it is"),
    ("not known", "nothing is heard of its machines: look at its gateway, page 7"),
    ("port lost", "the adapter went away: look at its USB plug and its power"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found on a line.

    Attributes:
        words: what is wrong and where to look.
        tone: how bad it is.
    """

    words: str
    tone: Tone

    def said(self) -> Said:
        """Return it as the screen draws it."""
        return Said(self.words, self.tone)


def findings(line: LineStatus, egms: Iterable[EgmStatus]) -> list[Finding]:
    """Return what is wrong with ``line``, worst first; empty where all is well.

    Args:
        line: the line.
        egms: the EGMs on it, in any order.
    """
    there = sorted(egms, key=lambda egm: egm.address)
    if not line.state.startswith(_WORKING):
        return [Finding(f"{line.name} {line.state}: {_advice(line.state)}", Tone.BAD)]
    if not there:
        return [Finding(f"{line.name} has no EGMs in the site file", Tone.WARN)]
    found = [*_silent(line, there), *_noisy(line, there), *_slow(there)]
    if line.cycle_s is not None and line.plan_cycle_s is not None:
        planned_s = max(line.plan_cycle_s, line.plan_period_s or 0.0)
        if line.cycle_s > SLOW_FACTOR * planned_s:
            found.append(Finding(
                f"a turn over {line.name} takes {line.cycle_s:.2f} s, planned {planned_s:.2f} s: "
                "silent machines and repeats cost the time", Tone.WARN,
            ))  # fmt: skip
    return found


def _advice(state: str) -> str:
    fitting = (advice for start, advice in _STATE_ADVICE if state.startswith(start))
    return next(fitting, "look at its port; slotgw ports lists what this computer sees")


def _silent(line: LineStatus, egms: Sequence[EgmStatus]) -> list[Finding]:
    """Say where the answers stop, and which machines are silent by themselves."""
    down = [egm.link is LinkWord.DOWN for egm in egms]
    if not any(down):
        return []
    if all(down):
        first = egms[0]
        return [Finding(
            f"nobody answers on {line.name}: look at the plug at our port and at the first "
            f"machine, {_name(first)}; receive and transmit swapped?", Tone.BAD,
        )]  # fmt: skip
    stop = _stops_at(down)
    found = []
    if stop is not None:
        last, first = egms[stop - 1], egms[stop]
        found.append(Finding(
            f"replies on {line.name} stop at address {first.address} ({_name(first)} and "
            f"{len(egms) - stop - 1} more): look at the harness after {_name(last)}",
            Tone.BAD,
        ))  # fmt: skip
    for egm, silent in zip(egms[:stop], down[:stop], strict=True):
        if silent:
            found.append(Finding(
                f"{_name(egm)} alone does not answer ({egm.link_reason or 'link down'}): look at "
                "its power, its SAS plug and its SAS address", Tone.BAD,
            ))  # fmt: skip
    return found


def _stops_at(down: Sequence[bool]) -> int | None:
    """Return the index from which nobody answers, if at least two in a row at the end do not."""
    first = len(down)
    while first and down[first - 1]:
        first -= 1
    return first if 0 < first <= len(down) - 2 else None


def _noisy(line: LineStatus, egms: Sequence[EgmStatus]) -> list[Finding]:
    """Say whose answers are bad now, and whether one or all of them are."""
    live = [egm for egm in egms if _live(egm)]
    noisy = [egm for egm in live if bad_share(egm) >= BAD_SHARE_MIN]
    if not noisy:
        return []
    if len(noisy) == len(live) and len(live) > 2:
        worst = max(noisy, key=bad_share)
        return [Finding(
            f"every machine on {line.name} answers badly now ({_name(worst)} worst, "
            f"{percent(bad_share(worst))} failed): look at {_at_what_of_all(live)}", Tone.WARN,
        )]  # fmt: skip
    return [
        Finding(
            f"{_name(egm)} fails {percent(bad_share(egm))} of its polls, its neighbours do not: "
            f"look at {_at_what(egm)}",
            Tone.WARN,
        )
        for egm in sorted(noisy, key=bad_share, reverse=True)
    ]


def _at_what(egm: EgmStatus) -> str:
    """Return what to look at, by what kind of failure prevails."""
    if egm.state is EgmWord.QUARANTINED:
        return "its events: the gateway has set it aside"
    if damaged(egm):
        return "its SAS plug and board (answers arrive damaged: its events may be misread)"
    return "its SAS plug and how busy it is (answers do not come)"


def _at_what_of_all(egms: Iterable[EgmStatus]) -> str:
    """Return what to look at where all fail together: the wire, or who waits for the answers."""
    there = list(egms)
    if sum(egm.timeouts for egm in there) > sum(egm.errors - egm.timeouts for egm in there):
        return ("the plug at our port, its adapter, and how busy this computer is (answers do not "
                "come, or come late)")  # fmt: skip
    return "shield, ground and length of the wire, and at what runs beside it"


def _slow(egms: Iterable[EgmStatus]) -> list[Finding]:
    """Say who takes longer over its answers than the book allows and its neighbours need."""
    timed = [(egm.answer_ms, egm) for egm in egms if egm.answer_ms is not None and _live(egm)]
    found = []
    for took_ms, egm in sorted(timed, key=lambda one: -one[0]):
        others = [other_ms for other_ms, other in timed if other is not egm]
        if took_ms > SLOW_ANSWER_MS and others and took_ms > SLOW_FACTOR * median(others):
            found.append(Finding(
                f"{_name(egm)} takes {took_ms} ms to answer, its neighbours "
                f"{median_low(others)} ms, and {SLOW_ANSWER_MS} ms are right: look at its board, "
                "and whether its menu or a self-test keeps it busy", Tone.WARN,
            ))  # fmt: skip
    return found


def slowest(egms: Iterable[EgmStatus]) -> EgmStatus | None:
    """Return the EGM that takes longest over its answers, or None where no time is known."""
    timed = [egm for egm in egms if egm.answer_ms is not None and _live(egm)]
    return max(timed, key=lambda egm: egm.answer_ms or 0, default=None)


def _live(egm: EgmStatus) -> bool:
    return egm.link in {LinkWord.UP, LinkWord.DEGRADED}


def damaged(egm: EgmStatus) -> bool:
    """Return whether bad answers of it are damaged rather than missing: its events may be too."""
    return bad_share(egm) >= BAD_SHARE_MIN and egm.errors > 2 * egm.timeouts


def bad_share(egm: EgmStatus) -> float:
    """Return the share of its last 100 polls that failed, 0 to 1."""
    return 0.0 if egm.link_quality is None else 1.0 - egm.link_quality


def _name(egm: EgmStatus) -> str:
    return egm.location or egm.asset
