"""The clerk of the certified system: makes books of what its hosts have heard."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from floor_sim.certified.books import (
    FACES,
    METERS,
    Books,
    DropRow,
    MeterRow,
    RatingRow,
    SlipRow,
    TicketRow,
)
from floor_sim.certified.session import Seen
from floor_sim.people.hours import HouseClock
from protocols.sas.replies import ExceptionReply, LongPollReply, Reply

CANCELLED: Final = 0x80
LEVELS: Final = range(0x01, 0x21)
REDEMPTION_PENDING: Final = 0x40
HANDPAYS_MAX: Final = 32
LEVEL_KINDS: Final = ("jackpot", "progressive", "cancelled credits")


@dataclass(frozen=True, slots=True)
class Kind:
    """What the certified system knows of a machine beforehand.

    Attributes:
        cents_per_credit: worth of one credit.
        par_percent: theoretical hold.
    """

    cents_per_credit: int
    par_percent: Decimal


@dataclass(slots=True)
class _Desk:
    """What the clerk keeps of one machine."""

    kind: Kind
    handpays: deque[tuple[datetime, int, int]] = field(default_factory=deque)
    pending_at: datetime | None = None
    escrow_cents: int = 0
    bills: dict[int, int] = field(default_factory=dict)
    dropped_at: datetime | None = None
    account: str | None = None
    card_in: tuple[datetime, dict[str, int]] | None = None


class Clerk:
    """Makes books.

    Args:
        kinds: every machine, by asset.
        clock: the clock on the wall.

    Attributes:
        books: what it has written.
        counts: what the count room found, by asset: bills by face value; put there by whoever takes
            the cashbox.
    """

    def __init__(self, kinds: Mapping[str, Kind], clock: HouseClock) -> None:
        self.books = Books()
        self.counts: dict[str, dict[int, int]] = {}
        self._desks = {asset: _Desk(kind) for asset, kind in kinds.items()}
        self._clock = clock

    def told(self, seen: Seen, reply: Reply, now: float) -> None:
        """Take what a machine has said."""
        desk, at = self._desks[seen.asset], self._clock.local(now)
        if isinstance(reply, ExceptionReply):
            self._exception(seen.asset, desk, reply.code, at, now)
        elif isinstance(reply, LongPollReply):
            if reply.meters:
                seen.reading |= {meter.name: meter.value for meter in reply.meters}
            self._answer(seen, desk, reply, at, now)

    def close_day(self, seen: Seen, gaming_day: str, now: float) -> None:
        """Write the meters of a machine at the end of a gaming day, as they were read."""
        kind = self._desks[seen.asset].kind
        meters = {name: seen.reading[name] for name in METERS if name in seen.reading}
        at = self._clock.local(now)
        self.books.meters.append(
            MeterRow(gaming_day, seen.asset, at, kind.cents_per_credit, meters)
        )

    def card(self, seen: Seen, account: str | None, now: float) -> None:
        """Take note of a card that went in, or (None) came out."""
        desk, at = self._desks[seen.asset], self._clock.local(now)
        if account is not None:
            desk.account, desk.card_in = account, (at, dict(seen.reading))
        elif desk.account is not None and desk.card_in is not None:
            self._rate(seen, desk, at, now)
            desk.account = desk.card_in = None

    def _rate(self, seen: Seen, desk: _Desk, at: datetime, now: float) -> None:
        assert desk.account is not None and desk.card_in is not None, "a card was in"  # noqa: PT018
        began, before = desk.card_in
        cents = desk.kind.cents_per_credit

        def grown(name: str) -> int:
            return max(0, seen.reading.get(name, 0) - before.get(name, 0))

        coin_in = grown("coin_in") * cents
        theo = int(coin_in * desk.kind.par_percent / 100)
        self.books.ratings.append(
            RatingRow(
                len(self.books.ratings) + 1, self._clock.gaming_day(now), desk.account, seen.asset,
                began, at, coin_in, grown("coin_out") * cents, grown("games_played"), theo,
            )
        )  # fmt: skip

    def _exception(self, asset: str, desk: _Desk, code: int, at: datetime, now: float) -> None:
        if code == 0x51:
            desk.pending_at = desk.pending_at or at
        elif code == 0x52:
            self._slip(asset, desk, at, now)
        elif code == 0x1B:
            desk.dropped_at = at

    def _slip(self, asset: str, desk: _Desk, at: datetime, now: float) -> None:
        """Write the slip of a handpay that was keyed off and has been read."""
        if not desk.handpays:
            return
        pending_at, cents, level = desk.handpays.popleft()
        place = 2 if level == CANCELLED else int(level in LEVELS)
        number = len(self.books.slips) + 1
        self.books.slips.append(
            SlipRow(
                number, self._clock.gaming_day(now), asset, pending_at, at, cents, level,
                LEVEL_KINDS[place],
            )
        )  # fmt: skip
        desk.pending_at = None

    def _answer(
        self, seen: Seen, desk: _Desk, reply: LongPollReply, at: datetime, now: float
    ) -> None:
        command, values = reply.command, reply.values
        cents = _number(values.get("amount_cents"))
        if command == 0x1B and cents and len(desk.handpays) < HANDPAYS_MAX:
            desk.handpays.append((desk.pending_at or at, cents, _number(values["level"])))
        elif command in {0x3D, 0x4D} and cents:
            if command == 0x3D or _number(values["validation_type"]) < 0x10:
                self._ticket(seen.asset, cents, at, now, issued=True)
        elif command == 0x70:
            desk.escrow_cents = cents
        elif command == 0x71 and values["status"] == REDEMPTION_PENDING and desk.escrow_cents:
            self._ticket(seen.asset, desk.escrow_cents, at, now, issued=False)
            desk.escrow_cents = 0
        elif command == 0x1E and desk.dropped_at is not None:
            self._drop(seen, desk, now)

    def _ticket(self, asset: str, cents: int, at: datetime, now: float, *, issued: bool) -> None:
        number = len(self.books.tickets) + 1
        day = self._clock.gaming_day(now)
        self.books.tickets.append(TicketRow(number, day, asset, at, cents, issued))

    def _drop(self, seen: Seen, desk: _Desk, now: float) -> None:
        """Write a cashbox down: its bills by the meters, and by the count."""
        assert desk.dropped_at is not None, "a cashbox was taken"
        read = {face: seen.reading.get(f"bills_{face}", 0) for face in FACES}
        metered = {face: count - desk.bills.get(face, 0) for face, count in read.items()}
        desk.bills = read
        counted = self.counts.pop(seen.asset, {})
        day = self._clock.gaming_day(now)
        self.books.drops.append(DropRow(day, seen.asset, desk.dropped_at, metered, counted))
        desk.dropped_at = None


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
