"""Names of the small facts that the edge keeps in the outbox, in the transaction of the events."""

from __future__ import annotations

BORN_KEY = "birthid"  # of the newest start
ENDED_KEY = "birthid.ended"  # of the newest start that ended on purpose


def last_key(asset: str) -> str:
    """Name under which the outbox keeps the last exception of an EGM, as two hex digits."""
    return f"last.{asset}"


def up_key(asset: str) -> str:
    """Name under which the outbox keeps whether the link to an EGM is up: 1 or 0."""
    return f"up.{asset}"
