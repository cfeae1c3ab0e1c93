"""Hears one machine among all that goes over its wire: what is told by it, and what is evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from gateway.commissioning.told import (
    Chirp,
    Count,
    Frame,
    Game,
    Identity,
    Raised,
    Reading,
    Tally,
    Told,
)
from protocols.sas.capture import Speaker, bytes_text
from protocols.sas.errors import RequestError, WireError
from protocols.sas.explained import Explained
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import ExceptionReply, LongPollReply, MeterReading, Reply
from protocols.sas.tables import DENOMINATIONS

IDENTITY, GAME = 0x54, 0x1F
PLAIN: Final = frozenset({"general poll", "no activity", "sync"})
PIECES: Final = timedelta(milliseconds=50)
"""Bytes with a ninth bit that come so close together are pieces of an answer: chirps are 200 ms
apart."""
PLAIN_FRAMES: Final = 4
"""Messages that tell nothing but that they were exchanged, kept as evidence for one step."""

_SPEAKERS: Final[dict[Speaker, Literal["host", "EGM"]]] = {
    Speaker.HOST: "host", Speaker.EGM: "EGM"
}  # fmt: skip


@dataclass(slots=True)
class Ear:
    """What was heard of one machine since a step began.

    Attributes:
        address: of the machine.
        tally: counts since ``begin``.
        told: what it told, until it is taken.
        frames: evidence, until it is taken.
    """

    address: int
    tally: Tally = field(default_factory=Tally)
    told: list[Told] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    _poll: bytes | None = None
    _plain: int = 0
    _real_time: bool = False
    _spoke_at: datetime | None = None

    def begin(self) -> None:
        """Count anew: another step has begun."""
        self.tally = Tally(ninth_known=self.tally.ninth_known)
        self.told.clear()
        self.frames.clear()
        self._plain = 0

    def take(self) -> tuple[list[Told], list[Frame]]:
        """Return what was heard since it was last taken."""
        taken = (self.told[:], self.frames[:])
        self.told.clear()
        self.frames.clear()
        return taken

    def hear(self, found: Explained, at: datetime, *, ninth_known: bool) -> None:
        """Take one message of the line.

        Args:
            found: the message, explained.
            at: when its first byte was heard.
            ninth_known: the port tells the ninth bit of each byte.
        """
        if self.tally.ninth_known is not ninth_known:
            self.tally = self.tally.model_copy(update={"ninth_known": ninth_known})
        if found.kind == "chirp":
            self._chirp(found, at)
        elif found.speaker is Speaker.HOST:
            self._host(found, at)
        elif self._poll is not None and found.speaker is Speaker.EGM:
            poll, self._poll = self._poll, None
            self._answer(found, poll, at)

    def _chirp(self, found: Explained, at: datetime) -> None:
        """Take one byte with its ninth bit set, unless it is a piece of an answer."""
        self._keep(found, at)
        last, self._spoke_at = self._spoke_at, at
        if last is None or at - last >= PIECES:
            self.told.append(Chirp(at=at, address=found.address or 0))
            return
        pieces = 1
        if self.told and isinstance(self.told[-1], Chirp) and at - self.told[-1].at < PIECES:
            self.told.pop()
            pieces = 2
        self.tally = self.tally.plus(ninth=pieces)

    def _host(self, found: Explained, at: datetime) -> None:
        if self._poll is not None:
            self._missed(long=len(self._poll) > 1)
        mine = found.address == self.address and found.kind in {"general poll", "long poll"}
        self._poll = found.message.data if mine else None
        if mine:
            self._keep(found, at)

    def _missed(self, *, long: bool) -> None:
        if self._real_time and not long:
            return  # in real-time mode silence says that there is nothing
        self.tally = self.tally.plus(silent=1, long_silent=int(long)).model_copy(
            update={"in_row": self.tally.in_row if long else 0}
        )

    def _answer(self, found: Explained, poll: bytes, at: datetime) -> None:
        self._keep(found, at)
        self._spoke_at = at
        if any(found.message.wakeup):
            self.tally = self.tally.plus(ninth=1)
        self._real_time |= found.kind == "real-time event"
        reply = None if found.message.hidden else _reply(poll, found.message.data)
        if not found.valid or (reply is None and not found.message.hidden):
            self.tally = self.tally.plus(bad=1).model_copy(update={"in_row": 0})
            return
        if len(poll) == 1:
            self.tally = self.tally.plus(general=1, in_row=1)
        elif found.kind == "answer":
            self.tally = self.tally.plus(long=1, in_row=1)
        if isinstance(reply, ExceptionReply):
            self.told.append(Raised(at=at, code=reply.code))
        elif isinstance(reply, LongPollReply) and reply.denomination is None:
            self._long(reply, at)

    def _long(self, reply: LongPollReply, at: datetime) -> None:
        values = reply.values
        if reply.meters:
            self._meters(reply.meters, at)
        elif reply.command == IDENTITY:
            version, serial = (_plain(values.get(name)) for name in ("version", "serial"))
            self.told.append(Identity(at=at, version=version[:8], serial=serial[:64]))
        elif reply.command == GAME:
            code = values.get("denomination_code")
            worth = DENOMINATIONS.get(code) if isinstance(code, int) else None
            self.told.append(
                Game(
                    at=at,
                    denomination="" if worth is None else str(worth),
                    game_id=_plain(values.get("game_id"))[:16],
                    paytable=_plain(values.get("paytable"))[:16],
                )
            )

    def _meters(self, readings: Iterable[MeterReading], at: datetime) -> None:
        whole = {
            one.name: Count(value=one.value, digits=one.digits) for one in readings if not one.game
        }
        if whole:
            self.told.append(Reading(at=at, meters=whole))

    def _keep(self, found: Explained, at: datetime) -> None:
        if found.kind in PLAIN and found.valid:
            self._plain += 1
            if self._plain > PLAIN_FRAMES:
                return
        message = found.message
        known = any(bit is not None for bit in message.wakeup)
        text = bytes_text(message.data, message.wakeup, found.hidden, ninth_bits=known)
        who = _SPEAKERS.get(found.speaker, "?")
        self.frames.append(Frame(at=at, who=who, text=text[:1_600], means=found.meaning[:200]))


def _reply(poll: bytes, data: bytes) -> Reply | None:
    try:
        reader = ReplyReader(poll)
        return reader.feed(data) or reader.end()
    except (WireError, RequestError):
        return None


def _plain(value: object) -> str:
    text = "" if value is None else str(value)
    return "".join(letter if letter.isprintable() else "?" for letter in text).strip()
