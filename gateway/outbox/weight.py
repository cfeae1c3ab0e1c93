"""What a transaction adds to the write-ahead log, roughly: asking the disk each time costs more."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.outbox.types import Commit, Mark

PAGE_BYTES = 4096
PAGES_PER_TRANSACTION = 8
ROW_BYTES = 440
"""A stored row's bytes beside its body, roughly."""


def weight(commits: Sequence[Commit], ended: Sequence[Mark]) -> int:
    """Return roughly how many bytes a transaction adds to the write-ahead log."""
    rows = sum(len(row.body) + ROW_BYTES for commit in commits for row in commit.rows)
    states = sum(len(body) + PAGE_BYTES for commit in commits for body in commit.states.values())
    return PAGE_BYTES * PAGES_PER_TRANSACTION + rows * 3 // 2 + states + 128 * len(ended)
