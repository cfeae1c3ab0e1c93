"""The hash chain over the stored events: what it covers, and how it is checked.

Each row keeps its digest, SHA-256 over everything that is stored of the event, and its chain value,
``sha256(previous || digest)``; before row 1 stand 32 zero bytes. So a row proves itself, and its
place. How its delivery ended is not covered, since that changes.

What the digest is made of, numbers most significant byte first: sequence, familysequence, moment
of observation in ns (8 bytes each, the last one signed), 1 if there is an asset number and else 0
(1 byte), the lengths in bytes of id, type, family, subject, asset number, stream (2 each) and body
(4), then these seven themselves, text in UTF-8.

An event that is shed leaves its digest and chain value as a stub; a run of pruned events leaves an
anchor, the chain value of its last one; events lost with a damaged file leave an anchor that only
says which. Rows stored by version 1 have no digest: their chain value is
``sha256(previous || sequence || length of id || id || body)``, 8 and 2 bytes for the numbers.
"""

from __future__ import annotations

import heapq
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from gateway.outbox.types import GENESIS, Row

FAULTS_MAX = 100
"""Faults told one by one; further ones are only counted."""

_HEAD = struct.Struct(">QQq?6HI")


@dataclass(frozen=True, slots=True)
class Link:
    """What the chain needs of one stored row.

    Attributes:
        sequence: of the row.
        id: CloudEvents id.
        family: of the event.
        familysequence: its number in the family.
        body: the envelope; only looked at in rows of version 1.
        chain: the chain value stored with it.
        digest: the digest stored with it; None in rows of version 1.
        computed: the digest made of what is stored now; None if it is not even a row.
    """

    sequence: int
    id: str
    family: str
    familysequence: int
    body: bytes
    chain: bytes
    digest: bytes | None = None
    computed: bytes | None = None


@dataclass(frozen=True, slots=True)
class Stub:
    """What stays of an event that was shed; ``digest`` is None for one of version 1."""

    sequence: int
    family: str
    familysequence: int
    digest: bytes | None
    chain: bytes


