"""The hash chain over the stored events: what it covers, and how it is checked.

Each row keeps ``sha256(previous || sequence || length of id || id || body)``: the chain value of
the row before it (32 bytes), the sequence (8 bytes, most significant first), the length of the id
in bytes (2 bytes, most significant first), the id in UTF-8, the body. Before row 1 stand 32 zero
bytes. A row that was changed, exchanged or taken out shows; how its delivery ended is not covered,
since that changes. A run of pruned rows leaves an anchor, the chain value of its last row.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from gateway.outbox.types import GENESIS

FAULTS_MAX = 100
"""Faults told one by one; further ones are only counted."""


@dataclass(frozen=True, slots=True)
class Link:
    """What the chain needs of one stored row; ``chain`` is the value stored with it."""

    sequence: int
    id: str
    family: str
    familysequence: int
    body: bytes
    chain: bytes


@dataclass(frozen=True, slots=True)
class Anchor:
    """A run of pruned rows, ``first`` to ``last``, and the chain value of the last of them."""

    first: int
    last: int
    chain: bytes


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of the chain found.

    Attributes:
        rows: number of rows checked.
        pruned: number of rows that only an anchor stands for.
        last_sequence: newest sequence, 0 if there was never a row.
        head: chain value of the newest row.
        faults: one line each, at most 100, the first in sequence order; empty if all is well.
        faults_untold: number of further faults.
    """

    rows: int
    pruned: int
    last_sequence: int
    head: bytes
    faults: tuple[str, ...] = ()
    faults_untold: int = 0


def chained(previous: bytes, sequence: int, event_id: str, body: bytes) -> bytes:
    """Return the chain value of a row: 32 bytes, SHA-256.

    Args:
        previous: chain value of the row before, 32 bytes.
        sequence: of the row.
        event_id: CloudEvents id of the row.
        body: the envelope as stored.
    """
    name = event_id.encode()
    head = previous + sequence.to_bytes(8, "big") + len(name).to_bytes(2, "big") + name
    return sha256(head + body).digest()


def verify(links: Iterable[Link], anchors: Iterable[Anchor]) -> Verified:
    """Check rows and anchors, each in sequence order, from the first event to the last.

    A row with a fault is reported once: the next one is checked against the value stored with it.
    """
    check = _Check()
    parts: Iterable[Link | Anchor] = heapq.merge(links, anchors, key=_first)
    for part in parts:
        if isinstance(part, Anchor):
            check.anchor(part)
        else:
            check.link(part)
    return Verified(
        check.rows,
        check.pruned,
        check.last,
        check.head,
        tuple(check.faults),
        check.untold,
    )


def _first(part: Link | Anchor) -> int:
    return part.first if isinstance(part, Anchor) else part.sequence


@dataclass(slots=True)
class _Check:
    """Where a check has got to."""

    rows: int = 0
    pruned: int = 0
    last: int = 0
    head: bytes = GENESIS
    families: dict[str, int] = field(default_factory=dict)
    exact: bool = True  # no anchor was passed, so a family's first row must be number 1
    unsure: set[str] = field(default_factory=set)  # families of which an anchor may hide rows
    faults: list[str] = field(default_factory=list)
    untold: int = 0

    def anchor(self, anchor: Anchor) -> None:
        self._continues(anchor.first)
        self.pruned += anchor.last - anchor.first + 1
        self.last, self.head = anchor.last, anchor.chain
        self.exact = False
        self.unsure = set(self.families)

    def link(self, link: Link) -> None:
        self._continues(link.sequence)
        self._family(link)
        if chained(self.head, link.sequence, link.id, link.body) != link.chain:
            self._fault(f"event {link.sequence} ({link.id}) or its chain value was changed")
        self.rows += 1
        self.last, self.head = link.sequence, link.chain

    def _continues(self, sequence: int) -> None:
        if sequence <= self.last:
            self._fault(f"event {sequence} is there twice: pruned, and still stored")
        elif sequence != self.last + 1:
            self._fault(f"events {self.last + 1} to {sequence - 1} are missing")

    def _family(self, link: Link) -> None:
        known = self.families.get(link.family)
        sure = link.family not in self.unsure if known is not None else self.exact
        due = (known or 0) + 1
        if link.familysequence < due or (sure and link.familysequence > due):
            self._fault(
                f"event {link.sequence} is number {link.familysequence} of family {link.family}, "
                f"expected {due}"
            )
        self.families[link.family] = link.familysequence
        self.unsure.discard(link.family)

    def _fault(self, words: str) -> None:
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(words)
        else:
            self.untold += 1
