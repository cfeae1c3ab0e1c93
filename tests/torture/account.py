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
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.demo.judge import Disagreement, Verdict
from gateway.demo.ledger import OUR_PORT, ledger_files
from gateway.events.envelope import Envelope

FLAG = "its priority flag was still raised"
"""The machine folded it into the same flag: what happened is told, once instead of twice."""
NOISY = frozenset({"answer_lost_twice", "no_exchange", "restart_unknown"})
"""Causes of gaps in which an answer may be lost that the machine takes for acknowledged."""
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
        at: when it happened.
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
    """Which missing exceptions a gap tells of: their answer was spoiled, and so was its repeat.

    Args:
        events: everything that was told.
        handed_over: what machines took off their queues, for whatever reason.
    """

    def __init__(self, events: Iterable[Envelope], handed_over: Iterable[Loss]) -> None:
        self._gaps: dict[str, list[Envelope]] = defaultdict(list)
        for one in events:
            if one.name == "link.gap" and one.data.get("cause") in NOISY:
                self._gaps[one.asset or "-"].append(one)
        self._left: dict[tuple[str, int], list[Loss]] = defaultdict(list)
        for loss in handed_over:
            self._left[loss.asset, int(loss.code, 16)].append(loss)
        self.causes: Counter[str] = Counter()

    def by_a_gap(self, found: Disagreement) -> bool:
        """Say whether it is a missing exception in a gap; what was handed over excuses one."""
        if found.what != "missing" or found.code is None:
            return False
        left = self._left[found.asset, found.code]
        for loss in left:
            for gap in self._gaps[found.asset]:
                if _covers(gap, loss):
                    left.remove(loss)
                    self.causes[str(gap.data["cause"])] += 1
                    return True
        return False

    def sift(self, verdict: Verdict) -> Verdict:
        """Return the verdict without what a gap tells of."""
        left = tuple(one for one in verdict.disagreements if not self.by_a_gap(one))
        return replace(verdict, disagreements=left)


def losses(folder: Path) -> Iterator[Loss]:
    """Yield what the machines lost of what our port was to hear, oldest first."""
    happened: dict[int, datetime] = {}
    for record, at in _records(folder):
        if record["what"] == "exception":
            happened[record["n"]] = at
        elif record["what"] == "lost" and record.get("port", OUR_PORT) == OUR_PORT:
            since = happened.get(record["of"], at)
            yield Loss(record["egm"], since, record["reason"], record["code"])


def handed_over(folder: Path) -> Iterator[Loss]:
    """Yield what the machines took off their queues because a host acknowledged it."""
    for record, at in _records(folder):
        if record["what"] == "acked" and record.get("port", OUR_PORT) == OUR_PORT:
            yield Loss(record["egm"], at, "handed over", record["code"])


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

    A gap covers a loss of its EGM that happened between its ``occurredafter`` (nothing: since ever)
    and its observation.
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
    began = gap.occurredafter
    return (began is None or began - SLACK <= loss.at) and loss.at <= gap.time + SLACK


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
