"""Named places at which a test can have this process killed.

Off unless the environment says otherwise. ``SLOTGW_CRASH_AT=after_commit`` kills the process with
SIGKILL the first time it reaches that place; ``after_commit:7`` the seventh time. Nothing is
flushed and no handler runs: to the rest of the world it is ``kill -9`` at exactly that moment.

The store calls one function with the name of each place. A test of this process passes its own
function instead, which may raise what a bad disk would raise.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

VARIABLE = "SLOTGW_CRASH_AT"

POINTS = {
    "before_commit":       "the transaction of a batch is written but not committed",
    "after_commit":        "the batch is on disk, nobody has been told",
    "before_prune_commit": "rows are deleted and anchored but not committed",
    "before_checkpoint":   "the write-ahead log is about to be copied into the database",
}  # fmt: skip

At = Callable[[str], None]
"""Called with the name of a place in ``POINTS`` each time it is reached."""


def crash_at(environment: str | None) -> At:
    """Return the function that the store calls, for a value of ``SLOTGW_CRASH_AT``.

    Args:
        environment: ``NAME``, ``NAME:COUNT``, or None for one that does nothing.

    Raises:
        ValueError: no such place, or the count is not a number above 0.
    """
    if not environment:
        return _pass_by
    name, _, count = environment.partition(":")
    remaining = int(count or "1")
    if name not in POINTS or remaining < 1:
        raise ValueError(
            f"{VARIABLE}={environment!r}: expected one of {', '.join(POINTS)}, "
            "alone or followed by :COUNT with a count above 0"
        )

    def at(reached: str) -> None:
        nonlocal remaining
        if reached == name:
            remaining -= 1
            if remaining == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return at


def _pass_by(reached: str) -> None:
    """Do nothing: the usual case."""
