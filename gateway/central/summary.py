"""What the consumers have done so far, read from their files without touching them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from gateway.central.shell import database_of, figures_of

Summary = dict[str, object]


class SummaryError(Exception):
    """A consumer's file cannot be read; says which and why."""


def summary(data: Path) -> dict[str, Summary | None]:
    """Return what each consumer has done, by service; None where it has no tables in ``data``.

    Raises:
        SummaryError: a file is there and cannot be read.
    """
    return {service: _of(data, service, parts) for service, parts in _PARTS.items()}


def _of(data: Path, service: str, parts: Callable[[sqlite3.Connection], Summary]) -> Summary | None:
    path = database_of(data, service)
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            db.execute("BEGIN")  # one moment for all questions
            if db.execute("PRAGMA user_version").fetchone()[0] == 0:
                return None  # the consumer is just making its tables
            return parts(db) | {"figures": _figures(db, figures_of(data, service))}
    except sqlite3.Error as error:
        raise SummaryError(f"{path}: {error}") from error


def _dispatch(db: sqlite3.Connection) -> Summary:
    opened = _counts(db, "SELECT kind, count(*) FROM calls GROUP BY kind")
    closed = _counts(db, "SELECT kind, count(*) FROM calls WHERE state = 'closed' GROUP BY kind")
    outcomes = "SELECT outcome, count(*) FROM calls WHERE state = 'closed' GROUP BY outcome"
    lockup_ms = _one(db, "SELECT avg(lockup_ms) FROM calls WHERE kind = 'handpay'")
    return {
        "calls": sum(opened.values()),
        "opened": opened,
        "closed": closed,
        "open": {kind: opened[kind] - closed.get(kind, 0) for kind in opened},
        "outcomes": _counts(db, outcomes),
        "mean_handpay_lockup_s": None if lockup_ms is None else round(float(lockup_ms) / 1000, 3),
    }


def _loyalty(db: sqlite3.Connection) -> Summary:
    return {
        "points": _one(db, "SELECT coalesce(sum(points), 0) FROM accounts"),
        "accounts": _one(db, "SELECT count(*) FROM accounts"),
        "sessions": _counts(db, "SELECT decision, count(*) FROM ledger GROUP BY decision"),
        "undecided": _counts(
            db,
            "SELECT reason, count(*) FROM ledger WHERE decision IN ('undecided', 'no card') "
            "GROUP BY reason",
        ),
    }


def _surveillance(db: sqlite3.Connection) -> Summary:
    return {
        "records": _one(db, "SELECT count(*) FROM records"),
        "by_type": _counts(db, "SELECT type, count(*) FROM records GROUP BY type"),
        "by_severity": _counts(db, "SELECT severity, count(*) FROM records GROUP BY severity"),
        "without_camera": _one(db, "SELECT count(*) FROM records WHERE camera_note <> ''"),
    }


_PARTS: Final = {"dispatch": _dispatch, "loyalty": _loyalty, "surveillance": _surveillance}


def _figures(db: sqlite3.Connection, told: Path) -> Summary:
    """Return the consumer's own figures; ``lag`` is what it last told, or None if it never did."""
    totals = _counts(db, "SELECT name, value FROM total")
    try:
        lag = json.loads(told.read_text("utf-8"))["lag"]
    except (OSError, ValueError, KeyError):
        lag = None
    return {
        "handled": totals.get("handled", 0),
        "duplicates": totals.get("duplicate", 0),
        "dead": totals.get("dead", 0),
        "outgoing": _one(db, "SELECT count(*) FROM outgoing WHERE ended_ns IS NULL"),
        "refused": _one(db, "SELECT count(*) FROM outgoing WHERE reason IS NOT NULL"),
        "lag": lag,
    }


def _counts(db: sqlite3.Connection, query: str) -> dict[str, int]:
    return dict(sorted(db.execute(query).fetchall()))


def _one(db: sqlite3.Connection, query: str) -> float | None:
    value: float | None = db.execute(query).fetchone()[0]
    return value


def summary_text(found: dict[str, Summary | None]) -> str:
    """Return a summary for people, one line a thing."""
    lines = []
    for service, parts in found.items():
        if parts is None:
            lines.append(f"{service}: no file here; it has not run with this data folder")
            continue
        lines.append(f"{service}:")
        lines += [f"  {name.replace('_', ' ')}: {_words(value)}" for name, value in parts.items()]
    return "\n".join(lines)


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(one)}" for name, one in value.items()) or "none"
    return "not known" if value is None else str(value)
