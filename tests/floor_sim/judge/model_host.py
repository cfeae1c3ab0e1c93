"""A host that keeps every rule, with habits that can be changed one at a time; in virtual time.

It polls one line in memory, reads meters, follows events up, validates and redeems tickets, resets
handpays from afar, sends progressive values, and has one machine in event mode if it is told to.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from dataclasses import dataclass, field, replace

from protocols.sas.crc import crc16, with_crc
from protocols.sas.errors import RequestError, WireError
from protocols.sas.polls import long_poll
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import (
    AckReply,
    BusyReply,
    ExceptionReply,
    IdleReply,
    LongPollReply,
    NackReply,
    SilenceReply,
)
from protocols.sas.tables.polls import POLLS

SYNC = b"\x80"
SLOT_S = 0.05
GOOD_DATE = {"date": "01022026", "time": "030405"}
FOLLOW = {
    0x51: (0x1B,), 0x57: (0x57,), 0x67: (0x70,), 0x3C: (0x1F, 0xA0), 0x68: (0x71,),
}  # fmt: skip


@dataclass(frozen=True)
class Habits:
    """How the host is; as it stands here it keeps every rule."""

    turn_s: float = 0.2  # between two polls of one machine
    wait_s: float = 0.05  # for an answer
    quiet: tuple[float, float] | None = None  # from when on, how long it says nothing
    favourite: int = 0  # polls of the first machine before each other one
    splits: float = 0.0  # share of messages that pause for 8 ms
    talks_over: bool = False  # it waits for the beginning of a long answer, not for its end
    no_wakeup: float = 0.0  # share of messages without a wakeup bit
    two_wakeups: float = 0.0  # share of long polls with another one
    spoils: str = ""  # how it builds long polls: see _spoilt
    spoilt_share: float = 0.3
    globals_: tuple[int, ...] = ()  # sent to address 00 though they may not be
    date: tuple[str, str] = (GOOD_DATE["date"], GOOD_DATE["time"])
    event_twice: bool = False
    reading_twice: bool = False
    repeats: int = 1  # of a poll whose answer was lost or damaged
    repeats_damaged: int | None = None  # the same for damaged ones, if it is another number
    thrice: bool = False
    syncs: str = "always"  # on a line with one machine; once: while that is away; never
    forgets_lost: bool = False  # a machine that is away is never polled again
    calls: int = 0  # an address that it polls besides
    general: bool = True
    follow: dict[int, tuple[int, ...]] = field(default_factory=lambda: FOLLOW)
    resets: tuple[int, ...] = (0xA8, 0x94)
    resets_unread: bool = False
    numbers: str = "asked"  # asked, never, always
    tickets: str = "asked"
    event_mode: bool = False
    refuses_events: bool = False
    asks_again: bool = True  # for a reading that an event took the place of
    readings: tuple[int, ...] = (0x1A, 0x0F, 0x2F, 0xA0, 0x1F, 0xB0)
    learns: bool = True  # that a poll is not supported
    after_busy: bool = True
    broadcasts: float | None = 2.0
    wrapped: tuple[int, int] = (1, 0x11)  # denomination and command in B0
    control: bool = True


def _wrong_length(poll, row):
    return with_crc(bytes([*poll[:2], 1, *poll[3:-2]])) if row.request.length_byte else poll


def _wrong_digits(poll, row):
    if "game" not in row.request.names:
        return poll
    at = 3 if row.request.length_byte else 2
    return with_crc(poll[:at] + b"\x00\x0a" + poll[at + 2 : -2])


SPOILS = {
    "crc swapped": lambda poll, row: poll[:-2] + poll[-1:] + poll[-2:-1],
    "crc without address": lambda poll, row: poll[:-2] + crc16(poll[1:-2]).to_bytes(2, "little"),
    "crc of something else": lambda poll, row: poll[:-2] + bytes([poll[-2] ^ 0x21, poll[-1]]),
    "no crc": lambda poll, row: poll[:-2],
    "one byte missing": lambda poll, row: poll[:-1],
    "length": _wrong_length,
    "digits": _wrong_digits,
}


class ModelHost:
    """One line's host; ``act`` is to be called at ``due``."""

    def __init__(self, line, habits=Habits(), seed=0):
        self.due = 0.0
        self._line, self._is = line, habits
        self._chance = random.Random(seed)
        self._addresses = [port.address for port in line.ports]
        self._alone = len(self._addresses) == 1
        self._ring = deque(self._addresses)
        self._wants = {address: deque() for address in self._addresses}
        self._up = dict.fromkeys(self._addresses, False)
        self._silences, self._turns = Counter(), Counter()
        self._unsupported = Counter()
        self._asked_s = {}
        self._poll, self._tries = b"", 0
        self._next = deque([SYNC] if habits.syncs != "never" else [])
        self._reading = dict.fromkeys(self._addresses, 0)
        self._reset_at, self._read = {}, set()
        self._broadcast_s = 1.0
        self._number = 0
        self._events = set()  # machines in event mode
        self._late = None  # bytes of a message that are still to go out

    def act(self, now):
        """Send what is due, or take an answer."""
        if self._late is not None:
            late, self._late = self._late, None
            self._line.host_write(late[0], now, late[1])
            self.due = now + self._is.wait_s
            return
        if self._poll:
            self._hear(now)
        if self.due <= now and not self._poll:
            self._ask(now)

    def _ask(self, now):
        quiet = self._is.quiet
        if quiet is not None and quiet[0] <= now < sum(quiet):
            self.due = sum(quiet)
            return
        poll = self._next.popleft() if self._next else self._choose(now)
        if poll is None:
            self.due = now + SLOT_S / 2
            return
        self._send(poll, now)
        self._poll = poll
        self._asked_s[poll[0] & 0x7F] = now
        wait_s = 0.012 if self._is.talks_over and len(poll) > 1 else self._is.wait_s
        if self._late is None:
            self.due = now + (wait_s if poll[0] & 0x7F else 0.02)

    def _choose(self, now):
        return self._besides(now) or next(
            (self._turn(address, now) for address in self._rotated() if self._may(address, now)),
            None,
        )

    def _besides(self, now):
        """Return what is for no machine of the line, if its time has come."""
        is_ = self._is
        if is_.broadcasts and is_.control and now >= self._broadcast_s:
            self._broadcast_s = now + is_.broadcasts
            return long_poll(0, 0x80, progressive_group=1, level=1, amount_cents=100_000)
        if is_.globals_ and self._chance.random() < 0.02:
            return bytes([0, *is_.globals_])
        if is_.calls and self._chance.random() < 0.05:
            return bytes([0x80 | is_.calls])
        return None

    def _rotated(self):
        for _ in self._addresses:
            self._ring.rotate(-1)
            yield self._ring[-1]

    def _may(self, address, now):
        """Say whether it is a machine's turn."""
        is_, first = self._is, address == self._addresses[0]
        if is_.forgets_lost and not first and self._silences[address] > 3:
            return False
        times = 1 if first else max(1, is_.favourite)
        return now - self._asked_s.get(address, -1e9) >= is_.turn_s * times - 1e-9

    def _turn(self, address, now):
        poll = self._poll_of(address, now)
        syncs = self._is.syncs == "always" or (self._is.syncs == "once" and not self._up[address])
        if self._alone and syncs:
            self._asked_s[address] = now
            self._next.append(poll)
            return SYNC
        return poll

    def _poll_of(self, address, now):
        self._turns[address] += 1
        self._reset(address, now)
        general = bytes([0x80 | address])
        if not self._up[address] and self._is.general:
            return general
        wants = self._wants[address]
        if self._turns[address] % 4 == 0 and self._is.readings and not wants:
            self._reading[address] += 1
            readings = self._is.readings
            self._want(address, readings[self._reading[address] % len(readings)])
        if wants and (self._turns[address] % 2 == 0 or not self._is.general):
            return wants.popleft()
        return general if self._is.general else bytes([address, 0x1A])

    def _reset(self, address, now):
        if now >= self._reset_at.get(address, 1e9) and self._is.control:
            del self._reset_at[address]
            for command in self._is.resets:
                self._want(address, command)

    def _want(self, address, command):
        if self._is.learns and self._unsupported[address, command] > 1:
            return
        fields = {
            0x2F: {"game": 0, "codes": [0x00, 0x0B]}, 0xA0: {"game": 0}, 0xA8: {"method": 0},
            0x7F: dict(zip(("date", "time"), self._is.date, strict=True)), 0x0E: {"enable": 1},
            0x7B: {"mask": 32, "states": 32, "cashable_expiry": 30, "restricted_expiry": 30},
        }.get(command, {})  # fmt: skip
        if command == 0x71:
            poll = with_crc(bytes([address, 0x71, 1, 0xFF]))
        elif command == 0xB0:
            denomination, base = self._is.wrapped
            poll = with_crc(bytes([address, 0xB0, 2, denomination, base]))
        else:
            try:
                poll = long_poll(address, command, **fields)
            except RequestError:
                poll = bytes([address, command])
        control = command in {0x0E, 0x57, 0x58, 0x70, 0x71, 0x7B, 0x7F, 0x94, 0xA8, 0xAA}
        if self._is.control or not control:
            self._wants[address].append(poll)

    def _send(self, poll, now):
        is_, draw = self._is, self._chance.random
        data = self._spoilt(poll) if len(poll) > 1 and draw() < is_.spoilt_share else poll
        bits = [True] + [False] * (len(data) - 1)
        if draw() < is_.no_wakeup:
            bits[0] = False
        if len(data) > 2 and draw() < is_.two_wakeups:
            bits[2] = True
        self._take(now)
        if len(data) > 1 and draw() < is_.splits:
            self._line.host_write(data[:1], now, bits[:1])
            self._late = data[1:], bits[1:]
            self.due = now + 0.008
            return
        self._line.host_write(data, now, bits)

    def _take(self, now):
        """Return what has come; chirps are known by their ninth bit, and left out."""
        return b"".join(said.data for _, said in self._line.take_symbols(now) if not said.wakeup[0])

    def _spoilt(self, poll):
        """Return a long poll as this host builds it."""
        row = POLLS.get(poll[1])
        if self._is.spoils == "bit 7":
            return bytes([poll[0] | 0x80]) + poll[1:]
        if row is None or not row.has_crc:
            return with_crc(poll) if self._is.spoils == "crc on reads" else poll
        spoil = SPOILS.get(self._is.spoils)
        return poll if spoil is None else spoil(poll, row)

    def _hear(self, now):
        poll, is_ = self._poll, self._is
        data = self._take(now)
        self._poll = b""
        self.due = now
        if poll == SYNC or poll[0] == 0:
            return
        address = poll[0] & 0x7F
        reply = _reply(poll, data, address in self._events)
        if reply is None or isinstance(reply, SilenceReply):
            self._missing(address, poll, damaged=reply is None)
            return
        tries, self._tries = self._tries, 0
        self._silences[address] = 0
        again = is_.event_twice and isinstance(reply, ExceptionReply)
        again |= is_.reading_twice and isinstance(reply, LongPollReply)
        again |= is_.thrice and not isinstance(reply, IdleReply)
        if again and tries < (2 if is_.thrice else 1):
            self._tries = tries + 1
            self._next.appendleft(poll)
            return
        if not self._up.get(address, True):
            self._up[address] = True
            self._wants[address].clear()
            self._set_up(address)
        if len(poll) > 1 and poll[1] == 0x0E and isinstance(reply, AckReply):
            self._events.add(address)
        elif len(poll) == 1 and len(data) == 1:
            self._events.discard(address)
        if address in self._wants:
            self._react(address, poll, reply, now)

    def _set_up(self, address):
        self._want(address, 0x7F)
        self._want(address, 0x7B)
        if self._is.event_mode:
            self._want(address, 0x0E)

    def _missing(self, address, poll, *, damaged):
        most = self._is.repeats
        if damaged and self._is.repeats_damaged is not None:
            most = self._is.repeats_damaged
        if address in self._up and (self._up[address] or most > 1) and self._tries < most:
            self._tries += 1
            self._next.appendleft(poll)
            return
        self._tries = 0
        self._silences[address] += 1
        if len(poll) > 1 and not damaged:
            self._unsupported[address, poll[1]] += 1
        if self._silences[address] > 2 and address in self._up:
            self._up[address] = False

    def _react(self, address, poll, reply, now):
        wants = self._wants[address]
        if isinstance(reply, ExceptionReply):
            if len(poll) > 1 and self._is.refuses_events:
                self._next.appendleft(poll)
            elif len(poll) > 1 and self._is.asks_again:
                wants.append(poll)
            self._follow(address, reply.code, now)
        elif (isinstance(reply, BusyReply) and self._is.after_busy) or (
            isinstance(reply, NackReply) and self._is.spoils
        ):
            wants.append(poll)
        elif isinstance(reply, LongPollReply):
            self._answered(address, reply, now)

    def _follow(self, address, code, now):
        is_ = self._is
        for command in is_.follow.get(code, ()):
            self._want(address, command)
        if code == 0x17:
            self._set_up(address)
        if code == 0x51 and is_.resets_unread:
            self._reset_at[address] = now + 1.0
        if code == 0x51 and is_.numbers == "always":
            self._give_number(address)
        if code == 0x67 and is_.tickets == "unread":
            self._redeem(address, 500, 0)

    def _answered(self, address, reply, now):
        values = reply.values
        if reply.command == 0x1B and values["amount_cents"] and self._is.resets:
            self._reset_at[address] = now + 1.0
        elif (
            reply.command == 0x57
            and values["cash_out_type"] != 0x80
            and self._is.numbers != "never"
        ):
            self._give_number(address)
        elif (
            reply.command == 0x70 and "validation_number" in values and self._is.tickets == "asked"
        ):
            self._redeem(address, values["amount_cents"], values["validation_number"])

    def _give_number(self, address):
        self._number += 1
        if self._is.control:
            self._wants[address].append(
                long_poll(address, 0x58, system_id=1, validation_number=self._number)
            )

    def _redeem(self, address, cents, number):
        if self._is.control:
            self._wants[address].append(
                long_poll(address, 0x71, transfer_code=0, parsing_code=0, amount_cents=cents,
                          validation_number=number)
            )  # fmt: skip


def _reply(poll, data, event_mode):
    reader = ReplyReader(poll, rte=event_mode)
    try:
        return reader.feed(data) or reader.end()
    except WireError:
        return None


def changed(**habits):
    """Return the good host's habits with some changed."""
    return replace(Habits(), **habits)
