"""What a listener keeps of an exchange until it may be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from protocols.sas.polls import Request
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import Reply
from protocols.sas.tables.polls import MULTI_DENOMINATION

HELD_MAX: Final = 8
"""Exchanges that may wait together until it is known whose their answers are; then nobody's."""


@dataclass(slots=True)
class Open:
    """An exchange that is not told yet.

    Attributes:
        request: what the host asked or ordered.
        reader: reads the answer; None where nobody answers.
        asked_s: when the poll was heard.
        begun: a byte of its answer was heard.
        early: its answer was delivered before it.
        clean: nothing before its poll was left that may have been its answer.
        together: its answer and the next poll were heard in one piece.
        reply: the answer, once it is whole.
        answered_s: when it was.
    """

    request: Request
    reader: ReplyReader | None
    asked_s: float
    begun: bool = False
    early: bool = False
    clean: bool = True
    together: bool = False
    reply: Reply | None = None
    answered_s: float | None = None

    def asks_the_same(self, other: Open) -> bool:
        """Whether both are the same poll to the same machine: the second one is a NACK."""
        one, two = self.request, other.request
        return one.address == two.address and key_of(one) == key_of(two)


@dataclass(frozen=True, slots=True)
class Outstanding:
    """An answer that the host has not acknowledged; ``raw`` is empty if it was not understood."""

    number: int
    address: int
    key: bytes
    raw: bytes


def key_of(request: Request) -> bytes:
    """Return what makes two polls the same: address and command; in B0 also what is wrapped."""
    if request.command is None:
        return request.raw
    return request.raw[:5] if request.command == MULTI_DENOMINATION else request.raw[:2]
