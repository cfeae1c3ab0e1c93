"""A run in virtual time that fails prints its seed, and saves what passed on the lines."""

from __future__ import annotations

import pytest

from tests.simulation.failed import keep
from tests.simulation.world import World


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    world, folder = World.latest, item.funcargs.get("tmp_path")
    if report.when == "call" and report.failed and world is not None and world.folder == folder:
        report.sections.append(("simulation", keep(world)))
    if report.when == "teardown":
        World.latest = None
    return report
