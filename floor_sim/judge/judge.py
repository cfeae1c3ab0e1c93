"""Judges one line by all rules of a side: hears symbols, gives findings."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from floor_sim.judge.conversation import Conversation, Side
from floor_sim.judge.messages import Asked, Bits, Kept, Said, shown
from floor_sim.judge.rule import Broken, Row, Rule, Settings, Severity
from protocols.sas.capture import seconds_text
from protocols.sas.symbols import Symbols

EXCERPT_LINES: Final = 16
"""Messages that one finding shows; the latest."""
KEPT_LINES: Final = 200
"""Messages that are kept for excerpts."""
BEFORE_S: Final = 0.001


@dataclass(frozen=True, slots=True)
class Finding:
    """Breaches of one rule that are about the same.

    Attributes:
        rule: id of the rule.
        severity: how bad it is.
        about: a poll, an exception; empty where there is nothing more to say.
        line: name of the line.
        address: the EGM of the first breach; 0 for the line.
        at_s: moment of the first breach, seconds since the judging began.
        text: what happened at the first.
        excerpt: what passed then, as lines of a capture.
        times: how often.
    """

    rule: str
    severity: Severity
    about: str
    line: str
    address: int
    at_s: float
    text: str
    excerpt: tuple[str, ...]
    times: int = 1

    @property
    def key(self) -> tuple[str, str]:
        """What is the same in every run."""
        return self.rule, self.about


@dataclass(slots=True)
class Tally:
    """What one rule has come to on one line or several.

    Attributes:
        row: the rule.
        chances: how often it could have been broken.
        findings: by what they are about.
    """

    row: Row
    chances: int = 0
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)

    @property
    def times(self) -> int:
        """How often it was broken."""
        return sum(finding.times for finding in self.findings.values())


_HEARD: Final = ("asked", "said", "silent", "acked", "nacked", "chirped", "stray", "passed")


class Judge:
    """Judges one line.

    Args:
        line: its name.
        rows: rules to judge by.
        settings: how.

    Attributes:
        conversation: the line as it is now.
        tallies: what each rule has come to, in the order of ``rows``.
        messages: messages heard from the host.
    """

    def __init__(self, line: str, rows: Iterable[Row], settings: Settings) -> None:
        self.line = line
        self.messages = 0
        self.conversation = Conversation(self)
        self.tallies = [Tally(row) for row in rows]
        self._lines: deque[tuple[float, str]] = deque(maxlen=KEPT_LINES)
        self._rules: list[Rule] = [
            tally.row.judge(self.conversation, settings, partial(self._broken, tally))
            for tally in self.tallies
        ]
        self._told = {
            name: [getattr(rule, name) for rule in self._rules if _has(rule, name)]
            for name in _HEARD
        }

    def hear(self, side: Side, symbols: Symbols, at: float) -> None:
        """Take what one side has sent in one burst; ``at`` in seconds since the beginning."""
        self.conversation.hear(side, symbols, at)

    def pass_time(self, now: float) -> None:
        """Let time pass in which nothing was heard."""
        self.conversation.pass_time(now)

    def end(self) -> list[Tally]:
        """Take note that no more is to come; return what each rule has come to."""
        self.conversation.end()
        for tally, rule in zip(self.tallies, self._rules, strict=True):
            tally.chances = max(rule.chances, tally.times)
        return self.tallies

    def coming(self, asked: Asked) -> None:
        """Write down a message of the host."""
        self.messages += 1
        self._write(asked.at, "host", shown(asked.data, asked.wakeup))

    def asked(self, asked: Asked) -> None:
        """Hear a message of the host."""
        for told in self._told["asked"]:
            told(asked)

    def said(self, said: Said) -> None:
        """Hear an answer."""
        self._write(said.at, "egm", shown(said.data, said.wakeup, said.asked.data))
        for told in self._told["said"]:
            told(said)

    def silent(self, asked: Asked, waited_s: float) -> None:
        """Hear that a poll was not answered."""
        for told in self._told["silent"]:
            told(asked, waited_s)

    def acked(self, kept: Kept, by: Asked) -> None:
        """Hear that an answer was acknowledged."""
        for told in self._told["acked"]:
            told(kept, by)

    def nacked(self, kept: Kept, by: Asked) -> None:
        """Hear that an answer was asked for again."""
        for told in self._told["nacked"]:
            told(kept, by)

    def chirped(self, address: int, at: float) -> None:
        """Hear a chirp."""
        self._write(at, "egm", f"{address:02X}*")
        for told in self._told["chirped"]:
            told(address, at)

    def stray(self, data: bytes, wakeup: Bits, at: float) -> None:
        """Hear what nobody had asked for."""
        self._write(at, "egm", shown(data, wakeup))
        for told in self._told["stray"]:
            told(data, wakeup, at)

    def passed(self, now: float) -> None:
        """Hear that time has passed."""
        for told in self._told["passed"]:
            told(now)

    def _write(self, at: float, speaker: str, text: str) -> None:
        self._lines.append((at, f"{seconds_text(round(at * 1e6))} {speaker} {text}"))

    def _broken(self, tally: Tally, broken: Broken) -> None:
        key = tally.row.id, broken.about
        before = tally.findings.get(key)
        if before is not None:
            tally.findings[key] = replace(before, times=before.times + 1)
            return
        lines = [text for at, text in self._lines if broken.since - BEFORE_S <= at]
        tally.findings[key] = Finding(
            tally.row.id, tally.row.severity, broken.about, self.line, broken.address, broken.at,
            broken.text, tuple(lines[-EXCERPT_LINES:]),
        )  # fmt: skip


def _has(rule: Rule, name: str) -> bool:
    return getattr(type(rule), name) is not getattr(Rule, name)


def together(tallies: Iterable[Iterable[Tally]]) -> list[Tally]:
    """Return the tallies of several lines as those of one."""
    whole: dict[str, Tally] = {}
    for tally in (one for line in tallies for one in line):
        sum_ = whole.setdefault(tally.row.id, Tally(tally.row))
        sum_.chances += tally.chances
        for key, finding in tally.findings.items():
            before = sum_.findings.get(key)
            first = finding if before is None else before
            times = finding.times + (before.times if before else 0)
            sum_.findings[key] = replace(first, times=times)
    return list(whole.values())
