"""A defect in the work for one EGM is fenced in, kept raw, and tried again ever more rarely."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from edge_config.site import EgmInfo
from gateway.edge.egm import RETRY_FIRST_S, RETRY_MAX_S, EgmWork
from gateway.events.encode import Place
from gateway.events.moment import Moment
from gateway.meaning.engine import EgmEngine, EgmFacts
from gateway.meaning.observation import LinkChange, Observation
from protocols.sas.machine import build_reply
from protocols.sas.polls import long_poll
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import ExceptionReply


class Clock:
    now = 100.0

    def monotonic(self):
        return self.now

    def wall_ns(self):
        return int(self.now * 1e9)


class Recorder:
    """Takes facts, stores nothing."""

    def __init__(self):
        self.facts, self.states = [], []

    def record(self, facts, place, *, states, polls=None, keys=None):
        self.facts += facts
        self.states.append(states)
        event = SimpleNamespace(id="x", sequence=1)
        return SimpleNamespace(events=[event] * len(facts))


@pytest.fixture
def work():
    info = EgmInfo(asset="10101", line="L1", address=1, location="01-01-01")
    facts = EgmFacts(asset="10101", denomination=None, currency="USD", birthid="b1")
    place = Place(site="demo", gateway="edge1", jurisdiction="US-NV", location="01-01-01")
    return EgmWork(info, facts, place, None, Recorder(), Clock(), lambda *_: None)


OPENED = ExceptionReply(1, 0x11, raw=b"\x11")


def opened(clock, reply=OPENED, poll=b"\x81"):
    at = Moment(clock.now, clock.wall_ns())
    return Observation(
        asset="10101", line="L1", address=1, reply=reply, poll=poll, asked=at, observed=at,
        occurred_after=None, possible_repeat=False, trigger=None, caused_by=None,
    )  # fmt: skip


def test_a_defect_keeps_the_frame_and_is_tried_again_ever_more_rarely(work, monkeypatch):
    clock, recorder = work._clock, work._recorder

    def fails(self, item):
        raise KeyError("door")

    with monkeypatch.context() as broken:
        broken.setattr(EgmEngine, "observe", fails)
        pauses = []
        for _ in range(9):
            work.observe([opened(clock)])
            began = clock.now
            assert work.quarantined
            clock.now += RETRY_FIRST_S - 10
            tried = len([fact for fact in recorder.facts if fact.type == "egm.quarantined"])
            while len([f for f in recorder.facts if f.type == "egm.quarantined"]) == tried:
                clock.now += 10
                work.observe([opened(clock)])
            pauses.append(clock.now - began)
    assert pauses[0] == RETRY_FIRST_S
    assert max(pauses) == RETRY_MAX_S
    kept = [fact for fact in recorder.facts if fact.type == "gateway.defect"]
    assert {fact.sas_code for fact in kept} == {0x11}
    assert all(fact.raw for fact in kept)
    clock.now += RETRY_MAX_S
    work.observe([opened(clock)])
    assert work.quarantined is None
    assert recorder.facts[-1].type == "door.opened"
    assert recorder.states[-1]


def test_the_frame_that_a_defect_keeps_shows_no_ticket_number(work, monkeypatch):
    def fails(self, item):
        raise KeyError("ticket")

    monkeypatch.setattr(EgmEngine, "observe", fails)
    poll = long_poll(1, 0x3D)
    frame = build_reply(1, 0x3D, validation_number=98765432, amount_cents=1)
    work.observe([opened(work._clock, ReplyReader(poll).feed(frame), poll)])
    [kept] = [fact.raw for fact in work._recorder.facts if fact.type == "gateway.defect"]
    assert kept.startswith("01 3d ** ** ** ** 00 00 00 00 01")
    assert "98 76 54 32" not in kept


def test_the_state_says_where_the_machine_stands_and_whether_its_engine_works(work, monkeypatch):
    told = []
    work._note = lambda *state: told.append(state)
    work.tell_state(7)
    work.observe([opened(work._clock)])
    (first, last) = told
    assert first[:2] == ("10101", 7)
    assert last[:2] == ("10101", 1)
    assert (first[2]["doors_open"], last[2]["doors_open"]) == ((), ("slot",))
    assert {state["location"] for _, _, state in told} == {"01-01-01"}
    assert not last[2]["quarantined"]
    assert "card" not in last[2], "carded or not, never who"


def test_the_state_says_how_the_machine_is_since_when_and_where_it_is_wired(work):
    told, clock = [], work._clock
    work._note = lambda _asset, _sequence, state: told.append(state)
    for second, after, reason in ((10, "up", "it answers"), (20, "down", "no answer")):
        clock.now = second
        at = Moment(clock.now, clock.wall_ns())
        work.observe([LinkChange("10101", "unknown", after, reason, at, {})])
    states = [(one["state"], one["since"][17:19], one["link_reason"]) for one in told]
    assert states == [("idle", "10", ""), ("link down", "20", "no answer")]
    assert work.link_reason == "no answer"
    work.tell_state(9)
    assert told[-1]["since"] == told[-2]["since"], "it is down since then, not since now"
