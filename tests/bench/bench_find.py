"""``slotgw find`` over thirty days of a floor, beside a bare walk of SQLite over the same rows.

The index is generated at a real floor's rates: games for three days, readings of every minute and
all other events for thirty. Each search is a process of its own, as a person starts it, and
nothing of the index is in memory before it: the page cache is told to forget it. The yardstick is
the same question without an index: one pass over the table.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[2]
FLOOR = ROOT / "tests/gateway/central/index/floor_of_a_month.py"
LIMIT_S = 2.0


def load_floor():
    spec = importlib.util.spec_from_file_location("floor_of_a_month", FLOOR)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def searches(machines: int) -> dict[str, list[str]]:
    asset, place = f"1{machines // 2:04}", "01-01-01"
    return {
        "one machine, everything": ["--asset", asset],
        "one place, doors": ["--location", place, "--type", "door"],
        "handpay pending, the floor": ["--code", "51"],
        "logic door, the floor": ["--code", "15"],
        "handpays, the floor": ["--type", "handpay"],
        "one machine, 1,000 readings": ["--asset", asset, "--type", "meter.read"],
        "the floor, the first 1,000": [],
        "a machine that is not there": ["--asset", "99999"],
    }


def ask(folder: Path, begin: str, end: str, options: list[str]) -> tuple[float, int]:
    command = [sys.executable, "-m", "gateway", "find", "--data", os.fspath(folder),
               "--from", begin, "--to", end, "--csv", *options]  # fmt: skip
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return time.perf_counter() - started, max(0, done.stdout.count("\n") - 4)


def forget(path: Path) -> None:
    """Have the kernel drop the file's pages."""
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(handle)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=50)
    options = parser.parse_args()
    floor = load_floor()
    worst = 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "index.sqlite"
        started = time.perf_counter()
        events = floor.fill(path, options.machines)
        size = path.stat().st_size
        print(
            f"{options.machines} machines, 30 days: {events:,} events, "
            f"{size / 2**30:.2f} GiB, {size / events:.0f} bytes each, "
            f"made in {time.perf_counter() - started:.0f} s"
        )
        end = datetime.fromtimestamp(floor.END_NS / 1e9, UTC)
        begin = (end - timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%S")
        for words, filters in searches(options.machines).items():
            forget(path)
            spent_s, rows = ask(folder, begin, end.strftime("%Y-%m-%dT%H:%M:%S"), filters)
            worst = max(worst, spent_s)
            print(f"  {words:<32} {rows:>6} rows  {spent_s:5.2f} s, start of Python included")
        with sqlite3.connect(path) as db:
            started = time.perf_counter()
            db.execute("SELECT count(*) FROM event NOT INDEXED WHERE code = 81").fetchone()
            bare_s = time.perf_counter() - started
        print(f"  yardstick: one pass over the table  {bare_s:14.2f} s")
    rss = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"slowest {worst:.2f} s, limit {LIMIT_S:g} s; largest process {rss:.0f} MiB")
    return 0 if worst < LIMIT_S else 1


if __name__ == "__main__":
    sys.exit(main())
