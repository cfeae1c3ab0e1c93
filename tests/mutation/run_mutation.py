"""Change the code in small ways, one at a time, and see whether a test notices.

    .venv/bin/python tests/mutation/run_mutation.py --modules reader --sample 50 --seed 1

Each change lives in the memory of a child process only: it runs the tests of that module, stops at
the first that fails, and is gone. A change that no test notices survives; each survivor must be
explained in ``survivors.md``. Exit status 1: one is not, or an explained one is killed after all
(its explanation is to go). All modules together take about an hour, session and link most of it;
crc, bcd and allowlist take five minutes.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.util
import os
import random
import resource
import sys
import time
from collections import Counter
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path

import crcmod.predefined  # noqa: F401 - loaded here once, and not once in each child
import hypothesis
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, os.fspath(ROOT))

from tests.mutation.mutants import Mutant, mutants, mutated  # noqa: E402

SAS = "tests/protocols/sas/"
HOST = "tests/protocols/sas/host/test_{}.py"
HOST_TESTS = (
    "carried", "foreign", "link", "link_asks", "link_calm", "support", "shared", "shared_bounds",
    "hold", "session", "session_turns", "session_edges", "doubts", "real_time", "reads_only",
    "idle", "session_properties",
)  # fmt: skip


def host_tests(*first: str) -> tuple[str, ...]:
    """Return all tests of the host's side; those most likely to notice stand first."""
    names = [*first, *(name for name in HOST_TESTS if name not in first)]
    return tuple(HOST.format(name) for name in names)


TESTS: dict[str, tuple[str, ...]] = {
    "protocols.sas.crc": (f"{SAS}test_crc.py",),
    "protocols.sas.bcd": (f"{SAS}test_bcd.py",),
    "protocols.sas.reader": (
        f"{SAS}test_reader.py", f"{SAS}test_reader_events.py", f"{SAS}test_vectors.py",
    ),
    "protocols.sas.allowlist": (f"{SAS}test_allowlist.py",),
    "protocols.sas.host.link": host_tests("link", "link_asks", "link_calm", "doubts", "real_time"),
    "protocols.sas.host.figures": host_tests("session"),
    "protocols.sas.host.support": host_tests("support"),
    "protocols.sas.host.shared": host_tests("shared", "shared_bounds"),
    "protocols.sas.host.session": host_tests(
        "session", "session_turns", "session_edges", "doubts", "idle", "reads_only", "late",
    ),
    "protocols.sas.host.foreign": host_tests("foreign", "session_edges"),
    "protocols.sas.host.doubtful": host_tests("session", "session_edges", "doubts"),
    "protocols.sas.host.carried": host_tests("carried", "doubts"),
    "protocols.sas.host.hold": host_tests("hold"),
    "protocols.sas.host.late": host_tests("late"),
}  # fmt: skip
TIMEOUT_S = 30
MEMORY_BYTES_MAX = 4 << 30
KILLED, SURVIVED = "killed", "survived"


class Changed(SourceFileLoader):
    """Loads one module with one change."""

    tree: ast.Module

    def get_code(self, fullname):
        return compile(self.tree, self.path, "exec")


class Finder(MetaPathFinder):
    """Finds that one module before anybody else does."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        self._module = module
        self._tree = tree

    def find_spec(self, fullname, path=None, target=None) -> ModuleSpec | None:
        if fullname != self._module:
            return None
        loader = Changed(fullname, os.fspath(source_of(fullname)))
        loader.tree = self._tree
        return importlib.util.spec_from_file_location(fullname, loader.path, loader=loader)


def source_of(module: str) -> Path:
    return ROOT / (module.replace(".", "/") + ".py")


def run_tests(tests: tuple[str, ...]) -> int:
    hypothesis.settings.register_profile(
        "mutation", database=None, derandomize=True, deadline=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )  # fmt: skip
    hypothesis.settings.load_profile("mutation")
    quiet = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=no", "--assert=plain"]
    loaded = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # what the parent has loaded
    status = 0
    for some in (tests[:1], tests[1:3], tests[3:]):  # to load them all takes longer than to fail
        if some and not status:
            status = int(pytest.main([*quiet, *loaded, f"--timeout={TIMEOUT_S}", *some]))
    return status


def tried(module: str, tree: ast.Module | None, tests: tuple[str, ...]) -> str:
    """Run the tests in a child, with ``tree`` for the module, and say what became of it."""
    child = os.fork()
    if child == 0:
        status = 99
        try:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            if tree is not None:
                sys.meta_path.insert(0, Finder(module, tree))
            status = run_tests(tests)
        finally:
            os._exit(status)
    _, waited = os.waitpid(child, 0)
    status = os.waitstatus_to_exitcode(waited)
    if status in {4, 5}:
        raise SystemExit(f"the tests were not run: {' '.join(tests)}")
    return SURVIVED if status == 0 else KILLED


def explained() -> set[str]:
    """Return the survivors that ``survivors.md`` explains, as module and name."""
    names, module = set(), ""
    for line in (HERE / "survivors.md").read_text().splitlines():
        if line.startswith("## "):
            module = line[3:].strip()
        elif line.startswith("* `"):
            names.add(f"{module} {line[3:].split('`')[0]}")
    return names


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modules", nargs="*", default=[], help="last words of modules; else all")
    parser.add_argument("--sample", type=int, help="so many changes of each module, not all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--grep", default="", help="only changes whose names have this text")
    parser.add_argument("--tests", nargs="*", help="run these, not those of the module")
    parser.add_argument("--list", action="store_true", help="show the changes and try none")
    options = parser.parse_args()
    os.chdir(ROOT)
    modules = [m for m in TESTS if not options.modules or m.split(".")[-1] in options.modules]
    known, wrong = explained(), 0
    for module in modules:
        source = source_of(module).read_text()
        found = [mutant for mutant in mutants(module, source) if options.grep in mutant.name]
        if options.sample is not None:
            chosen = random.Random(options.seed)
            found = chosen.sample(found, min(options.sample, len(found)))
        if options.list:
            for mutant in found:
                print(f"{module}:{mutant.line} {mutant.name}")
            continue
        tests = tuple(options.tests or TESTS[module])
        wrong += try_all(module, source, found, tests, known)
    return 1 if wrong else 0


def load_what_stays(module: str) -> None:
    """Load what no change of ``module`` touches, once and not in each child."""
    if module.startswith("protocols.sas.host."):
        for name in ("allowlist", "reader", "polls"):
            importlib.import_module(f"protocols.sas.{name}")


def try_all(
    module: str, source: str, found: list[Mutant], tests: tuple[str, ...], known: set[str]
) -> int:
    """Try the changes of one module; return how many were not as explained."""
    began = time.monotonic()
    load_what_stays(module)
    if tried(module, None, tests) != SURVIVED:
        raise SystemExit(f"the tests of {module} fail without any change")
    counts: Counter[str] = Counter()
    wrong = 0
    for mutant in found:
        result = tried(module, mutated(source, mutant), tests)
        expected = f"{module} {mutant.name}" in known
        counts[f"{result}, explained" if expected else result] += 1
        if (result == SURVIVED) != expected:
            wrong += 1
            print(f"{result.upper()}: {module}:{mutant.line} {mutant.name}", flush=True)
    told = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    print(f"{module}: {len(found)} changes: {told}; {time.monotonic() - began:.0f} s", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
