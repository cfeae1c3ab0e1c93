"""What is owed at the end of a campaign: marks, gaps, and what consumers made of it.

Marks (``possiblerepeat``) and gaps are promises in two directions: each that was needed must be
there, and each that was not needed costs a person's time. Both are counted.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.demo.judge import Entry, Fate, Stored, Verdict, judge
from gateway.demo.ledger import OUR_PORT, ledger_files
from gateway.events.envelope import Envelope

FLAG = "its priority flag was still raised"
"""The machine folded it into the same flag: what happened is told, once instead of twice."""
NOISY = frozenset({"answer_lost_twice", "gateway_down", "no_exchange", "restart_unknown"})
"""Causes of gaps in which an answer may be lost that the machine takes for acknowledged: a gap that
is open when its first answer is lost keeps its cause."""
EVER = datetime(2000, 1, 1, tzinfo=UTC)
OF_EVENTS = frozenset({"missing", "extra"})
SLACK = timedelta(seconds=1.0)
"""The simulator's clock and the gateway's are one computer's, read at different moments."""

RESULTS = {
    "dispatch": ("SELECT * FROM calls ORDER BY callid",),
    "loyalty": (
        (
            "SELECT event_id, session_id, asset, player, decision, reason, coin_in_credits,"
            " earned, points, closed_ns FROM ledger ORDER BY event_id"
        ),
        "SELECT player, points FROM accounts ORDER BY player",
    ),
    "surveillance": (
        (
            "SELECT event_id, type, severity, asset, text, why, observed_ns FROM records"
            " ORDER BY event_id"
        ),
    ),
}
"""Service to the queries whose rows must be those of a run that nobody disturbed."""


@dataclass(frozen=True, slots=True)
class Loss:
    """An exception that a machine lost.

    Attributes:
        asset: the EGM.
        at: when it was lost: for want of room, with its answer, or when memory was cleared.
        reason: the simulator's words.
        code: SAS exception code in hex.
    """

    asset: str
    at: datetime
    reason: str
    code: str


@dataclass(frozen=True, slots=True)
class Marks:
    """Repeats told and marks set.

    Attributes:
        needed: events told twice (the judge has already found those without a mark).
        present: events with a mark that tell of a SAS exception.
    """

    needed: int
    present: int

    @property
    def needless(self) -> int:
        """Marks on events that were told once."""
        return self.present - self.needed


@dataclass(frozen=True, slots=True)
class Gaps:
    """Losses of machines and gaps told.

    Attributes:
        needed: losses that a gap must cover.
        missing: those that none covers.
        by_cause: gaps told, by cause.
        covering: gaps that cover a loss.
    """

    needed: int
    missing: tuple[Loss, ...]
    by_cause: Mapping[str, int]
    covering: int

    @property
    def needless(self) -> int:
        """Gaps in which nothing was lost."""
        return sum(self.by_cause.values()) - self.covering


class Excuses:
    """Which exceptions need not be told, since a gap tells of them: noise took their answers.

    Args:
        events: everything that was told.
        handed_over: what machines took off their queues because a host acknowledged it, with the
            ledger's numbers.

    Attributes:
        causes: exceptions that were not told and are excused, by the cause of their gap.
    """

    def __init__(self, events: Iterable[Envelope], handed_over: Iterable[tuple[int, Loss]]) -> None:
        self.causes: Counter[str] = Counter()
        self._events = list(events)
        gaps: dict[str, list[Envelope]] = defaultdict(list)
        for one in self._events:
            if one.name == "link.gap" and one.data.get("cause") in NOISY:
                gaps[one.asset or "-"].append(one)
        self._excused: dict[int, tuple[Loss, str]] = {}
        for number, loss in handed_over:
            for gap in gaps[loss.asset]:
                if _covers(gap, loss):
                    self._excused[number] = loss, str(gap.data["cause"])

    def sift(self, verdict: Verdict, ledger: Iterable[Entry]) -> Verdict:
        """Judge once more, with what is excused as what may be told or not.

        Args:
            verdict: the strict one.
            ledger: what it was judged by.
        """
        if verdict.agree or not self._excused:
            return verdict
        may_be = [
            Entry(loss.asset, Fate.LOST, number, int(loss.code, 16), may_be_told=True)
            for number, (loss, _) in self._excused.items()
        ]
        mild = judge([*ledger, *may_be], map(_told, self._events))
        excused = _missing(verdict) - _missing(mild)
        for loss, cause in self._excused.values():
            one = loss.asset, int(loss.code, 16)
            if excused[one] > 0:
                excused[one] -= 1
                self.causes[cause] += 1
        left = [one for one in verdict.disagreements if one.what not in OF_EVENTS]
        left += [one for one in mild.disagreements if one.what in OF_EVENTS]
        return replace(verdict, repeats=mild.repeats, disagreements=tuple(left))


