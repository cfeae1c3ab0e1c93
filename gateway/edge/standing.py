"""What the site's registry says of one place on a line, and which machine answers there.

A machine is its serial number. Where the registry knows the number that is read as another
machine's, what is told from then on is told of that one; where nobody knows it, of a name that
belongs to no machine, until it is put right. Nothing is guessed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from edge_config.register import Register
from edge_config.site import EgmInfo
from gateway.edge.keys import answers_key, record_key
from gateway.events.encode import Place, time_text
from gateway.events.fact import Fact
from gateway.events.moment import Moment
from gateway.events.text import one_line

log = logging.getLogger(__name__)

AWAY: Final = frozenset({"stored", "out"})
"""Life cycles in which a machine should not answer at all."""

UNREGISTERED: Final = "unregistered-"
"""Begins the name of a machine whose serial number nobody knows."""
UNIDENTIFIED: Final = "unidentified-"
"""Begins the name of whoever answers where a machine was that is known to stand elsewhere now."""

_RECORDED: Final = (
    "location", "bank", "zone", "theme", "maker", "model", "serial", "jurisdiction", "life_cycle",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A machine that was found by its serial number.

    Attributes:
        serial: the number.
        followed: whether anything was remembered of it.
        stood: location where it answered before; empty if that is not known.
        unsure_since: since when it was not known who answers here, or None.
    """

    serial: str
    followed: bool
    stood: str
    unsure_since: Moment | None


