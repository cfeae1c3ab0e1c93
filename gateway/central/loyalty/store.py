"""The points ledger in SQLite; every function works inside the caller's transaction.

Tables (``SCHEMA``, one script a version): ``ledger``, append-only, one row an event; ``accounts``,
what the ledger adds up to. Exact points and remainders are fractions as text (``25/2``), money is
a decimal as text, moments are nanoseconds since 1970, UTC.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from fractions import Fraction

from gateway.central.loyalty.points import Account, Appraisal, Decision, Session

SCHEMA = (
    """
    CREATE TABLE ledger (
        number          INTEGER PRIMARY KEY,
        event_id        TEXT NOT NULL UNIQUE,
        session_id      TEXT NOT NULL,
        asset           TEXT NOT NULL,
        player          TEXT NOT NULL,
        decision        TEXT NOT NULL
                        CHECK (decision IN ('credited', 'undecided', 'no card', 'repeat')),
        reason          TEXT NOT NULL,
        epoch           INTEGER NOT NULL,
        coin_in_before  INTEGER,
        coin_in_after   INTEGER,
        coin_in_credits INTEGER,
        denomination    TEXT,
        coin_in         TEXT,
        currency        TEXT NOT NULL,
        rate            TEXT,
        earned          TEXT NOT NULL,
        points          INTEGER NOT NULL,
        closed_ns       INTEGER NOT NULL,
        gaming_day      TEXT NOT NULL,
        possible_repeat INTEGER NOT NULL,
        CHECK (points = 0 OR decision = 'credited')
    ) STRICT;
    CREATE UNIQUE INDEX a_session_is_credited_once
        ON ledger (session_id) WHERE decision = 'credited';
    CREATE INDEX ledger_by_meters ON ledger (asset, epoch, coin_in_before, coin_in_after);
    CREATE INDEX ledger_by_player ON ledger (player);
    CREATE TRIGGER ledger_stays BEFORE UPDATE ON ledger
        BEGIN SELECT RAISE(ABORT, 'the points ledger is append-only'); END;
    CREATE TRIGGER ledger_is_kept BEFORE DELETE ON ledger
        BEGIN SELECT RAISE(ABORT, 'the points ledger is append-only'); END;
    CREATE TABLE accounts (
        player    TEXT PRIMARY KEY,
        points    INTEGER NOT NULL CHECK (points >= 0),
        remainder TEXT NOT NULL
    ) STRICT;
    """,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger as it was written.

    Attributes:
        session: what was closed.
        appraisal: the decision and its figures.
        points: whole points that the account got.
        account: the account afterwards; None where nothing was credited.
    """

    session: Session
    appraisal: Appraisal
    points: int
    account: Account | None


def earlier_credit(connection: sqlite3.Connection, session: Session) -> str:
    """Return the id of the event from which this session was credited already, or nothing.

    A session is the same if it has the same name; or, where one of the two may be a repeat, if
    the same card stands between the same two readings of the same machine's coin-in meter.
    """
    row = connection.execute(
        "SELECT event_id FROM ledger WHERE decision = 'credited' AND session_id = ?",
        (session.session_id,),
    ).fetchone()
    if row is None and session.coin_in_before is not None and session.coin_in_after is not None:
        row = connection.execute(
            "SELECT event_id FROM ledger WHERE decision = 'credited' AND player = ? "
            "AND asset = ? AND epoch = ? AND coin_in_before = ? AND coin_in_after = ? "
            "AND (possible_repeat OR ?) LIMIT 1",
            (
                session.player, session.asset, session.epoch, session.coin_in_before,
                session.coin_in_after, session.possible_repeat,
            ),
        ).fetchone()  # fmt: skip
    return "" if row is None else str(row[0])


def account_of(connection: sqlite3.Connection, player: str) -> Account:
    """Return a player's account; a new one is empty."""
    row = connection.execute(
        "SELECT points, remainder FROM accounts WHERE player = ?", (player,)
    ).fetchone()
    return Account(player) if row is None else Account(player, row[0], Fraction(row[1]))


def write(connection: sqlite3.Connection, session: Session, appraisal: Appraisal) -> Entry:
    """Write the ledger's row of ``session`` and, where it is credited, the account."""
    earlier = "" if session.is_correction else earlier_credit(connection, session)
    if earlier and appraisal.decision is not Decision.NO_CARD:
        appraisal = Appraisal(Decision.REPEAT, reason=f"credited before from {earlier}")
    points, account = 0, None
    if appraisal.decision is Decision.CREDITED:
        account, points = account_of(connection, session.player).plus(appraisal.earned)
        connection.execute(
            "INSERT OR REPLACE INTO accounts (player, points, remainder) VALUES (?, ?, ?)",
            (account.player, account.points, str(account.remainder)),
        )
    connection.execute(
        "INSERT INTO ledger (event_id, session_id, asset, player, decision, reason, epoch, "
        "coin_in_before, coin_in_after, coin_in_credits, denomination, coin_in, currency, rate, "
        "earned, points, closed_ns, gaming_day, possible_repeat) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            session.event_id, session.session_id, session.asset, session.player,
            appraisal.decision.value, appraisal.reason, session.epoch, session.coin_in_before,
            session.coin_in_after, session.coin_in_credits, _text(session.denomination),
            _text(appraisal.money), session.currency, _text(appraisal.rate),
            str(appraisal.earned), points, session.closed_ns, session.gaming_day,
            int(session.possible_repeat),
        ),
    )  # fmt: skip
    return Entry(session, appraisal, points, account)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
