"""What the daemon tells people: one snapshot, then deltas, as JSON lines on the ``status`` socket.

Every model here is one-way and carries no secret: no card, no player, no ticket number.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Status(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EgmWord(StrEnum):
    """The one word that says how an EGM is; worst first wins (order of declaration)."""

    UNKNOWN = "unknown"  # nothing heard since the daemon started
    DOWN = "link down"
    QUARANTINED = "quarantined"  # a defect of ours in this EGM's engine
    HANDPAY = "handpay"
    TILT = "tilt"
    DOOR = "door open"
    OUT = "out of service"
    DEGRADED = "degraded"
    LAMP = "lamp"
    PLAY = "in play"
    IDLE = "idle"


class LinkWord(StrEnum):
    """State of the link to one EGM."""

    UNKNOWN = "unknown"
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"


class EgmStatus(_Status):
    """One EGM, as the daemon sees it now."""

    asset: str
    location: str
    bank: str = ""
    zone: str = ""
    line: str
    address: int
    state: EgmWord = EgmWord.UNKNOWN
    since: datetime | None = None
    doors_open: tuple[str, ...] = ()
    tilts: tuple[str, ...] = ()
    handpay: str | None = None
    """Amount and class of a pending handpay in words ("1,250.00 USD jackpot"), or None."""
    carded: bool = False
    credits: int | None = None
    """Current credits, in units of the accounting denomination."""
    coin_in: int | None = None
    """Coin-in meter, in credits of the accounting denomination."""
    denomination: str | None = None
    """Worth of one credit as a decimal string ("0.01"), None while not read."""
    last_event: str | None = None
    last_event_at: datetime | None = None
    link: LinkWord = LinkWord.UNKNOWN
    link_reason: str = ""
    link_quality: float | None = None
    """Share of the last 100 polls that were answered well, 0 to 1."""
    link_lately: str = ""
    """The last minutes of the link, a mark each: :mod:`gateway.status.lately`; empty: not told."""
    polls: int = 0
    answers: int = 0
    errors: int = 0
    timeouts: int = 0
    """Of the errors: no answer came."""
    crc_errors: int = 0
    """Of the errors: the answer's CRC was wrong. The rest are of other kinds."""
    answer_ms: int | None = None
    """Milliseconds from a general poll to its answer, the mean of the last few seconds; None where
    nobody polls or it has not answered yet."""


class LineStatus(_Status):
    """One SAS line."""

    name: str
    port: str
    mode: Literal["host", "listen"]
    state: str
    """In words: "polling", "waiting for the port", "stopped: another host polls here" ..."""
    since: datetime | None = None
    polls: int = 0
    answers: int = 0
    timeouts: int = 0
    crc_errors: int = 0
    other_errors: int = 0
    cycle_s: float | None = None
    """Seconds the last full turn over the line's EGMs took."""
    plan_cycle_s: float | None = None
    """Seconds that a turn of general polls takes at most by the book; None while only listening."""
    plan_period_s: float | None = None
    """Seconds between two polls of one EGM, as planned; None while only listening."""
    egms_up: int = 0
    egms: int = 0


class OutboxStatus(_Status):
    """The durable outbox."""

    state: str = "ok"
    """"ok", or in words why events cannot be committed."""
    depth: int = 0
    oldest_age_s: float | None = None
    acknowledged: int = 0
    refused: int = 0
    last_sequence: int = 0
    commit_ms: float | None = None


class NatsStatus(_Status):
    """The connection to NATS."""

    connected: bool = False
    since: datetime | None = None
    url: str = ""
    """Without credentials."""
    in_flight: int = 0
    words: str = "not connected yet"
    """One line for a person: what works, what does not, what happens to the events meanwhile."""
    name: Literal["held", "unconfirmed", "yielded"] = "unconfirmed"
    """Whether this gateway is the only live one of its name; ``yielded``: it is not, and does not
    poll."""
    name_words: str = ""
    """The same for a person; empty if all is well."""
    durability: Literal["sound", "weak", "unknown"] = "unknown"
    """What an acknowledgement of this server is worth."""
    durability_words: str = ""
    """The same for a person: what may be lost, and by what; empty before the first look."""


class EventLine(_Status):
    """One event, as a person reads it."""

    sequence: int
    time: datetime
    type: str
    asset: str | None = None
    location: str = ""
    severity: str = "info"
    text: str
    possible_repeat: bool = False


class Snapshot(_Status):
    """Everything at once: the first line on the socket."""

    kind: Literal["snapshot"] = "snapshot"
    site: str
    gateway: str
    birthid: str
    started: datetime
    egms: tuple[EgmStatus, ...]
    lines: tuple[LineStatus, ...]
    outbox: OutboxStatus
    nats: NatsStatus
    events: tuple[EventLine, ...]
    """The newest 100, oldest first."""


class EgmDelta(_Status):
    """An EGM changed; replaces the one with the same asset."""

    kind: Literal["egm"] = "egm"
    egm: EgmStatus


class LineDelta(_Status):
    """A line changed; replaces the one with the same name."""

    kind: Literal["line"] = "line"
    line: LineStatus


class OutboxDelta(_Status):
    """The outbox changed."""

    kind: Literal["outbox"] = "outbox"
    outbox: OutboxStatus


class NatsDelta(_Status):
    """The NATS connection changed."""

    kind: Literal["nats"] = "nats"
    nats: NatsStatus


class EventDelta(_Status):
    """A new event was committed."""

    kind: Literal["event"] = "event"
    event: EventLine


StatusMessage = Annotated[
    Snapshot | EgmDelta | LineDelta | OutboxDelta | NatsDelta | EventDelta,
    Field(discriminator="kind"),
]