def _missing(verdict: Verdict) -> Counter[tuple[str, int | None]]:
    return Counter((one.asset, one.code) for one in verdict.disagreements if one.what == "missing")


def _told(event: Envelope) -> Stored:
    code = None if event.sascode is None else int(event.sascode, 16)
    return Stored(
        "", 0, event.id, event.name, event.asset, code, event.sequence, event.familysequence,
        event.possiblerepeat,
    )  # fmt: skip


def losses(folder: Path) -> Iterator[Loss]:
    """Yield what the machines lost of what our port was to hear, oldest first."""
    for record, at in _records(folder):
        if record["what"] == "lost" and record.get("port", OUR_PORT) == OUR_PORT:
            yield Loss(record["egm"], at, record["reason"], record["code"])


def handed_over(folder: Path) -> Iterator[tuple[int, Loss]]:
    """Yield what the machines took off their queues because a host acknowledged it."""
    for record, at in _records(folder):
        if record["what"] == "acked" and record.get("port", OUR_PORT) == OUR_PORT:
            yield record["of"], Loss(record["egm"], at, "handed over", record["code"])


def pulled(folder: Path) -> int:
    """Return how often the floor, by its own troubles, pulled the cable of a line."""
    return sum(
        record["what"] == "line" and bool(record["pulled"]) for record, _ in _records(folder)
    )


def _records(folder: Path) -> Iterator[tuple[dict[str, Any], datetime]]:
    for path in ledger_files(folder):
        for line in path.read_text("utf-8").split("\n")[:-1]:
            record = json.loads(line)
            yield record, datetime.fromisoformat(record.get("t", "1970-01-01T00:00:00Z"))


def marks(events: Iterable[Envelope], repeats: int) -> Marks:
    """Return the account of the marks; ``repeats`` is what the judge found told twice."""
    told = [one for one in events if one.sascode is not None]
    return Marks(repeats, sum(one.possiblerepeat for one in told))


def gaps(events: Iterable[Envelope], lost: Iterable[Loss]) -> Gaps:
    """Return the account of the gaps.

    A gap covers a loss of its EGM within its length, up to its observation; one without a length
    (a machine's queue was full) covers what was lost since its ``occurredafter``.
    """
    told: dict[str, list[Envelope]] = defaultdict(list)
    causes: Counter[str] = Counter()
    for one in events:
        if one.name == "link.gap":
            told[one.asset or "-"].append(one)
            causes[str(one.data.get("cause"))] += 1
    needed, missing, covering = 0, [], set()
    for loss in lost:
        if loss.reason == FLAG:
            continue
        needed += 1
        found = [one for one in told[loss.asset] if _covers(one, loss)]
        covering.update(one.id for one in found)
        if not found:
            missing.append(loss)
    return Gaps(needed, tuple(missing), causes, len(covering))


def _covers(gap: Envelope, loss: Loss) -> bool:
    return _began(gap) - SLACK <= loss.at <= gap.time + SLACK


def _began(gap: Envelope) -> datetime:
    """Return since when a gap says that something may be missing."""
    if gap.data.get("gap_s") is not None:
        return gap.time - timedelta(seconds=float(str(gap.data["gap_s"])))
    return gap.occurredafter or EVER


def results(data: Path, service: str) -> list[tuple[object, ...]]:
    """Return what a service has worked out, in an order of its own."""
    with closing(sqlite3.connect(data / f"{service}.sqlite")) as database:
        return [row for query in RESULTS[service] for row in database.execute(query)]


def differences(one: list[tuple[object, ...]], other: list[tuple[object, ...]]) -> list[str]:
    """Return rows that stand on one side only, as text."""
    left, right = Counter(one), Counter(other)
    return [f"only in the tortured run: {row}" for row in (left - right).elements()] + [
        f"only in the clean run: {row}" for row in (right - left).elements()
    ]
