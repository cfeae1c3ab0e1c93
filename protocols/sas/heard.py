"""What a listener on somebody else's link tells, as values; times are the caller's seconds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from protocols.sas.allowlist import allowed
from protocols.sas.errors import WireError
from protocols.sas.polls import Request
from protocols.sas.replies import Reply
from protocols.sas.settings import poll_row


class Wire(StrEnum):
    """Which way bytes went."""

    HOST = "host"
    """From the host to the machines."""
    MACHINE = "machine"
    """From a machine to the host."""
    BOTH = "both"
    """Both ways on one receive wire."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One poll of the host, and what came of it.

    Attributes:
        number: counts exchanges from 1; a ``Verdict`` refers to it.
        request: what the host asked or ordered.
        reply: what the machine answered, silence included; None if it was no valid answer.
        error: what was wrong with the answer, or None.
        asked_s: when the poll was heard.
        answered_s: when the answer was complete, or None.
        repeat: the machine sent its last answer again, byte for byte, because the host did not
            take it: the same fact, not a second one.
    """

    number: int
    request: Request
    reply: Reply | None
    error: WireError | None
    asked_s: float
    answered_s: float | None
    repeat: bool = False

    @property
    def commanded(self) -> bool:
        """The host ordered something, or sent what no table says to be a mere question."""
        if self.request.command is None:
            return False
        row = poll_row(self.request.command)
        if row is not None and row.kind == "R":
            return False
        return not allowed(self.request.raw, "any_line")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a machine concludes about its answer from what the host sent next.

    Attributes:
        number: the exchange that had the answer, or an answer that was not understood.
        address: the machine.
        acknowledged: True for the implied ACK: the machine forgets the answer. False for the
            implied NACK: it sends the same again.
        at_s: when the poll that says so was heard.
    """

    number: int
    address: int
    acknowledged: bool
    at_s: float


@dataclass(frozen=True, slots=True)
class Chirp:
    """A machine says that its host is away.

    Attributes:
        address: the machine.
        at_s: when.
    """

    address: int
    at_s: float


@dataclass(frozen=True, slots=True)
class Noise:
    """Bytes that belong to no exchange.

    Attributes:
        error: what was wrong with them.
        wire: which way they went.
        at_s: when.
    """

    error: WireError
    wire: Wire
    at_s: float


@dataclass(frozen=True, slots=True)
class HostSilent:
    """The host has not been heard for 5 s: machines take the link for down.

    Attributes:
        since_s: when it was heard last, or when listening began.
        at_s: when that was noticed.
    """

    since_s: float
    at_s: float


@dataclass(frozen=True, slots=True)
class HostBack:
    """The host is heard again.

    Attributes:
        silent_s: how long it was not.
        at_s: when.
    """

    silent_s: float
    at_s: float


Heard = Exchange | Verdict | Chirp | Noise | HostSilent | HostBack
