"""Findings that are known and accepted: a file that people keep beside their host."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from floor_sim.judge.judge import Finding

ACCEPTED: Final = "accepted"


class BaselineError(Exception):
    """The file is no baseline; the message says where and why."""


class Baseline:
    """Known findings, by rule and what they are about.

    Args:
        keys: rule and what it is about; an empty "about" stands for whatever it is about.
    """

    def __init__(self, keys: Iterable[tuple[str, str]] = ()) -> None:
        self._keys = list(dict.fromkeys(keys))
        self._met: set[tuple[str, str]] = set()

    def knows(self, finding: Finding) -> bool:
        """Say whether a finding is accepted."""
        met = {key for key in self._keys if key in {finding.key, (finding.rule, "")}}
        self._met |= met
        return bool(met)

    @property
    def unmet(self) -> list[tuple[str, str]]:
        """What was accepted and did not happen."""
        return [key for key in self._keys if key not in self._met]


def read_baseline(path: Path, rules: Iterable[str]) -> Baseline:
    """Read a baseline.

    Args:
        path: the file.
        rules: ids of the rules that there are.

    Raises:
        BaselineError: it cannot be read, or is none.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BaselineError(f"{path}: {error.strerror}") from None
    except ValueError:
        raise BaselineError(f"{path}: no JSON; --write-baseline writes such a file") from None
    rows = data.get(ACCEPTED) if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise BaselineError(f'{path}: no list "{ACCEPTED}"; --write-baseline writes such a file')
    known = set(rules)
    return Baseline(_key(path, number, row, known) for number, row in enumerate(rows, 1))


def _key(path: Path, number: int, row: Any, known: set[str]) -> tuple[str, str]:
    rule, about = (row.get("rule"), row.get("about", "")) if isinstance(row, dict) else ("", "")
    if rule not in known:
        raise BaselineError(f"{path}: row {number} of {ACCEPTED}: there is no rule {rule!r}")
    if not isinstance(about, str):
        raise BaselineError(f"{path}: row {number} of {ACCEPTED}: about is a text")
    return rule, about


def baseline_text(findings: Iterable[Finding]) -> str:
    """Return a baseline of ``findings``; what happened stands beside each, for people."""
    rows = [
        {"rule": one.rule, "about": one.about, "was": one.text}
        for one in sorted(findings, key=lambda one: one.key)
    ]
    return json.dumps({ACCEPTED: rows}, indent=2) + "\n"
