"""The two sequences of events: per gateway, and per gateway and family; both without a hole.

The writer checks what is submitted against what it has taken so far, the store checks again
against what is on disk: memory may run ahead of the disk, never out of step with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.outbox.types import Row, SequenceError


class Sequences:
    """The last number given out of each sequence.

    Args:
        last: newest sequence, 0 before the first event.
        families: newest familysequence by family.
    """

    def __init__(self, last: int, families: Mapping[str, int]) -> None:
        self.last = last
        self.families = dict(families)

    def advanced(self, rows: Iterable[Row]) -> Sequences:
        """Return the sequences after ``rows``; this object stays as it is.

        Raises:
            SequenceError: a row leaves a hole or takes a number again.
        """
        after = Sequences(self.last, self.families)
        for row in rows:
            if row.sequence != after.last + 1:
                raise SequenceError(
                    f"event {row.id} has sequence {row.sequence}, expected {after.last + 1}"
                )
            due = after.families.get(row.family, 0) + 1
            if row.familysequence != due:
                raise SequenceError(
                    f"event {row.id} has number {row.familysequence} of family {row.family}, "
                    f"expected {due}"
                )
            after.last = row.sequence
            after.families[row.family] = due
        return after
