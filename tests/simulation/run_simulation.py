"""Live many drawn lives of a line in virtual time, and settle the account over all of them.

    .venv/bin/python tests/simulation/run_simulation.py --seeds 1000 --first 1

Exit status 0: in each of them the server has what happened, and each loss of a machine is covered
by a gap. A seed that fails is printed; ``--seeds 1 --first SEED`` lives it again, the same.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, os.fspath(Path(__file__).parents[2]))

from tests.simulation.drawn import Life, live

NEEDLESS_PER_FAULT = 2


def one(seed: int) -> Life:
    """Live one life; whatever goes wrong says of which seed."""
    with tempfile.TemporaryDirectory() as name:
        try:
            return live(Path(name) / "run", seed)
        except BaseException as error:
            error.add_note(f"seed {seed}")
            raise


def report(done: list[Life]) -> tuple[list[str], int]:
    """Return the account in lines, and how many seeds failed."""
    lines: list[str] = []
    failed = 0
    for life in done:
        if not life.well:
            failed += 1
            found = [*life.disagreements, *life.gaps.missing]
            lines.append(f"seed {life.seed}: {found[0]} and {len(found) - 1} more")
    injected, hits, causes = Counter(), Counter(), Counter()
    for life in done:
        injected += life.injected
        hits += life.hits
        causes += Counter(life.gaps.by_cause)
    faults = max(injected.total(), 1)
    needless_marks = sum(life.marks.needless for life in done)
    needless_gaps = sum(life.gaps.needless for life in done)
    lines += [
        (
            f"{len(done)} seeds, {failed} failed; {sum(life.happened for life in done)} exceptions,"
            f" {sum(life.covered for life in done)} of them lost to noise and told as a gap"
        ),
        f"injected {injected.total()}: {dict(sorted(injected.items()))}",
        f"crash points hit: {dict(hits)}",
        (
            f"marks: needed {sum(life.marks.needed for life in done)}, present "
            f"{sum(life.marks.present for life in done)}, needless {needless_marks} "
            f"({needless_marks / faults:.2f} a fault)"
        ),
        (
            f"gaps: needed for {sum(life.gaps.needed for life in done)} losses, present "
            f"{causes.total()} {dict(causes)}, missing "
            f"{sum(len(life.gaps.missing) for life in done)}, needless {needless_gaps} "
            f"({needless_gaps / faults:.2f} a fault)"
        ),
    ]
    return lines, failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=1)
    options = parser.parse_args()
    began = time.monotonic()
    seeds = range(options.first, options.first + options.seeds)
    with ProcessPoolExecutor() as pool:
        lines, failed = report(list(pool.map(one, seeds, chunksize=4)))
    print("\n".join(lines))
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
