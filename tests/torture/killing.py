"""Who is killed next, and when: drawn from a seed, so that two campaigns are killed alike.

The gateway is mostly killed from inside, at a named point (``SLOTGW_CRASH_AT``), the others from
outside. The point that was hit least often is armed next; an outage is a process that stands
still, which is worse than one that is gone: its connections stay open.
"""

from __future__ import annotations

import errno
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.demo.cast import GATEWAY, NATS, SERVICES, SLOTSIM
from gateway.outbox.crashpoints import POINTS, VARIABLE

WAIT_S = (0.3, 1.5)
"""Seconds between two strikes from outside."""
OUTAGE_S = (1.0, 6.0)
"""Seconds that a process stands still."""
PASSES = {"before_commit": 20, "after_commit": 20}
"""How often a point is passed at most before it kills; a point not named here kills at once."""
NEVER_FREE = 4
"""Of so many starts of the gateway one is not armed: it dies from outside, anywhere."""


@dataclass(frozen=True, slots=True)
class Strike:
    """One blow.

    Attributes:
        after_s: seconds to wait before it.
        names: programs that it meets, at the same moment.
        stands_still_s: seconds that they are stopped; 0 kills them.
        writes_fail: so many of the gateway's next writes or syncs fail instead.
        error: with this errno.
        syncs: syncs fail, not writes.
    """

    after_s: float
    names: tuple[str, ...]
    stands_still_s: float = 0.0
    writes_fail: int = 0
    error: int = 0
    syncs: bool = False


How = Literal["killed", "stopped", "disk"]

CHOICES: tuple[tuple[int, tuple[str, ...], How], ...] = (
    (4, (GATEWAY,), "killed"),
    (3, (NATS,), "killed"),
    (3, (SLOTSIM,), "killed"),
    (1, (SLOTSIM, GATEWAY), "killed"),
    (1, (NATS, GATEWAY), "killed"),
    *((1, (name,), "killed") for name in SERVICES),
    (1, (NATS,), "stopped"),
    (1, (GATEWAY,), "stopped"),
    (1, (GATEWAY,), "disk"),
)
"""Weight, programs, and what becomes of them."""


def strikes(seed: int) -> Iterator[Strike]:
    """Yield strikes for ever."""
    chance = random.Random(seed)
    weights = [weight for weight, _, _ in CHOICES]
    while True:
        _, names, how = chance.choices(CHOICES, weights)[0]
        after_s = round(chance.uniform(*WAIT_S), 2)
        if how == "stopped":
            yield Strike(after_s, names, stands_still_s=round(chance.uniform(*OUTAGE_S), 2))
        elif how == "disk":
            error = chance.choice((errno.EIO, errno.ENOSPC))
            yield Strike(
                after_s, names, writes_fail=chance.randint(1, 6), error=error,
                syncs=chance.random() < 0.5,
            )  # fmt: skip
        else:
            yield Strike(after_s, names)


class Points:
    """Arms the gateway with a crash point at each start, and counts which were hit.

    Attributes:
        hits: times that each point has killed the gateway.
    """

    def __init__(self, seed: int) -> None:
        self.hits: Counter[str] = Counter(dict.fromkeys(POINTS, 0))
        self._chance = random.Random(f"points {seed}")
        self._armed = ""
        self._on = True

    def disarm(self) -> None:
        """Arm nothing any more."""
        self._on = False

    def arm(self) -> str:
        """Draw for one start; return the value of the variable, empty for none."""
        if not self._on or self._chance.randrange(NEVER_FREE) == 0:
            self._armed = ""
            return ""
        fewest = min(self.hits.values())
        self._armed = self._chance.choice(
            [name for name, hits in self.hits.items() if hits <= fewest + 2]
        )
        return f"{self._armed}:{self._chance.randint(1, PASSES.get(self._armed, 1))}"

    def hopeful(self) -> bool:
        """Draw whether a blow from outside waits until the armed gateway has reached its point."""
        return bool(self._armed) and self._chance.randrange(NEVER_FREE) > 0

    def died(self) -> str:
        """Take note that the gateway died by itself; return the point, empty if it was none."""
        point, self._armed = self._armed, ""
        if point:
            self.hits[point] += 1
        return point


class ArmedEnvironment(Mapping[str, str]):
    """An environment that is drawn anew whenever it is copied, which is at each start."""

    def __init__(self, base: Mapping[str, str], points: Points) -> None:
        self._base = dict(base)
        self._points = points

    def __iter__(self) -> Iterator[str]:
        self._base.pop(VARIABLE, None)
        if value := self._points.arm():
            self._base[VARIABLE] = value
        return iter(self._base)

    def __len__(self) -> int:
        return len(self._base)

    def __getitem__(self, key: str) -> str:
        return self._base[key]
