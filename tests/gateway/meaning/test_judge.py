"""Meter transitions with their one right name, and the doubtful ones that have none."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.meaning.exceptions import BILL_RESET, GAP, LOGIC_DOOR, MEMORY_RESET, SOFT_RESET
from gateway.meaning.judge import Step, judge

TOP = 10**8
POWER = "power applied"


def step(name, before, after, unit="credits", elapsed_s=60.0, digits=8, worth=None):
    return Step(name, before, after, digits, unit, elapsed_s, worth)


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
        ("over its top, and soft meters were reset",
         [step("coin_out", TOP - 230_000, 150), GROWN], [SOFT_RESET], ["undecided"]),
        ("over its very top, and soft meters were reset", [ROLLS, GROWN], [SOFT_RESET],
         ["rolledover"]),
        ("over its top; bill totals were reset, which it is none of", [ROLLS, GROWN], [BILL_RESET],
         ["rolledover"]),
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
        ("a small one goes back or began anew, and events may be missing",
         [step("coin_in", 900, 400), GROWN], [GAP], ["undecided"]),
        ("a narrow jackpot is set to zero, as the machine says",
         [step("jackpot", 7_600, 0, digits=4, worth=Decimal(5)),
          step("coin_in", 5_000, 5_001, digits=4, worth=Decimal(5))], [SOFT_RESET], ["zeroed"]),
        ("two narrow ones go over, three others are little higher",
         [step("coin_in", 9_900, 90, digits=4, worth=Decimal(25), elapsed_s=4000.0),
          step("games_played", 9_950, 45, "count", digits=4, elapsed_s=4000.0),
          step("coin_out", 1_000, 1_090, digits=4, worth=Decimal(25), elapsed_s=4000.0),
          step("total_drop", 1_000, 1_090, digits=4, worth=Decimal(25), elapsed_s=4000.0),
          step("jackpot", 1_000, 1_090, digits=4, worth=Decimal(25), elapsed_s=4000.0)], [],
         ["rolledover", "rolledover"]),
        ("all fall after a power cut", [step("coin_in", 900_000, 0),
         step("coin_out", 800_000, 0), step("games_played", 900, 0, "count")], [POWER],
         ["cleared"]),
        ("a young machine: one falls, the rest says nothing",
         [step("coin_in", 900, 950), step("coin_out", 700, 30), step("jackpot", 0, 0),
          step("games_played", 20, 21, "count")], [], ["undecided"]),
        ("all fell but one that had just gone over its top", [step("coin_in", 9_000_000, 0),
         step("games_played", 90_000, 0, "count"), step("total_drop", 200, 4_000)], [],
         ["cleared"]),
        ("a young machine is cleared, and its first bill is the one it had",
         [step("coin_in", 4_500, 200), step("games_played", 40, 2, "count"),
          step("total_drop", 2_000, 2_000), step("cancelled_credits", 1_960, 1_960)], [],
         ["undecided", "undecided"]),
        ("it goes nearly all round in hours, or goes back",
         [step("coin_in", 998_140, 903_078, digits=6, elapsed_s=1_900.0), GROWN], [],
         ["undecided"]),
        ("play goes over its tops just when others are set to zero",
         [step("coin_in", 99_904, 429, digits=5), step("games_played", 99_950, 20, "count",
          digits=5), step("coin_out", 5_100, 5_900, digits=5), step("jackpot", 37_000, 0,
          digits=5)], [], ["undecided"] * 3),
        ("a jackpot not far from its top is set to zero, or goes over to just there",
         [step("jackpot", TOP - 400_000, 0), GROWN], [], ["undecided"]),
        ("a meter at its very top is set to zero with another one",
         [step("total_drop", TOP - 100, 0), step("jackpot", 900_000, 0), GROWN], [],
         ["undecided", "zeroed"]),
        ("games go over their top to just zero", [step("games_won", 999_999, 0, "count", digits=6),
         GROWN], [], ["rolledover"]),
        ("a young machine is cleared again", [step("coin_in", 900, 950),
         step("coin_out", 700, 30), step("games_played", 20, 21, "count")], [MEMORY_RESET],
         ["cleared"]),
        ("some of a young machine's are zero, or all began anew", [step("coin_in", 900, 950),
         step("total_drop", 700, 0), step("cancelled_credits", 500, 0),
         step("games_played", 20, 21, "count")], [SOFT_RESET], ["undecided", "undecided"]),
        ("two of a young machine went on from just where they were",
         [step("coin_in", 9_990, 20, digits=4, worth=Decimal(5), elapsed_s=4000.0),
          step("coin_out", 4_000, 4_000, digits=4, worth=Decimal(5), elapsed_s=4000.0),
          step("games_played", 5_000, 5_010, "count", digits=4, elapsed_s=4000.0)],
         [], ["rolledover"]),
        ("all bills are zero after the drop", [step("bills_20", 90, 0, "count"),
         step("bills_5", 70, 0, "count")], [BILL_RESET], ["zeroed", "zeroed"]),
        ("six digits go over where eight are sent", [step("coin_in", 999_950, 40), GROWN], [],
         ["invalid"]),
        ("one rises beyond play", [step("coin_in", 900_000, 9_000_000), GROWN], [], ["invalid"]),
        ("a win by hand may have followed a meter that was set to zero without a word",
         [step("jackpot", 5_833_425, 813_900, digits=10, elapsed_s=70.0), GROWN], [POWER],
         ["undecided"]),
        ("what moves in small steps went back",
         [step("total_drop", 5_833_425, 13_900, digits=10, elapsed_s=70.0), GROWN], [POWER],
         ["regressed"]),
        ("a jackpot is paid", [step("jackpot", 100_000, 1_100_000), GROWN], [], []),
        ("a narrow one may have gone round unseen",
         [step("coin_in", 100, 200, digits=4, elapsed_s=3600.0), GROWN], [], ["undecided"]),
        ("a narrow one cannot have gone round",
         [step("coin_in", 100, 200, digits=4, elapsed_s=60.0, worth=Decimal(5)), GROWN], [], []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_why_meters_fell(story, steps, heard, verdicts):
    assert kinds(steps, *heard) == verdicts


def test_a_verdict_says_what_it_rests_on():
    (verdict,) = judge([ROLLS, GROWN], [POWER])
    assert verdict.evidence == (
        "1 of 2 meters fell", "others went on", POWER,
        "near its top: 250 steps lead over it, and 35000 are possible in 60 s",
    )  # fmt: skip
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
        fallen = [verdict.step for verdict in verdicts if verdict.step.fell]
        assert fallen == [one for one in some if one.fell]
        kinds_of_risen = {one.kind for one in verdicts if not one.step.fell}
        assert kinds_of_risen <= {"invalid", "undecided"}


@given(st.integers(0, 25_000), st.floats(0, 90_000))
def test_no_meter_that_went_back_a_little_is_ever_called_rolled_over(back, elapsed_s):
    fallen = step("coin_in", 50_000_000, 50_000_000 - 1 - back, elapsed_s=elapsed_s)
    assert kinds([fallen, GROWN]) == ["regressed"]
