"""Every long poll, by command byte: one row each, from the tables by subject."""

from __future__ import annotations

from typing import Final

from protocols.sas.tables.polls_control import CONTROL_POLLS
from protocols.sas.tables.polls_identity import IDENTITY_POLLS
from protocols.sas.tables.polls_meters import METER_POLLS
from protocols.sas.tables.polls_money import AFT_POLLS, PROGRESSIVE_POLLS, TICKET_POLLS
from protocols.sas.tables.rows import PollRow

_ROWS: Final = (
    *CONTROL_POLLS,
    *METER_POLLS,
    *IDENTITY_POLLS,
    *PROGRESSIVE_POLLS,
    *TICKET_POLLS,
    *AFT_POLLS,
)

POLLS: Final[dict[int, PollRow]] = {
    row.command: row for row in sorted(_ROWS, key=lambda row: row.command)
}
"""Poll rows by command byte."""

POLLS_BY_NAME: Final[dict[str, PollRow]] = {row.name: row for row in POLLS.values()}
"""Poll rows by name."""

assert len(POLLS) == len(_ROWS), "two polls share a command"
assert len(POLLS_BY_NAME) == len(_ROWS), "two polls share a name"

MULTI_DENOMINATION: Final = 0xB0
"""Command that wraps another poll for one denomination."""

REAL_TIME: Final = 0xFF
"""Second byte of a real-time event."""


def poll_text(command: int) -> str:
    """Return what the poll asks ("coin in"), or "poll C3" outside the table."""
    row = POLLS.get(command)
    return row.meaning if row else f"poll {command:02X}"
