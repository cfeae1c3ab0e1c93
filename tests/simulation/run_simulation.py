"""Live many drawn lives of a line in virtual time, and settle the account over all of them.

    .venv/bin/python tests/simulation/run_simulation.py --seeds 1000 --first 1

Exit status 0: in each of them the server has what happened, and each loss of a machine is covered
by a gap. A seed that fails is printed with the command that lives it again, the same; ``--keep
FOLDER`` then leaves there what happened and what was told, one line a record.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, os.fspath(Path(__file__).parents[2]))

from tests.simulation import drawn, drawn_listening
from tests.simulation.crashing import POINTS
from tests.simulation.drawn import Life

NEEDLESS_PER_FAULT = 2
LONG = 500
"""A run of so many seeds must have hit each crash point ``HITS_MIN`` times."""
HITS_MIN = 10
AGAIN = ".venv/bin/python tests/simulation/run_simulation.py --seeds 1 --first {} --keep run/seed"


def one(seed: int) -> Life:
    """Live one life; whatever goes wrong is said of its seed."""
    mode = drawn_listening if seed % 4 == 2 else drawn
    logging.disable(logging.ERROR)
    gc.disable()  # a life is short
    try:
        with tempfile.TemporaryDirectory() as name:
            return mode.live(Path(name) / "run", seed)
    except Exception:  # noqa: BLE001  # a supervisor: the other seeds go on
        return Life(seed, "broken", disagreements=(traceback.format_exc(),))
    finally:
        gc.enable()
        logging.disable(logging.NOTSET)


def keep(life: Life, folder: Path) -> None:
    """Write down what happened in a life, and what was told."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{life.seed}.ledger").write_text("\n".join(life.ledger) + "\n")
    (folder / f"{life.seed}.events").write_bytes(b"\n".join(life.events) + b"\n")


def report(done: Iterable[Life]) -> tuple[list[str], int]:
    """Return the account in lines, and how many seeds failed."""
    lines: list[str] = []
    injected, hits, causes, covered = Counter(), Counter(), Counter(), Counter()
    modes, sums = Counter(), Counter()
    for life in done:
        if not life.well:
            found = [*life.disagreements, *life.gaps.missing]
            lines += [
                f"seed {life.seed} ({life.mode}): {found[0]} and {len(found) - 1} more",
                f"    once more: {AGAIN.format(life.seed)}",
            ]
        injected += life.injected
        hits += life.hits
        covered += life.covered
        causes += Counter(life.gaps.by_cause)
        modes[life.mode] += 1
        sums += Counter(
            seeds=1, failed=not life.well, happened=life.happened,
            marks_needed=life.marks.needed, marks=life.marks.present,
            needed=life.gaps.needed, missing=len(life.gaps.missing), needless=life.gaps.needless,
        )  # fmt: skip
    faults = max(injected.total(), 1)
    marks_needless = sums["marks"] - sums["marks_needed"]
    lines += [
        f"{sums['seeds']} seeds, {sums['failed']} failed: {_said(modes)}",
        f"{sums['happened']} exceptions; told as a gap instead: {_said(covered)}",
        f"{injected.total()} faults: {_said(injected)}",
        (
            f"marks: needed {sums['marks_needed']}, present {sums['marks']}, missing 0, "
            f"needless {marks_needless} ({marks_needless / faults:.2f} a fault)"
        ),
        (
            f"gaps: needed for {sums['needed']} losses, present {causes.total()} "
            f"({_said(causes)}), missing {sums['missing']}, needless {sums['needless']} "
            f"({sums['needless'] / faults:.2f} a fault)"
        ),
        "crash point                     hits",
        *(f"  {point:30}{hits[point]:4}" for point in POINTS),
    ]
    if sums["seeds"] < LONG:
        return lines, sums["failed"]
    wrong = [f"WRONG: {point} was hit {hits[point]} times"
             for point in POINTS if hits[point] < HITS_MIN]  # fmt: skip
    for what, needless in (("marks", marks_needless), ("gaps", sums["needless"])):
        if needless > NEEDLESS_PER_FAULT * faults:
            wrong.append(f"WRONG: {needless} needless {what} for {faults} faults")
    return lines + wrong, sums["failed"] + len(wrong)


def _said(counted: Counter) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counted.items())) or "none"


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for what happened and what was told")
    options = parser.parse_args()
    began = time.monotonic()
    seeds = range(options.first, options.first + options.seeds)
    done = []
    with ProcessPoolExecutor(min(len(seeds), os.cpu_count() or 1)) as pool:
        for life in pool.map(one, seeds, chunksize=4):
            if options.keep is not None:
                keep(life, options.keep)
            life.ledger.clear()
            life.events.clear()
            done.append(life)
            if not life.well:
                print(f"seed {life.seed} failed", flush=True)
    lines, failed = report(done)
    print("\n".join(lines))
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