@dataclass(frozen=True, slots=True)
class Anchor:
    """A run of pruned or lost rows, ``first`` to ``last``, and the chain value of the last one."""

    first: int
    last: int
    chain: bytes
    lost: bool = False


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
        shed: number of rows that only a stub stands for.
        lost: number of rows that were lost with a damaged file.
    """

    rows: int
    pruned: int
    last_sequence: int
    head: bytes
    faults: tuple[str, ...] = ()
    faults_untold: int = 0
    shed: int = 0
    lost: int = 0


def digest_of(row: Row) -> bytes:
    """Return the digest of an event: 32 bytes, SHA-256.

    Raises:
        struct.error: a number or length is out of its range.
        UnicodeEncodeError: a text is none.
    """
    parts = [
        row.id.encode(),
        row.type.encode(),
        row.family.encode(),
        row.subject.encode(),
        b"" if row.asset is None else row.asset.encode(),
        row.stream.encode(),
        row.body,
    ]
    numbers = (row.sequence, row.familysequence, row.time_ns, row.asset is not None)
    return sha256(_HEAD.pack(*numbers, *map(len, parts)) + b"".join(parts)).digest()


def chained(previous: bytes, digest: bytes) -> bytes:
    """Return the chain value of a row: 32 bytes, SHA-256.

    Args:
        previous: chain value of the row before, 32 bytes.
        digest: of the row, 32 bytes.
    """
    return sha256(previous + digest).digest()


def chained_1(previous: bytes, sequence: int, event_id: str, body: bytes) -> bytes:
    """Return the chain value of a row as version 1 made it: 32 bytes, SHA-256.

    Args:
        previous: chain value of the row before, 32 bytes.
        sequence: of the row.
        event_id: CloudEvents id of the row.
        body: the envelope as stored.
    """
    name = event_id.encode()
    head = previous + sequence.to_bytes(8, "big") + len(name).to_bytes(2, "big") + name
    return sha256(head + body).digest()


def chained_lost(previous: bytes, first: int, last: int) -> bytes:
    """Return the chain value that stands for events lost with a damaged file.

    Args:
        previous: chain value of the row before, 32 bytes.
        first: sequence of the first one lost.
        last: sequence of the last one lost.
    """
    return sha256(previous + b"lost" + first.to_bytes(8, "big") + last.to_bytes(8, "big")).digest()


def verify(
    links: Iterable[Link],
    anchors: Iterable[Anchor],
    stubs: Iterable[Stub] = (),
    seals: Mapping[int, bytes] | None = None,
) -> Verified:
    """Check rows, stubs and anchors, each in sequence order, from the first event to the last.

    A row with a fault is reported once: the next one is checked against the value stored with it.

    Args:
        links: the rows.
        anchors: pruned and lost runs.
        stubs: shed rows.
        seals: chain values that were published, by sequence: what is stored must lead to them.
    """
    check = _Check(dict(seals or {}))
    parts: Iterable[Link | Stub | Anchor] = heapq.merge(links, stubs, anchors, key=_first)
    for part in parts:
        if isinstance(part, Anchor):
            check.anchor(part)
        elif isinstance(part, Stub):
            check.stub(part)
        else:
            check.link(part)
    check.end()
    return Verified(
        check.rows,
        check.pruned,
        check.last,
        check.head,
        tuple(check.faults),
        check.untold,
        check.shed,
        check.lost,
    )


def _first(part: Link | Stub | Anchor) -> int:
    return part.first if isinstance(part, Anchor) else part.sequence


@dataclass(slots=True)
class _Check:
    """Where a check has got to."""

    seals: dict[int, bytes]
    rows: int = 0
    pruned: int = 0
    shed: int = 0
    lost: int = 0
    last: int = 0
    head: bytes = GENESIS
    families: dict[str, int] = field(default_factory=dict)
    exact: bool = True  # no anchor was passed, so a family's first row must be number 1
    unsure: set[str] = field(default_factory=set)  # families of which an anchor may hide rows
    faults: list[str] = field(default_factory=list)
    untold: int = 0

    def anchor(self, anchor: Anchor) -> None:
        self._continues(anchor.first)
        if anchor.lost:
            self.lost += anchor.last - anchor.first + 1
            if anchor.chain != chained_lost(self.head, anchor.first, anchor.last):
                self._fault(f"the mark of lost events {anchor.first} to {anchor.last} was changed")
        else:
            self.pruned += anchor.last - anchor.first + 1
        for sequence in [one for one in self.seals if anchor.first <= one < anchor.last]:
            del self.seals[sequence]
            self._fault(f"event {sequence} is pruned: its seal can no longer be checked")
        self._advance(anchor.last, anchor.chain)
        self.exact = False
        self.unsure = set(self.families)

    def stub(self, stub: Stub) -> None:
        self._continues(stub.sequence)
        self._family(stub.sequence, stub.family, stub.familysequence)
        if stub.digest is not None and chained(self.head, stub.digest) != stub.chain:
            self._fault(f"the stub of event {stub.sequence} or its chain value was changed")
        self.shed += 1
        self._advance(stub.sequence, stub.chain)

    def link(self, link: Link) -> None:
        self._continues(link.sequence)
        self._family(link.sequence, link.family, link.familysequence)
        if not self._holds(link):
            self._fault(f"event {link.sequence} ({link.id}) or its chain value was changed")
        self.rows += 1
        self._advance(link.sequence, link.chain)

    def end(self) -> None:
        for sequence in self.seals:
            self._fault(f"event {sequence} was sealed and is not there")

    def _holds(self, link: Link) -> bool:
        if link.digest is None:
            return chained_1(self.head, link.sequence, link.id, link.body) == link.chain
        return link.digest == link.computed and chained(self.head, link.digest) == link.chain

    def _advance(self, last: int, chain: bytes) -> None:
        self.last, self.head = last, chain
        if self.seals and self.seals.pop(last, chain) != chain:
            self._fault(f"event {last}: the chain does not lead to what was sealed")

    def _continues(self, sequence: int) -> None:
        if sequence <= self.last:
            self._fault(f"event {sequence} is there twice: pruned, and still stored")
        elif sequence != self.last + 1:
            self._fault(f"events {self.last + 1} to {sequence - 1} are missing")

    def _family(self, sequence: int, family: str, number: int) -> None:
        known = self.families.get(family)
        sure = family not in self.unsure if known is not None else self.exact
        due = (known or 0) + 1
        if number < due or (sure and number > due):
            self._fault(f"event {sequence} is number {number} of family {family}, expected {due}")
        self.families[family] = number
        self.unsure.discard(family)

    def _fault(self, words: str) -> None:
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(words)
        else:
            self.untold += 1
