"""``make bench``: every measurement in turn, each beside a yardstick from the same run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    root = HERE.parents[1]
    environment = {**os.environ, "PYTHONPATH": os.fspath(root)}
    failed = []
    for bench in sorted(HERE.glob("bench_*.py")):
        print(f"== {bench.stem}", flush=True)
        done = subprocess.run([sys.executable, os.fspath(bench)], env=environment, check=False)
        if done.returncode:
            failed.append(bench.stem)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
