"""The marks and calls of dispatch in SQLite; every function works inside the caller's transaction.

Tables (``SCHEMA``, one script a version): ``marks``, what was heard, by lane; ``calls``, what it
amounts to. Moments are integers: nanoseconds since 1970, UTC. Money is a decimal as text.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from gateway.central.dispatch.marks import Amount, Call, Does, Kind, Lane, Mark, Order

SCHEMA = (
    """
    CREATE TABLE marks (
        event_id        TEXT PRIMARY KEY,
        asset           TEXT NOT NULL,
        kind            TEXT NOT NULL,
        topic           TEXT NOT NULL,
        birth           TEXT NOT NULL,
        sequence        INTEGER NOT NULL,
        does            TEXT NOT NULL,
        at_ns           INTEGER NOT NULL,
        correlation     TEXT NOT NULL,
        words           TEXT NOT NULL,
        location        TEXT NOT NULL,
        possible_repeat INTEGER NOT NULL,
        outcome         TEXT NOT NULL,
        evidence        TEXT NOT NULL,
        lasted_ms       INTEGER,
        amount          TEXT,
        currency        TEXT,
        amount_source   TEXT,
        handpay_class   TEXT,
        may_open        INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX marks_by_lane ON marks (asset, kind, topic);
    CREATE TABLE calls (
        callid          TEXT PRIMARY KEY,
        asset           TEXT NOT NULL,
        kind            TEXT NOT NULL,
        topic           TEXT NOT NULL,
        words           TEXT NOT NULL,
        location        TEXT NOT NULL,
        state           TEXT NOT NULL CHECK (state IN ('open', 'closed')),
        opened_by       TEXT NOT NULL,
        opened_ns       INTEGER NOT NULL,
        possible_repeat INTEGER NOT NULL,
        closed_by       TEXT NOT NULL,
        closed_ns       INTEGER,
        outcome         TEXT NOT NULL,
        evidence        TEXT NOT NULL,
        lockup_ms       INTEGER,
        amount          TEXT,
        currency        TEXT,
        amount_source   TEXT,
        handpay_class   TEXT
    ) STRICT;
    CREATE INDEX calls_by_state ON calls (state, kind);
    """,
)

_MARK_COLUMNS = (
    "event_id, asset, kind, topic, birth, sequence, does, at_ns, correlation, words, location, "
    "possible_repeat, outcome, evidence, lasted_ms, amount, currency, amount_source, "
    "handpay_class, may_open"
)
_CALL_COLUMNS = (
    "callid, asset, kind, topic, words, location, state, opened_by, opened_ns, possible_repeat, "
    "closed_by, closed_ns, outcome, evidence, lockup_ms, amount, currency, amount_source, "
    "handpay_class"
)


def marks_of(connection: sqlite3.Connection, lane: Lane) -> list[Mark]:
    """Return the marks kept of ``lane``, in no order."""
    rows = connection.execute(
        f"SELECT {_MARK_COLUMNS} FROM marks WHERE asset = ? AND kind = ? AND topic = ?",  # noqa: S608 - column names from this file
        (lane.asset, lane.kind.value, lane.topic),
    )
    return [_mark(row) for row in rows]


def add_mark(connection: sqlite3.Connection, mark: Mark) -> None:
    """Keep ``mark``; one with the same event id is replaced by it."""
    lane = mark.lane
    connection.execute(
        f"INSERT OR REPLACE INTO marks ({_MARK_COLUMNS}) VALUES ({_places(_MARK_COLUMNS)})",  # noqa: S608
        (
            mark.event_id, lane.asset, lane.kind.value, lane.topic, mark.order.birth,
            mark.order.sequence, mark.does.value, mark.at_ns, mark.correlation, mark.words,
            mark.location, int(mark.possible_repeat), mark.outcome, mark.evidence, mark.lasted_ms,
            *_amount_columns(mark.amount), int(mark.may_open),
        ),
    )  # fmt: skip


def forget_marks(connection: sqlite3.Connection, event_ids: Iterable[str]) -> None:
    """Delete the marks of these events."""
    connection.executemany("DELETE FROM marks WHERE event_id = ?", [(one,) for one in event_ids])


def put_call(connection: sqlite3.Connection, call: Call) -> None:
    """Keep ``call`` as it is now."""
    lane = call.lane
    connection.execute(
        f"INSERT OR REPLACE INTO calls ({_CALL_COLUMNS}) VALUES ({_places(_CALL_COLUMNS)})",  # noqa: S608
        (
            call.callid, lane.asset, lane.kind.value, lane.topic, call.words, call.location,
            "open" if call.is_open else "closed", call.opened_by, call.opened_ns,
            int(call.possible_repeat), call.closed_by, call.closed_ns, call.outcome,
            call.evidence, call.lockup_ms, *_amount_columns(call.amount),
        ),
    )  # fmt: skip


def open_calls_of(connection: sqlite3.Connection, gateway: str) -> list[Call]:
    """Return the open calls that events of ``gateway`` opened, oldest first."""
    rows = connection.execute(
        f"SELECT {_CALL_COLUMNS} FROM calls WHERE state = 'open' "  # noqa: S608
        "AND substr(opened_by, 1, length(?) + 1) = ? || '.' ORDER BY opened_ns, callid",
        (gateway, gateway),
    )
    return [_call(row) for row in rows]


def forget_births_before(connection: sqlite3.Connection, gateway: str, birth: str) -> None:
    """Delete the marks of every start of ``gateway`` but ``birth``."""
    connection.execute(
        "DELETE FROM marks WHERE substr(event_id, 1, length(?) + 1) = ? || '.' AND birth <> ?",
        (gateway, gateway, birth),
    )


def drop_call(connection: sqlite3.Connection, callid: str) -> None:
    """Delete the call that turned out to be none."""
    connection.execute("DELETE FROM calls WHERE callid = ?", (callid,))


def _mark(row: tuple[Any, ...]) -> Mark:
    (event_id, asset, kind, topic, birth, sequence, does, at_ns, correlation, words, location,
     possible_repeat, outcome, evidence, lasted_ms, *amount, may_open) = row  # fmt: skip
    return Mark(
        event_id, Order(sequence, birth), Lane(asset, Kind(kind), topic), Does(does), at_ns,
        correlation, words, location, bool(possible_repeat), outcome, evidence, lasted_ms,
        _amount(*amount), bool(may_open),
    )  # fmt: skip


def _call(row: tuple[Any, ...]) -> Call:
    (callid, asset, kind, topic, words, location, _, opened_by, opened_ns, possible_repeat,
     closed_by, closed_ns, outcome, evidence, lockup_ms, *amount) = row  # fmt: skip
    return Call(
        callid, Lane(asset, Kind(kind), topic), words, location, opened_by, opened_ns,
        bool(possible_repeat), closed_by, closed_ns, outcome, evidence, lockup_ms,
        _amount(*amount),
    )  # fmt: skip


def _amount(value: str | None, currency: str, source: str, handpay_class: str) -> Amount | None:
    return None if value is None else Amount(Decimal(value), currency, source, handpay_class)


def _amount_columns(amount: Amount | None) -> tuple[str | None, ...]:
    if amount is None:
        return None, None, None, None
    return str(amount.value), amount.currency, amount.source, amount.handpay_class


def _places(columns: str) -> str:
    return ", ".join("?" for _ in columns.split(","))
