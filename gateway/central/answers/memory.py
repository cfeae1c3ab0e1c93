"""What is known of every machine now, and the words for it. Pure: no clock, no bus.

Everything is as it was observed: an answer says when, and a machine of which nothing is known is
said to be unknown, never empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.events.envelope import Envelope

NOTICE: Final = "observed, not official"
ANSWER_MOST: Final = 500
"""Machines in one answer at most."""

_WORDS: Final = re.compile(
    r"(?:(?:state|meters)\s+(?:of\s+)?)?(?:(bank|zone|asset|location)\s+)?(\S+)"
)


class UnknownError(Exception):
    """Nothing is known by that name; says what may be asked."""


@dataclass(slots=True)
class Machine:
    """What is known of one EGM.

    Attributes:
        asset: asset number.
        state: last known state, as the bucket ``slot_state`` has it.
        sequence: number of the last event that the state includes.
        meters: last reading of each meter, by name, with ``at``: when it was observed.
        epoch: life of the meters; a reading of an older one is gone.
    """

    asset: str
    state: Mapping[str, Any] = field(default_factory=dict)
    sequence: int = 0
    meters: dict[str, dict[str, Any]] = field(default_factory=dict)
    epoch: int = 0


class Memory:
    """Every machine of a site."""

    def __init__(self) -> None:
        self._machines: dict[str, Machine] = {}

    @property
    def machines(self) -> int:
        """How many machines are known."""
        return len(self._machines)

    def take_state(self, asset: str, value: Mapping[str, Any]) -> None:
        """Take a value of the bucket."""
        machine = self._machine(asset)
        machine.state, machine.sequence = value["state"], int(value["sequence"])

    def take_reading(self, event: Envelope) -> None:
        """Take a ``meter.read`` of the whole machine; others say nothing here."""
        if event.name != "meter.read" or event.asset is None or event.data.get("game"):
            return
        machine = self._machine(event.asset)
        epoch, at = int(str(event.data.get("epoch", 0))), event.time.isoformat()
        if epoch != machine.epoch:
            machine.epoch, machine.meters = epoch, {}
        read = event.data.get("meters")
        if isinstance(read, Mapping):
            for name, count in read.items():
                if isinstance(count, Mapping):
                    machine.meters[name] = {**count, "at": at}
        if not machine.state.get("location") and event.location:
            machine.state = {**machine.state, "location": event.location, "bank": event.bank}

    def state_of(self, words: str) -> dict[str, Any]:
        """Return the state of what ``words`` name: ``14-07``, ``10101``, ``bank 7``.

        Raises:
            UnknownError: nothing is known by that name.
        """
        return self._answer(
            words,
            lambda machine: {"asset": machine.asset, "sequence": machine.sequence, **machine.state},
        )

    def meters_of(self, words: str) -> dict[str, Any]:
        """Return the last readings of what ``words`` name.

        Raises:
            UnknownError: nothing is known by that name.
        """
        return self._answer(
            words,
            lambda machine: {
                "asset": machine.asset,
                "location": machine.state.get("location", ""),
                "denomination": machine.state.get("denomination"),
                "epoch": machine.epoch,
                "meters": machine.meters,
            },
        )

    def _answer(self, words: str, told: Any) -> dict[str, Any]:
        found = self._find(words.strip())
        return {
            "notice": NOTICE,
            "asked": words.strip()[:80],
            "machines": [told(machine) for machine in found[:ANSWER_MOST]],
            "complete": len(found) <= ANSWER_MOST,
        }

    def _find(self, words: str) -> list[Machine]:
        match = _WORDS.fullmatch(words)
        if match is None:
            raise UnknownError("ask for a location, an asset number, bank NAME or zone NAME")
        kind, name = match.groups()
        if kind in (None, "asset") and name in self._machines:
            return [self._machines[name]]
        keys = ("location",) if kind is None else (kind,)
        found = [
            machine
            for machine in self._machines.values()
            if any(_same(str(machine.state.get(key, "")), name) for key in keys)
        ]
        if not found and kind is None:  # people leave the section out: 14-07 is 01-14-07
            ends = [
                machine
                for machine in self._machines.values()
                if str(machine.state.get("location", "")).endswith(f"-{name}")
            ]
            if len(ends) > 1:
                places = ", ".join(sorted(str(one.state["location"]) for one in ends)[:5])
                raise UnknownError(f"{name} may be {places}: say which")
            found = ends
        if not found:
            raise UnknownError(f"no machine is known by {words[:60]!r}")
        return sorted(found, key=lambda machine: str(machine.state.get("location", "")))

    def _machine(self, asset: str) -> Machine:
        return self._machines.setdefault(asset, Machine(asset))


def _same(have: str, want: str) -> bool:
    """Return whether two names are the same; bank 7 is bank 07."""
    if have == want:
        return True
    return have.isdecimal() and want.isdecimal() and int(have) == int(want)
