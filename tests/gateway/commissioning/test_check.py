"""The state of a check holds whatever comes: arbitrary facts, bytes, words and orders."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.commissioning.check import (
    Check,
    advance,
    answer,
    begin,
    go_to,
    hear,
    resumed,
    settle,
)
from gateway.commissioning.ear import Ear
from gateway.commissioning.plans import PLANS
from gateway.commissioning.step import Verdict
from gateway.commissioning.told import (
    FRAMES_MAX,
    TOLD_MAX,
    Chirp,
    Count,
    Event,
    Frame,
    Game,
    Gateway,
    Identity,
    Line,
    Link,
    Raised,
    Reading,
    Tally,
    Word,
)
from protocols.sas.capture import Burst, Speaker
from protocols.sas.cutter import Cutter
from protocols.sas.explain import Conversation
from protocols.sas.polls import general_poll, long_poll
from tests.gateway.commissioning.little_floor import target

START = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
KINDS = [kind for kind, plan in PLANS.items() if plan.steps]
seconds = st.floats(0, 600).map(lambda s: START + timedelta(seconds=s))
text = st.text(max_size=20)
meters = st.sampled_from(["games_played", "coin_in", "total_drop", "ticket_out_credits", "x"])
counts = st.builds(Count, value=st.integers(0, 10**9), digits=st.sampled_from([8, 10, 18]))
facts = st.one_of(
    st.builds(Raised, at=seconds, code=st.sampled_from([0x11, 0x12, 0x20, 0x51, 0x7E, 0x7F, 0xD4])),
    st.builds(Reading, at=seconds, meters=st.dictionaries(meters, counts, max_size=5)),
    st.builds(Identity, at=seconds, serial=st.sampled_from(["", "SIM10101", "SIM10102", "?"])),
    st.builds(Game, at=seconds, denomination=st.sampled_from(["", "0.01", "5"])),
    st.builds(Chirp, at=seconds, address=st.sampled_from([0, 5, 7, 99])),
    st.builds(Link, at=seconds, state=st.sampled_from(["unknown", "up", "degraded", "down"]),
              quality=st.one_of(st.none(), st.floats(0, 1))),
    st.builds(Line, at=seconds, state=st.sampled_from(["polling", "stopped: another host", "x"])),
    st.builds(Gateway, at=seconds, there=st.booleans(), birthid=st.sampled_from(["a", "b", ""])),
    st.builds(Event, at=seconds, type=st.sampled_from(["tilt.raised", "door.opened"]), text=text),
    st.builds(Word, at=seconds, step=st.sampled_from(["play", "place", "x"]), yes=st.booleans()),
)  # fmt: skip
frames = st.builds(
    Frame, at=seconds, who=st.sampled_from(["host", "EGM", "?"]), text=text, means=text
)
tallies = st.builds(Tally, **{
    name: st.integers(0, 50) for name in ("general", "in_row", "long", "long_silent", "silent")
}, ninth_known=st.sampled_from([None, True, False]))  # fmt: skip
acts = st.one_of(
    st.tuples(st.just("hear"), st.lists(facts, max_size=8), st.lists(frames, max_size=6), tallies),
    st.tuples(st.just("go"), st.integers(-3, 30)),
    st.tuples(st.just("say"), st.booleans()),
    st.tuples(st.just("settle"), st.sampled_from([None, *Verdict]), text),
    st.tuples(st.just("advance")),
    st.tuples(st.just("resume")),
)


def done(check, act, now):
    match act:
        case ("hear", told, kept, tally):
            return hear(check, told, kept, tally)
        case ("go", at):
            return go_to(check, at, now)
        case ("say", yes):
            return answer(check, yes=yes, now=now)
        case ("settle", verdict, said):
            return settle(check, now, verdict, said)
        case ("advance",):
            return advance(check, now)
    return resumed(Check.model_validate_json(check.model_dump_json()), now)


@given(st.sampled_from(KINDS), st.lists(acts, max_size=14))
def test_whatever_happens_no_step_passes_that_was_not_found_to(kind, many):
    check, now = begin(kind, target(), "tech17", START), START
    for act in many:
        now += timedelta(seconds=7)
        found = check.finding(now).verdict
        name = check.step.name if check.step else None
        before = check.records.get(name)
        check = done(check, act, now)
        after = check.records.get(name)
        if after is not before and after is not None and after.verdict is Verdict.PASS:
            assert found is Verdict.PASS
        assert 0 <= check.at <= len(check.steps)
        assert len(check.told) <= TOLD_MAX
        assert len(check.frames) <= FRAMES_MAX
        assert check.finding(now).saw
    whole = set(check.records) == {step.name for step in check.steps}
    passes = all(one.verdict is Verdict.PASS for one in check.records.values())
    assert (check.verdict is Verdict.PASS) == (whole and passes)


@given(st.sampled_from(KINDS), st.lists(acts, max_size=8))
def test_a_draft_reads_back_as_it_was_but_for_the_registry_of_others(kind, many):
    check, now = begin(kind, target(), "tech17", START), START
    for act in many:
        now += timedelta(seconds=7)
        check = done(check, act, now)
    again = Check.model_validate_json(check.model_dump_json())
    assert again.target.owners == {}
    owners = {"owners": check.target.owners}
    assert again.model_copy(update={"target": again.target.model_copy(update=owners)}) == check


@given(st.lists(st.tuples(st.sampled_from([
    b"\x80", general_poll(5), long_poll(5, 0x54), long_poll(5, 0x1F), long_poll(5, 0x0F),
    general_poll(7),
]), st.binary(max_size=40), st.booleans()), max_size=20))  # fmt: skip
def test_any_bytes_at_all_are_heard_without_an_error_and_within_bounds(exchanges):
    ear, cutter, talk = Ear(5), Cutter(), Conversation(captured=True)
    at_us = 0
    for poll, said, bit in exchanges:
        at_us += 200_000
        bursts = [Burst(at_us, Speaker.HOST, poll, (True, *[False] * (len(poll) - 1)))]
        if said:
            bursts.append(Burst(at_us + 5_000, Speaker.EGM, said, (bit,) * len(said)))
        for message in [one for burst in bursts for one in cutter.feed(burst)]:
            when = START + timedelta(microseconds=message.at_us)
            ear.hear(talk.hear(message), when, ninth_known=True)
    tally = ear.tally
    assert tally.in_row <= tally.general + tally.long
    assert tally.long_silent <= tally.silent
    check = hear(begin("commission", target(), "x", START), *ear.take(), ear.tally)
    assert len(check.frames) <= FRAMES_MAX
    assert ear.take() == ([], [])


def test_the_technician_can_fail_a_step_or_leave_it_but_cannot_pass_it():
    check = begin("commission", target(), "tech17", START)
    assert settle(check, START, Verdict.PASS).records["port"].verdict is Verdict.NOT_DONE
    failed = settle(check, START, Verdict.FAIL, "  a\nbroken   plug ")
    assert (failed.records["port"].verdict, failed.records["port"].said) == (
        Verdict.FAIL, "a broken plug",
    )  # fmt: skip
    assert failed.verdict is Verdict.FAIL
    assert failed.step.name == "address"


def test_a_step_that_is_done_again_takes_the_place_of_the_first_try():
    check = settle(begin("comms", target(), "tech17", START), START, Verdict.FAIL)
    check = go_to(check, 0, START)
    check = hear(check, [Line(at=START, state="polling", port="lines/L1")])
    assert advance(check, START + timedelta(seconds=1)) == check  # long enough to be read
    check = advance(check, START + timedelta(seconds=2))
    assert check.records["port"].verdict is Verdict.PASS
    assert check.step.name == "address"


def test_a_check_that_was_broken_off_begins_its_step_anew_but_an_absence_goes_on():
    check = begin("commission", target(), "tech17", START)
    later = START + timedelta(hours=2)
    again = resumed(check, later)
    assert (again.began, again.breaks) == (later, ((START, later),))
    absence = go_to(begin("absence", target(), "tech17", START), 1, START)
    assert resumed(absence, later).began == START


@pytest.mark.parametrize("text", ["", "{}", '{"kind": "meters"}', "[" * 5_000])
def test_a_draft_that_is_none_is_refused_as_such(text):
    with pytest.raises(ValidationError):
        Check.model_validate_json(text)
