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
from typing import Final

from protocols.sas.awaited import HELD_MAX, Open
from protocols.sas.errors import UnexpectedError, WireError
from protocols.sas.heard import Chirp, Heard, HostBack, HostSilent, Noise, Wire
from protocols.sas.message import MESSAGE_BYTES_MAX
from protocols.sas.polls import Request
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import ExceptionReply, SilenceReply
from protocols.sas.requests import RequestReader
from protocols.sas.settings import STANDARD, Dialect
from protocols.sas.telling import Teller

ANSWER_BEGINS_S: Final = 0.025
"""A machine that has not begun to answer by then will not: 20 ms, and time to be heard."""
BYTES_APART_S: Final = 0.010
"""Two bytes farther apart are not of one message: 5 ms, and time to be heard."""
HOST_SILENT_S: Final = 5.0
"""After that long without its host a machine takes the link for down."""


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
        self._open: Open | None = None
        self._held: list[Open] = []  # answered so close to the next poll that it may be that one's
        self._unsure: Open | None = None  # its answer came before its poll: the next poll decides
        self._teller = Teller(now)
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
            return min(soon, self._last_s + BYTES_APART_S) if self._held else soon
        return min(soon, self._last_s + self._wait_s(self._open))

    def _wait_s(self, current: Open) -> float:
        """Return after how many quiet seconds nothing more will come of an exchange."""
        return max(BYTES_APART_S, self._skew_s) if current.begun else ANSWER_BEGINS_S

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
            host = self._is_from_host(wire, bit)
            if not host:
                self._teller.machine_s = at
            if self._lost:
                continue
            if host:
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
        self._teller.now_s = at
        # The same sums as in ``deadline``: at that very moment they must not differ by a rounding.
        if at >= self._last_s + BYTES_APART_S:
            self._lost = False
            self._cut_request(told)
            self._drop_early(told)
        if self._open is not None:
            if at >= self._last_s + self._wait_s(self._open):
                self._close(told)
        elif at >= self._last_s + BYTES_APART_S:
            self._settle(None, told, believed=True)  # what may have been theirs has no answer due
        if not self._silent and at >= self._host_s + HOST_SILENT_S:
            self._silent = True
            self._decide(None, told)
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
            current = self._open
            if current is not None and current.reader and current.begun and not current.reply:
                self._end(current, current.reader, told)
            self._hold(at, told)
            self._close(told)
        self._host_wire = wire
        for item in self._requests.feed(bytes([value]), [bit]):
            self._request_heard(item, at, told)

    def _request_heard(self, item: Request | WireError, at: float, told: list[Heard]) -> None:
        if isinstance(item, WireError):
            self._decide(None, told)
            self._settle(None, told, believed=False)
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
        self._decide(request, told)
        if not self._held:
            self._teller.judge(request, at, told)
        if request.kind in {"sync", "global"}:  # nobody answers this one
            alone = Open(request, None, at, reply=SilenceReply(0))
            if self._held:
                alone.together = self._held[-1].together
                self._keep(alone, told)  # what comes in the same breath may tell more
            else:
                self._teller.tell(alone, alone.reply, None, told)
            return
        rte = request.address in self._teller.events_on
        reader = ReplyReader(request.raw, rte=rte, dialect=self._dialect)
        self._open = Open(request, reader, at, clean=not self._teller.muddled)
        if self._teller.away(request.address) and self._answers_always():
            self._settle(self._open, told, believed=True)
        if not self._early:
            return
        late = len(self._early) == 1 and self._teller.may_be_late(at)
        if late or at - self._last_s > self._skew_s:
            self._drop_early(told)
            self._open.clean = False
            return
        early = bytes(self._early)
        self._early.clear()
        self._open.early = True
        for value in early:
            self._answer(value, at, told)

    def _from_machine(self, value: int, bit: bool | None, at: float, told: list[Heard]) -> None:
        if bit and 0 < value < 0x80:
            told.append(Chirp(value, at))
        elif bit:
            self._spoiled(value, at, told)
        elif self._open is not None and (self._open.reply is None or not self._skew_s):
            self._answer(value, at, told)
        elif self._open is not None and self._open.answered_s == at:
            # Heard in one piece: no answer of one byte stands before another without a poll.
            self._failed(UnexpectedError("more came in the same breath", bytes([value])), told)
        elif self._open is not None and (self._open.early or at < self._teller.late_until):
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
        self._failed(error, told)

    def _answer(self, value: int, at: float, told: list[Heard]) -> None:
        current = self._open
        if current is None or current.reader is None:
            return  # the answer was bad before this byte
        current.begun = True
        if self._held and not self._held[-1].together:
            self._settle(current, told, believed=True)
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
        self._settle(current, told, believed=False)
        self._teller.tell(current, None, error, told)

    def _hold(self, at: float, told: list[Heard]) -> None:
        """Do not tell a short answer yet that came so close to the next poll that it may be its.

        That poll's own answer settles it. Unless both were heard in one piece, which is late, and
        that answer stands just so before the poll behind it: then they wait together. A listener
        that is one poll behind would else give each answer to the machine before.
        """
        current = self._open
        if current is None:
            if at - self._last_s >= self._skew_s:
                self._settle(None, told, believed=True)
            return
        if current.reply is None or current.answered_s is None:
            return
        if at - current.answered_s < self._skew_s:
            current.together = at == current.answered_s
            self._keep(current, told)
            self._open = None

    def _keep(self, current: Open, told: list[Heard]) -> None:
        if len(self._held) >= HELD_MAX:
            self._settle(current, told, believed=False)
        self._held.append(current)

    def _answers_always(self) -> bool:
        """Whether the machine that may have given the answer that is held answered until now."""
        asked = [item for item in self._held if item.reader is not None]
        return bool(asked) and asked[-1].clean and self._teller.answers(asked[-1].request.address)

    def _settle(self, then: Open | None, told: list[Heard], *, believed: bool) -> None:
        """Tell what was held; if not ``believed``, that nobody knows whose answers those are.

        An answer that is either to a poll or to the same poll sent again is its machine's anyhow.

        Args:
            then: the exchange behind it, if there is one yet.
            told: takes what is told.
            believed: each answer is to the poll before it.
        """
        held, self._held = self._held, []
        polls = held if then is None else [*held, then]
        for at, item in enumerate(held):
            after = polls[at + 1] if at + 1 < len(polls) else None
            raw = b"" if item.reply is None else item.reply.raw
            if believed or not raw or self._asked_again(item, polls[at + 1 :]):
                self._teller.tell(item, item.reply, None, told)
            else:
                error = UnexpectedError("it may be the answer to another poll", raw)
                self._teller.tell(item, None, error, told)
            if after is not None:
                self._teller.judge(after.request, after.asked_s, told)

    def _asked_again(self, item: Open, behind: list[Open]) -> bool:
        """Whether the same machine was asked the same again, and nobody else in the same breath."""
        if not behind or not item.asks_the_same(behind[0]):
            return False
        then_s = behind[1].asked_s if len(behind) > 1 else self._teller.now_s
        return then_s - behind[0].asked_s >= self._skew_s

    def _close(self, told: list[Heard]) -> None:
        """End the exchange that is open: nothing more will come of it."""
        current = self._open
        if current is None or current.reader is None:
            return
        if current.reply is None and not self._end(current, current.reader, told):
            return
        assert current.reply is not None, "what has ended is a reply"
        self._settle(current, told, believed=bool(current.reply.raw))
        self._open = None
        if current.early and isinstance(current.reply, ExceptionReply):
            self._unsure = current
        else:
            self._teller.tell(current, current.reply, None, told)

    def _decide(self, then: Request | None, told: list[Heard]) -> None:
        """Tell an exception that came before its poll, by what the host asks then; None: nothing.

        A host that asks the same again got no answer: it was to a poll that was not heard.
        """
        current, self._unsure = self._unsure, None
        if current is None or current.reply is None:
            return
        if then is None or current.asks_the_same(Open(then, None, 0.0)):
            error = UnexpectedError("its host did not take it", current.reply.raw)
            self._teller.tell(current, None, error, told)
        else:
            self._teller.tell(current, current.reply, None, told)

    def _end(self, current: Open, reader: ReplyReader, told: list[Heard]) -> bool:
        """End an answer, or the wait for one; say whether it is one."""
        try:
            current.reply = reader.end()
        except WireError as error:
            self._failed(error, told)
            self._lost = False  # it ended before it was whole: nothing else is to come
            return False
        current.answered_s = self._last_s if current.begun else None
        return True

    def _drop_early(self, told: list[Heard]) -> None:
        if self._early:
            raw = bytes(self._early)
            self._early.clear()
            error = UnexpectedError("a machine spoke without being asked", raw)
            told.append(Noise(error, Wire.MACHINE, self._last_s))
