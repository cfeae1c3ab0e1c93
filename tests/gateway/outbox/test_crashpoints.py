"""A process killed at named places and at any other moment: what it said was committed is there."""

import random
import shutil
import signal
import subprocess

import pytest

from gateway.outbox.crashpoints import POINTS, VARIABLE, crash_at
from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.types import Acknowledged
from gateway.outbox.upkeep import PRUNE_ROWS

KILLS = 20


def test_without_the_variable_nothing_happens():
    at = crash_at(None)
    assert [at(point) for point in POINTS] == [None] * len(POINTS)  # and we are still alive


@pytest.mark.parametrize("value", ["nowhere", "after_commit:0", "after_commit:-1", "nowhere:2"])
def test_a_place_that_is_not_on_the_list_is_refused(value):
    with pytest.raises(ValueError, match="expected one of before_commit, after_commit"):
        crash_at(value)


def audited(path, told):
    """Open what a killed process left, and find all that it told."""
    store = Store.open(path)  # also: the lock died with its owner
    try:
        reader = Reader(path)
        verified = reader.verify()
        reader.close()
    finally:
        store.close()
    assert store.loss is None
    assert verified.faults == ()
    assert verified.rows + verified.pruned == verified.last_sequence
    assert verified.last_sequence >= max(told, default=0)


def test_what_was_told_as_committed_survives_kill_9_at_any_moment(tmp_path, committer):
    path = tmp_path / "outbox.db"
    command, environment = committer
    seed = random.randrange(2**32)
    print("seed", seed)
    moments = random.Random(seed)
    told = []
    for _ in range(KILLS):
        with subprocess.Popen(
            [*command, str(path)], stdout=subprocess.PIPE, env=environment
        ) as child:
            heard = moments.randint(1, 80)
            told += [int(child.stdout.readline()) for _ in range(heard)]
            child.kill()
            *whole, _ = child.stdout.read().split(b"\n")
            told += [int(line) for line in whole]
        assert child.returncode == -signal.SIGKILL
        audited(path, told)
    store = Store.open(path)
    kept = [one for (one,) in store._connection.execute("SELECT sequence FROM event")]
    store.close()
    assert set(told) <= set(kept)
    assert kept == list(range(1, len(kept) + 1))


@pytest.fixture(scope="module")
def prunable(tmp_path_factory, new_author):
    """An outbox with enough acknowledged rows for three steps of pruning."""
    path = tmp_path_factory.mktemp("prunable") / "outbox.db"
    store = Store.open(path)
    store.apply([new_author().commit(PRUNE_ROWS * 3, family="meter", stream="SLOT_METERS")], (), 0)
    marks = [Acknowledged(one, "SLOT_METERS", one) for one in range(1, PRUNE_ROWS * 3)]
    store.apply((), marks, 0)
    store.close()
    return path


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("count", [1, 3])
def test_what_was_told_as_committed_survives_a_kill_at_each_named_place(
    tmp_path, prunable, committer, point, count
):
    path = tmp_path / "outbox.db"
    shutil.copy(prunable, path)
    command, environment = committer
    done = subprocess.run(
        [*command, str(path), "--prune", "--limit", "20000"],
        stdout=subprocess.PIPE,
        env={**environment, VARIABLE: f"{point}:{count}"},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    audited(path, [int(line) for line in done.stdout.split()])
