"""What people of the house say of a machine over NATS: checked, told, audited, answered.

A message becomes events under the sender's name, or is refused with the reason; nothing else can
come of it. This part holds no line and no port, and no reading is asked because of a message: what
comes over NATS cannot make the gateway send anything to a machine.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from gateway.edge.clock import Clock, moment
from gateway.edge.egm import EgmWork
from gateway.edge.recorder import Recorded, Recorder
from gateway.edge.remarks import Acknowledge, Note, remark
from gateway.edge.saying import DISK_S, Heard, say
from gateway.events.acts import (
    NO_EGM,
    Act,
    AmountTyped,
    GuestPaid,
    LookedAt,
    Mended,
    NoteMade,
    SessionCorrected,
)
from gateway.events.encode import EncodedEvent
from gateway.events.envelope import decode
from gateway.events.errors import SchemaError
from gateway.events.fact import Fact
from gateway.events.inbound import InboundAnswer, Message, read_message
from gateway.events.shapes import Money
from gateway.events.text import one_line
from gateway.meaning.observation import Said
from gateway.outbox.types import OutboxFullError

log = logging.getLogger(__name__)

KEY: Final = "acts"
"""Name under which the outbox keeps the messages that were accepted last."""
REMEMBERED: Final = 128
"""Messages that are known again when they come twice; what they say is told at most once anyway
where it is the same amount, payment or repair."""
MINUTE_MOST: Final = 100
"""Messages answered in a minute; beyond that they are refused for now, and told once."""
MINUTE_S: Final = 60.0
CENTS_MOST: Final = 10**11
_TEXT_MOST: Final = 240


class _NotThisError(Exception):
    """An act is refused; says why."""


class Acts:
    """Answers what people of the house send.

    Args:
        site: token of the site.
        gateway: token of this gateway.
        currency: of the site: amounts in another one are refused.
        works: the work for each EGM, by asset number.
        recorder: takes what is told of the messages themselves.
        kept: what the outbox kept under ``KEY``, or None.
        clock: both clocks.

    Attributes:
        accepted: messages that became events.
        refused: messages that did not.
    """

    def __init__(
        self,
        site: str,
        gateway: str,
        currency: str,
        works: Mapping[str, EgmWork],
        recorder: Recorder,
        kept: str | None,
        clock: Clock,
    ) -> None:
        self.accepted = self.refused = 0
        self._site, self._gateway, self._currency = site, gateway, currency
        self._works = works
        self._recorder = recorder
        self._clock = clock
        self._known: dict[str, str] = dict(json.loads(kept)) if kept else {}
        self._lately: deque[float] = deque()
        self._flooded = False

    @property
    def subjects(self) -> tuple[str, ...]:
        """What is heard."""
        return (f"act.v1.{self._site}.{self._gateway}.>",)

    async def answer(self, subject: str, body: bytes) -> bytes:
        """Return what whoever sent ``body`` on ``subject`` is answered."""
        if self._too_many():
            told = InboundAnswer(accepted=False, reason="too many messages a minute", again=True)
        else:
            told = await self._answered(subject, body)
        self.accepted += told.accepted and not told.duplicate
        self.refused += not told.accepted
        return told.model_dump_json(exclude_none=True).encode()

    async def _answered(self, subject: str, body: bytes) -> InboundAnswer:
        try:
            message = read_message(subject, body, self._site, self._gateway)
        except SchemaError as error:
            return self._refuse(None, str(error)[:_TEXT_MOST])
        known = self._known.get(message.receipt)
        if known == message.digest:
            again = InboundAnswer(accepted=True, receipt=message.receipt, duplicate=True)
            return await self._accept(message, again)
        if known is not None:
            return self._refuse(message, "this id was used before, for something else")
        return await self._take(message)

    async def _take(self, message: Message) -> InboundAnswer:
        act = message.data
        assert isinstance(act, Act)
        known = dict([*self._known.items(), (message.receipt, message.digest)][-REMEMBERED:])
        try:
            heard = await self._heard(act, message, {KEY: json.dumps(known)})
        except _NotThisError as error:
            return self._refuse(message, str(error))
        if heard.events:
            self._known = known
        if heard.why:
            return self._refuse(message, heard.why[:_TEXT_MOST], again=heard.again)
        events = [_told(event) for event in heard.events[:16]]
        told = {"accepted": True, "receipt": message.receipt, "events": events}
        return await self._accept(message, InboundAnswer.model_validate(told))

    async def _heard(self, act: Act, message: Message, keys: Mapping[str, str]) -> Heard:
        """Return what became of ``act``, which is kept together with ``keys``.

        Raises:
            _NotThisError: it is refused.
        """
        work = self._works.get(act.asset)
        remarked = act if isinstance(act, LookedAt | NoteMade) else None
        if work is None and not (remarked and act.asset == NO_EGM):
            raise _NotThisError(f"this gateway has no EGM {act.asset}")
        if remarked is not None:
            by = _signed(act, message)[:64]
            place = work.place if work is not None else None
            return await remark(_remarked(remarked), by, place, self._recorder, self._clock, keys)
        assert work is not None
        return await say(work, self._said(act, message), keys)

    async def _accept(self, message: Message, told: InboundAnswer) -> InboundAnswer:
        """Answer once it is on record: what it led to was queued for the disk before."""
        recorded = self._tell(message, told)
        try:
            if recorded is not None:
                await asyncio.wait_for(recorded.on_disk(), DISK_S)
        except TimeoutError:
            recorded = None
        if recorded is not None:
            return told
        why = "the outbox does not store it now"
        return InboundAnswer(accepted=False, receipt=message.receipt, reason=why, again=True)

    def _said(self, act: Act, message: Message) -> Said:
        by, now, receipt = _signed(act, message)[:64], moment(self._clock), message.receipt
        match act:
            case AmountTyped():
                cents = self._cents(act.amount)
                return Said(act.asset, "amount", by, now, cents, act.handpay, message=receipt)
            case GuestPaid():
                return Said(act.asset, "paid", by, now, None, act.handpay, message=receipt)
            case Mended():
                return Said(act.asset, "mended", by, now, kind=act.kind, message=receipt)
            case SessionCorrected():
                return Said(
                    act.asset, "session", by, now, None, act.session, act.coin_in_credits,
                    act.reason, message=receipt,
                )  # fmt: skip
        raise _NotThisError(f"nobody here reads {message.row.name}")

    def _cents(self, amount: Money) -> int:
        cents = Decimal(amount.amount) * 100
        if amount.currency != self._currency:
            raise _NotThisError(f"this casino counts in {self._currency}, not {amount.currency}")
        if not 0 < cents < CENTS_MOST or cents != int(cents):
            raise _NotThisError("an amount above zero, of whole cents, is expected")
        return int(cents)

    def _refuse(
        self, message: Message | None, reason: str, *, again: bool = False
    ) -> InboundAnswer:
        receipt = None if message is None else message.receipt
        told = InboundAnswer(accepted=False, receipt=receipt, reason=reason, again=again)
        self._tell(message, told)
        return told

    def _tell(self, message: Message | None, told: InboundAnswer) -> Recorded | None:
        """Put what was answered on record; where the outbox is full, in the log alone."""
        answer = "refused" if not told.accepted else "duplicate" if told.duplicate else "accepted"
        data: dict[str, object] = {"answer": answer}
        if message is not None:
            assert isinstance(message.data, Act)
            data |= {
                "act": message.row.name, "asset": message.data.asset,
                "said_by": _signed(message.data, message)[:96], "receipt": message.receipt,
            }  # fmt: skip
        if told.reason:
            data["reason"] = told.reason[:_TEXT_MOST]
        fact = Fact("gateway.actanswered", None, data, moment(self._clock))
        log.warning("over NATS: %s", one_line(fact))
        try:
            return self._recorder.record([fact])
        except OutboxFullError as error:
            log.error("over NATS: %s; the answer is not on record", error)  # noqa: TRY400
            return None

    def _too_many(self) -> bool:
        now, lately = self._clock.monotonic(), self._lately
        while lately and now - lately[0] >= MINUTE_S:
            lately.popleft()
        if len(lately) < MINUTE_MOST:
            lately.append(now)
            self._flooded = False
            return False
        if not self._flooded:
            self._flooded = True
            reason = f"more than {MINUTE_MOST} messages in a minute: all are refused for now"
            self._tell(None, InboundAnswer(accepted=False, reason=reason, again=True))
        return True


def _remarked(act: LookedAt | NoteMade) -> Acknowledge | Note:
    asset = None if act.asset == NO_EGM else act.asset
    if isinstance(act, LookedAt):
        return Acknowledge(
            asset=asset, do="acknowledge", event=act.event, event_type=act.event_type,
            disposition=act.disposition, remark=act.remark,
        )  # fmt: skip
    return Note(asset=asset, do="note", remark=act.remark, event=act.event)


def _signed(act: Act, message: Message) -> str:
    return f"{act.by} via {message.envelope.source}"


def _told(event: EncodedEvent) -> dict[str, str]:
    return {"id": event.id, "type": event.type, "text": one_line(decode(event.body))[:240]}
