"""The engine of one EGM: what is seen goes in, facts and wishes come out.

It knows no clock, no port and no loop. Every exception becomes exactly one fact with its code,
in the order in which they were seen; what follows from it comes after it, without a code, and
names it as its cause. What it remembers is JSON and belongs into the same transaction as the
facts.
"""

from __future__ import annotations

from typing import Final

from pydantic import ValidationError

from gateway.events.fact import Fact
from gateway.events.moment import Moment
from gateway.events.text import one_line
from gateway.meaning import (
    cabinet,
    coverage,
    doors,
    handpay_meters,
    handpays,
    identity,
    link,
    machine_clock,
    play,
    readings,
    sessions,
    tilts,
    tracks,
)
from gateway.meaning.egm import EgmFacts
from gateway.meaning.exceptions import LINK_DOWN, MEANT
from gateway.meaning.handlers import (
    ANSWERS,
    EVIDENCE,
    HANDLERS,
    RESET_HANDPAY,
    SAID,
    as_it_is,
)
from gateway.meaning.handpay import Handpays
from gateway.meaning.observation import (
    CardSeen,
    Commanded,
    GapSeen,
    LinkChange,
    Observation,
    Said,
    Seen,
    Unsupported,
)
from gateway.meaning.result import NOTHING, ReadWish, Result
from gateway.meaning.since import Since
from gateway.meaning.state import EgmState
from gateway.meaning.telling import Telling
from gateway.meaning.view import EgmView
from protocols.sas.replies import ExceptionReply, LongPollReply, SignatureReply

FEATURES: Final = 0xA0
"""Command of the poll for what the machine can do."""

__all__ = ["EgmEngine", "EgmFacts", "EgmView", "ReadWish", "Result"]


