"""Meter transitions with their one right name, and the doubtful ones that have none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.meaning.exceptions import BILL_RESET, LOGIC_DOOR, SOFT_RESET
from gateway.meaning.judge import Step, judge

TOP = 10**8
POWER = "power applied"


def step(name, before, after, unit="credits", elapsed_s=60.0, digits=8):
    return Step(name, before, after, digits, unit, elapsed_s)


def kinds(steps, *heard):
    return [verdict.kind for verdict in judge(steps, heard)]


GROWN = step("coin_out", 5_000_000, 5_000_900)
ROLLS = step("coin_in", TOP - 100, 150)
GAMES = step("games_played", 40_000, 40_010, "count")


def test_meters_that_grow_are_no_news():
    assert kinds([GROWN, GAMES], POWER, SOFT_RESET) == []


@pytest.mark.parametrize(
    ("story", "steps", "heard", "verdicts"),
    [
        ("one goes over its top", [ROLLS, GROWN, GAMES], [], ["rolledover"]),
        ("one goes over its top, alone in its answer", [ROLLS], [], ["rolledover"]),
        ("power was lost too, but others went on", [ROLLS, GROWN], [POWER], ["rolledover"]),
        ("two go over together", [ROLLS, step("jackpot", TOP - 9, 9), GROWN], [],
         ["rolledover", "rolledover"]),
        ("alone, and power was lost", [ROLLS], [POWER], ["undecided"]),
        ("over its top, but bill totals were reset", [ROLLS, GROWN], [BILL_RESET], ["undecided"]),
        ("all fall to zero", [step("coin_in", 900_000, 0), step("games_played", 900, 0, "count")],
         [], ["cleared"]),
        ("all fall, some play since", [step("coin_in", 9_000_000, 400),
         step("coin_out", 8_000_000, 350), step("games_played", 900, 8, "count")],
         [LOGIC_DOOR], ["cleared"]),
        ("all fall, one was near its top", [ROLLS, step("coin_out", 8_000_000, 0),
         step("games_played", 900, 0, "count")], [], ["cleared"]),
        ("all fall with a soft reset", [step("coin_in", 9_000_000, 0),
         step("games_played", 900, 0, "count")], [SOFT_RESET], ["cleared"]),
        ("one alone falls to zero after the logic door", [step("coin_in", 9_000_000, 0)],
         [LOGIC_DOOR], ["cleared"]),
        ("one alone falls to zero, nothing was heard", [step("coin_in", 9_000_000, 0)], [],
         ["undecided"]),
        ("bills are zeroed, the rest goes on", [step("bills_20", 900, 0, "count"), GROWN],
         [BILL_RESET], ["zeroed"]),
        ("one is zero, the rest goes on", [step("jackpot", 900_000, 0), GROWN], [], ["zeroed"]),
        ("one goes back a little", [step("coin_in", 9_000_000, 8_999_000), GROWN], [],
         ["regressed"]),
        ("one goes back a little, alone", [step("coin_in", 9_000_000, 8_999_000)], [POWER],
         ["regressed"]),
        ("a small one goes back, the rest goes on", [step("coin_in", 900, 400), GROWN], [],
         ["regressed"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_why_meters_fell(story, steps, heard, verdicts):
    assert kinds(steps, *heard) == verdicts


def test_a_verdict_says_what_it_rests_on():
    (verdict,) = judge([ROLLS, GROWN], [POWER])
    assert verdict.evidence == ("1 of 2 meters fell", "others went on", POWER, "near its top")
    assert verdict.step.increase == 250


def test_a_meter_that_stood_at_nothing_says_nothing_against_a_clear():
    steps = [step("coin_in", 9_000_000, 0), step("coin_out", 8_000_000, 0), step("jackpot", 0, 0)]
    assert kinds(steps) == ["cleared"]


steps = st.builds(
    step,
    st.uuids().map(str),
    st.integers(0, TOP - 1),
    st.integers(0, TOP - 1),
    st.sampled_from(["credits", "cents", "count", "currency"]),
    st.floats(0, 10**6),
)


@given(st.lists(steps, max_size=6), st.lists(st.sampled_from([POWER, SOFT_RESET, LOGIC_DOOR])))
def test_every_meter_that_falls_gets_one_verdict_and_no_other_does(some, heard):
    verdicts = judge(some, heard)
    if [verdict.kind for verdict in verdicts] == ["cleared"]:
        assert any(one.fell for one in some)
    else:
        assert [verdict.step for verdict in verdicts] == [one for one in some if one.fell]


@given(st.integers(0, 25_000), st.floats(0, 10**7))
def test_no_meter_that_went_back_a_little_is_ever_called_rolled_over(back, elapsed_s):
    fallen = step("coin_in", 50_000_000, 50_000_000 - 1 - back, elapsed_s=elapsed_s)
    assert kinds([fallen, GROWN]) == ["regressed"]
