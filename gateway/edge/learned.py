"""What the edge learned of an EGM's polls, as the text that the outbox keeps.

It is kept in the transaction of the events of the turn that taught it, and given back to the
session at the next start (see ``protocols.sas.host.support``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Final

from pydantic import BaseModel, Field, ValidationError

from gateway.edge.clock import Clock, moment
from gateway.edge.keys import learned_key
from gateway.events.moment import Moment
from gateway.meaning.observation import Unsupported
from protocols.sas.host.support import Support


class Kept(BaseModel):
    """The JSON.

    Attributes:
        who: SAS version and serial number, or None if never read.
        refused: polls that are not supported, as hex, each with the wall time, ns, at which that
            was found.
    """

    who: str | None
    refused: dict[str, Annotated[int, Field(ge=0, lt=1 << 63)]]


Learned = tuple[str | None, dict[bytes, float]]

NOTHING: Final[Learned] = (None, {})


class LearnedBook:
    """What was kept of the polls of a line's EGMs, and what of it has changed.

    Args:
        clock: both clocks.
        texts: what the last process kept, by address.

    Attributes:
        found: what it learned, by address, for the session to begin with.
    """

    def __init__(self, clock: Clock, texts: Mapping[int, str]) -> None:
        self._clock = clock
        self.found = {at: learned_from(text, at, self._ago) for at, text in texts.items()}
        self._kept = {at: (who, dict(refused)) for at, (who, refused) in self.found.items()}

    def changed(self, address: int, asset: str, support: Support) -> dict[str, str]:
        """Return what is to be kept now, as keys of the outbox; nothing where nothing is new."""
        if self._kept.get(address, NOTHING) == (support.who, support.refused):
            return {}
        self._kept[address] = support.who, dict(support.refused)
        return {learned_key(asset): learned_text(support, self._wall_ns)}

    def _wall_ns(self, at: float) -> int:
        return moment(self._clock, at).wall_ns

    def _ago(self, wall_ns: int) -> float:
        """Return a wall time on the monotonic clock, never in the future."""
        now = moment(self._clock)
        return now.monotonic_s - max(0.0, (now.wall_ns - wall_ns) / 1e9)


def unsupported(asset: str, support: Support, observed: Moment) -> Unsupported:
    """Return which polls an EGM is known not to answer, for meaning."""
    commands = frozenset(poll[1] for poll in support.refused if len(poll) > 1)
    return Unsupported(asset, commands, observed)


def learned_text(support: Support, wall_ns: Callable[[float], int]) -> str:
    """Return what is to be kept.

    Args:
        support: of the EGM.
        wall_ns: gives the wall time, ns, of a moment of the monotonic clock.
    """
    refused = {poll.hex(): wall_ns(at) for poll, at in sorted(support.refused.items())}
    return Kept(who=support.who, refused=refused).model_dump_json()


def learned_from(text: str | None, address: int, ago: Callable[[int], float]) -> Learned:
    """Return what was kept; nothing where it cannot be read: then it is learned anew.

    Args:
        text: as kept, or None.
        address: polls to other addresses are left out: the EGM was moved on its line.
        ago: gives the moment of the monotonic clock at a wall time, ns.
    """
    if not text:
        return NOTHING
    try:
        kept = Kept.model_validate_json(text)
        polls = {bytes.fromhex(poll): ago(wall_ns) for poll, wall_ns in kept.refused.items()}
    except (ValidationError, ValueError):
        return NOTHING
    return kept.who, {p: at for p, at in polls.items() if len(p) > 1 and p[0] == address}
