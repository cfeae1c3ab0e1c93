"""The certified host of one line: what it polls next, and what it makes of the answers.

Pure: time is an argument, bytes are values. It polls its machines in turn, sets them up when their
link comes up, reads handpays and tickets, gives validation numbers, takes tickets, and resets
handpays from afar if it is to. All of its control polls stand in ``ORDERS``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from protocols.sas.allowlist import allowed
from protocols.sas.errors import RequestError, WireError
from protocols.sas.polls import SYNC, general_poll, long_poll
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import BusyReply, ExceptionReply, LongPollReply, Reply, SilenceReply

ORDERS: Final = {
    0x4C: "validation id and sequence",
    0x58: "validation number of a cash-out",
    0x71: "the ticket in the acceptor is worth its amount",
    0x7B: "tickets may be taken",
    0x7F: "date and time",
    0x94: "reset of a handpay",
}  # fmt: skip
"""Control polls that this host sends, with what each says."""

TRIES: Final = 2
"""A poll without an answer is sent once more, and then given up."""
LINK_DOWN_S: Final = 10.0
WANTS_MAX: Final = 64
REDEEMS: Final = 0x20
SECURE_STYLE: Final = 2
NO_CASH_OUT: Final = 0x80
METER_CODES: Final = (0x03, 0x0B, 0x0C, 0x15, 0x16)

Wish = tuple[int, Mapping[str, Any]]
"""A long poll: command and fields."""


@dataclass(slots=True)
class Seen:
    """What the host knows of one machine.

    Attributes:
        asset: its asset number.
        wants: long polls that are to be sent.
        answered_s: moment of its last answer.
        up: its link is up and it has been set up.
        style: how it validates tickets, by A0.
        reading: meters of the reading under way.
        reset_at: when a handpay is to be reset from afar.
        turn: its next poll may be a long one.
    """

    asset: str
    wants: deque[Wish] = field(default_factory=deque)
    answered_s: float = float("-inf")
    up: bool = False
    style: int = 0
    reading: dict[str, int] = field(default_factory=dict)
    reset_at: float | None = None
    turn: bool = False


Told = Callable[[Seen, Reply, float], None]
"""Takes what a machine has said: an exception, or the answer to a long poll."""


class CertifiedSession:
    """The host of one line.

    Args:
        assets: asset number by address.
        told: told of every exception and every answer with data.
        wall: turns seconds into the local time that machines are set to.
        remote_reset_s: seconds after which a handpay that was read is reset from afar; None: never.
        reads_only: it sends nothing that changes a machine, or hands out numbers of tickets.

    Attributes:
        machines: what it knows, by address.
        orders: control polls sent, by command.
    """

    def __init__(
        self,
        assets: Mapping[int, str],
        told: Told,
        wall: Callable[[float], datetime],
        remote_reset_s: float | None = None,
        *,
        reads_only: bool = False,
    ) -> None:
        self.machines = {address: Seen(asset) for address, asset in assets.items()}
        self.orders: dict[int, int] = {}
        self._told = told
        self._wall = wall
        self._remote_reset_s = remote_reset_s
        self._reads_only = reads_only
        self._ring = deque(self.machines)
        self._poll = b""
        self._wish: Wish | None = None
        self._tries = 0
        self._sync = True
        self._validated = 0

    @property
    def at_rest(self) -> bool:
        """No poll is to be repeated: somebody else may speak before ``next_poll``."""
        return not self._tries

    def want(self, address: int, command: int, **fields: Any) -> None:
        """Ask for a long poll at the machine's next turn, unless too many wait."""
        wants = self.machines[address].wants
        if len(wants) < WANTS_MAX and (command, fields) not in wants:
            wants.append((command, fields))

    def want_meters(self, address: int) -> None:
        """Ask for a reading of all meters of a day."""
        self.want(address, 0x0F)
        self.want(address, 0x2F, game=0, codes=list(METER_CODES))
        self.want(address, 0x1E)

    def next_poll(self, now: float) -> bytes:
        """Return what goes out next; ``heard`` must follow with what came."""
        if self._sync:
            self._sync = False
            self._poll = b""
            return SYNC
        if self._tries and self._poll:
            self._tries += 1
            return self._poll
        self._ring.rotate(-1)
        address = self._ring[-1]
        seen = self.machines[address]
        if seen.up and now - seen.answered_s > LINK_DOWN_S:
            seen.up = False
            seen.wants.clear()
        if seen.reset_at is not None and now >= seen.reset_at:
            seen.reset_at = None
            self.want(address, 0x94)
        self._poll = self._built(address, seen)
        self._tries = 1
        return self._poll

    def heard(self, data: bytes, now: float) -> None:
        """Take what has come since ``next_poll``; nothing is silence."""
        if not self._poll:
            return
        poll, address = self._poll, self._poll[0] & 0x7F
        seen = self.machines[address]
        reply = _reply(poll, data)
        self._sync = len(self.machines) == 1
        if reply is None or isinstance(reply, SilenceReply):
            if self._tries >= TRIES or (len(poll) == 1 and not seen.up):
                self._tries = 0
            else:
                self._sync = False  # 80 would acknowledge what may be on its way
            return
        self._tries = 0
        seen.answered_s = now
        if not seen.up:
            seen.up = True
            self._set_up(address, now)
        if isinstance(reply, BusyReply) and self._wish is not None:
            seen.wants.append(self._wish)
        self._react(address, seen, reply, now)
        self._told(seen, reply, now)

    def _built(self, address: int, seen: Seen) -> bytes:
        """Return the oldest wish as bytes, every other time; else a general poll."""
        self._wish = None
        seen.turn = not seen.turn
        if seen.wants and seen.up and seen.turn:
            command, fields = seen.wants.popleft()
            try:
                poll = long_poll(address, command, **fields)
            except RequestError:
                return general_poll(address)
            if self._reads_only and not allowed(poll, "own_line"):
                return general_poll(address)
            self._wish = command, fields
            if command in ORDERS:
                self.orders[command] = self.orders.get(command, 0) + 1
            return poll
        return general_poll(address)

    def _set_up(self, address: int, now: float) -> None:
        shown = self._wall(now)
        self.want(address, 0x7F, date=f"{shown:%m%d%Y}", time=f"{shown:%H%M%S}")
        self.want(address, 0xA0, game=0)
        self.want(address, 0x7B, mask=REDEEMS, states=REDEEMS, cashable_expiry=30,
                  restricted_expiry=30)  # fmt: skip
        self.want_meters(address)

    def _react(self, address: int, seen: Seen, reply: Reply, now: float) -> None:
        if isinstance(reply, ExceptionReply):
            self._exception(address, seen, reply.code, now)
        elif isinstance(reply, LongPollReply):
            self._answer(address, seen, reply.command, reply.values, now)

    def _exception(self, address: int, seen: Seen, code: int, now: float) -> None:
        for command in _ASKED_AFTER.get(code, ()):
            self.want(address, command)
        if code == 0x3D and seen.style == 0:
            self.want(address, 0x3D)
        elif code == 0x3D:
            self.want(address, 0x4D, function=0)
        elif code == 0x3F and seen.style == SECURE_STYLE:
            self._validated += 1
            self.want(address, 0x4C, validation_id=address, sequence=self._validated)
        elif code in {0x17, 0x3C, 0x7A}:
            self._set_up(address, now)

    def _answer(
        self, address: int, seen: Seen, command: int, values: Mapping[str, object], now: float
    ) -> None:
        if command == 0xA0:
            features = values["features"]
            assert isinstance(features, tuple), "A0 has four feature bytes"
            seen.style = features[0] >> 5 & 3
        elif command == 0x1B and values["amount_cents"] and self._remote_reset_s is not None:
            seen.reset_at = now + self._remote_reset_s
        elif command == 0x57 and values["cash_out_type"] != NO_CASH_OUT:
            self._validated += 1
            self.want(address, 0x58, system_id=1, validation_number=self._validated)
        elif command == 0x70 and "validation_number" in values:
            wanted = {name: values[name] for name in ("amount_cents", "validation_number")}
            self.want(address, 0x71, transfer_code=0, parsing_code=0, **wanted)


_ASKED_AFTER: Final[dict[int, tuple[int, ...]]] = {
    0x51: (0x1B,),
    0x57: (0x57,),
    0x67: (0x70,),
    0x1B: (0x1E,),
}
"""Exception to the long polls that it calls for."""


def _reply(poll: bytes, data: bytes) -> Reply | None:
    """Return the reply to a poll; None where what came is no good."""
    reader = ReplyReader(poll)
    try:
        return reader.feed(data) or reader.end()
    except WireError:
        return None
