"""Scenarios on a clock that jumps, against good and bad hosts of slotsim's own."""

from __future__ import annotations

import pytest

from floor_sim.scenarios.library import scenarios
from floor_sim.scenarios.verdict import Verdict
from floor_sim.scenarios.virtual_run import run_scenarios
from tests.floor_sim.scenarios import bad_hosts


def played_by(name, host):
    (played,) = scenarios([name])
    (result,) = run_scenarios([played.without_events()], host_for=lambda line: host(line, 0.0))
    return result


@pytest.mark.parametrize(
    ("name", "host", "says"),
    [
        ("handpay-single", bad_hosts.ForgetsHandpays, "long poll 1B"),
        ("handpay-repeated", bad_hosts.ForgetsHandpays, "exception 51"),
        ("lost-answer", bad_hosts.NeverAsksAgain, "record lost, never"),
        ("chirp-and-sync", bad_hosts.NeverAcknowledges, "to begin"),
        ("stacker-full", bad_hosts.Sleeps, "none lost"),
    ],
)
def test_a_bad_host_does_not_pass(name, host, says):
    good = played_by(name, bad_hosts.PlainHost)
    assert good.verdict is Verdict.PASS
    bad = played_by(name, host)
    assert bad.verdict is not Verdict.PASS
    assert says in " ".join(step.says for step in bad.wrong)


def test_without_a_host_it_is_blocked_and_says_which_machine_nobody_polls():
    result = played_by("door-slot", bad_hosts.Away)
    assert result.verdict is Verdict.BLOCKED
    assert result.wrong[0].why == ("no host had the link of a up within 30 s (polls: 0)",)


def test_without_an_event_stream_what_must_be_seen_there_is_blocked():
    (result,) = run_scenarios(scenarios(["door-slot"]))
    assert result.verdict is Verdict.BLOCKED
    assert {step.why for step in result.wrong} == {("no event stream: name one with --events",)}
    wire = [step.verdict for step in result.steps if step.says.startswith("exception")]
    assert wire == [Verdict.PASS, Verdict.PASS]


def test_the_certified_host_can_be_the_host():
    (played,) = scenarios(["door-slot"])
    (result,) = run_scenarios([played.without_events()], host="certified")
    assert result.verdict is Verdict.PASS


def test_people_can_be_faster_and_the_wire_keeps_its_pace():
    (played,) = scenarios(["handpay-repeated"])
    (usual,) = run_scenarios([played.without_events()])
    (fast,) = run_scenarios([played.without_events()], faster=50.0)
    assert fast.verdict is Verdict.PASS
    assert 32.0 < fast.seconds <= usual.seconds  # 32 s of it are the protocol's
    (doors,) = scenarios(["door-slot"])
    (slow_door,) = run_scenarios([doors.without_events()])
    (fast_door,) = run_scenarios([doors.without_events()], faster=50.0)
    assert fast_door.seconds < slow_door.seconds - 2


def test_one_seed_is_one_run():
    (played,) = scenarios(["saturday-night"])
    first = run_scenarios([played.without_events()], seed=3)
    assert run_scenarios([played.without_events()], seed=3) == first


def test_a_fail_shows_what_passed_on_the_wire():
    result = played_by("handpay-single", bad_hosts.ForgetsHandpays)
    assert result.wire[0].startswith("on the line handpay-single")
    assert any(" 51 " in line and "handpay pending" in line for line in result.wire)
