"""The short form of ``run_torture.py``, and the account that it settles."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway.demo.judge import Entry, Fate, judge
from gateway.outbox.crashpoints import POINTS, VARIABLE
from tests.torture.account import FLAG, Excuses, Loss, _told, differences, gaps, marks
from tests.torture.heard_account import Told, settle
from tests.torture.killing import ArmedEnvironment, Points, strikes

HERE = Path(__file__).parent
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def gap(after_s, seen_s, asset="10101", number=1, cause="overflow", gap_s=None):
    return SimpleNamespace(
        id=f"e.b.{number}", name="link.gap", asset=asset, time=at(seen_s), sascode=None,
        occurredafter=None if after_s is None else at(after_s),
        data={"cause": cause, "gap_s": gap_s}, sequence=100, familysequence=100,
        possiblerepeat=False,
    )  # fmt: skip


def loss(when_s, asset="10101", reason="overflow", code="7F"):
    return Loss(asset, at(when_s), reason, code)


@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux", reason="ptys as Linux has them")
def test_a_few_kills_lose_nothing_and_invent_nothing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("t") / "run"
    done = subprocess.run(
        [sys.executable, os.fspath(HERE / "run_torture.py"), "--kills", "6", "--seed", "3",
         "--run-folder", folder],
        capture_output=True, text=True, check=False, timeout=880,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "agreement     floor and stream agree event for event" in done.stdout
    assert "0 unlike a clean run's" in done.stdout


def test_a_gap_covers_what_was_lost_in_it_and_nothing_else():
    told = [gap(10, 20), gap(40, 50, number=2), gap(None, 5, "10102", number=3)]
    found = gaps(told, [loss(15), loss(30), loss(2, "10102"), loss(30, reason=FLAG)])
    assert found.needed == 3
    assert found.missing == (loss(30),)
    assert (found.covering, found.needless) == (2, 1)


def test_a_gap_that_says_how_long_it_was_covers_no_more_than_that():
    told = [gap(None, 50, cause="no_exchange", gap_s=8.0)]
    assert gaps(told, [loss(45)]).missing == ()
    assert gaps(told, [loss(30)]).missing == (loss(30),)


def told(*codes, marked=()):
    return [
        SimpleNamespace(
            id=f"e.b.{number}", name="game.ended", asset="10101", sascode=code, sequence=number,
            familysequence=number, possiblerepeat=number in marked, data={}, time=NOON,
        )
        for number, code in enumerate(codes, start=1)
    ]  # fmt: skip


def ledger(*codes):
    for number, code in enumerate(codes):
        for fate in (Fate.HAPPENED, Fate.HANDED_OVER):
            yield Entry("10101", fate, number, int(code, 16))


def sifted(events, happened, handed_over, found_gap):
    strict = judge(ledger(*happened), map(_told, events))
    excuses = Excuses([*events, found_gap], handed_over)
    return excuses.sift(strict, ledger(*happened)).disagreements, excuses.causes


def test_a_gap_of_noise_excuses_what_was_handed_over_in_it_and_nothing_else():
    noise = gap(10, 20, cause="answer_lost_twice")
    events, happened = told("7E", "11"), ("7E", "7F", "11")
    assert sifted(events, happened, [(1, loss(15))], noise) == ((), {"answer_lost_twice": 1})
    for handed_over, tells in (
        ([(1, loss(30))], noise),  # it was not lost within the gap
        ([(1, loss(15, "10102"))], noise),
        ([(1, loss(15))], gap(10, 20)),  # a queue that was full excuses nothing
    ):
        (missing,), causes = sifted(events, happened, handed_over, tells)
        assert (missing.what, missing.code, causes) == ("missing", 0x7F, {})
    found, _ = sifted(told("7E", "12", "11"), ("7E", "7F", "11"), [(1, loss(15))], noise)
    assert "extra" in {one.what for one in found}


def test_an_excuse_does_not_make_a_marked_repeat_look_invented():
    noise = gap(10, 20, cause="restart_unknown")
    events = told("7E", "7F", "7F", "7E", marked=(3,))
    found, causes = sifted(events, ("17", "7E", "7F", "7E"), [(0, loss(15, code="17"))], noise)
    assert (found, causes) == ((), {"restart_unknown": 1})


def test_marks_beyond_the_repeats_are_needless():
    told = [SimpleNamespace(sascode="7F", possiblerepeat=n < 5) for n in range(9)]
    told.append(SimpleNamespace(sascode=None, possiblerepeat=True))
    assert marks(told, 2).present == 5
    assert marks(told, 2).needless == 3


def test_a_row_on_one_side_only_is_a_difference():
    assert not differences([(1, "a"), (2, "b")], [(2, "b"), (1, "a")])
    assert len(differences([(1, "a"), (1, "a")], [(1, "a"), (3, "c")])) == 2


def test_one_seed_strikes_alike_and_another_does_not():
    def first(seed):
        drawn = strikes(seed)
        return [next(drawn) for _ in range(50)]

    assert any(one.writes_fail for one in first(1))
    assert first(1) == first(1)
    assert first(1) != first(2)


def test_the_gateway_is_armed_anew_at_each_start_and_the_rarest_point_comes_first():
    points = Points(1)
    environment = ArmedEnvironment({"PATH": "/bin"}, points)
    for _ in range(200):
        started = dict(environment)
        assert started["PATH"] == "/bin"
        if VARIABLE in started:
            name, count = started[VARIABLE].split(":")
            assert int(count) > 0
            assert points.died() == name
        else:
            assert not points.died()
    assert set(points.hits) == set(POINTS)
    assert max(points.hits.values()) - min(points.hits.values()) <= 3
    points.disarm()
    assert VARIABLE not in dict(environment)


def test_a_listener_owes_what_was_handed_over_outside_its_gaps_and_nothing_more():
    def settled(told, gaps=(), handed=()):
        heard = [Told(code, at, marked) for code, at, marked in told]
        return settle({"1": heard}, {"1": gaps}, {"1": handed}, late_s=0.1, slack_s=1.0)

    handed = [("11", 10.0, True), ("12", 20.0, True), ("7E", 30.0, True)]
    first, last = ("11", 9.9, False), ("7E", 29.9, False)
    lost = settled([first, last], handed=handed)
    assert (lost.missing, lost.invented) == ([("1", "12", 20.0)], [])
    gone = settled([first, last], [("not_listening", 15.0, 25.0), ("noise", 50.0, 60.0)], handed)
    assert (gone.missing, gone.invented, gone.covered) == ([], [], {"not_listening": 1})
    assert (gone.gaps.total(), gone.covering) == (2, 1)
    false = settled([first, ("12", 19.9, False), ("72", 25.0, False), last], handed=handed)
    assert [one.code for _, one in false.invented] == ["72"]
    twice = settled([first, ("12", 2.0, False), ("12", 19.9, True), last], handed=handed)
    assert (twice.missing, twice.invented, twice.repeats) == ([], [], 1)
    spoiled = settled([first, last], handed=[handed[0], ("12", 20.0, False), handed[2]])
    assert (spoiled.missing, spoiled.invented) == ([], [])
