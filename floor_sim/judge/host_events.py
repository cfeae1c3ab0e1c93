"""What a host does about the events that it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from floor_sim.judge.messages import Asked, Kept, Said
from floor_sim.judge.rule import Deadlines, Rule
from protocols.sas.replies import LongPollReply
from protocols.sas.tables.exceptions import exception_text

NO_GENERAL_S: Final = 10.0
MONEY_S: Final = 15.0
VALIDATION_S: Final = 10.0
TICKET_S: Final = 30.0
OPTIONS_S: Final = 30.0
REAL_TIME_S: Final = 10.0

HANDPAY_PENDING: Final = 0x51
HANDPAY_RESET: Final = 0x52
READ_HANDPAY: Final = 0x1B
RESET_HANDPAY: Final = 0x94
RESET_METHOD: Final = 0xA8
IDENTITY: Final = frozenset({0x1F, 0x53, 0x54, 0x56, 0xA0, *range(0xB1, 0xB6)})
STATUS: Final = 0xFF


class NoGeneralPolls(Rule):
    """An EGM is asked by long polls only: its events are never collected."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._since: dict[int, float] = {}

    def asked(self, asked: Asked) -> None:
        """Measure for how long no general poll came."""
        address = asked.address
        if not asked.to_one or not asked.good:
            return
        if asked.command is None:
            self._since[address] = asked.at
            self.chances += 1
            return
        since = self._since.setdefault(address, asked.at)
        if self.line.machine(address).real_time:
            self._since[address] = asked.at  # events answer long polls as well
        elif asked.at - since > NO_GENERAL_S:
            self._since[address] = asked.at
            self.chances += 1
            self.broken(
                asked.at, f"EGM {address} has had no general poll for {NO_GENERAL_S:g} s: whatever "
                "happens there is never told", address=address, since=asked.at - 1.0,
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """An event that asks for a long poll.

    Attributes:
        codes: exceptions, any of which asks for it.
        commands: polls, any of which is an answer.
        within_s: seconds in which it must come.
        why: what happens else.
        takes_part: commands of a host that has to do with it; a host that has sent none of them
            is not judged. Empty: every host is.
    """

    codes: frozenset[int]
    commands: frozenset[int]
    within_s: float
    why: str
    takes_part: frozenset[int] = frozenset()


class EventAnswered(Rule):
    """An event that asks for a long poll gets it in time."""

    call: Call

    def begin(self) -> None:
        """Begin without a memory."""
        self._due = Deadlines()
        self._takes_part = not self.call.takes_part

    def acked(self, kept: Kept, by: Asked) -> None:
        """Expect the poll from the moment at which the host has the event."""
        code = kept.said.code
        if code is None or code not in self.call.codes or not kept.whole:
            return
        key = kept.address, code
        self._due.set(key, by.at + self.call.within_s, kept.said.at)

    def said(self, said: Said) -> None:
        """See whether the poll has got its answer; a busy EGM, too, was asked."""
        if said.asked.command not in self.call.commands or said.code is not None:
            return
        for code in self.call.codes:
            if self._due.met((said.asked.address, code)):
                self.chances += 1

    def asked(self, asked: Asked) -> None:
        """See what the host has to do with."""
        self._takes_part |= asked.command in self.call.takes_part
        if asked.to_one and asked.command in self.call.commands:
            for code in self.call.codes:
                due = self._due.due.get((asked.address, code))
                if due is not None:  # it has asked: give the EGM its time
                    self._due.due[asked.address, code] = (max(due[0], asked.at + 1.0), due[1])

    def chirped(self, address: int, at: float) -> None:
        """Expect nothing of an EGM that went away."""
        del at
        for code in self.call.codes:
            self._due.met((address, code))

    def passed(self, now: float) -> None:
        """Look what is overdue."""
        for (address, code), _, since in self._due.missed(now - self.settings.tolerance_s):
            machine = self.line.machine(address)
            if not self._takes_part or not machine.up:
                continue
            if all(machine.unanswered[one] for one in self.call.commands):
                continue  # it was asked, and supports none of them
            self.chances += 1
            polls = " or ".join(f"{command:02X}" for command in sorted(self.call.commands))
            self.broken(
                now, f"EGM {address} told {code:02X} ({exception_text(code)}), and no poll {polls} "
                f"followed within {self.call.within_s:g} s: {self.call.why}",
                about=f"exception {code:02X}", address=address, since=since,
            )  # fmt: skip


class HandpayRead(EventAnswered):
    """51 asks for 1B."""

    call = Call(
        frozenset({HANDPAY_PENDING}), frozenset({READ_HANDPAY}), MONEY_S,
        "its amount is not known, and 51 comes again",
    )  # fmt: skip


class CashOutValidated(EventAnswered):
    """57 asks for the poll of the same number, and then for 58."""

    call = Call(
        frozenset({0x57}), frozenset({0x58}), VALIDATION_S, "the cash-out becomes a handpay",
        frozenset({0x57, 0x58}),
    )  # fmt: skip


class TicketAnswered(EventAnswered):
    """67 asks for 70, and then for 71."""

    call = Call(
        frozenset({0x67}), frozenset({0x71}), TICKET_S, "the ticket is given back",
        frozenset({0x70, 0x71}),
    )  # fmt: skip


class TicketEndRead(EventAnswered):
    """68 asks for the end of the ticket's transfer."""

    call = Call(
        frozenset({0x68}), frozenset({0x71}), MONEY_S, "nobody knows whether the ticket was taken",
        frozenset({0x71}),
    )  # fmt: skip


class TransferEndRead(EventAnswered):
    """69 asks for the end of the AFT transfer."""

    call = Call(
        frozenset({0x69}), frozenset({0x72}), MONEY_S, "nobody knows what the transfer has moved",
        frozenset({0x72}),
    )  # fmt: skip


class OptionsRead(EventAnswered):
    """3C asks what the options are now."""

    call = Call(
        frozenset({0x3C}), IDENTITY, OPTIONS_S,
        "denomination, paytable or features may be others now",
    )  # fmt: skip


class OutOfOrder(Rule):
    """A poll that makes sense only after another comes without it."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._ready: dict[int, bool] = {}
        self._again: Asked | None = None

    def nacked(self, kept: Kept, by: Asked) -> None:
        """Take note of a poll that only asks for its answer again."""
        del kept
        self._again = by

    def forbids(self, asked: Asked) -> str | None:
        """Return why the poll may not come without the other; None for a poll of another kind."""
        raise NotImplementedError

    def prepares(self, said: Said) -> bool | None:
        """Say whether what an EGM said lets the poll come, or ends that; None: neither."""
        raise NotImplementedError

    def said(self, said: Said) -> None:
        """Take note of what makes the poll possible."""
        ready = self.prepares(said)
        if ready is not None:
            self._ready[said.asked.address] = ready

    def asked(self, asked: Asked) -> None:
        """See whether the poll may come."""
        why = self.forbids(asked) if asked.request is not None and asked.to_one else None
        if why is None or asked is self._again:
            return
        self.chances += 1
        if not self._ready.get(asked.address, False):
            self.broken(asked.at, why, about=asked.name, address=asked.address, since=asked.at - 1)


def _values(said: Said) -> dict[str, object]:
    return dict(said.reply.values) if isinstance(said.reply, LongPollReply) else {}


class ResetBeforeRead(OutOfOrder):
    """A handpay is reset from afar before its amount was read."""

    def forbids(self, asked: Asked) -> str | None:
        """Judge 94."""
        if asked.command != RESET_HANDPAY:
            return None
        return f"94 resets the handpay of EGM {asked.address} before 1B has read its amount"

    def prepares(self, said: Said) -> bool | None:
        """1B with an amount; 52 ends it."""
        if said.asked.command == READ_HANDPAY and said.is_data:
            return bool(_values(said).get("amount_cents"))
        return False if said.code == HANDPAY_RESET else None


class MethodAfterReset(Rule):
    """How a handpay is paid is said after it was reset."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._reset_s: dict[int, float] = {}

    def said(self, said: Said) -> None:
        """Take note of a handpay that was reset, and of the next."""
        if said.asked.command == RESET_HANDPAY and _values(said).get("result") == 0:
            self._reset_s[said.asked.address] = said.asked.at
        elif said.code == HANDPAY_PENDING:
            self._reset_s.pop(said.asked.address, None)

    def asked(self, asked: Asked) -> None:
        """Judge A8."""
        if asked.command != RESET_METHOD or not asked.good:
            return
        self.chances += 1
        since = self._reset_s.get(asked.address)
        if since is not None:
            self.broken(
                asked.at, f"A8 says how the handpay of EGM {asked.address} is to be paid after 94 "
                "has reset it; it goes before", about="poll A8", address=asked.address, since=since,
            )  # fmt: skip


class NumberUnasked(OutOfOrder):
    """A validation number is given to a machine that has not asked for one."""

    def forbids(self, asked: Asked) -> str | None:
        """Judge 58."""
        if asked.command != 0x58:
            return None
        return f"58 gives EGM {asked.address} a validation number; 57 had told of no cash-out"

    def prepares(self, said: Said) -> bool | None:
        """57 that tells of a cash-out; 58 ends it."""
        if said.asked.command == 0x57 and said.is_data:
            return _values(said).get("cash_out_type") != 0x80
        return False if said.asked.command == 0x58 and said.is_data else None


class TicketUnread(OutOfOrder):
    """A ticket is redeemed whose number was not read."""

    def forbids(self, asked: Asked) -> str | None:
        """Judge 71, but for its question about the status."""
        if asked.command != 0x71 or asked.request is None:
            return None
        if asked.request.values.get("transfer_code") == STATUS:
            return None
        return f"71 decides on a ticket in EGM {asked.address}; 70 has read none"

    def prepares(self, said: Said) -> bool | None:
        """70 that tells of a ticket; the ticket's end ends it."""
        if said.asked.command == 0x70 and said.is_data:
            return "validation_number" in _values(said)
        return False if said.code == 0x68 else None


class ReadingLost(Rule):
    """In event mode an event answers a long poll, which is then never asked again."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._due = Deadlines()

    def said(self, said: Said) -> None:
        """Expect the poll again, or see that it has its answer."""
        command = said.asked.command
        if command is None:
            return
        key = said.asked.address, command
        if said.code is not None:
            self._due.set(key, said.at + REAL_TIME_S, said.asked.at)
        elif self._due.met(key):
            self.chances += 1

    def passed(self, now: float) -> None:
        """Look what was never asked again."""
        for (address, command), _, since in self._due.missed(now):
            if not self.line.machine(address).up:
                continue
            self.chances += 1
            self.broken(
                now, f"an event answered poll {command:02X} to EGM {address}, and the poll did not "
                f"come again within {REAL_TIME_S:g} s: its reading is missing",
                about=f"poll {command:02X}", address=address, since=since,
            )  # fmt: skip