class Standing:
    """The registry's word on one place, and who answers there.

    Args:
        register: of the site.
        egm: the site's row of whoever should answer there.
        place: where its events come from, but for what the registry may change.
        keys: what the outbox kept.

    Attributes:
        row: what is so of that EGM now.
        place: where its events come from now.
        answers: asset number under which what is heard is told, where that is not its own.
    """

    def __init__(
        self, register: Register, egm: EgmInfo, place: Place, keys: Mapping[str, str]
    ) -> None:
        self.row = egm
        self.place = place
        self.answers = keys.get(answers_key(egm.asset), "")
        self._register = register
        self._told = keys.get(record_key(egm.asset), "")
        self._home = place.jurisdiction
        self._keys: dict[str, str] = {}
        self._looked = False

    @property
    def machine(self) -> str:
        """Asset number of the machine that answers there, or a name that is no asset number."""
        return self.answers or self.row.asset

    def row_of_machine(self, wall_ns: int) -> EgmInfo | None:
        """Return what the registry says of the machine that answers there; None: nobody knows."""
        if not self.answers:
            return self.row
        try:
            return self._register.at(self.answers, wall_ns)
        except KeyError:
            return None

    def vacated(self) -> None:
        """Its machine was found elsewhere: whoever answers here was not identified yet."""
        self._answered_by(f"{UNIDENTIFIED}{self.place.line}-{self.place.address or 0}"[:64])

    def _answered_by(self, name: str) -> None:
        self.answers = self._keys[answers_key(self.row.asset)] = name

    def follow(self, observed: Moment) -> list[Fact]:
        """Take what the registry says from now on; return what of it is news."""
        row = self._register.at(self.row.asset, observed.wall_ns)
        if row is self.row and self._looked:
            return []
        self.row, self._looked = row, True
        self.place = replace(
            self.place, location=row.location, bank=row.bank, zone=row.zone,
            jurisdiction=row.jurisdiction or self._home,
        )  # fmt: skip
        now = self.record()
        before, text = (
            json.loads(self._told) if self._told else now,
            json.dumps(now, sort_keys=True),
        )
        if text != self._told:
            self._told = self._keys[record_key(row.asset)] = text
        changed = sorted(name for name in before.keys() | now.keys()
                         if before.get(name) != now.get(name))  # fmt: skip
        return self._news(before, now, changed, observed) if changed else []

    def came_up(self, observed: Moment) -> list[Fact]:
        """The machine answers; return what is to be told of one that should not be there."""
        if self.row.life_cycle not in AWAY:
            return []
        data = {"reason": "notonfloor", "life_cycle": self.row.life_cycle}
        return [self._unregistered(self.row.asset, data, observed)]

    def identified(self, serial: str, observed: Moment) -> list[Fact]:
        """A serial number was read; return what is to be told of whoever has it.

        What is told of the place from then on is told of the machine that the number belongs to.
        """
        own = self.row.asset
        whose = self._register.asset_of(serial, observed.wall_ns)
        known = whose is not None or bool(self.row.serial)
        answers = "" if whose == own or not known else whose or self._nobody()
        if answers == self.answers:
            return []
        self._answered_by(answers)
        if not answers:
            return []
        if whose is None:
            stranger = {"reason": "unknownserial", "serial": serial, "expected": own,
                    "expected_serial": self.row.serial}  # fmt: skip
            return [self._unregistered(answers, stranger, observed)]
        elsewhere = self._register.at(whose, observed.wall_ns)
        data: dict[str, object] = {
            "location_before": elsewhere.location, "location_after": self.row.location,
            "serial": serial, "line": self.place.line, "address": self.place.address,
            "answers_for": own,
        }  # fmt: skip
        return [self._warn(Fact("egm.moved", whose, data, observed))]

    def moved(self, facts: list[Fact], found: Found, observed: Moment) -> list[Fact]:
        """Add to what is told of a machine what is remembered of it; tell that it came home."""
        more: dict[str, object] = {"followed": found.followed}
        if found.unsure_since is not None:
            more["unsure_since"] = time_text(found.unsure_since.wall_ns)
        if found.stood:
            more["location_before"] = found.stood
        if not self.answers and found.stood not in ("", self.row.location):
            data = {"location_after": self.row.location, "serial": found.serial,
                    "line": self.place.line, "address": self.place.address}  # fmt: skip
            facts = [*facts, self._warn(Fact("egm.moved", self.row.asset, {**data, **more},
                                             observed))]  # fmt: skip
        return [
            replace(fact, data={**fact.data, **more}) if fact.type == "egm.moved" else fact
            for fact in facts
        ]

    def told_of(self, fact: Fact) -> Fact:
        """Return a fact of this place as one of the machine that answers there."""
        if fact.type == "egm.born" and not self.answers:
            return replace(fact, data={**fact.data, "record": self.record()})
        if self.answers and fact.type == "egm.swapped":  # another machine in this one's place
            return replace(fact, asset=self.row.asset)
        if not self.answers or fact.asset != self.row.asset:
            return fact
        return replace(fact, asset=self.answers)

    def take_keys(self) -> dict[str, str]:
        """Return what is to be kept in the outbox since the last call."""
        keys, self._keys = self._keys, {}
        return keys

    def record(self) -> dict[str, object]:
        """Return what the registry says now, as event data."""
        row = self.row
        data: dict[str, object] = {
            name: value for name in _RECORDED if (value := getattr(row, name)) not in ("", None)
        }
        if row.denomination is not None:
            data["denomination"] = str(row.denomination)
        if row.par_percent is not None:
            data["par_percent"] = str(row.par_percent)
        if row.cameras:
            data["cameras"] = list(row.cameras)
        return data

    def _news(
        self,
        before: Mapping[str, object],
        now: Mapping[str, object],
        changed: list[str],
        observed: Moment,
    ) -> list[Fact]:
        asset, facts = self.row.asset, []
        since_ns = self._register.since_ns(asset, observed.wall_ns)
        if "location" in changed:
            data = {name: str(one[key]) for name, one, key in (
                ("location_before", before, "location"), ("location_after", now, "location"),
            )}  # fmt: skip
            facts.append(Fact("egm.moved", asset, data, observed))
        rest: dict[str, object] = {"changed": changed, "before": dict(before), "after": dict(now)}
        if since_ns is not None:
            rest["since"] = datetime.fromtimestamp(since_ns / 1e9, UTC).isoformat()
        facts.append(Fact("egm.recordchanged", asset, rest, observed))
        return [self._warn(fact) for fact in facts]

    def _unregistered(self, asset: str, data: Mapping[str, object], observed: Moment) -> Fact:
        where = {"line": self.place.line, "address": self.place.address}
        return self._warn(Fact("egm.unregistered", asset, {**where, **data}, observed))

    def _nobody(self) -> str:
        return nobody(self.place.line, self.place.address or 0)

    @staticmethod
    def _warn(fact: Fact) -> Fact:
        log.warning("EGM %s: %s", fact.asset, one_line(fact))
        return fact


def nobody(line: str, address: int) -> str:
    """Return the name of a machine that nobody knows, by where it answers: no asset number."""
    return f"{UNREGISTERED}{line}-{address}"[:64]


def is_asset(name: str) -> bool:
    """Return whether ``name`` is an asset number, and not a name for want of one."""
    return not name.startswith((UNREGISTERED, UNIDENTIFIED))
