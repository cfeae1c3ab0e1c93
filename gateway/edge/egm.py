"""The work for one EGM, fenced in: a defect in it stops nobody else (P9)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from operator import attrgetter

from pydantic import JsonValue

from edge_config.site import EgmInfo
from gateway.edge.clock import Clock, moment
from gateway.edge.identifying import WHO, Identifying
from gateway.edge.machines import Machines
from gateway.edge.recorder import Recorded, Recorder
from gateway.edge.standing import Found, Standing, is_asset
from gateway.events.encode import Place, time_text
from gateway.events.fact import Fact
from gateway.events.moment import Moment
from gateway.events.text import one_line
from gateway.meaning.engine import EgmEngine, EgmFacts, EgmView
from gateway.meaning.observation import (
    CardSeen,
    Commanded,
    GapSeen,
    LinkChange,
    Observation,
    Said,
    Unsupported,
)
from gateway.meaning.result import ReadWish
from gateway.status.model import EgmWord
from gateway.status.word import word_of
from protocols.sas.host.steps import SharedAddress
from protocols.sas.replies import LongPollReply
from protocols.sas.secrets import masked

log = logging.getLogger(__name__)

RETRY_FIRST_S = 60.0
RETRY_MAX_S = 3600.0
"""Seconds until an engine in quarantine is tried again: at first; doubled up to the last."""

_VIEWED = tuple(field.name for field in fields(EgmView))
_viewed = attrgetter(*_VIEWED)

Seen = Observation | LinkChange | GapSeen | CardSeen | Said | Commanded | Unsupported
Note = Callable[[str, int, Mapping[str, JsonValue]], None]


@dataclass(frozen=True, slots=True)
class Done:
    """What the work led to.

    Attributes:
        recorded: what was queued for commit, or None if there was nothing to keep.
        wishes: readings that meaning wants, each with the id of the event that made it.
    """

    recorded: Recorded | None
    wishes: tuple[tuple[ReadWish, str | None], ...] = ()


class EgmWork:
    """Engine, place and quarantine of one EGM.

    Args:
        info: the site's row.
        facts: what meaning needs to know of it.
        place: where its events come from.
        state: what the last process stored, or None.
        note: takes the EGM's state as it is after an event, for the state bucket.
        standing: what the registry says of its place; None: always the same.
        machines: the machines of all places: what is remembered of one follows it.
    """

    def __init__(
        self,
        info: EgmInfo,
        facts: EgmFacts,
        place: Place,
        state: bytes | None,
        recorder: Recorder,
        clock: Clock,
        note: Note,
        standing: Standing | None = None,
        machines: Machines | None = None,
    ) -> None:
        self._note = note
        self._standing = standing
        self._machines = machines if machines is not None else Machines()
        self._machines.add(self)
        self.info = info
        self.place = place
        self.quarantined: str | None = None
        self._recorder = recorder
        self._clock = clock
        self._facts = self._facts_of(facts)
        self._sound = state  # the engine's state before it failed
        self._row: EgmInfo | None = None  # the registry's word on the machine, as last taken
        self._identifying = Identifying()
        self._left: Mapping[str, str] = {}  # what another place has to keep, told with our events
        self._retry_at = 0.0
        self._retry_s = RETRY_FIRST_S
        self._link, self.link_reason = "unknown", ""
        self._word: EgmWord | None = None
        self._since = ""
        self.engine = EgmEngine(self._facts, state)

    @property
    def machine(self) -> str:
        """Asset number of the machine that answers at this place, or a name that is none."""
        return self.info.asset if self._standing is None else self._standing.machine

    @property
    def _registered(self) -> bool:
        return self._standing is not None and bool(self._standing.row.serial)

    def vacate(self) -> tuple[bytes, Mapping[str, str]]:
        """Give up the machine, which was found elsewhere; return what is remembered of it.

        Returns:
            Its state, and what is to be kept in the transaction that tells where it is.
        """
        assert self._standing is not None, "only a registry knows machines"
        if self.quarantined is None:
            state = self.engine.departed()
        else:
            state, self.quarantined = self._sound or b"{}", None
            self.engine = EgmEngine(self._facts)
        self._standing.vacated()
        self._sound = None
        self._facts = self._facts_of(self._facts)
        self.engine.known_as(self._facts)
        return state, self._standing.take_keys()

    def observe(
        self,
        seen: list[Seen],
        *,
        polls: Mapping[str, int] | None = None,
        keys: Mapping[str, str] | None = None,
    ) -> Done:
        """Turn what was seen into facts and queue them; never raises for one EGM's defect.

        What was put by and can wait no longer comes first, also where nothing was seen.
        """
        self._try_again()
        seen = [*self._identifying.overdue(moment(self._clock)), *seen]
        facts: list[Fact] = self._follow_register(seen)
        wished: list[tuple[ReadWish, int]] = []
        states: dict[str, bytes] = {}
        for item in seen:
            if isinstance(item, LinkChange):
                self._link = item.after
                self.link_reason = "" if item.after == "up" else item.reason[:160]
            if self.quarantined is not None:
                facts.extend(self._kept_raw(item, self.quarantined))
                continue
            try:
                told, wishes = self._judge(item, states)
            except Exception as error:  # the supervisor of one EGM's work
                log.exception(
                    "defect: the engine of EGM %s failed; it is quarantined", self.info.asset
                )
                self.quarantined = f"{type(error).__name__}: {error}"[:300]
                self._retry_at = self._clock.monotonic() + self._retry_s
                self._retry_s = min(2 * self._retry_s, RETRY_MAX_S)
                facts.extend(self._kept_raw(item, self.quarantined))
                facts.append(self._quarantine(item))
                continue
            wished.extend((wish, len(facts)) for wish in wishes)
            facts.extend(told)
        if not facts:
            return Done(None, tuple((wish, None) for wish, _ in wished))
        if self.quarantined is None:
            states[self.machine] = self._sound = self.engine.state()
        if self._standing is not None:
            keys = {**(keys or {}), **self._standing.take_keys(), **self._left}
            self._left = {}
        recorded = self._recorder.record(facts, self.place, states=states, polls=polls, keys=keys)
        self.tell_state(recorded.events[-1].sequence)
        return Done(
            recorded,
            tuple(
                (wish, recorded.events[first].id if first < len(recorded.events) else None)
                for wish, first in wished
            ),
        )

    def _judge(
        self, item: Seen, states: dict[str, bytes]
    ) -> tuple[list[Fact], tuple[ReadWish, ...]]:
        """Return what an item means; of a machine that left, ``states`` gets what is remembered."""
        asks = self.place.linemode == "host"
        if self._identifying.waits(item, registered=self._registered, asks=asks):
            return [], ()
        serial = self._whose(item)
        before = (self.machine, self.engine.state()) if serial else None
        result = self.engine.observe(item)
        told = _caused(item, self._told_of(result.facts)) + self._came_up(item)
        if before is None:
            return told, result.wishes
        facts, wishes = self._identified(item, serial, *before)
        if self.machine != before[0]:
            states[before[0]] = before[1]
        again, held = self._identifying.known()
        late = [fact for one in held for fact in self._told_of(self.engine.observe(one).facts)]
        return told + facts + late, result.wishes + wishes + again

    def tell_state(self, sequence: int) -> None:
        """Note the state of the EGM that answers here, as it is after the event ``sequence``.

        Of whom nobody knows, the EGM of this place is told as quarantined; unless that one was
        found elsewhere.
        """
        asset = self.machine
        stranger = not is_asset(asset)
        if stranger:
            asset = self.info.asset
            if asset in self._machines:
                return
        seen = self.engine.view()
        view = dict(zip(_VIEWED, _viewed(seen), strict=True))
        view["quarantined"] = self.quarantined is not None or stranger
        word = word_of(seen, self._link, quarantined=self.quarantined is not None)
        if word is not self._word:
            self._word, self._since = word, time_text(moment(self._clock).wall_ns)
        place = self.place
        stands = {"location": place.location, "bank": place.bank, "zone": place.zone,
                  "line": place.line, "address": place.address}  # fmt: skip
        now = {"state": str(word), "since": self._since, "link": self._link,
               "link_reason": self.link_reason}  # fmt: skip
        self._note(asset, sequence, view | stands | now)

    def _follow_register(self, seen: list[Seen]) -> list[Fact]:
        """Take what the registry says of the EGM at the moment of what was seen."""
        if self._standing is None or not seen:
            return []
        last = seen[-1]
        at = last.ended if isinstance(last, GapSeen) else last.observed
        news = self._standing.follow(at)
        self.info, self.place = self._standing.row, self._standing.place
        machine = self._standing.row_of_machine(at.wall_ns)
        if machine is not self._row:
            self._row = machine
            self._facts = self._facts_of(self._facts, at.wall_ns)
            self.engine.known_as(self._facts)
        return news

    def _told_of(self, facts: tuple[Fact, ...]) -> list[Fact]:
        standing = self._standing
        if standing is None:
            return list(facts)
        told = [standing.told_of(fact) for fact in facts]
        return [_unconfirmed(fact) for fact in told] if self._identifying.unconfirmed else told

    def _came_up(self, item: Seen) -> list[Fact]:
        """Tell of a machine that answers although the registry has it stored or out."""
        if self._standing is None or not isinstance(item, LinkChange):
            return []
        came = item.after == "up" and item.before != "degraded"
        return self._standing.came_up(item.observed) if came else []

    def _whose(self, item: Seen) -> str:
        """Return the serial number that was read, or nothing."""
        if self._standing is None or not isinstance(item, Observation):
            return ""
        if not isinstance(item.reply, LongPollReply) or item.reply.command != WHO:
            return ""
        serial = item.reply.values.get("serial")
        return serial.strip() if isinstance(serial, str) else ""

    def _identified(
        self, item: Seen, serial: str, before: str, state: bytes
    ) -> tuple[list[Fact], tuple[ReadWish, ...]]:
        """Hold a serial number that was read to the registry; take along what is remembered."""
        assert self._standing is not None
        assert isinstance(item, Observation)
        facts = self._standing.identified(serial, item.observed)
        if self.machine == before:
            return facts, ()
        taken = self._machines.exchange(self, before, state, self.machine)
        self._left = {**self._left, **taken.keys}
        self._facts = self._facts_of(self._facts, item.observed.wall_ns)
        self._sound = taken.state
        self.engine = EgmEngine(self._facts, taken.state)
        self.engine.arrived(item.observed)
        result = self.engine.observe(item)
        found = Found(serial, taken.state is not None, taken.stood, self._identifying.since)
        return [*self._standing.moved(facts, found, item.observed), *result.facts], result.wishes

    def _facts_of(self, facts: EgmFacts, wall_ns: int | None = None) -> EgmFacts:
        """Return what meaning needs to know of the machine that answers here."""
        if self._standing is None:
            return facts
        now_ns = self._clock.wall_ns() if wall_ns is None else wall_ns
        row = self._standing.row_of_machine(now_ns)
        if self._machines.rules_of is not None:  # a guest is paid where the machine stands
            rules = self._machines.rules_of(self._standing.place.jurisdiction)
            facts = replace(facts, rules=rules)
        if row is None:  # nobody knows it: its denomination is not guessed
            return replace(facts, asset=self.machine, denomination=None, par_percent=None,
                           meter_digits=None)  # fmt: skip
        return replace(
            facts, asset=self.machine, denomination=row.denomination, par_percent=row.par_percent,
            meter_digits=row.meter_digits,
        )  # fmt: skip

    def tell_shared(self, shared: SharedAddress, observed: Moment) -> None:
        """Tell that two EGMs are suspected at this one's address, and from what."""
        data: dict[str, JsonValue] = {
            "line": self.place.line,
            "address": shared.address,
            "evidence": shared.evidence,
            "reason": shared.reason[:240],
            "figures": dict(shared.figures),
            "serials": list(shared.serials),
        }
        fact = Fact("link.addressshared", self.info.asset, data, observed)
        log.warning("EGM %s: %s", self.info.asset, one_line(fact))
        self._recorder.record([fact], self.place)

    def _try_again(self) -> None:
        """End the quarantine when its time is up: go on from the last sound state."""
        if self.quarantined is None or self._clock.monotonic() < self._retry_at:
            return
        log.warning("the engine of EGM %s is tried again", self.info.asset)
        self.quarantined = None
        self.engine = EgmEngine(self._facts, self._sound)

    def _kept_raw(self, item: Seen, reason: str) -> list[Fact]:
        """What an engine in quarantine cannot judge is kept as it came."""
        if isinstance(item, Commanded):
            data = {"command": f"{item.command:02X}", "words": item.words[:80]}
            return [Fact("host.commanded", self.info.asset, data, item.observed)]
        if not isinstance(item, Observation):
            return []
        code = getattr(item.reply, "code", None)
        return [
            Fact(
                type="gateway.defect",
                asset=self.info.asset,
                data={"defect": reason[:160], "where": f"engine of EGM {self.info.asset}"},
                observed=item.observed,
                occurred_after=item.occurred_after,
                possible_repeat=item.possible_repeat,
                sas_code=code,
                raw=masked(item.reply.raw),
            )
        ]

    def _quarantine(self, item: Seen) -> Fact:
        return Fact(
            type="egm.quarantined",
            asset=self.info.asset,
            data={"reason": self.quarantined},
            observed=item.observed if isinstance(item, Observation) else moment(self._clock),
        )


def _unconfirmed(fact: Fact) -> Fact:
    """Say of a reading that the number of the machine it is told of was not read."""
    if fact.type != "meter.read":
        return fact
    return replace(fact, data={**fact.data, "unconfirmed": True})


def _caused(item: Seen, facts: list[Fact]) -> list[Fact]:
    """Name the message that led to what was said; facts that have another cause keep it."""
    if not isinstance(item, Said) or item.message is None:
        return facts
    return [
        replace(fact, caused_by=item.message) if fact.caused_by is None else fact for fact in facts
    ]
