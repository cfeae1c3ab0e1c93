"""The inbound service: messages of others in, an answer each, and what was taken told to all."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from edge_config.site import EgmInfo, Site
from gateway.bus.consumer_store import ConsumerStore, is_disk_fault
from gateway.bus.outgoing import Outgoing
from gateway.bus.users import SENDERS
from gateway.central.derived import DerivedType, derive
from gateway.central.inbound.messages import ACCEPTED, REFUSED
from gateway.central.inbound.rules import bad_moment, why_not
from gateway.central.inbound.store import keep, known_digest, note_refusal
from gateway.events.errors import SchemaError
from gateway.events.inbound import INBOUND, InboundAnswer, Message, read_message

log = logging.getLogger(__name__)

TOLD_MOST: Final = 60
"""Refusals told in a minute: a sender gone wild may not fill the stream of everybody's calls."""
MINUTE_NS: Final = 60 * 1_000_000_000
REASON_MOST: Final = 400
_BUSY: Final = "it cannot be stored now"


@dataclass(frozen=True, slots=True)
class _Received:
    """A message as the cause of what is told of it."""

    id: str
    time: datetime
    site: str
    jurisdiction: str
    gamingday: str
    bank: str = ""
    zone: str = ""
    location: str = ""
    severity: str = "info"
    possiblerepeat: bool = False
    correlation: str | None = None


class Inbound:
    """Takes what the SMS and the player system send.

    Args:
        site: whose machines and money they may be about.
        store: the service's database, of the schema in ``store``.
        now_ns: wall clock, nanoseconds since 1970.
        kept: told when there is something to publish.

    Attributes:
        accepted: messages taken since the start.
        duplicates: of which came again.
        refused: messages refused.
    """

    name = "inbound"

    def __init__(
        self, site: Site, store: ConsumerStore, now_ns: Callable[[], int], kept: Callable[[], None]
    ) -> None:
        self.accepted = self.duplicates = self.refused = 0
        self._site = site
        self._egms = {egm.asset: egm for egm in site.egms}
        self._assets = frozenset(self._egms)
        self._store = store
        self._now_ns = now_ns
        self._kept = kept
        self._told: deque[int] = deque()

    @property
    def subjects(self) -> tuple[str, ...]:
        """What is heard."""
        return tuple(f"{sender}.v1.{self._site.site.id}.>" for sender in SENDERS)

    async def answer(self, subject: str, body: bytes) -> bytes:
        """Return what whoever sent ``body`` on ``subject`` is answered."""
        try:
            told = self._answered(subject, body)
        except sqlite3.Error as error:
            if not is_disk_fault(error):
                raise
            log.warning("inbound: %s; the sender is told to send again", error)
            told = InboundAnswer(accepted=False, reason=_BUSY, again=True)
        self.accepted += told.accepted and not told.duplicate
        self.duplicates += told.duplicate
        self.refused += not told.accepted
        return told.model_dump_json(exclude_none=True).encode()

    def _answered(self, subject: str, body: bytes) -> InboundAnswer:
        try:
            message = read_message(subject, body, self._site.site.id)
        except SchemaError as error:
            return self._refuse(subject, body, str(error), None)
        why = bad_moment(message) or why_not(message, self._assets, self._site.site.currency)
        if why:
            return self._refuse(subject, body, why, message)
        with self._store.transaction() as connection:
            known = known_digest(connection, message.receipt)
            if known is None:
                now_ns = self._now_ns()
                keep(connection, message, now_ns)
                self._store.outgoing.add([self._accepted(message, now_ns)])
        if known is not None and known != message.digest:
            why = "this id was used before, for something else"
            return self._refuse(subject, body, why, message)
        self._kept()
        return InboundAnswer(accepted=True, receipt=message.receipt, duplicate=known is not None)

    def _refuse(
        self, subject: str, body: bytes, reason: str, message: Message | None
    ) -> InboundAnswer:
        now_ns, digest = self._now_ns(), hashlib.sha256(body).hexdigest()
        reason, about = reason[:REASON_MOST], _about(subject)
        receipt = None if message is None else message.receipt
        with self._store.transaction() as connection:
            number = note_refusal(connection, about, receipt or "", reason, digest, now_ns)
            if self._may_tell(now_ns):
                cause = self._cause(f"refused-{number}-{digest[:16]}", now_ns)
                data: dict[str, object] = {
                    "sender": subject.partition(".")[0], "reason": reason, "digest": digest,
                    "receipt": receipt,
                    "message_type": None if message is None else message.row.full_name,
                }  # fmt: skip
                self._store.outgoing.add([_derived(REFUSED, cause, data)])
        log.warning("inbound: %s is refused: %s", about, reason)
        self._kept()
        return InboundAnswer(accepted=False, receipt=receipt, reason=reason)

    def _may_tell(self, now_ns: int) -> bool:
        while self._told and not 0 <= now_ns - self._told[0] < MINUTE_NS:
            self._told.popleft()
        if len(self._told) >= TOLD_MOST:
            return False
        self._told.append(now_ns)
        return True

    def _accepted(self, message: Message, now_ns: int) -> Outgoing:
        content = message.data.model_dump(mode="json", exclude_none=True)
        asset, player = content.get("asset"), content.get("player")
        data = {
            "receipt": message.receipt, "message": message.envelope.id,
            "message_type": message.row.full_name, "sender": message.row.name.partition(".")[0],
            "asset": asset, "player": player, "content": content,
        }  # fmt: skip
        return _derived(
            ACCEPTED, self._cause(message.receipt, now_ns, self._egms.get(str(asset))), data
        )

    def _cause(self, name: str, now_ns: int, egm: EgmInfo | None = None) -> _Received:
        now = datetime.fromtimestamp(now_ns / 1e9, UTC)
        info = self._site.site
        where = (egm.bank, egm.zone, egm.location) if egm is not None else ()
        return _Received(name, now, info.id, info.jurisdiction, info.gaming_day(now), *where)


def _derived(row: DerivedType, cause: _Received, data: dict[str, object]) -> Outgoing:
    told = {name: value for name, value in data.items() if value is not None}
    return derive(row, cause, str(told["sender"]), 0, told)


def _about(subject: str) -> str:
    """Return which type ``subject`` is of; what else stands in it may be anything."""
    tokens = subject.split(".")
    name = ".".join([tokens[0], *tokens[3:5]])
    return name if name in INBOUND else f"a message of {tokens[0]}"
