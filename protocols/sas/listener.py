"""Listening to the link between somebody else's host and its machines; nothing is ever sent.

Bytes come from one receive wire or from two, with the ninth bit or without. With it every message
of the host begins with a wakeup byte. Without it the grammar of poll and answer tells where a
message ends, and quiet tells where it must have ended: a machine begins its answer within 20 ms,
and no two bytes of a message lie more than 5 ms apart. After garbage the next message is heard
again: with the ninth bit at the next wakeup byte, without it after the next quiet.

The host never sends an ACK: what it polls next says whether it took the last answer. A poll to
another machine, to nobody (80) or to all, or a different poll to the same machine is an ACK; the
same poll again is a NACK, and the machine sends the same answer again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from protocols.sas.errors import UnexpectedError, WireError
from protocols.sas.heard import (
    Chirp,
    Exchange,
    Heard,
    HostBack,
    HostSilent,
    Noise,
    Verdict,
    Wire,
)
from protocols.sas.message import MESSAGE_BYTES_MAX
from protocols.sas.polls import Request
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import AckReply, ExceptionReply, Reply, SilenceReply
from protocols.sas.requests import RequestReader
from protocols.sas.settings import STANDARD, Dialect
from protocols.sas.tables.polls import MULTI_DENOMINATION

ANSWER_BEGINS_S: Final = 0.025
"""A machine that has not begun to answer by then will not: 20 ms, and time to be heard."""
BYTES_APART_S: Final = 0.010
"""Two bytes farther apart are not of one message: 5 ms, and time to be heard."""
SILENT_POLLS: Final = 3
"""A machine that left so many polls in a row unanswered is taken for away."""
LATE_S: Final = 0.5
"""So long after a general poll without an answer one byte may be its answer, late on our wire."""
HOST_SILENT_S: Final = 5.0
"""After that long without its host a machine takes the link for down."""


@dataclass(slots=True)
class _Open:
    """An exchange that is not told yet."""

    request: Request
    reader: ReplyReader | None  # None where nobody answers
    asked_s: float
    begun: bool = False
    early: bool = False  # its answer was delivered before it
    reply: Reply | None = None
    answered_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Outstanding:
    """An answer that the host has not acknowledged; ``raw`` is empty if it was not understood."""

    number: int
    address: int
    key: bytes
    raw: bytes


class Listener:
    """Feed it what is on the link; it tells what happened there.

    It knows no clock: times are arguments, in seconds, and never go back. Between calls of
    ``hear`` the caller calls ``quiet`` at ``deadline``.

    Args:
        now: when listening begins.
        skew_s: two receive ports share no clock: a machine's bytes may be delivered up to this
            long before the poll that they answer (read the machines' port first, so that they are
            never delivered after the next poll). 0 for one wire.
        dialect: how strictly bytes are read.
    """

    def __init__(self, now: float, *, skew_s: float = 0.0, dialect: Dialect = STANDARD) -> None:
        self._dialect = dialect
        self._skew_s = skew_s
        self._requests = RequestReader(dialect)
        self._host_wire = Wire.BOTH  # where the request that is not complete came from
        self._open: _Open | None = None
        self._held: _Open | None = None  # answered so late that it may be for the next poll
        self._unanswered: dict[int, int] = {}  # polls in a row
        self._outstanding: _Outstanding | None = None
        self._nacked = False
        self._number = 0
        self._events_on: set[int] = set()
        self._late_until = now + LATE_S  # an answer of one byte may be to a poll that was not heard
        self._early = bytearray()  # what a machine said before it was asked
        self._lost = False  # out of step since the last error; skipping until the quiet
        self._last_s = now
        self._host_s = now
        self._silent = False

    @property
    def deadline(self) -> float:
        """When ``quiet`` is to be called if nothing is heard until then."""
        soon = float("inf") if self._silent else self._host_s + HOST_SILENT_S
        if self._requests.pending or self._early or self._lost:
            return min(soon, self._last_s + BYTES_APART_S)
        if self._open is None:
            return soon
        wait = BYTES_APART_S if self._open.begun else ANSWER_BEGINS_S
        return min(soon, self._last_s + wait)

    def hear(
        self,
        data: bytes,
        at: float,
        *,
        wire: Wire = Wire.BOTH,
        wakeup: Sequence[bool | None] | None = None,
    ) -> list[Heard]:
        """Take bytes; return what they complete, in order.

        Args:
            data: bytes as they came.
            at: when, in seconds.
            wire: which way they went.
            wakeup: the ninth bit of each, None where it is not known.
        """
        told = self.quiet(at)
        bits: Sequence[bool | None] = wakeup if wakeup is not None else [None] * len(data)
        for value, bit in zip(data, bits, strict=True):
            if bit or wire is Wire.HOST:
                self._lost = False
            if self._lost:
                continue
            if self._is_from_host(wire, bit):
                self._from_host(value, bit, wire, at, told)
            else:
                self._from_machine(value, bit, at, told)
        if data:
            self._last_s = at
        return told

    def quiet(self, at: float) -> list[Heard]:
        """Say that nothing more was heard until ``at``; return what that completes.

        Args:
            at: the present, in seconds.
        """
        told: list[Heard] = []
        # The same sums as in ``deadline``: at that very moment they must not differ by a rounding.
        if at >= self._last_s + BYTES_APART_S:
            self._lost = False
            self._cut_request(told)
            self._drop_early(told)
        if self._open is not None:
            wait = BYTES_APART_S if self._open.begun else ANSWER_BEGINS_S
            if at >= self._last_s + wait:
                self._close(told)
        if not self._silent and at >= self._host_s + HOST_SILENT_S:
            self._silent = True
            told.append(HostSilent(self._host_s, at))
        return told

    def _is_from_host(self, wire: Wire, bit: bool | None) -> bool:
        if wire is not Wire.BOTH:
            return wire is Wire.HOST
        if bit or self._requests.pending:
            return True
        if self._open is not None and self._open.reply is None:
            return False  # an answer is due: were it overdue, quiet would have ended it
        return bit is None

    def _from_host(
        self, value: int, bit: bool | None, wire: Wire, at: float, told: list[Heard]
    ) -> None:
        if bit:
            self._cut_request(told)
        if not self._requests.pending:
            self._hold(at)
            self._close(told)
        self._host_wire = wire
        for item in self._requests.feed(bytes([value]), [bit]):
            self._request_heard(item, at, told)

    def _request_heard(self, item: Request | WireError, at: float, told: list[Heard]) -> None:
        if isinstance(item, WireError):
            self._refuse(told)
            told.append(Noise(item, Wire.HOST, at))
            self._lost = True
        else:
            self._ask(item, at, told)

    def _cut_request(self, told: list[Heard]) -> None:
        """End the request that is not complete: its bytes have stopped."""
        pending = self._requests.pending
        heard = self._requests.reset()
        if len(pending) == 1 and self._host_wire is Wire.BOTH:
            # An address without a command, on a wire that carries machines' bytes too.
            told.append(Chirp(pending[0], self._last_s))
            return
        for item in heard:
            self._request_heard(item, self._last_s, told)
        self._lost = False

    def _ask(self, request: Request, at: float, told: list[Heard]) -> None:
        """A request is complete: judge the last answer by it, and wait for this one's."""
        if self._silent:
            self._silent = False
            told.append(HostBack(at - self._host_s, at))
        self._host_s = at
        self._close(told)
        if self._held is None:
            self._judge(request, at, told)
        if request.kind in {"sync", "global"}:
            self._release(request, at, told)  # nobody answers this one
            self._tell(_Open(request, None, at), SilenceReply(0), None, told)
            return
        if self._unanswered.get(request.address, 0) >= SILENT_POLLS:
            self._release(request, at, told)
        rte = request.address in self._events_on
        reader = ReplyReader(request.raw, rte=rte, dialect=self._dialect)
        self._open = _Open(request, reader, at)
        if not self._early:
            return
        late = len(self._early) == 1 and at < self._late_until
        if late or at - self._last_s > self._skew_s:
            self._drop_early(told)
            return
        early = bytes(self._early)
        self._early.clear()
        self._open.early = True
        for value in early:
            self._answer(value, at, told)

    def _judge(self, request: Request, at: float, told: list[Heard]) -> None:
        last = self._outstanding
        if last is None:
            return
        same = request.address == last.address and _key(request) == last.key
        self._nacked = same
        told.append(Verdict(last.number, last.address, not same, at))
        if not same:
            self._outstanding = None

    def _from_machine(self, value: int, bit: bool | None, at: float, told: list[Heard]) -> None:
        if bit and 0 < value < 0x80:
            told.append(Chirp(value, at))
        elif bit:
            self._spoiled(value, at, told)
        elif self._open is not None and (self._open.reply is None or not self._skew_s):
            self._answer(value, at, told)
        elif self._open is not None and (self._open.early or at < self._late_until):
            # A second answer: the first may have been to a poll before this one that was not heard.
            raw = b"" if self._open.reply is None else self._open.reply.raw
            self._failed(UnexpectedError("it may be the answer to an earlier poll", raw), told)
        elif len(self._early) < MESSAGE_BYTES_MAX:
            self._early.append(value)

    def _spoiled(self, value: int, at: float, told: list[Heard]) -> None:
        """A machine's byte has a ninth bit, and is no address that it could chirp."""
        error = UnexpectedError("the ninth bit is set in an answer", bytes([value]))
        if self._open is None or self._open.reply is not None:
            told.append(Noise(error, Wire.MACHINE, at))
            return
        self._release(self._open.request, self._open.asked_s, told)
        self._failed(error, told)

    def _answer(self, value: int, at: float, told: list[Heard]) -> None:
        current = self._open
        if current is None or current.reader is None:
            return  # the answer was bad before this byte
        current.begun = True
        self._release(current.request, current.asked_s, told)
        try:
            reply = current.reader.feed(bytes([value]))
        except WireError as error:
            self._failed(error, told)
            return
        if reply is not None:
            current.reply, current.answered_s = reply, at
            if len(reply.raw) > 2:
                self._close(told)  # its CRC vouches for it; shorter ones wait for the quiet

    def _failed(self, error: WireError, told: list[Heard]) -> None:
        """The answer is no answer; what else comes in the same breath is skipped."""
        current, self._open = self._open, None
        assert current is not None, "only an answer that is awaited can be bad"
        self._lost = True
        self._tell(current, None, error, told)

    def _hold(self, at: float) -> None:
        """Do not tell a short answer yet that came so close to the next poll that it may be its."""
        current = self._open
        if current is None or current.reply is None or current.answered_s is None:
            return
        if at - current.answered_s < self._skew_s:
            self._held, self._open = current, None

    def _release(self, then: Request, at: float, told: list[Heard]) -> None:
        """Tell the answer that was held: ``then``, polled next, has another one, or has none."""
        held, self._held = self._held, None
        if held is not None:
            self._tell(held, held.reply, None, told)
            self._judge(then, at, told)

    def _refuse(self, told: list[Heard]) -> bool:
        """Give the answer that was held to nobody; say whether there was one."""
        held, self._held = self._held, None
        if held is None or held.reply is None:
            return False
        error = UnexpectedError("it may be the answer to the next poll", held.reply.raw)
        self._tell(held, None, error, told)
        return True

    def _close(self, told: list[Heard]) -> None:
        """End the exchange that is open: nothing more will come of it."""
        current = self._open
        if current is None or current.reader is None:
            return
        if self._refuse(told):
            self._judge(current.request, current.asked_s, told)
        if current.reply is None:
            try:
                current.reply = current.reader.end()
            except WireError as error:
                self._failed(error, told)
                self._lost = False  # it ended before it was whole: nothing else is to come
                return
            current.answered_s = self._last_s if current.begun else None
        self._open = None
        self._tell(current, current.reply, None, told)

    def _tell(
        self, current: _Open, reply: Reply | None, error: WireError | None, told: list[Heard]
    ) -> None:
        self._number += 1
        request = current.request
        raw = reply.raw if reply is not None else b""
        silent = error is None and not raw
        polls = self._unanswered[request.address] = silent * (
            self._unanswered.get(request.address, 0) + 1
        )
        if 0 < polls < SILENT_POLLS and request.kind == "general":
            self._late_until = current.asked_s + LATE_S
        last = self._outstanding
        repeat = bool(raw) and self._nacked and last is not None and last.raw == raw
        told.append(
            Exchange(
                self._number, request, reply, error, current.asked_s, current.answered_s, repeat
            )
        )
        if raw:
            self._outstanding = _Outstanding(self._number, request.address, _key(request), raw)
            self._nacked = False
            self._learn(request, reply)
        elif error is not None:  # the host may have understood it; if not, the same comes again
            said = last.raw if self._nacked and last is not None else b""
            self._outstanding = _Outstanding(self._number, request.address, _key(request), said)

    def _learn(self, request: Request, reply: Reply | None) -> None:
        """Know which machines are in real-time event mode: their silence is "no activity"."""
        if isinstance(reply, ExceptionReply) and reply.real_time:
            self._events_on.add(request.address)
        elif request.command == 0x0E and isinstance(reply, AckReply):
            if request.values.get("enable"):
                self._events_on.add(request.address)
            else:
                self._events_on.discard(request.address)

    def _drop_early(self, told: list[Heard]) -> None:
        if self._early:
            raw = bytes(self._early)
            self._early.clear()
            error = UnexpectedError("a machine spoke without being asked", raw)
            told.append(Noise(error, Wire.MACHINE, self._last_s))


def _key(request: Request) -> bytes:
    """Return what makes two polls the same: address and command; in B0 also what is wrapped."""
    if request.command is None:
        return request.raw
    return request.raw[:5] if request.command == MULTI_DENOMINATION else request.raw[:2]
