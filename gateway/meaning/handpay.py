"""One handpay and the handpays of one EGM, as they are remembered."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from gateway.events.shapes import money_from_cents
from gateway.events.text import handpay_text
from gateway.meaning.since import Remembered, Since
from gateway.meaning.telling import Telling

WAITING_MAX: Final = 32
"""Handpays remembered as waiting for one EGM; an amount beyond that opens no further one."""

UNREAD_MAX: Final = 8
"""Handpays that ended unread and are remembered; machines keep five or more of them."""

Source = Literal["read", "heard", "meters", "display"]
CANCELLED: Final = "cancelledcredits"
WIN: Final = "win"
"""Class of a win of which only the meters are known: any kind that an attendant pays."""

_CLASSES: Final = {0x00: "nonprogressive", 0x40: "topwin", 0x80: CANCELLED}
_PROGRESSIVE_LEVELS: Final = range(0x01, 0x21)


class Handpay(Remembered):
    """One handpay.

    Attributes:
        correlation: joins its events.
        since: when it was first told.
        repeats: how often it was said again.
        amount_cents: amount, or None while not known.
        source: where the amount comes from.
        kind: class of it, ``unknown`` while not known.
        level: level byte of 1B, or None if it was not read.
        group: progressive group of 1B.
        partial_cents: part of it that the machine has paid already.
        reset_id: reset id of 1B: 0 offers the attendant's key-off only; None if it was not read.
        keyed: whether a key-off to machine pay was told.
        validated_s: from its beginning to its validation (3E), or None.
        known_s: from its beginning to its amount, or None.
        lockup_s: from its beginning to its reset, or None while it waits.
        games: games played at the first reading asked for after it, or None.
        paid: whether a person said that the guest was paid.
    """

    correlation: str
    since: Since
    repeats: int = 0
    amount_cents: int | None = None
    source: Source = "read"
    kind: str = "unknown"
    level: int | None = None
    group: int = 0
    partial_cents: int = 0
    reset_id: int | None = None
    keyed: bool = False
    validated_s: float | None = None
    known_s: float | None = None
    lockup_s: float | None = None
    games: int | None = None
    paid: bool = False

    def told(self, telling: Telling) -> dict[str, object]:
        """Return amount, source, class and what the limits ask for, as event data."""
        egm = telling.egm
        data = self.amount(egm.currency)
        wall_ns = telling.observed.wall_ns
        limits = egm.rules.told(self.amount_cents, self.kind, wall_ns, egm.currency)
        return {**data, "limits": limits} if limits else data

    def amount(self, currency: str) -> dict[str, object]:
        """Return amount, source and class as event data."""
        if self.amount_cents is None:
            return {"amountsource": "unknown", "handpay_class": self.kind}
        return {
            "amount": money_from_cents(self.amount_cents, currency),
            "amountsource": self.source,
            "handpay_class": self.kind,
        }

    def stages(self) -> dict[str, object]:
        """Return how long each stage took, from its beginning, as far as it is known."""
        found = {"amount_after_s": self.known_s, "validated_after_s": self.validated_s}
        return {name: seconds for name, seconds in found.items() if seconds is not None}


class Before(Remembered):
    """The meters before the handpays that are not settled.

    Attributes:
        counts: count by meter and width, ``jackpot/8``.
        life: epoch and breaks of the meters: a difference across a break is none.
    """

    counts: dict[str, int] = Field(default_factory=dict)
    life: tuple[int, int] = (0, 0)

    def reads(self, name: str) -> bool:
        """Return whether the machine answered a meter, at whatever width."""
        return any(key.startswith(f"{name}/") for key in self.counts)


class Answer(Remembered):
    """One answer to 1B.

    Attributes:
        amount_cents: amount; 0 in an empty answer.
        level: level byte.
        group: progressive group.
        partial_cents: already paid by the machine.
        reset_id: which resets are offered.
    """

    amount_cents: int
    level: int
    group: int
    partial_cents: int
    reset_id: int

    def is_of(self, handpay: Handpay) -> bool:
        """Return whether it tells what is known of ``handpay`` already."""
        known = (handpay.amount_cents, handpay.level, handpay.group)
        return known == (self.amount_cents, self.level, self.group)


class Handpays(Remembered):
    """The handpays of one EGM.

    Attributes:
        waiting: those that wait, oldest first.
        last: the last one that ended.
        unsettled: those that ended and have not been compared with the meters.
        ended_at: when the last of them ended.
        before: the meters before them, or None.
        muddied: credits may also have left by a ticket or a transfer since then.
        remote_at: when another host was heard to reset a handpay, or None.
        unread: those that ended before 1B told of them; the machine may still hold them.
        doubtful: the machine may hold handpays that were never heard of.
        walked: answers to 1B since then, oldest first.
    """

    waiting: list[Handpay] = Field(default_factory=list)
    last: Handpay | None = None
    unsettled: list[Handpay] = Field(default_factory=list)
    ended_at: Since | None = None
    before: Before | None = None
    muddied: bool = False
    remote_at: Since | None = None
    unread: list[Handpay] = Field(default_factory=list)
    doubtful: bool = False
    walked: list[Answer] = Field(default_factory=list)

    def words(self, currency: str) -> str | None:
        """Return the oldest waiting one for people, or None."""
        return handpay_text(self.waiting[0].amount(currency)) if self.waiting else None

    def doubt(self) -> None:
        """Something may have been missed, another handpay for one.

        No meters are compared across it, and the machine's queue is read to its end before an
        amount is taken for that of the handpay at hand.
        """
        self.before = None
        self.doubtful = True

    def end(self, handpay: Handpay, telling: Telling, *, pays: bool = True) -> None:
        """Take one off those that wait.

        Args:
            handpay: the one that ended.
            telling: of what ended it.
            pays: False for a request that was taken back: no meter moves.
        """
        emptied = None if telling.seen is None else telling.seen.occurred_after
        if emptied is None or not handpay.since.is_before(emptied, telling.egm.birthid):
            self.muddied = True  # a ticket from before it may still be in the machine's queue
        self.waiting.remove(handpay)
        handpay.lockup_s = telling.seconds_since(handpay.since)
        self.last = handpay
        if pays and handpay.level is None:
            self.unread = [*self.unread, handpay][-UNREAD_MAX:]
        if pays:
            self.unsettled = [*self.unsettled, handpay][-WAITING_MAX:]
            self.ended_at = telling.kept()

    def changed(self, handpay: Handpay) -> None:
        """Bring a handpay that has ended up to date wherever it is remembered."""
        if self.last is not None and self.last.correlation == handpay.correlation:
            self.last = handpay
        same = [handpay if one.correlation == handpay.correlation else one for one in self.unread]
        self.unread = [one for one in same if one.level is None]  # 1B may still tell of the others
        self.unsettled = [
            handpay if one.correlation == handpay.correlation else one for one in self.unsettled
        ]


def class_of(level: int) -> str:
    """Return the class of a level byte of 1B."""
    if level in _PROGRESSIVE_LEVELS:
        return "progressive"
    return _CLASSES.get(level, "unknown")
