"""Files of every version that was ever written open, with everything in them."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from gateway.outbox.migrate import migrate, newest, scripts
from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.types import Commit

DATABASES = Path(__file__).parent / "databases"


def test_there_is_a_stored_file_of_every_version():
    assert {file.stem for file in DATABASES.iterdir()} == {f"version{one}" for one in scripts()}


def test_steps_are_numbered_without_a_hole_and_set_their_number():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    assert list(scripts()) == list(range(1, newest() + 1))
    assert connection.execute("PRAGMA user_version").fetchone() == (newest(),)
    migrate(connection)  # again: nothing to do
    connection.close()


@pytest.mark.parametrize("version", scripts())
def test_an_old_file_opens_and_goes_on_where_it_was(tmp_path, author, version):
    path = tmp_path / "outbox.db"
    shutil.copy(DATABASES / f"version{version}.db", path)
    store = Store.open(path)
    restored = store.restore()
    assert store.loss is None
    assert restored.last_sequence == 9
    assert restored.family_sequences == {"door": 6, "meter": 3}
    assert restored.states == {"10101": b'{"doors":["slot"]}'}
    assert restored.polls == {"L1": 4711}
    assert restored.keys == {"birthid": "01J0"}
    author.sequence, author.families["door"] = 9, 6
    store.apply([Commit((author.row(),))], (), 0)
    reader = Reader(path)
    counts, verified = reader.counts(), reader.verify()
    pending = reader.pending(0, 10)
    reader.close()
    store.close()
    assert (counts.acknowledged, counts.refused, counts.depth) == (4, 1, 5)
    assert [row.sequence for row in pending] == [5, 7, 8, 9, 10]
    assert pending[0].body == b'{"id": "gw1.01J0.5", "type": "slot.door.opened.v1", "sequence": 5}'
    assert verified.faults == ()
    assert (verified.rows, verified.pruned) == (7, 3)
