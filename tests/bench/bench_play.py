"""What games pay back in the long run, and what a floor's day costs.

First games: a machine of each volatility, and one with a progressive of its own, each against the
arithmetic of its paytable, and the algebra of the meters at every moment. ``--games 10000000``
plays ten million.

Then days in virtual time: a floor of 2,000 machines without a wire, and one of 500 with every poll
(one a second each) encoded, heard, answered and decoded. By default an hour of a Thursday evening
of a tenth of the machines; ``--full`` runs whole days and prints the tables: half an hour.
"""

from __future__ import annotations

import argparse
import time
from datetime import datetime
from zoneinfo import ZoneInfo

from edge_config.loader import parse_toml
from floor_sim.day import Day, run_day
from floor_sim.figures import table
from floor_sim.floor_file import FloorFile
from floor_sim.presets import preset
from tests.bench.long_play import machines, played

PACIFIC = ZoneInfo("America/Los_Angeles")
GOALS_S = {False: (2_000, 300), True: (500, 900)}


def games(total: int, seed: int) -> bool:
    good = True
    kinds = machines(seed)
    for name, machine in kinds.items():
        cpu = time.process_time()
        done = played(name, machine, total // len(kinds))
        used = time.process_time() - cpu
        print(
            f"  {name:20} {done.games:>10,} games: returned {float(done.returned):.5f}, by "
            f"arithmetic {float(done.payback):.5f} ({done.sigmas:+.2f} standard errors); meters "
            f"did not add up {done.broken} times; {1e6 * used / done.games:.2f} us CPU a game"
        )
        good &= done.broken == 0 and abs(done.sigmas) < 4
    return good


def day(*, wired: bool, full: bool, seed: int) -> None:
    machines_wanted, goal_s = GOALS_S[wired]
    count = machines_wanted if full else machines_wanted // 10
    hours, begins = (24, 4) if full else (1, 18)
    if not full and wired:
        hours = 0.2
    file = parse_toml(preset(count, seed, transport="bridge"), FloorFile, "preset")
    cpu = time.process_time()
    done: Day = run_day(file, datetime(2026, 11, 19, begins, tzinfo=PACIFIC), hours, wired=wired)
    used = time.process_time() - cpu
    words = "every poll on the wire" if wired else "without a wire"
    print(f"{count} machines, {hours:g} h from {begins}:00, {words}: {used:.1f} s CPU")
    if full:
        print(f"  goal {goal_s} s\n{table(done)}")
    else:
        a_day = used * machines_wanted / count * 24 / hours
        print(f"  a day of {machines_wanted} at this hour's pace: {a_day:.0f} s (goal {goal_s} s "
              f"for a whole day, of which this hour is a busy one)")  # fmt: skip
    taken = f"{100 * done.occupancy:.0f} % of the seats taken, empty at first"
    print(f"  {done.tally.games:,} games, {taken}")
    if done.heard is not None:
        heard = done.heard
        print(
            f"  {heard.polls:,} polls, {1e6 * used / heard.polls:.1f} us CPU each with all play; "
            f"{heard.idle:,} idle, {heard.codes.total():,} exceptions, {heard.silent} silent, "
            f"{heard.wrong} wrong"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, default=600_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--full", action="store_true", help="whole days")
    options = parser.parse_args()
    assert games(options.games, options.seed), "games do not pay back what they should"
    for wired in (False, True):
        day(wired=wired, full=options.full, seed=options.seed)


if __name__ == "__main__":
    main()
