"""What a machine forgets when the power goes, apart from its ports."""

from __future__ import annotations

from dataclasses import dataclass, field

from floor_sim.machine.real_time import WaitingFrames


class Broadcast:
    """What a machine last heard from its progressive controller; said again within 5 s.

    Args:
        now: moment of power-up.

    Attributes:
        cents: by level.
        heard_s: moment of the last broadcast.
        missed: exception 53 was raised since.
    """

    def __init__(self, now: float) -> None:
        self.cents: dict[int, int] = {}
        self.heard_s = now
        self.missed = False

    def take(self, levels: dict[int, int], now: float) -> None:
        """Take a broadcast in."""
        self.cents.update(levels)
        self.heard_s = now
        self.missed = False


@dataclass(slots=True)
class Passing:
    """What passes.

    Attributes:
        broadcast: progressive values.
        frames: what waits for a general poll beside exceptions.
        held_until: no game starts before (2E).
        locked_told_s: moment at which a host was told last that the game is locked.
    """

    broadcast: Broadcast
    frames: WaitingFrames = field(default_factory=WaitingFrames)
    held_until: float = float("-inf")
    locked_told_s: float = float("-inf")
