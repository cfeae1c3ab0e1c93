"""The outbox on a disk that loses its power: the short form of ``run_powercut.py``."""

import pytest

from tests.powercut.campaign import run
from tests.powercut.disk import build, compiler

pytestmark = pytest.mark.skipif(
    compiler() is None, reason="no C compiler: make extra runs this with one"
)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return build(tmp_path_factory.mktemp("shim"))


def test_what_was_told_as_on_disk_outlives_power_cuts_and_a_bad_disk(library, tmp_path):
    found = run(library, tmp_path, seed=1, cuts=8)
    assert found.committed > 100
    assert found.unsynced, "the shim is not attached"
    assert not found.lost
    assert not found.faults


def test_without_syncs_events_are_lost_so_the_shim_is_attached(library, tmp_path):
    found = run(library, tmp_path, seed=1, cuts=3, off=True, bad=False)
    assert found.lost or found.faults
