"""How an EGM answers: when, how it is built, and when it keeps silent."""

from __future__ import annotations

from typing import Final

from floor_sim.judge.conversation import cut_short
from floor_sim.judge.messages import Asked, Bits, Kept, Said
from floor_sim.judge.rule import Rule
from protocols.sas.errors import AddressError, CrcError
from protocols.sas.replies import ExceptionReply, IdleReply
from protocols.sas.settings import poll_row
from protocols.sas.tables.exceptions import EXCEPTIONS

ANSWER_S: Final = 0.02
GAP_S: Final = 0.005
BUSY_S: Final = 10.0
REPLY_S: Final = 0.2
"""What comes so soon after a message to nobody is taken for an answer to it."""
TIMES_MAX: Final = 2


class AnsweredLate(Rule):
    """An answer begins after its time."""

    def said(self, said: Said) -> None:
        """Measure from the last byte of the poll to the first of the answer."""
        self.chances += 1
        took = said.at - said.asked.on_wire_s
        if took > ANSWER_S + self.settings.tolerance_s:
            self.broken(
                said.at, f"EGM {said.asked.address} began its answer to {said.asked.name} after "
                f"{took * 1000:.0f} ms", about=said.asked.name, address=said.asked.address,
                since=said.asked.at,
            )  # fmt: skip


class AnswerApart(Rule):
    """An answer has pauses in it."""

    def said(self, said: Said) -> None:
        """Look at the longest pause."""
        if len(said.data) == 1:
            return
        self.chances += 1
        if said.gap_s > GAP_S + self.settings.tolerance_s:
            self.broken(
                said.at, f"{said.gap_s * 1000:.1f} ms between two bytes of EGM "
                f"{said.asked.address}'s answer to {said.asked.name}; at most 5 ms are allowed",
                about=said.asked.name, address=said.asked.address, since=said.asked.at,
            )  # fmt: skip


class _AnswerWrong(Rule):
    """An answer is no good in one way."""

    def fault(self, said: Said) -> str | None:
        """Return what is wrong, or None."""
        raise NotImplementedError

    def said(self, said: Said) -> None:
        """Judge an answer."""
        self.chances += 1
        fault = self.fault(said)
        if fault is not None:
            self.broken(
                said.at, f"EGM {said.asked.address} to {said.asked.name}: {fault}",
                about=said.asked.name, address=said.asked.address, since=said.asked.at,
            )  # fmt: skip


class AnswerCrc(_AnswerWrong):
    """The CRC of an answer does not fit."""

    def fault(self, said: Said) -> str | None:
        """Judge it."""
        return "the CRC does not fit" if isinstance(said.error, CrcError) else None


class AnswerCut(_AnswerWrong):
    """An answer ends before its end."""

    def fault(self, said: Said) -> str | None:
        """Judge it."""
        if said.error is None or not cut_short(said.error):
            return None
        return f"the answer ends after {len(said.data)} bytes"


class AnswerElse(_AnswerWrong):
    """An answer is not what the poll is answered with."""

    def fault(self, said: Said) -> str | None:
        """Judge it, unless another rule does."""
        error = said.error
        if error is None or isinstance(error, CrcError | AddressError) or cut_short(error):
            return None
        return error.reason


class AnsweredByOther(_AnswerWrong):
    """Another address answers."""

    def fault(self, said: Said) -> str | None:
        """Judge it."""
        return said.error.reason if isinstance(said.error, AddressError) else None


class AnswerMarked(_AnswerWrong):
    """A byte of an answer has its wakeup bit set."""

    def fault(self, said: Said) -> str | None:
        """Judge it."""
        if True not in said.wakeup:
            return None
        return f"byte {said.wakeup.index(True) + 1} of the answer has its wakeup bit set"


