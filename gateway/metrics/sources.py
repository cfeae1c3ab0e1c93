"""What metrics are read from: structural types, so that this room knows none of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.status.model import NatsStatus, OutboxStatus
from gateway.status.spread import Spread


class TimeFigures(Protocol):
    """How good the wall clock is; see ``gateway.edge.timekeeper.TimeKeeper``."""

    @property
    def quality(self) -> str:
        """As events say it: synced, unsynced, stepped or unknown."""

    @property
    def steps(self) -> int:
        """How often it was set since the start."""


class RecorderFigures(Protocol):
    """What is counted of events; see ``gateway.edge.recorder.Recorder``."""

    schema_errors: int
    possible_repeats: int
    told: Counter[str]
    gaps: Counter[str]
    commits: Spread

    @property
    def time(self) -> TimeFigures:
        """How good the wall clock is."""


class Publishing(Protocol):
    """What is counted of publishing; see ``gateway.bus.delivery.Totals``."""

    acknowledged: int
    duplicates: int
    refused: int
    resent: int
    timeouts: int
    renamed: int
    latency: Spread


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the figures of one gateway are.

    Attributes:
        site: short name of the casino.
        gateway: short name of the gateway.
        lines: its lines (``gateway.edge.job.Job``).
        recorder: events.
        publishing: publishing.
        outbox: the outbox as people are told of it.
        nats: the connection as people are told of it.
        clock: offset of the wall clock from the time service in seconds and whether it is
            synchronised, or None where the computer does not say.
        loop_lag: by how much the event loop came back later than asked.
    """

    site: str
    gateway: str
    lines: Sequence[Any]
    recorder: RecorderFigures
    publishing: Publishing
    outbox: Callable[[], OutboxStatus]
    nats: Callable[[], NatsStatus]
    clock: Callable[[], tuple[float, bool] | None]
    loop_lag: Spread
