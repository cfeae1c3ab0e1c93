"""Messages as a person would explain them: who, which poll, what it says, what follows from it.

A ``Conversation`` is fed one message after the other, as ``cutter`` gives them or a person types
them, and says of each what it means by itself and after those before it: what an answer answers,
and what the EGM concludes about its last answer from the host's next poll. Any bytes at all are
explained; nothing is raised.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from protocols.sas.capture import Burst, Speaker
from protocols.sas.explain_egm import explain_egm
from protocols.sas.explain_host import explain_host
from protocols.sas.explained import BAD, Explained
from protocols.sas.settings import poll_row
from protocols.sas.tables.polls import MULTI_DENOMINATION
from protocols.sas.who_spoke import who_spoke

__all__ = ["Conversation", "Explained", "explain"]

_NOTHING_TO_KEEP: Final = frozenset({BAD, "busy", "nack", "no activity", "chirp"})
"""Kinds of an EGM's messages that it does not keep until they are acknowledged."""


def explain(data: bytes, speaker: Speaker = Speaker.UNKNOWN) -> Explained:
    """Return what ``data`` says, taken as one message; who said it is guessed if nobody tells."""
    return Conversation().hear(Burst(0, speaker, data, (None,) * len(data)))


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer that an EGM keeps until it is acknowledged."""

    address: int
    poll: bytes
    data: bytes
    what: str


class Conversation:
    """Explains messages one after the other.

    Args:
        captured: the messages are all there, as they were on one wire. Else they are what a person
            has picked: an answer need not belong to the poll before it.
    """

    def __init__(self, *, captured: bool = False) -> None:
        self._captured = captured
        self._poll: bytes | None = None  # waits for its answer
        self._kept: _Kept | None = None
        self._nacked = False
        self._first = True

    def hear(self, message: Burst) -> Explained:
        """Return what ``message`` (one byte or more) says."""
        speaker, why = who_spoke(message, self._poll)
        found = self._host(message) if speaker is Speaker.HOST else self._egm(message)
        self._first = False
        return replace(found, why=why)

    def _host(self, message: Burst) -> Explained:
        found = explain_host(message)
        notes = found.notes
        if self._captured and self._poll is not None:
            notes = (*notes, _unanswered(self._poll))
        concludes = self._judge(found) if found.valid else ""
        asks = found.kind in {"general poll", "long poll"}
        self._poll = message.data if asks and (found.valid or self._captured) else None
        return replace(found, notes=notes, concludes=concludes)

    def _judge(self, found: Explained) -> str:
        """Return what a poll tells the EGM that answered last."""
        kept, data = self._kept, found.message.data
        if kept is None:
            return _in_general(found) if self._first else ""
        whose = f"EGM {kept.address} concludes that its {kept.what}"
        self._nacked = kept.address == (data[0] & 0x7F) and same_poll(data, kept.poll)
        if self._nacked:
            return f"{whose} did not arrive (implied NACK): it sends the same again"
        self._kept = None
        return f"{whose} arrived (implied ACK), and forgets it"

    def _egm(self, message: Burst) -> Explained:
        poll, kept = self._poll, self._kept
        found = explain_egm(message, poll, certain=self._captured)
        if poll is None and self._captured and found.kind != "chirp":
            found = replace(found, errors=(*found.errors, "nobody asked for it"))
        self._poll = None
        if self._nacked and kept is not None and kept.data == message.data:
            note = "the same again, because the host asked again: not a second event"
            found = replace(found, notes=(*found.notes, note))
        self._nacked = False
        if not found.valid or found.kind in _NOTHING_TO_KEEP:
            return found
        address = found.address if found.address is not None else message.data[0] & 0x7F
        if poll is None:
            general = found.kind in {"exception", "real-time event"}
            poll = bytes([address | 0x80]) if general else message.data[:2]
        if found.address is not None:
            self._kept = _Kept(found.address, poll, message.data, _what(found))
        concludes = _kept_until(found) if self._first else ""
        return replace(found, concludes=concludes)


def same_poll(data: bytes, poll: bytes) -> bool:
    """Say whether the EGM takes ``data`` for the poll that it answered: address and command.

    In B0 also denomination and what is wrapped. Source: Montana DOJ, SAS Implementation Guide.
    """
    if len(data) == 1 or len(poll) == 1:
        return data == poll
    width = 5 if poll[1] == MULTI_DENOMINATION else 2
    return data[:width] == poll[:width]


def _what(found: Explained) -> str:
    if found.kind in {"exception", "real-time event"}:
        return f"report ({found.fields[0].meaning})"
    if found.kind == "ack":
        return "ACK"
    return f"answer to poll {found.command:02X}" if found.command is not None else "answer"


def _unanswered(poll: bytes) -> str:
    whom = f"EGM {poll[0] & 0x7F}"
    if len(poll) == 1:
        return f"{whom} did not answer the general poll before: it is away, or the answer was lost"
    row = poll_row(poll[1])
    why = f": {row.silence}" if row is not None else ""
    return f"{whom} did not answer poll {poll[1]:02X} before{why}"


def _in_general(found: Explained) -> str:
    """Return what a poll tells EGMs, where nobody knows what they said last."""
    if found.kind in {"sync", "global"}:
        return "whatever an EGM said last has arrived (implied ACK)"
    what = "a general poll" if found.command is None else f"poll {found.command:02X}"
    return (
        f"if EGM {found.address} answered {what} last, that did not arrive (implied NACK), and it "
        "sends the same again; whatever else it or another EGM said last has arrived (implied ACK)"
    )


def _kept_until(found: Explained) -> str:
    again = (
        "the same general poll"
        if found.kind in {"exception", "real-time event"}
        else (
            f"poll {found.command:02X} again"
            if found.command is not None
            else "the same poll again"
        )
    )
    return (
        f"the EGM keeps it until it hears another poll (implied ACK); {again} would be an implied "
        "NACK, and it would send the same bytes again"
    )
