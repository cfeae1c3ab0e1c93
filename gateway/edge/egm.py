"""The work for one EGM, fenced in: a defect in it stops nobody else (P9)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from operator import attrgetter

from pydantic import JsonValue

from edge_config.site import EgmInfo
from gateway.edge.clock import Clock, moment
from gateway.edge.recorder import Recorded, Recorder
from gateway.edge.standing import Standing
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

WHO = 0x54  # command that reads SAS version and serial number

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
    ) -> None:
        self._note = note
        self._standing = standing
        self.info = info
        self.place = place
        self.quarantined: str | None = None
        self._recorder = recorder
        self._clock = clock
        self._facts = facts
        self._sound = state  # the engine's state before it failed
        self._retry_at = 0.0
        self._retry_s = RETRY_FIRST_S
        self._link, self.link_reason = "unknown", ""
        self._word: EgmWord | None = None
        self._since = ""
        self.engine = EgmEngine(facts, state)

    def observe(
        self,
        seen: list[Seen],
        *,
        polls: Mapping[str, int] | None = None,
        keys: Mapping[str, str] | None = None,
    ) -> Done:
        """Turn what was seen into facts and queue them; never raises for one EGM's defect."""
        self._try_again()
        facts: list[Fact] = self._follow_register(seen)
        wished: list[tuple[ReadWish, int]] = []
        for item in seen:
            if isinstance(item, LinkChange):
                self._link, self.link_reason = item.after, item.reason[:160]
            if self.quarantined is not None:
                facts.extend(self._kept_raw(item, self.quarantined))
                continue
            try:
                result = self.engine.observe(item)
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
            wished.extend((wish, len(facts)) for wish in result.wishes)
            facts.extend(_caused(item, self._told_of(result.facts)))
            facts.extend(self._who_answers(item))
        if not facts:
            return Done(None, tuple((wish, None) for wish, _ in wished))
        states = {}
        if self.quarantined is None:
            states[self.info.asset] = self._sound = self.engine.state()
        if self._standing is not None:
            keys = {**(keys or {}), **self._standing.take_keys()}
        recorded = self._recorder.record(facts, self.place, states=states, polls=polls, keys=keys)
        self.tell_state(recorded.events[-1].sequence)
        return Done(
            recorded,
            tuple(
                (wish, recorded.events[first].id if first < len(recorded.events) else None)
                for wish, first in wished
            ),
        )

    def tell_state(self, sequence: int) -> None:
        """Note the EGM's state for the bucket, as it is after the event ``sequence``."""
        seen = self.engine.view()
        view = dict(zip(_VIEWED, _viewed(seen), strict=True))
        stranger = self._standing is not None and bool(self._standing.answers)
        view["quarantined"] = self.quarantined is not None or stranger
        word = word_of(seen, self._link, quarantined=self.quarantined is not None)
        if word is not self._word:
            self._word, self._since = word, time_text(moment(self._clock).wall_ns)
        place = self.place
        stands = {"location": place.location, "bank": place.bank, "zone": place.zone,
                  "line": place.line, "address": place.address}  # fmt: skip
        now = {"state": str(word), "since": self._since, "link": self._link,
               "link_reason": self.link_reason}  # fmt: skip
        self._note(self.info.asset, sequence, view | stands | now)

    def _follow_register(self, seen: list[Seen]) -> list[Fact]:
        """Take what the registry says of the EGM at the moment of what was seen."""
        if self._standing is None or not seen:
            return []
        last = seen[-1]
        news = self._standing.follow(last.ended if isinstance(last, GapSeen) else last.observed)
        row = self._standing.row
        if row is not self.info:
            self.info, self.place = row, self._standing.place
            self._facts = replace(
                self._facts, denomination=row.denomination, par_percent=row.par_percent,
                meter_digits=row.meter_digits,
            )  # fmt: skip
            self.engine.known_as(self._facts)
        return news

    def _told_of(self, facts: tuple[Fact, ...]) -> list[Fact]:
        standing = self._standing
        return list(facts) if standing is None else [standing.told_of(fact) for fact in facts]

    def _who_answers(self, item: Seen) -> list[Fact]:
        """Hold a serial number that was read to the registry."""
        if self._standing is None:
            return []
        if isinstance(item, LinkChange) and item.after == "up" and item.before != "degraded":
            return self._standing.came_up(item.observed)
        if isinstance(item, Observation) and isinstance(item.reply, LongPollReply):
            serial = item.reply.values.get("serial")
            if item.reply.command == WHO and isinstance(serial, str) and serial.strip():
                return self._standing.identified(serial.strip(), item.observed)
        return []

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


def _caused(item: Seen, facts: list[Fact]) -> list[Fact]:
    """Name the message that led to what was said; facts that have another cause keep it."""
    if not isinstance(item, Said) or item.message is None:
        return facts
    return [
        replace(fact, caused_by=item.message) if fact.caused_by is None else fact for fact in facts
    ]
