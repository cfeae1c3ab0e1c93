"""What is looked up of the events of the past, whoever keeps them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.events.envelope import Envelope


@dataclass(frozen=True, slots=True)
class Lookup:
    """Which events are wanted.

    Attributes:
        kinds: families (``door``) and types (``gateway.died``).
        after: observed at or after.
        before: observed at or before; None: up to now.
        asset: asset number; None: of all machines and of none.
        most: the newest so many.
    """

    kinds: tuple[str, ...]
    after: datetime
    before: datetime | None = None
    asset: str | None = None
    most: int = 100

    def fits(self, event: Envelope) -> bool:
        """Return whether ``event`` is wanted, ``most`` aside."""
        return (
            (self.asset is None or event.asset == self.asset)
            and (event.family in self.kinds or event.name in self.kinds)
            and event.time >= self.after
            and (self.before is None or event.time <= self.before)
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What was found.

    Attributes:
        events: the newest first.
        reached: how far back was looked; events of before may exist.
        why: why there is less than was wanted, for people; empty if there is not.
    """

    events: tuple[Envelope, ...]
    reached: datetime
    why: str = ""
