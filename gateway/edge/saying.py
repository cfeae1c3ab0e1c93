"""What people say of a machine, told as events: the same way from the socket and over NATS.

Nothing that is said can have anything asked of a machine: what meaning would like to read because
of it is passed over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from gateway.edge.egm import EgmWork
from gateway.events.encode import EncodedEvent
from gateway.meaning.observation import Said
from gateway.outbox.types import OutboxFullError

DISK_S: Final = 10.0
"""How long an answer may wait for the disk."""

What = Literal["amount", "checked", "manual", "mended", "paid", "session"]

LEADS_TO: Final[Mapping[str, frozenset[str]]] = {
    "amount": frozenset({"handpay.amountknown", "handpay.amountdiffers"}),
    "checked": frozenset({"egm.checked"}),
    "manual": frozenset({"meter.manual"}),
    "mended": frozenset({"tilt.cleared"}),
    "paid": frozenset({"handpay.paid"}),
    "session": frozenset({"session.corrected"}),
}
"""The events that each saying becomes; others may be due at the same moment."""

NOTHING_TO_TELL: Final[Mapping[str, str]] = {
    "amount": "no handpay of this machine is known, or its amount is that already",
    "checked": "nothing is to be told of this check",
    "manual": "no meter was typed",
    "mended": "nothing of that kind is raised at this machine",
    "paid": "no handpay of this machine is known that was not paid yet",
    "session": "no session of that name was closed at this machine lately",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a saying.

    Attributes:
        events: what it became.
        why: why it became nothing, or is not on disk yet, in words; else empty.
        again: it may be said again later; otherwise that would not help.
    """

    events: tuple[EncodedEvent, ...] = ()
    why: str = ""
    again: bool = False


async def say(work: EgmWork, said: Said, keys: Mapping[str, str] | None = None) -> Heard:
    """Have ``said`` told as events, and wait until they are on disk.

    Args:
        work: the work for the EGM that it is about.
        said: what somebody says.
        keys: small facts to be kept in the same transaction.
    """
    if work.quarantined is not None:
        why = f"EGM {said.asset} is quarantined: {work.quarantined}"
        return Heard((), why, again=True)
    try:
        recorded = work.observe([said], keys=keys).recorded
    except OutboxFullError as error:
        return Heard((), str(error), again=True)
    told = () if recorded is None else recorded.events
    events = tuple(event for event in told if event.type in LEADS_TO[said.what])
    if recorded is None or not events:
        return Heard((), NOTHING_TO_TELL[said.what])
    try:
        await asyncio.wait_for(recorded.on_disk(), DISK_S)
    except TimeoutError:
        why = "the outbox does not store it now; it will be told once it can be"
        return Heard(events, why, again=True)
    return Heard(events)
