"""Hold what the gateway says of machines to what happened, over seeds, and print the account.

    .venv/bin/python tests/simulation/run_meaning.py --seeds 20

Exit status 0: events equal the ledger, type for type and amount for amount, and every true moment
is inside its bounds; after faults that make one message into another, but for what the wire did not
bring or brought twice, each with its reason.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, os.fspath(Path(__file__).parents[2]))

from tests.simulation.meanings import PARTS, live
from tests.simulation.meanings_account import Account, table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS))
    options = parser.parse_args()
    well = True
    for part in options.parts:
        began, sum_ = time.process_time(), Account()
        for seed in range(options.first, options.first + options.seeds):
            with tempfile.TemporaryDirectory() as name:
                sum_.add(live(Path(name) / "run", seed, part))
        print(f"== {part}: {options.seeds} seeds, {time.process_time() - began:.0f} s CPU")
        print("\n".join(table(sum_)))
        print(f"done: {dict(sorted(sum_.done.items()))}")
        for found in (*sum_.wrong[:20], *sum_.outside[:20]):
            print(f"DIFFERENCE {found}")
        well = well and sum_.well
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
