"""Says whether a stored row is what was once stored, from the row alone."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from gateway.outbox.chain import digest_of
from gateway.outbox.types import Row

ROW = (
    "event.sequence, event.id, event.type, event.family, event.familysequence, event.subject, "
    "event.asset, event.stream, event.time_ns, event.body, event.digest"
)
"""The columns that ``proven`` takes."""

_TYPES: tuple[type | tuple[type, ...], ...] = (
    int,
    str,
    str,
    str,
    int,
    str,
    (str, type(None)),
    str,
    int,
    bytes,
)


def proven(columns: Sequence[object]) -> Row | None:
    """Return the row, or None if it is not what was stored.

    A row of version 1 has no digest: only the shape of its columns is looked at, the rest is for
    the chain to say.

    Args:
        columns: the values of ``ROW``.
    """
    row = shaped(columns)
    if row is None:
        return None
    digest = columns[10]
    return row if digest is None or digest == computed(row) else None


def shaped(columns: Sequence[object]) -> Row | None:
    """Return the row, or None if the columns have not the types of one."""
    if all(isinstance(one, kind) for one, kind in zip(columns, _TYPES, strict=False)):
        return Row(*columns[:10])  # type: ignore[arg-type]  # looked at one by one above
    return None


def computed(row: Row) -> bytes | None:
    """Return the digest of a row as it is stored now, None if it has none: it is damaged."""
    try:
        return digest_of(row)
    except (struct.error, UnicodeEncodeError):
        return None