class Unasked(Rule):
    """An EGM speaks though nobody has asked it."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._last: Asked | None = None

    def asked(self, asked: Asked) -> None:
        """Remember the last message."""
        self.chances += not asked.address
        self._last = asked

    def stray(self, data: bytes, wakeup: Bits, at: float) -> None:
        """Judge what came."""
        del wakeup
        last = self._last
        if last is not None and not last.address and at - last.at < REPLY_S:
            what = "80, which polls nobody" if last.data == b"\x80" else f"{last.name} to all EGMs"
            text = f"{data[0]:02X} answers {what}"
            self.broken(at, text, about="answers what is for nobody", since=last.at)
        else:
            text = f"{len(data)} bytes that begin with {data[0]:02X} came, and nobody had asked"
            since = at - 1.0 if last is None else last.at
            self.broken(at, text, about="speaks unasked", since=since)


class ResendDiffers(Rule):
    """An answer that is asked for again comes as another one."""

    def said(self, said: Said) -> None:
        """Compare with what was kept."""
        if not said.again or said.error is not None:
            return
        self.chances += 1
        if said.data != said.again:
            self.broken(
                said.at, f"EGM {said.asked.address} was asked for its last answer to "
                f"{said.asked.name} again and gave another: the first is lost",
                about=said.asked.name, address=said.asked.address, since=said.asked.at - 1.0,
            )  # fmt: skip


class ResendMissing(Rule):
    """An answer that is asked for again does not come."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._asked_for: tuple[Kept, Asked] | None = None

    def nacked(self, kept: Kept, by: Asked) -> None:
        """Expect it."""
        self._asked_for = (kept, by) if kept.times < TIMES_MAX else None
        self.chances += kept.times < TIMES_MAX

    def silent(self, asked: Asked, waited_s: float) -> None:
        """See whether it was that."""
        del waited_s
        if self._asked_for is not None and self._asked_for[1] is asked:
            self.broken(
                asked.at, f"EGM {asked.address} was asked for its last answer to {asked.name} "
                "again, and kept silent", about=asked.name, address=asked.address,
                since=self._asked_for[0].first_s - 0.1,
            )  # fmt: skip


class ReadRefused(Rule):
    """A type R poll is refused, where an EGM that does not know it is silent."""

    def said(self, said: Said) -> None:
        """Judge an answer to a type R poll."""
        command = said.asked.command
        row = None if command is None else poll_row(command)
        if len(said.asked.data) != 2 or (row is not None and row.has_crc):
            return
        self.chances += 1
        if said.is_nack:
            self.broken(
                said.at, f"EGM {said.asked.address} refuses {said.asked.name}; to a poll that it "
                "does not know it is to be silent", about=said.asked.name,
                address=said.asked.address, since=said.asked.at,
            )  # fmt: skip


class BadCrcObeyed(Rule):
    """A message whose CRC is wrong is obeyed, or not refused."""

    def said(self, said: Said) -> None:
        """See whether it was refused."""
        if not isinstance(said.asked.error, CrcError):
            return
        self.chances += 1
        if not said.is_nack:
            self.broken(
                said.at, f"EGM {said.asked.address} answers {said.asked.name} though its CRC is "
                "wrong", about="answers", address=said.asked.address, since=said.asked.at,
            )  # fmt: skip

    def silent(self, asked: Asked, waited_s: float) -> None:
        """See whether it was refused."""
        del waited_s
        machine = self.line.machine(asked.address)
        known = asked.command is not None and machine.answered[asked.command]
        if isinstance(asked.error, CrcError) and machine.up and known:
            self.chances += 1
            self.broken(
                asked.at, f"EGM {asked.address} is silent to {asked.name} with a wrong CRC; it is "
                "to say NACK", about="silent", address=asked.address, since=asked.at,
            )  # fmt: skip


