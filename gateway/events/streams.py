"""The streams that keep the events, and the subjects that lead into them.

A stream is a retention class: what may be read by whom, and for how long it is kept. Families
of events share one; the same table makes the streams on the server, says which stream a
publisher expects, and is printed for integrators.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class StreamRow:
    """One JetStream stream: file storage, limits retention, discard new.

    Attributes:
        name: the stream's name.
        families: event families it keeps; empty for subjects that are not ours alone.
        subjects: NATS subjects; no two streams overlap.
        retention_s: seconds a message is kept, unless the site file says otherwise ([streams]).
        max_mib: size in MiB at which new messages are refused (and wait in the sender's outbox);
            what a test floor needs. A site gets what ``slotgw check`` computes for its EGMs.
        keeps: retention class in a word.
        readers: who may read it.
        meaning: what is in it.
    """

    name: str
    families: tuple[str, ...]
    subjects: tuple[str, ...]
    retention_s: int
    max_mib: int
    keeps: str
    readers: tuple[str, ...]
    meaning: str


def _row(name: str, families: str, days: int, max_mib: int, *told: str) -> StreamRow:
    keeps, readers, meaning = told
    names = tuple(families.split())
    subjects = tuple(f"slot.v1.*.*.{family}.>" for family in names)
    return StreamRow(
        name, names, subjects, days * _DAY_S, max_mib, keeps, tuple(readers.split()), meaning
    )


_ALL = "consumer console integrator"
DEDUP_WINDOW_S = 120
"""Seconds in which a stream drops a second message with the same ``Nats-Msg-Id``."""

STREAMS: tuple[StreamRow, ...] = (
    _row("SLOT_PLAY", "game", 3, 512, "play", _ALL, "Games as they are played."),
    _row(
        "SLOT_SIGNIFICANT", "door cashbox power tilt lamp menu integrity egm", 730, 256,
        "significant", _ALL, "What a surveillance room, a technician or an auditor asks about.",
    ),
    _row(
        "SLOT_MONEY", "bill ticket handpay progressive transfer", 730, 256,
        "money", _ALL, "Money in, money out, and who has to bring it.",
    ),
    _row("SLOT_METERS", "meter", 90, 512, "meters", _ALL, "Absolute meter readings."),
    _row(
        "SLOT_LINK", "link host gateway", 90, 256,
        "link", _ALL, "Whether we could hear, and the gateway's own life.",
    ),
    _row(
        "SLOT_CARD", "card session", 400, 256,
        "restricted", "consumer", "Cards and carded sessions, by pseudonym.",
    ),
    StreamRow(
        "FLOOR", (), ("floor.v1.>",), 90 * _DAY_S, 256, "derived", tuple(_ALL.split()),
        "What consumers derived: calls, points, surveillance records.",
    ),
    StreamRow(
        "DEAD", (), ("dead.v1.>",), 30 * _DAY_S, 64, "dead letters", ("consumer", "console"),
        "Messages that a consumer could not take, with the reason.",
    ),
)  # fmt: skip

STREAM_OF_FAMILY: dict[str, StreamRow] = {family: row for row in STREAMS for family in row.families}
assert len(STREAM_OF_FAMILY) == sum(len(row.families) for row in STREAMS), "a family in two streams"


def is_token(text: str) -> bool:
    """Return whether ``text`` may stand between two dots of a subject: 1-64 of A-Za-z0-9_-."""
    return _TOKEN.match(text) is not None


def subject_of(site: str, gateway: str, name: str, asset: str | None) -> str:
    """Return the subject of an event; ``_`` stands where there is no asset.

    Raises:
        ValueError: a part is not a token.
    """
    for part in (site, gateway, *name.split("."), *(() if asset is None else (asset,))):
        if not is_token(part):
            raise ValueError(f"{part!r} cannot be part of a subject: use 1-64 of A-Z a-z 0-9 _ -")
    return f"slot.v1.{site}.{gateway}.{name}.{asset or '_'}"


def streams_for(subject: str) -> list[StreamRow]:
    """Return the streams whose subjects take ``subject``; a correct table gives at most one."""
    return [row for row in STREAMS if any(_matches(want, subject) for want in row.subjects)]


def _matches(pattern: str, subject: str) -> bool:
    want, have = pattern.split("."), subject.split(".")
    if want[-1] == ">":
        want = want[:-1]
        if len(have) <= len(want):
            return False
        have = have[: len(want)]
    return len(want) == len(have) and all(
        one in ("*", other) for one, other in zip(want, have, strict=True)
    )
