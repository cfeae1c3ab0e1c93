"""Names of the small facts that the edge keeps in the outbox, in the transaction of the events."""

from __future__ import annotations

BORN_KEY = "birthid"  # of the newest start
ENDED_KEY = "birthid.ended"  # of the newest start that ended on purpose


def last_key(asset: str) -> str:
    """Name under which the outbox keeps what of an EGM may not be acknowledged yet."""
    return f"last.{asset}"


def up_key(asset: str) -> str:
    """Name under which the outbox keeps whether the link to an EGM is up: 1 or 0."""
    return f"up.{asset}"


def heard_key(line: str) -> str:
    """Name under which the outbox keeps when a line that only listens was last heard."""
    return f"heard.{line}"


def gap_key(asset: str) -> str:
    """Name under which the outbox keeps a gap of an EGM that is not over: cause and wall time, ns.

    Empty once the gap was told.
    """
    return f"gap.{asset}"


def gone_key(asset: str) -> str:
    """Name under which the outbox keeps that an EGM was told as gone from the site file: 1."""
    return f"gone.{asset}"


def learned_key(asset: str) -> str:
    """Name under which the outbox keeps what a host learned of an EGM's polls."""
    return f"learned.{asset}"


def record_key(asset: str) -> str:
    """Name under which the outbox keeps what the registry last said of an EGM, as JSON."""
    return f"record.{asset}"


def answers_key(asset: str) -> str:
    """Name under which the outbox keeps who answers in an EGM's place, where it is another."""
    return f"answers.{asset}"