class EgmEngine:
    """Turns what is seen of one EGM into facts.

    Args:
        egm: what the site file says of it.
        state: what ``state()`` gave before, or None for a new EGM. A state that cannot be read
            is set aside: the first observation then also tells a ``link.gap`` with the cause
            ``state_lost``.
    """

    def __init__(self, egm: EgmFacts, state: bytes | None = None) -> None:
        self._egm = egm
        self._lost = False
        self._last: Fact | None = None
        self._last_text: str | None = None  # of the last fact, once somebody wanted it
        self._state = EgmState()
        if state is not None:
            try:
                self._state = EgmState.model_validate_json(state)
            except ValidationError:
                self._lost = True

    def observe(self, seen: Seen) -> Result:
        """Take what was seen; return what it means.

        Observations must come in the order in which they were seen.
        """
        if isinstance(seen, Observation):
            telling = self._answer(seen)
        else:
            telling = Telling(self._egm, _moment(seen))
            if isinstance(seen, LinkChange):
                self._link(seen, telling)
            elif isinstance(seen, GapSeen):
                link.gap_seen(self._state.meters, self._state.names, seen, telling)
                self._doubt()
            elif isinstance(seen, Unsupported):
                coverage.unsupported(self._state.coverage, seen.commands)
            elif isinstance(seen, CardSeen):
                self._card(seen, telling)
            elif isinstance(seen, Commanded):
                self._commanded(seen, telling)
            else:
                SAID[seen.what](self._state, seen, telling)
        if telling is None:
            return NOTHING
        self._overdue(telling)
        coverage.changed(self._state.coverage, telling)
        if self._lost:
            link.state_lost(self._state.meters, self._state.names, telling)
            self._lost = False
        if telling.last is not None:
            self._last, self._last_text = telling.last, None
        return telling.result()

    def known_as(self, egm: EgmFacts) -> None:
        """Take what the site's registry says of the EGM from now on."""
        self._egm = egm

    def arrived(self, observed: Moment) -> None:
        """The machine that is remembered answers at another place, and its link is up.

        Its meters go on from where they were; what may have happened on the way is not known, and
        a card that was in stayed behind. It is told as born again once it was read.
        """
        state, telling = self._state, Telling(self._egm, observed)
        known = state.known
        known.linked, known.born_in = telling.kept(), None
        known.asked.clear()
        state.sessions = sessions.Sessions(told=state.sessions.told)
        self._doubt()

    def departed(self) -> bytes:
        """The machine was found elsewhere: return what is remembered of it, and forget it here.

        Only who it was stays, so that another one in its place is told.
        """
        state, known = self.state(), self._state.known
        self._state = EgmState(
            known=identity.Known(fields=dict(known.fields), linked=known.linked),
            names=self._state.names,
        )
        self._last, self._last_text = None, None
        return state

    def state(self) -> bytes:
        """Return what is remembered, as JSON; an engine made from it goes on the same way."""
        self._state.last_text = self._text()
        return self._state.__pydantic_serializer__.to_json(self._state, exclude_none=True)

    @property
    def born(self) -> bool:
        """Whether the machine was told as known in this start of the gateway."""
        return self._state.known.born_in == self._egm.birthid

    def view(self) -> EgmView:
        """Return the EGM as it is now, for people."""
        state = self._state
        coin_in = state.meters.latest("coin_in")
        worth = state.known.denomination
        if worth is None and self._egm.denomination is not None:
            worth = str(self._egm.denomination)
        return EgmView(
            doors_open=state.doors.open_names(),
            tilts=state.tilts.words(),
            handpay=state.handpays.words(self._egm.currency),
            carded=bool(state.sessions.inside),
            credits=state.play.credits,
            coin_in=None if coin_in is None else coin_in.count,
            games_played=state.play.games,
            denomination=worth,
            lamp=state.cabinet.lamp.state == "on",
            in_play=state.play.in_game or state.play.moving,
            out_of_service=state.cabinet.service.state == "out",
            last_event_text=self._text(),
        )

    def _text(self) -> str | None:
        if self._last is None:
            return self._state.last_text
        if self._last_text is None:
            self._last_text = one_line(self._last)
        return self._last_text

    def _answer(self, seen: Observation) -> Telling | None:
        reply = seen.reply
        if isinstance(reply, ExceptionReply):
            telling = Telling(self._egm, seen.observed, seen, reply.code)
            self._exception(reply, telling)
            return telling
        telling = Telling(self._egm, seen.observed, seen)
        if isinstance(reply, LongPollReply):
            self._long_poll(reply, telling)
        elif isinstance(reply, SignatureReply):
            data = {"what": "romsignature", "signature": f"{reply.signature:04x}"}
            telling.main("integrity.authenticated", data)
        return telling

    def _exception(self, reply: ExceptionReply, telling: Telling) -> None:
        meant = MEANT[reply.code]
        if not meant.event:
            return
        state = self._state
        HANDLERS.get(meant.event, as_it_is)(state, meant, reply.data, telling)
        telling.wish(meant.wishes)
        if meant.event in handpay_meters.MUDDIES:
            state.handpays.muddied = True
        coverage.told(state.coverage, meant.event)
        if meant.evidence:
            tracks.heard(state.meters, meant.evidence)
        if meant.event in EVIDENCE:
            tilts.evidence(state.tilts, EVIDENCE[meant.event], telling)

    def _long_poll(self, reply: LongPollReply, telling: Telling) -> None:
        state = self._state
        if reply.meters:
            self._meters(reply, telling)
        elif reply.command in ANSWERS:
            ANSWERS[reply.command](state, reply.values, telling)
        elif reply.command in identity.POLLS:
            before = state.known.denomination
            if identity.read(state.known, reply.command, reply.values, telling):
                self._another_machine()
            elif reply.command == identity.GAME:
                readings.priced(state, before, telling)
            if reply.command == FEATURES:
                coverage.features_read(state.coverage, str(state.known.fields["features"]))
        if reply.denomination is None:
            self._born(telling)

    def _meters(self, reply: LongPollReply, telling: Telling) -> None:
        state, seen = self._state, telling.seen
        assert seen is not None
        trigger = seen.trigger or "cadence"
        worth = state.known.worth(telling)
        if reply.denomination is not None or reply.meters[0].game:
            readings.taken(state, reply, {}, trigger, worth, telling)
            return
        machine = {one.name: one for one in reply.meters}
        readings.taken(state, reply, machine, trigger, worth, telling)
        breaks = (state.meters.epoch, state.meters.breaks)
        coverage.meters_read(state.coverage, machine, breaks)
        played, credits_now = machine.get("games_played"), machine.get("current_credits")
        play.counted(
            state.play, played and played.value, credits_now and credits_now.value, telling
        )
        if played is not None:
            asked = Since.of(seen.asked, self._egm.birthid)
            tilts.games_read(state.tilts, played.value, asked, telling)
            handpays.games_read(state.handpays, played.value, asked, telling)
            cabinet.games_read(state.cabinet, played.value, asked, telling)
        handpay_meters.read(state.handpays, state.meters, machine, worth, telling)
        sessions.meters_read(state.sessions, state.meters, machine, worth, telling)

    def _link(self, change: LinkChange, telling: Telling) -> None:
        link.changed(change, telling)
        known = self._state.known
        if change.after == "down":
            tracks.heard(self._state.meters, LINK_DOWN)
            known.linked = None
            play.interrupted(self._state.play)
        elif change.after != "unknown" and change.before in ("unknown", "down"):
            known.linked = telling.kept()
            known.asked.clear()
            coverage.doubt(self._state.coverage)
            self._state.handpays.doubt()

    def _commanded(self, seen: Commanded, telling: Telling) -> None:
        data = {"command": f"{seen.command:02X}", "words": seen.words[:80]}
        telling.main("host.commanded", data)
        if seen.command == RESET_HANDPAY:
            self._state.handpays.remote_at = telling.kept()

    def _card(self, seen: CardSeen, telling: Telling) -> None:
        state = self._state
        sessions.card_seen(state.sessions, state.meters, state.names, seen, telling)

    def _born(self, telling: Telling) -> None:
        """Tell the machine once its identity and its meters were read."""
        state = self._state
        linked = state.known.linked
        if linked is None or not identity.may_be_born(state.known, telling):
            return
        coin_in = state.meters.latest("coin_in")
        if coin_in is None:
            return
        read_now = coin_in.at.birthid == self._egm.birthid
        if not read_now or not linked.is_before(coin_in.at.moment(), coin_in.at.birthid):
            return
        state.known.born_in = self._egm.birthid
        data = {
            "identity": state.known.told(telling),
            "coverage": state.coverage.all(),
            "meters": state.meters.machine(),
            "epoch": state.meters.epoch,
        }  # fmt: skip
        telling.follow("egm.born", data)
        state.coverage.told = state.coverage.all()

    def _another_machine(self) -> None:
        """Forget what was known of the machine that stood here before."""
        state = self._state
        tracks.changed_machine(state.meters)
        state.doors = doors.Doors()
        state.cabinet = cabinet.Cabinet()
        state.tilts = tilts.Tilts()
        state.handpays = Handpays()
        state.play = play.Play()
        state.coverage = coverage.Coverage()
        state.clock = machine_clock.MachineClock()
        state.bases.clear()

    def _doubt(self) -> None:
        """Something may have been missed: what was only not denied is no longer known."""
        self._state.doors.doubt()
        coverage.doubt(self._state.coverage)
        self._state.handpays.doubt()
        play.interrupted(self._state.play)

    def _overdue(self, telling: Telling) -> None:
        state = self._state
        if state.known.linked is not None:
            machine_clock.due(state.clock, telling)
        if state.doors.doors:
            doors.overdue(state.doors, telling)
        if state.sessions.current is not None:
            sessions.overdue(state.sessions, state.play.last, telling)


def _moment(seen: LinkChange | GapSeen | CardSeen | Said | Commanded | Unsupported) -> Moment:
    return seen.ended if isinstance(seen, GapSeen) else seen.observed
