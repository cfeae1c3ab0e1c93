"""Cuts what passes on one line into messages, and says what follows from each.

Pure: moments are arguments and never go back. It stands at the host's end: it hears what the host
sends, and what of a machine's answer reaches the host. The rules of the implied acknowledgement
(Montana DOJ, SAS implementation guide): the same poll again says that the answer did not arrive;
any other message on the line says that it did.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from floor_sim.judge.messages import BYTE_S, Asked, Bits, Kept, Machine, Said
from protocols.sas.crc import crc_ok
from protocols.sas.errors import LengthError, WireError
from protocols.sas.explain import same_poll
from protocols.sas.message import MESSAGE_BYTES_MAX
from protocols.sas.polls import parse_request
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import IdleReply, LongPollReply, Reply
from protocols.sas.requests import request_length
from protocols.sas.settings import poll_row
from protocols.sas.symbols import Symbols

CUT_S: Final = 0.030
"""Longer than that no message pauses; what is there of it is all."""
GIVE_UP_S: Final = 1.0
"""Whatever comes so long after a poll is no answer to it."""
ALONE_S: Final = 4.0
"""On a line without ninth bits the address of an EGM that was not polled for so long is a chirp."""
AWAY_SILENCES: Final = 3
"""An EGM that left so many polls in a row unanswered is taken for away."""

Side = Literal["host", "egm"]


class Listener(Protocol):
    """Who is told."""

    def coming(self, asked: Asked) -> None:
        """Hear that the host said something, before all that follows from it."""

    def asked(self, asked: Asked) -> None:
        """Hear that the host said something; what it meant for kept answers was told before."""

    def said(self, said: Said) -> None:
        """Hear that an EGM answered; ``said.error`` tells that it is no answer."""

    def silent(self, asked: Asked, waited_s: float) -> None:
        """Hear that nobody answered; ``waited_s``: what the host has waited."""

    def acked(self, kept: Kept, by: Asked) -> None:
        """Hear that the host's message acknowledged an answer."""

    def nacked(self, kept: Kept, by: Asked) -> None:
        """Hear that the host asked for an answer once more."""

    def chirped(self, address: int, at: float) -> None:
        """Hear that an EGM chirped."""

    def stray(self, data: bytes, wakeup: Bits, at: float) -> None:
        """Hear that an EGM said something that nobody had asked for."""

    def passed(self, now: float) -> None:
        """Hear that time has passed."""


@dataclass(slots=True)
class _Frame:
    """A message of the host that is not complete."""

    at: float
    behind: bool
    last_s: float = 0.0
    ends_s: float = 0.0
    gap_s: float = 0.0
    data: bytearray = field(default_factory=bytearray)
    bits: list[bool | None] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """A poll whose answer is not complete."""

    asked: Asked
    reader: ReplyReader
    at: float = 0.0
    last_s: float = 0.0
    ends_s: float = 0.0
    gap_s: float = 0.0
    data: bytearray = field(default_factory=bytearray)
    bits: list[bool | None] = field(default_factory=list)
    error: WireError | None = None


