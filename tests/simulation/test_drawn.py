"""Drawn lives in which our gateway polls; ``run_simulation.py`` lives more of them.

Those in which it only listens are in a file of their own, so that two workers share them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.run_simulation import AGAIN, keep, one, report

pytestmark = pytest.mark.timeout(600)  # of a slow and busy machine's time; they wait for nothing

RUN = Path(__file__).with_name("run_simulation.py")
EVERY_MODE = (219, 221, 222)
BLOCK = 8
SEEDS = [seed for seed in range(1, 150) if seed % 4 != 2]


@pytest.mark.parametrize("seeds", [SEEDS[at : at + BLOCK] for at in range(0, len(SEEDS), BLOCK)])
def test_what_happened_in_a_drawn_life_is_told_or_covered_by_a_gap(seeds):
    lines, failed = report(map(one, seeds))
    assert not failed, "\n".join(lines)


def test_one_seed_is_one_run_whatever_the_hashes_of_a_process(tmp_path):
    runs = []
    for hashes in ("1", "2"):
        folder = tmp_path / hashes
        command = [sys.executable, RUN, "--seeds", "4", "--first", "219", "--keep", folder]
        done = subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": hashes},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        runs.append({path.name: path.read_bytes() for path in sorted(folder.iterdir())})
    assert runs[0].keys() >= {f"{seed}.ledger" for seed in EVERY_MODE}
    assert runs[0] == runs[1]
    assert all(len(data) > 1000 for data in runs[0].values())


def test_a_seed_that_fails_says_how_to_live_it_again_and_leaves_what_happened(tmp_path):
    life = one(1)
    life.disagreements = ("missing: 10101 #4",)
    lines, failed = report([life])
    assert failed == 1
    assert lines[0].startswith("seed 1 (host): missing: 10101 #4 and 0 more")
    assert AGAIN.format(1) in lines[1]
    keep(life, tmp_path / "kept")
    assert (tmp_path / "kept" / "1.ledger").read_text().count("\n") == len(life.ledger) > 100
