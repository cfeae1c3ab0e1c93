"""Draw thousands of stretches of meters, and hold the engine's verdicts to what was done.

    .venv/bin/python tests/transitions/run_transitions.py --events 2000

Machines of the simulator with meters of 4 to 10 digits are played, cleared, given another
denomination, set to zero, put back, made to lie and to send other sizes, with and without a power
cut on top; they are read at the gateway's pace, late, or after hours, with the gateway started
anew and its wall clock set in between. Two ranges of seeds: ``built`` was used while the rules were
written, ``held out`` was not (all below it were; whoever changes a rule because of a seed of it
moves it on). Printed is a confusion matrix for each; exit status 1 if any verdict
is wrong, any running total differs from the steps that were counted, a reset without a logic door
has no alert, or more than 2 % are undecided.
"""

from __future__ import annotations

import argparse
import random
import sys
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.transitions.life import Done, Life
from tests.transitions.score import RIGHT, VERDICTS, Score
from tests.transitions.verdicts import Watcher

FIRST_SEED = {"built": 1, "held out": 13_000_001}
ROUNDS = 14
UNDECIDED_MOST = 0.02


def live(seed: int, score: Score) -> None:
    """Let one machine live through some rounds of readings."""
    life = Life(seed)
    chance = random.Random(f"rounds {seed}")
    watcher = Watcher(life, seed, score)
    rounds, cleared = ROUNDS, False
    for number in range(ROUNDS):
        if number >= rounds:
            break
        life.done = Done()
        late = _pass_time(life, watcher, chance)
        act = chance.choices(
            ("nothing", "clear", "denominate", "zero", "back", "jump", "widen"),
            (78, 6, 2, 4, 6, 3, 1),
        )[0]  # fmt: skip
        if cleared and act in {"zero", "back"}:
            act = "nothing"  # nobody tampers with a machine that counts from zero anyhow
        _act(life, chance, act, late=late)
        if life.done.cleared:
            cleared, rounds = (
                True,
                min(rounds, number + 3),
            )  # most machines were not cleared this morning
        whats = ["meters"] + ["few bills"] * (number % 2) + ["full"] * (number % 3 == 0)
        watcher.round(*whats, late=late, heard_first=chance.random() < 0.7)
        life.settle()


def _pass_time(life: Life, watcher: Watcher, chance: random.Random) -> bool:
    """Let guests play until the next round; say whether readings, or the time, were missed."""
    kind = chance.choices(("at once", "at its pace", "missed", "outage"), (15, 70, 13, 2))[0]
    spans = {"at once": (0.5, 5), "at its pace": (55, 65), "missed": (120, 1_800),
             "outage": (3_600, 10_800)}  # fmt: skip
    elapsed_s = chance.uniform(*spans[kind])
    life.now += elapsed_s
    if kind == "outage" and chance.random() < 0.5:
        watcher.link("up", "down")
        watcher.link("down", "up")
    stepped_s = 0
    if chance.random() < 0.02:
        stepped_s = chance.choice((*([0] * 8), -3_600, 3_600, -86_400 * 3_650, 86_400 * 3_650))
        watcher.restart(stepped_s)
    life.play(elapsed_s)
    return kind in {"missed", "outage"} or stepped_s != 0


def _act(life: Life, chance: random.Random, act: str, *, late: bool) -> None:
    if act == "jump":
        if not late:
            life.jump()
    elif act != "nothing":
        getattr(life, act)()
    if chance.random() < 0.15:
        life.power()
    if act == "clear" and chance.random() < 0.4:
        life.now += 60.0
        life.play(60.0)


def draw(events: int, first_seed: int) -> Score:
    """Draw lives until so many stretches were eventful."""
    score = Score()
    for seed in count(first_seed):
        if len(score.eventful) >= events:
            return score
        live(seed, score)
    raise AssertionError("seeds do not end")


def table(score: Score) -> str:
    """Return the confusion matrix as text."""
    matrix = score.matrix()
    columns = [*VERDICTS, *sorted({told for _, told in matrix} - {*VERDICTS})]
    lines = [f"{'done':<20}" + "".join(f"{column:>13}" for column in columns)]
    for label in RIGHT:
        cells = [matrix[label, column] for column in columns]
        if any(cells):
            lines.append(f"{label:<20}" + "".join(f"{cell or '.':>13}" for cell in cells))
    return "\n".join(lines)


def summary(name: str, score: Score) -> str:
    """Return what came of one range of seeds."""
    eventful = score.eventful
    power = sum(one.power for one in eventful)
    late = sum(one.late for one in eventful)
    digits = sorted({one.digits for one in eventful})
    open_ = [one for one in score.undecided if one.label != "went on"]
    return (
        f"{name}: {len(eventful)} eventful stretches of {len(score.outcomes)}; {power} with a "
        f"power cut, {late} with missed readings, meters of {digits[0]} to {digits[-1]} digits\n"
        f"{table(score)}\n"
        f"wrong {len(score.wrong)}; undecided {len(score.undecided)} of all "
        f"({len(score.undecided) / len(score.outcomes):.2%}), {len(open_)} of the eventful "
        f"({len(open_) / len(eventful):.2%})\n"
        f"{score.totals} running totals held to the truth, {len(score.wrong_totals)} differ; "
        f"{len(score.false_breaches)} false breaches of the meters' algebra; "
        f"{len(score.alerts)} of {score.resets} resets without a logic door had no alert\n"
    )


def failed(score: Score) -> list[str]:
    """Return what must not be, in words; nothing if all is well."""
    reasons = [f"wrong: {one.label} was told as {one.told}: {one.words}" for one in score.wrong]
    reasons += [f"total: {words}" for words in score.wrong_totals]
    reasons += [f"no alert: {words}" for words in score.alerts]
    reasons += [f"algebra: {words}" for words in score.false_breaches]
    for words, stretches in (("all", score.outcomes), ("the eventful", score.eventful)):
        left = [one for one in score.undecided if one in stretches]
        if len(left) > UNDECIDED_MOST * len(stretches):
            reasons.append(f"undecided: {len(left)} of {words}, {len(stretches)}")
    return reasons


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=1_500, help="eventful stretches of each")
    parser.add_argument("--seeds", choices=FIRST_SEED, action="append", help="both are usual")
    parser.add_argument("--show", type=int, default=5, help="how many failures to print")
    parser.add_argument("--undecided", action="store_true", help="print what was undecided")
    options = parser.parse_args()
    failures: list[str] = []
    for name in options.seeds or FIRST_SEED:
        score = draw(options.events, FIRST_SEED[name])
        print(summary(name, score), flush=True)
        failures += failed(score)
        if options.undecided:
            print("\n".join(one.words for one in score.undecided[: options.show]))
    print("\n".join(failures[: options.show]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
