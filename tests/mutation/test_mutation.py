"""The short form of ``run_mutation.py``: it makes changes, tries a few, and finds a survivor."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

from tests.mutation.mutants import mutants, mutated

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SOURCE = '''
"""What it is."""

LIMIT = 3


class Door:
    """A door."""

    def opened(self, times: int) -> bool:
        """Say whether it was."""
        assert times >= 0
        self.times = times
        self.count(1)
        if times > LIMIT and self.shut:
            raise ValueError(f"{times + 1} is too often")
        if not times:
            return False
        return not times == LIMIT - 1
'''


def run(*options):
    command = [sys.executable, os.fspath(HERE / "run_mutation.py"), *options]
    environment = {**os.environ, "PYTEST_ADDOPTS": ""}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=110
    )


def test_every_kind_of_change_is_made_and_each_has_its_name():
    found = mutants("door", SOURCE)
    assert [mutant.name for mutant in found] == [
        "module: 3 -> 4",
        "Door.opened: self.times = times -> gone",
        "Door.opened: self.count(1) -> gone",
        "Door.opened: 1 -> 2",
        "Door.opened: if times > LIMIT and self.shut: -> if not (times > LIMIT and self.shut):",
        "Door.opened: times > LIMIT and self.shut -> times > LIMIT or self.shut",
        "Door.opened: times > LIMIT -> times >= LIMIT",
        "Door.opened: not times -> times",
        "Door.opened: False -> True",
        "Door.opened: return not times == LIMIT - 1 -> return None",
        "Door.opened: not times == LIMIT - 1 -> times == LIMIT - 1",
        "Door.opened: times == LIMIT - 1 -> times != LIMIT - 1",
        "Door.opened: LIMIT - 1 -> LIMIT + 1",
        "Door.opened: 1 -> 2 #2",
    ]


def test_each_change_is_one_that_can_be_run_and_differs():
    plain = ast.dump(ast.parse(SOURCE))
    changed = {ast.dump(mutated(SOURCE, mutant)) for mutant in mutants("door", SOURCE)}
    assert len(changed) == 14
    assert plain not in changed
    for mutant in mutants("door", SOURCE):
        compile(mutated(SOURCE, mutant), "door.py", "exec")


def test_a_few_changes_are_noticed_or_explained():
    done = run("--modules", "crc", "bcd", "--sample", "1", "--seed", "5")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(": 1 changes: ") == 2


def test_a_change_that_no_test_notices_is_told():
    done = run(
        "--modules",
        "bcd",
        "--grep",
        "from_bcd: return",
        "--tests",
        "tests/protocols/sas/test_crc.py",
    )
    assert done.returncode == 1
    assert "SURVIVED: protocols.sas.bcd:" in done.stdout
