"""The gateway's own life."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.events.event_type import EventType
from gateway.events.shapes import Data, Seconds

_HASH = Field(max_length=128)


class GatewayBorn(Data):
    """A gateway started."""

    birthid: str = Field(min_length=1, max_length=64)
    version: str = Field(max_length=64)
    build_hash: str = _HASH
    allow_list_hash: str = _HASH
    config_hash: str = _HASH
    egms: list[str] = Field(max_length=4000, description="Asset numbers it watches.")
    birthid_before: str | None = Field(None, max_length=64)


class GatewayDied(Data):
    """A gateway stopped, or was found to have stopped."""

    birthid: str = Field(min_length=1, max_length=64)
    how: Literal["clean", "inferred"]
    reason: str = Field(max_length=160)


class Heartbeat(Data):
    """The gateway is alive, and these are its last numbers."""

    birthid: str = Field(min_length=1, max_length=64)
    uptime_s: Seconds
    last_sequence: int = Field(ge=0)
    last_familysequence: dict[str, int] = Field(
        max_length=64, description="Last number of each family: how a consumer finds holes."
    )
    figures: dict[str, int | float] = Field(default={}, max_length=64)


class SelfTest(Data):
    """What the gateway found when it tested itself."""

    passed: bool
    checks: dict[str, str] = Field(max_length=64, description="Check to its result in words.")


class ClockStepped(Data):
    """The wall clock was set."""

    step_s: float = Field(description="Seconds it jumped; negative is back.")


ClockQuality = Literal["synced", "unsynced", "stepped", "unknown"]


class ClockJudged(Data):
    """How good the wall clock is has changed; every event says it in timequality."""

    before: ClockQuality
    after: ClockQuality
    offset_s: float | None = Field(
        None, description="Wall clock against its time service, where the computer knows it."
    )


class StoreLoss(Data):
    """Part of the outbox is gone."""

    reason: str = Field(max_length=240)
    set_aside: str | None = Field(None, max_length=240, description="Name of the broken file.")
    last_sequence: int | None = Field(None, ge=0)
    pending: int | None = Field(None, ge=0)
    salvaged: int | None = Field(None, ge=0, description="Undelivered events taken over.")
    lost: int | None = Field(None, ge=0, description="Events that could not be read, or proven.")


class Yielded(Data):
    """Another gateway of this name is live; this one stopped polling."""

    other_birthid: str = Field(max_length=64)
    other_host: str = Field(max_length=240, description="Name of its computer.")
    other_pid: int = Field(ge=0, description="Its process there.")


class Defect(Data):
    """A defect of the gateway."""

    defect: str = Field(max_length=160)
    where: str = Field(max_length=160)


class ActAnswered(Data):
    """What somebody of the house sent over NATS was answered."""

    answer: Literal["accepted", "refused", "duplicate"] = Field(
        description="duplicate: it was accepted before, and changed nothing now."
    )
    act: str | None = Field(None, max_length=64, description="What was said, if it was an act.")
    asset: str | None = Field(None, max_length=64, description="About which EGM.")
    said_by: str | None = Field(
        None, max_length=96, description="Who signed it, and the sender's name."
    )
    receipt: str | None = Field(None, max_length=64, description="causedby of what it led to.")
    reason: str | None = Field(None, max_length=240, description="Why it was refused.")


class Sealed(Data):
    """The hash chain of what was stored, up to here."""

    last_sequence: int = Field(ge=0)
    chain: str = Field(pattern=r"^[0-9a-f]{64}$")


_OPS = ("operations",)
_ID = "01HZX3"

ROWS = (
    EventType(
        "gateway.born", GatewayBorn, "notice", "system", _OPS,
        "The gateway started.", "At each start.", "Not at a reconnect.", "Nothing.",
        {"birthid": _ID, "version": "0.1.0", "build_hash": "ab12", "allow_list_hash": "cd34",
         "config_hash": "ef56", "egms": ["10101", "10102"]},
        "gateway started", asset_required=False,
    ),
    EventType(
        "gateway.died", GatewayDied, "warning", "system", _OPS,
        "The gateway stopped.", "At a clean stop, or found at the next start.",
        "Not when only NATS is away.", "Is its host up? Read its log.",
        {"birthid": _ID, "how": "clean", "reason": "stopped by the operator"},
        "gateway stopped: {reason}", asset_required=False,
    ),
    EventType(
        "gateway.heartbeat", Heartbeat, "info", "system", _OPS,
        "The gateway is alive.", "At its pace.", "Not while nothing can be stored.",
        "Missing for a minute: is its host up?",
        {"birthid": _ID, "uptime_s": 60.0, "last_sequence": 120,
         "last_familysequence": {"door": 4, "meter": 96}, "figures": {"depth": 0}},
        "heartbeat", asset_required=False,
    ),
    EventType(
        "gateway.selftest", SelfTest, "notice", "system", _OPS,
        "The gateway tested itself.", "At start.", "Not in between.", "Read the failed check.",
        {"passed": True, "checks": {"outbox": "ok"}}, "self test", asset_required=False,
    ),
    EventType(
        "gateway.clockstepped", ClockStepped, "warning", "system", _OPS,
        "The wall clock was set; times of events jump here.",
        "It left the monotonic clock by 1 s or more; told before the next event.",
        "Not for slow corrections.", "Time service of the host.",
        {"step_s": -3600.0}, "wall clock stepped by {step_s:.3f} s", asset_required=False,
    ),
    EventType(
        "gateway.clockjudged", ClockJudged, "notice", "system", _OPS,
        "How good the gateway's wall clock is has changed.",
        "A time service takes the clock or loses it, or it is more than 0.25 s off; asked every "
        "10 s. At a start only a clock that nobody holds is told.",
        "Not for a step: that is gateway.clockstepped; 60 s after it the quality is told.",
        "Is chrony or ntpd running on the gateway's computer, and can it reach a server?",
        {"before": "synced", "after": "unsynced", "offset_s": 0.31},
        "wall clock {after}", asset_required=False,
    ),
    EventType(
        "gateway.storeloss", StoreLoss, "critical", "system", _OPS,
        "A part of the outbox is gone; a fresh one was begun.", "The file was damaged.",
        "Not when the disk is full.", "Keep the file that was set aside; look at the disk.",
        {"reason": "file is not a database", "set_aside": "outbox.db.broken", "last_sequence": 120,
         "pending": 2},
        "outbox lost: {reason}", asset_required=False,
    ),
    EventType(
        "gateway.yielded", Yielded, "critical", "system", _OPS,
        "Another gateway of this name is live: this one has stopped polling.",
        "NATS came back and the elder of the two was found there.",
        "Not at a start: a second one is refused then.",
        "Which of the two has the right site file? Stop the other, start this one again.",
        {"other_birthid": _ID, "other_host": "edge-a", "other_pid": 811},
        "stopped polling: another gateway of this name is live on {other_host}",
        asset_required=False,
    ),
    EventType(
        "gateway.defect", Defect, "critical", "system", _OPS,
        "A defect of the gateway.", "Work in a shared part failed.",
        "Not for one machine's engine (egm.quarantined).", "Send a support bundle.",
        {"defect": "ValueError", "where": "edge.recorder"}, "defect: {defect}",
        asset_required=False,
    ),
    EventType(
        "gateway.actanswered", ActAnswered, "notice", "system", ("audit",),
        "What somebody of the house said over NATS was accepted or refused.",
        "For each message on act.v1.<site>.<gateway>, up to a hundred a minute; beyond that all "
        "are refused, and one event says so.",
        "Not for what is said at the gateway's own computer: those events name its user.",
        "Refused often: who sends that, and does the sender know the contract?",
        {"answer": "accepted", "act": "act.handpay.paid", "asset": "10101",
         "said_by": "ann via /demo/desk", "receipt": "5f0c6d1e2a3b4c5d"},
        "{act} about {asset} by {said_by} {answer} {reason}", asset_required=False,
    ),
    EventType(
        "gateway.sealed", Sealed, "info", "system", ("audit",),
        "What was stored up to here, as one hash.", "At its pace and at a clean stop.",
        "Not for each event.", "Nothing.",
        {"last_sequence": 120, "chain": "00" * 32}, "sealed up to {last_sequence}",
        asset_required=False,
    ),
)  # fmt: skip
