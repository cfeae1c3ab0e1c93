"""Drawn lives in which our gateway only listens; ``run_simulation.py`` lives more of them."""

from __future__ import annotations

import pytest

from tests.simulation.run_simulation import one, report

pytestmark = pytest.mark.timeout(600)  # of a slow and busy machine's time; they wait for nothing

BLOCK = 4
SEEDS = range(2, 150, 4)


@pytest.mark.parametrize("seeds", [SEEDS[at : at + BLOCK] for at in range(0, len(SEEDS), BLOCK)])
def test_in_listen_mode_nothing_is_lost_outside_a_declared_gap(seeds):
    lines, failed = report(map(one, seeds))
    assert not failed, "\n".join(lines)
