"""Which machine answers at which place, and what is remembered of it: that goes where it goes.

A machine is its serial number. Where one is read that the registry knows as another machine's, the
meters, epochs and states that are remembered of that machine are taken there, and what was
remembered of the one that stood there before waits under its own name until it is found again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.meaning.limits import HandpayRules

if TYPE_CHECKING:
    from gateway.edge.egm import EgmWork


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken along.

    Attributes:
        state: what is remembered of the machine that was found, or None.
        keys: small facts to be kept in the transaction that tells of it.
        stood: location where it answered before; empty if that is not known.
    """

    state: bytes | None
    keys: Mapping[str, str]
    stood: str = ""


class Machines(Mapping[str, "EgmWork"]):
    """The work for each machine, by asset number: of the place where it was found last.

    Args:
        states: what the last process remembered, by machine.
        rules_of: gives what a handpay asks for in a jurisdiction; None where that is not known.

    Attributes:
        rules_of: the same.
    """

    def __init__(
        self,
        states: Mapping[str, bytes] | None = None,
        rules_of: Callable[[str], HandpayRules] | None = None,
    ) -> None:
        self.rules_of = rules_of
        self._waiting = dict(states or {})
        self._stood: dict[str, str] = {}
        self._works: list[EgmWork] = []

    def __getitem__(self, asset: str) -> EgmWork:
        """Return the work at the place where ``asset`` answers."""
        for work in self._works:
            if work.machine == asset:
                return work
        raise KeyError(asset)

    def __iter__(self) -> Iterator[str]:
        """Yield every machine that has a place."""
        return (work.machine for work in self._works)

    def __len__(self) -> int:
        """Return how many places there are."""
        return len(self._works)

    def add(self, work: EgmWork) -> None:
        """Take the work of another place."""
        self._works.append(work)

    def exchange(self, place: EgmWork, before: str, state: bytes, now: str) -> Taken:
        """Let ``now`` stand where ``before`` stood; return what is remembered of it.

        Args:
            place: the work of that place, which says ``now`` already.
            before: the machine that stood there.
            state: what is remembered of that one: it waits until it is found.
            now: the machine whose serial number was read.
        """
        self._waiting[before], self._stood[before] = state, place.place.location
        for other in self._works:
            if other is not place and other.machine == now:
                return Taken(*other.vacate(), other.place.location)
        return Taken(self._waiting.pop(now, None), {}, self._stood.pop(now, ""))