class FallsSilent(Rule):
    """An EGM that answers leaves a poll unanswered that it knows, and again when it is repeated."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._missing: dict[int, Asked] = {}

    def said(self, said: Said) -> None:
        """Forget what was missing."""
        self.chances += 1
        self._missing.pop(said.asked.address, None)

    def silent(self, asked: Asked, waited_s: float) -> None:
        """See whether it is the second time."""
        del waited_s
        machine, command = self.line.machine(asked.address), asked.command
        if not machine.up or not asked.good or self._is_new(asked):
            return
        before = self._missing.get(asked.address)
        self._missing[asked.address] = asked
        if before is not None and before.data == asked.data:
            what = "a general poll" if command is None else f"poll {command:02X}"
            self.broken(
                asked.at, f"EGM {asked.address} left {what} unanswered twice in a row",
                about=asked.name, address=asked.address, since=before.at,
            )  # fmt: skip

    def _is_new(self, asked: Asked) -> bool:
        machine = self.line.machine(asked.address)
        return asked.command is not None and not machine.answered[asked.command]


class BusyForEver(Rule):
    """An EGM is busy, and stays so."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._since: dict[int, float] = {}

    def said(self, said: Said) -> None:
        """Measure for how long."""
        address = said.asked.address
        if not said.is_busy:
            if said.asked.command is not None:
                self._since.pop(address, None)
            return
        self.chances += 1
        since = self._since.setdefault(address, said.at)
        if said.at - since > BUSY_S:
            self._since[address] = said.at
            self.broken(
                said.at, f"EGM {address} has been busy for {BUSY_S:g} s", address=address,
                since=said.asked.at,
            )  # fmt: skip


class UnknownException(Rule):
    """An exception has a code that nobody has described."""

    def said(self, said: Said) -> None:
        """Judge its code."""
        if said.code is None:
            return
        self.chances += 1
        if said.code not in EXCEPTIONS:
            self.broken(
                said.at, f"EGM {said.asked.address} tells exception {said.code:02X}, which is in "
                "no public table", about=f"exception {said.code:02X}",
                address=said.asked.address, since=said.asked.at,
            )  # fmt: skip


class WrongMode(Rule):
    """An exception comes in the mode in which it has no place."""

    def said(self, said: Said) -> None:
        """Judge its code by the mode."""
        reply = said.reply
        row = EXCEPTIONS.get(said.code) if said.code is not None else None
        if row is None or not isinstance(reply, ExceptionReply):
            return
        self.chances += 1
        wrong = row.never_real_time if reply.real_time else row.real_time_only
        if wrong:
            mode = "in event mode; 4F takes its place" if reply.real_time else "out of event mode"
            self.broken(
                said.at, f"EGM {said.asked.address} tells {row.code:02X} ({row.meaning}) {mode}",
                about=f"exception {row.code:02X}", address=said.asked.address,
                since=said.asked.at,
            )  # fmt: skip


class IdleOldStyle(Rule):
    """1F says that nothing waits: obsolete, and still met."""

    def said(self, said: Said) -> None:
        """Judge an idle answer."""
        if not isinstance(said.reply, IdleReply) or len(said.data) != 1:
            return
        self.chances += 1
        if said.data == b"\x1f":
            self.broken(
                said.at, f"EGM {said.asked.address} says 1F where 00 says that nothing waits",
                address=said.asked.address, since=said.asked.at,
            )  # fmt: skip


class IdleEvent(Rule):
    """In event mode an event says that nothing has happened, where silence is asked for."""

    def said(self, said: Said) -> None:
        """Judge an answer in event mode."""
        if not self.line.machine(said.asked.address).real_time:
            return
        self.chances += 1
        if isinstance(said.reply, IdleReply) and len(said.data) > 1:
            self.broken(
                said.at, f"EGM {said.asked.address} is in event mode and says "
                f"{said.data[2]:02X} where silence says that nothing waits",
                address=said.asked.address, since=said.asked.at,
            )  # fmt: skip


class EventModeUnasked(Rule):
    """An EGM tells real-time events though event mode is off."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._off: set[int] = set()

    def chirped(self, address: int, at: float) -> None:
        """Take note of a link that was down."""
        del at
        self._off.add(address)

    def said(self, said: Said) -> None:
        """Take note of the mode, and judge events by it."""
        address = said.asked.address
        if said.asked.command == 0x0E and said.is_ack and said.asked.request is not None:
            on = said.asked.request.values.get("enable") == 1
            (self._off.discard if on else self._off.add)(address)
            return
        if address not in self._off:
            return
        self.chances += 1
        if said.reply is not None and getattr(said.reply, "real_time", False):
            self._off.discard(address)
            self.broken(
                said.at, f"EGM {address} tells a real-time event, and event mode is off",
                address=address, since=said.asked.at,
            )  # fmt: skip
