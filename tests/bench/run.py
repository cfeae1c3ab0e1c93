"""``make bench``: every measurement in turn, each beside a yardstick from the same run.

At the end one table: each figure with its goal, and whether it was met. A figure never fails the
run: on a busy or slow computer some are missed, which is why each stands beside a yardstick.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.told import VARIABLE, Told

HERE = Path(__file__).parent


def main() -> int:
    """Run all benches; return 1 if one of them broke."""
    root, began = HERE.parents[1], time.monotonic()
    broke = []
    with tempfile.NamedTemporaryFile("r", prefix="slot-bench-") as figures:
        environment = {**os.environ, "PYTHONPATH": os.fspath(root), VARIABLE: figures.name}
        for bench in sorted(HERE.glob("bench_*.py")):
            print(f"== {bench.stem}", flush=True)
            done = subprocess.run([sys.executable, os.fspath(bench)], env=environment, check=False)
            if done.returncode:
                broke.append(bench.stem)
        told = [Told(**json.loads(line)) for line in figures]
    took_s = time.monotonic() - began
    busy = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    print(f"== {len(told)} figures with a goal, in {took_s:.0f} s; {busy}")
    print(*told, sep="\n")
    print(f"{sum(one.met for one in told)} met, {sum(not one.met for one in told)} not met")
    if broke:
        print(f"broke: {', '.join(broke)}", file=sys.stderr)
    return 1 if broke else 0


if __name__ == "__main__":
    sys.exit(main())