class Conversation:
    """One line.

    Args:
        listener: who is told.

    Attributes:
        machines: what the line has shown of each EGM that was asked or has chirped, by address.
        kept: the answer that awaits its acknowledgement, or None.
        now: the latest moment.
        ninth_bits: the host's ninth bits are known.
        egm_bits: those of EGMs are known.
    """

    def __init__(self, listener: Listener) -> None:
        self.machines: dict[int, Machine] = {}
        self.kept: Kept | None = None
        self.now = 0.0
        self.ninth_bits = False
        self.egm_bits = False
        self._listener = listener
        self._frame: _Frame | None = None
        self._open: _Open | None = None

    def machine(self, address: int) -> Machine:
        """Return what is known of an EGM."""
        found = self.machines.get(address)
        if found is None:
            found = self.machines[address] = Machine(address)
        return found

    def hear(self, side: Side, symbols: Symbols, at: float) -> None:
        """Take what one side has sent in one burst that began at ``at``."""
        at = max(at, self.now)
        self.pass_time(at)
        if side == "host":
            self._host(symbols, at)
        else:
            self._egm(symbols, at)

    def pass_time(self, now: float) -> None:
        """Let time pass: what is not complete by now never will be."""
        self.now = max(self.now, now)
        if self._frame is not None and now - self._frame.last_s > CUT_S:
            self._end_frame()
        waiting = self._open
        if waiting is not None:
            if waiting.data and now - waiting.last_s > CUT_S:
                self._end_answer()
            elif not waiting.data and now - waiting.asked.on_wire_s > GIVE_UP_S:
                self._nobody(waiting.asked.on_wire_s + GIVE_UP_S)
        self._listener.passed(now)

    def end(self) -> None:
        """Take note that no more is to come."""
        if self._frame is not None:
            self._end_frame()
        if self._open is not None and self._open.data:
            self._end_answer()

    def _host(self, symbols: Symbols, at: float) -> None:
        data, bits = symbols
        self.ninth_bits |= None not in bits
        if self._frame is not None and bits[0]:
            self._end_frame()
        place, behind = 0, False
        while place < len(data):
            frame = self._frame
            if frame is None:
                frame = self._frame = _Frame(at, behind, ends_s=at)
            frame.gap_s = max(frame.gap_s, at - frame.ends_s)
            frame.last_s = at
            frame.ends_s = at + len(data) * BYTE_S
            frame.data.append(data[place])
            frame.bits.append(bits[place])
            place += 1
            length = request_length(frame.data)
            if length is None and len(frame.data) < MESSAGE_BYTES_MAX:
                continue
            if length is not None and len(frame.data) < length:
                continue
            more = _belonging(frame, data[place:], bits[place:])
            frame.data += data[place : place + more]
            frame.bits += bits[place : place + more]
            place += more
            behind = len(frame.data) == 1 and frame.data[0] > 0x80
            self._end_frame()

    def _end_frame(self) -> None:
        frame, self._frame = self._frame, None
        assert frame is not None, "only called while there is one"
        data, request, error = bytes(frame.data), None, None
        try:
            request = parse_request(data)
        except WireError as wrong:
            error = wrong
        self._asked(
            Asked(frame.at, frame.last_s, data, tuple(frame.bits), frame.gap_s, request, error,
                  frame.behind)
        )  # fmt: skip

    def _asked(self, asked: Asked) -> None:
        if self._open is not None and self._open.data:
            self._end_answer()
        self._listener.coming(asked)
        if asked.behind and not asked.marked:
            self._listener.asked(asked)  # no machine takes it for a message
            return
        waiting = self._open
        if waiting is not None:
            self._nobody(asked.at)
        kept = self.kept
        if asked.good and kept is not None:
            if asked.to_one and same_poll(asked.data, kept.said.asked.data):
                self._listener.nacked(kept, asked)
            else:
                self.kept = None
                self._listener.acked(kept, asked)
        self._listener.asked(asked)
        if asked.address and asked.to_one and asked.marked:
            machine = self.machine(asked.address)
            machine.asked_s = asked.at
            reader = ReplyReader(asked.data, rte=machine.real_time)
            self._open = _Open(asked, reader)

    def _nobody(self, now: float) -> None:
        """Take note that the open poll was not answered."""
        waiting, self._open = self._open, None
        assert waiting is not None, "only called while there is one"
        asked = waiting.asked
        machine = self.machine(asked.address)
        if machine.real_time and asked.command is None:
            return  # in event mode that is how an EGM says that nothing has happened
        machine.silences += 1
        if machine.silences >= AWAY_SILENCES and asked.command is None:
            machine.up = False
        if asked.command is not None and asked.good:
            machine.unanswered[asked.command] += 1
        self._listener.silent(asked, now - asked.at)

    def _egm(self, symbols: Symbols, at: float) -> None:
        data, bits = symbols
        self.egm_bits |= None not in bits
        waiting = self._open
        if self._is_chirp(data, bits[0], at) and not (waiting and waiting.data):
            machine = self.machine(data[0])
            machine.up = machine.real_time = False
            machine.chirp_s = at
            self._listener.chirped(data[0], at)
            return
        if self._frame is not None:  # of a command whose length nobody knows: the EGM does
            self._end_frame()
            waiting = self._open
        if waiting is None:
            self._listener.stray(data, bits, at)
            return
        if not waiting.data:
            waiting.at = waiting.ends_s = at
        waiting.gap_s = max(waiting.gap_s, at - waiting.ends_s)
        waiting.last_s = at
        waiting.ends_s = at + len(data) * BYTE_S
        waiting.data += data
        waiting.bits += bits
        if waiting.error is not None:
            if len(waiting.data) > MESSAGE_BYTES_MAX:
                self._end_answer()  # it babbles: what comes after that is asked for by nobody
            return
        try:
            reply = waiting.reader.feed(data)
        except WireError as wrong:
            waiting.error = wrong
            return
        if reply is not None:
            self._said(reply)

    def _is_chirp(self, data: bytes, bit: bool | None, at: float) -> bool:
        """Say whether bytes are a chirp: by the ninth bit, or else by who has been left alone."""
        if len(data) != 1 or data[0] > 0x7F or bit is False:
            return False
        if bit:
            return True
        machine = self.machines.get(data[0])
        asked_s = machine.asked_s if machine is not None else None
        return asked_s is not None and at - asked_s > ALONE_S

    def _end_answer(self) -> None:
        """Take what came for all of an answer."""
        waiting = self._open
        assert waiting is not None, "only called while there is one"
        reply = None
        if waiting.error is None:
            try:
                reply = waiting.reader.end()
            except WireError as wrong:
                waiting.error = wrong
        self._said(reply)

    def _said(self, reply: Reply | None) -> None:
        waiting, self._open = self._open, None
        assert waiting is not None, "only called while there is one"
        asked, kept = waiting.asked, self.kept
        same = kept is not None and same_poll(asked.data, kept.said.asked.data)
        again = kept.said.data if kept is not None and same and kept.whole else b""
        said = Said(
            waiting.at, waiting.last_s, bytes(waiting.data), tuple(waiting.bits), waiting.gap_s,
            asked, reply, waiting.error, again,
        )  # fmt: skip
        self._learn(said)
        if asked.good:
            self._keep(said, kept if same else None)
        self._listener.said(said)

    def _keep(self, said: Said, before: Kept | None) -> None:
        if said.reply is not None and not said.kept:
            self.kept = None
            return
        whole = said.reply is not None
        if before is None:
            self.kept = Kept(said, said.at, whole=whole)
        else:
            kept_said = said if whole or not before.whole else before.said
            self.kept = Kept(kept_said, before.first_s, before.times + 1, before.whole or whole)

    def _learn(self, said: Said) -> None:
        machine, command = self.machine(said.asked.address), said.asked.command
        machine.said_s = said.at
        machine.silences = 0
        machine.chirp_s = None
        if said.reply is None:
            return
        machine.up = True
        real_time = getattr(said.reply, "real_time", False)
        if real_time or (isinstance(said.reply, IdleReply) and len(said.data) > 1):
            machine.real_time = True
        if command is None or real_time:
            return
        if not said.is_nack:
            machine.answered[command] += 1
        if command == 0x0E and said.is_ack and said.asked.request is not None:
            machine.real_time = said.asked.request.values.get("enable") == 1
        elif command == 0xA0 and isinstance(said.reply, LongPollReply):
            features = said.reply.values.get("features")
            if isinstance(features, tuple):
                machine.features = features
                machine.fast = bool(features[2] & 1)


def _belonging(frame: _Frame, rest: bytes, bits: Bits) -> int:
    """Return how many bytes behind the end of a message belong to it all the same.

    A byte whose wakeup bit is clear begins no message; behind a general poll it may begin a long
    poll that was sent wrongly. Where no ninth bit tells, a CRC behind a type R poll is known.
    """
    if len(frame.data) > 1 or frame.behind:
        clear = next((at for at, bit in enumerate(bits) if bit is not False), len(bits))
        if clear:
            return min(clear, MESSAGE_BYTES_MAX)
    return 2 if _crc_follows(bytes(frame.data), rest[:2]) else 0


def _crc_follows(poll: bytes, rest: bytes) -> bool:
    """Say whether what follows a type R poll in its burst is a CRC that does not belong there."""
    if len(poll) != 2 or len(rest) != 2:
        return False
    row = poll_row(poll[1])
    return row is not None and row.kind == "R" and crc_ok(poll + rest)


def cut_short(error: WireError | None) -> bool:
    """Say whether an answer was no good because its end is missing."""
    cut = error is not None and ("cut short" in error.reason or "only the address" in error.reason)
    return cut and isinstance(error, LengthError)
