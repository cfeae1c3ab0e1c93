"""Take the power from the outbox's disk, again and again.

    .venv/bin/python tests/powercut/run_powercut.py --cuts 300 --seed 1

A program commits events, marks them and prunes them, on a disk that forgets what was not synced
(or keeps some of it, in any order, torn at sectors), and on which writes and syncs fail now and
then. Every event of which it had said that it is on disk must be there after each cut, and the
chain must hold. A control run with ``synchronous = OFF`` must lose events. Exit status 0: so it is.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.fspath(Path(__file__).parents[2]))

from tests.powercut.campaign import run
from tests.powercut.disk import build, compiler


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if compiler() is None:
        print("not run: no C compiler (cc, gcc, clang, or the PyPI package ziglang)")
        return 2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = build(folder)
        found = run(library, folder / "on", options.seed, options.cuts)
        print(f"synchronous = FULL: {found}")
        for fault in found.faults[:20]:
            print(f"  {fault}")
        control = run(library, folder / "off", options.seed, 5, off=True, bad=False)
        print(f"synchronous = OFF:  {control}")
    attached = bool(control.lost or control.faults) and found.unsynced > 0
    if not attached:
        print("the shim is not attached: nothing is proven")
    return 0 if attached and not found.lost and not found.faults else 1


if __name__ == "__main__":
    sys.exit(main())
