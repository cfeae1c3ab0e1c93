"""Damaged files: what can be proven is taken over, nothing is invented, nothing raises."""

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.outbox.database import open_for_writing
from gateway.outbox.reader import Reader
from gateway.outbox.salvage import salvage
from gateway.outbox.store import Store
from gateway.outbox.types import Acknowledged, Commit, OpenError, ReadError, Refused

PAGE = 4096
DATABASES = Path(__file__).parent / "databases"


def fill(path, author, rows=120):
    """An outbox of many pages with delivered, refused, shed, pruned and pending events."""
    written = []
    store = Store.open(path)
    for number in range(rows // 2):
        game = author.row("game", stream="SLOT_PLAY", body=b"g" * 700)
        door = author.row("door", body=b"d%d" % number + b"." * 500)
        written += [game, door]
        store.apply([Commit((game, door), {"10101": b"state" * 20}, {"L1": number})], (), 0)
    marks = [Acknowledged(row.sequence, row.stream, row.sequence) for row in written[1:40:2]]
    store.apply((), [*marks, Refused(42, "too large")], 5)
    store.shed("SLOT_PLAY", 6, 7)
    store.close()
    return {row.sequence: row for row in written}


def rescued(path, delivered=True):
    """Salvage a file into a fresh one; return what was said, its rows, and what a check finds."""
    fresh = path.with_name("fresh.db")
    for ending in ("", "-wal", "-shm"):
        fresh.with_name(fresh.name + ending).unlink(missing_ok=True)
    with closing(open_for_writing(fresh, "OFF", 0).connection) as connection:
        said = salvage(path, connection, delivered=delivered)
    reader = Reader(fresh)
    verified = reader.verify()
    rows = {row.sequence: row for row in reader.pending(0, 10_000)}
    reader.close()
    return said, rows, verified


@pytest.fixture
def written(path, author):
    return fill(path, author)


def page_of(path, text):
    return path.read_bytes().index(text) // PAGE


def overwrite(path, page, content):
    with path.open("r+b") as file:
        file.seek(page * PAGE)
        file.write(content)


def test_a_sound_file_is_taken_over_whole(path, written):
    said, rows, verified = rescued(path)
    assert (said.rows, said.lost, said.last_sequence) == (114, 0, 120)
    assert (verified.faults, verified.rows, verified.pruned) == ((), 114, 6)
    assert rows == {number: written[number] for number in rows}
    assert said.pending == len(rows) == 93


def test_only_what_was_not_delivered_is_taken_over_at_a_start(path, written):
    said, rows, verified = rescued(path, delivered=False)
    assert (said.rows, said.pending, said.lost) == (94, 93, 0)
    assert (verified.faults, verified.last_sequence, len(rows)) == ((), 120, 93)


@pytest.mark.parametrize("content", [b"\0" * PAGE, b"\xff" * PAGE, os.urandom(PAGE)], ids=len)
def test_a_page_of_events_that_is_gone_costs_its_own_events_only(path, written, content):
    overwrite(path, page_of(path, b"d40."), content)
    said, rows, verified = rescued(path)
    assert 0 < said.lost < 10
    assert said.ranges[0][0] <= 82 <= said.ranges[0][1]
    assert (verified.faults, verified.lost) == ((), said.lost)
    assert rows == {number: written[number] for number in rows}


def test_an_event_of_which_one_byte_was_flipped_is_not_taken_over(path, written):
    content = bytearray(path.read_bytes())
    content[content.index(b"d40.") + 10] ^= 1
    path.write_bytes(content)
    reader = Reader(path)
    assert reader.verify().faults == ("event 82 (gw1.01J0.82) or its chain value was changed",)
    assert 82 not in {row.sequence for row in reader.pending(0, 1000)}
    assert reader.damaged == {82}
    reader.close()
    said, rows, verified = rescued(path)
    assert (said.ranges, 82 in rows, verified.faults) == (((82, 82),), False, ())


def test_a_file_cut_in_half_gives_what_is_left_and_says_what_is_not(path, written):
    half = path.stat().st_size // PAGE // 2 * PAGE
    os.truncate(path, half)
    said, rows, verified = rescued(path)
    assert path.stat().st_size == half
    assert said.rows > 10
    assert (said.rows + said.lost + verified.pruned, verified.faults) == (120, ())
    assert rows == {number: written[number] for number in rows}


@pytest.mark.parametrize("first", [b"\0" * PAGE, os.urandom(PAGE)], ids=["zeros", "noise"])
def test_a_file_without_its_first_page_loses_nothing_of_its_events(path, written, first):
    overwrite(path, 0, first)
    said, rows, verified = rescued(path)
    assert (said.rows, said.lost, said.last_sequence) == (114, 0, 120)
    assert (verified.faults, verified.rows, verified.pruned) == ((), 114, 6)
    assert rows == {number: written[number] for number in rows}
    assert said.pending == len(rows) == 93
    assert not list(path.parent.glob("*.carved"))
    said, rows, verified = rescued(path, delivered=False)
    assert (said.rows, said.pending, said.lost, len(rows)) == (94, 93, 0, 93)


def test_the_gateway_goes_on_after_the_first_page_was_lost(path, written, author):
    overwrite(path, 0, b"\0" * PAGE)
    store = Store.open(path, now_ns=0)
    assert (store.loss.salvaged, store.loss.lost, store.last_sequence) == (93, 0, 120)
    store.apply([author.commit()], (), 0)
    assert store.last_sequence == 121
    store.close()


def test_events_longer_than_a_page_and_those_in_the_log_are_found_without_the_first_page(
    path, author, tmp_path
):
    store = Store.open(path)
    written = [
        author.row(body=bytes([65 + number]) * (3000 + 5000 * number)) for number in range(9)
    ]
    for row in written[:5]:
        store.apply([Commit((row,))], (), 0)
    store.checkpoint()
    for row in written[5:]:
        store.apply([Commit((row,))], (), 0)
    store.apply((), [Acknowledged(2, "SLOT_SIGNIFICANT", 2)], 0)
    left = tmp_path / "left.db"
    for ending in ("", "-wal"):  # as a kill leaves it
        shutil.copy(path.with_name(path.name + ending), left.with_name(left.name + ending))
    store.close()
    overwrite(left, 0, b"\0" * PAGE)
    frames = left.with_name("left.db-wal").read_bytes()
    assert frames[8:12] == PAGE.to_bytes(4, "big")
    spoiled = bytearray(frames)
    for at in range(32, len(frames), PAGE + 24):
        if frames[at : at + 4] == b"\0\0\0\1":  # the first page in the log as well
            spoiled[at + 24 : at + 24 + PAGE] = b"\0" * PAGE
    left.with_name("left.db-wal").write_bytes(spoiled)
    said, rows, verified = rescued(left)
    assert (said.rows, said.lost, verified.faults) == (9, 0, ())
    assert rows == {row.sequence: row for row in written if row.sequence != 2}


def test_without_the_first_page_damaged_rows_are_lost_and_none_is_invented(path, written):
    overwrite(path, 0, b"\0" * PAGE)
    content = bytearray(path.read_bytes())
    for text in (b"d40.", b"d55."):
        content[content.index(text) + 10] ^= 1
    path.write_bytes(content)
    said, rows, verified = rescued(path)
    assert (said.ranges, verified.faults) == (((82, 82), (112, 112)), ())
    assert rows == {number: written[number] for number in rows}


def test_a_file_that_is_nothing_gives_nothing(path):
    path.parent.mkdir(parents=True)
    for content in (b"", b"\0" * 3 * PAGE, b"\x0d" * 5 * PAGE, os.urandom(5 * PAGE)):
        path.write_bytes(content)
        said, rows, _ = rescued(path)
        assert (said.rows, rows) == (0, {})


@pytest.mark.parametrize("share", [0, 0.3, 0.9])
def test_a_log_cut_short_is_a_shorter_outbox_not_a_broken_one(path, author, tmp_path, share):
    store = Store.open(path)
    for _ in range(40):
        store.apply([author.commit(1)], (), 0)
    left = tmp_path / "left.db"
    for ending in ("", "-wal"):  # as a kill leaves it
        shutil.copy(path.with_name(path.name + ending), left.with_name(left.name + ending))
    store.close()
    log = left.with_name("left.db-wal")
    os.truncate(log, int(log.stat().st_size * share))
    found = Store.open(left)
    reader = Reader(left)
    assert reader.verify().faults == ()
    assert found.last_sequence <= 40
    assert (found.last_sequence == 0) == (share == 0)
    reader.close()
    found.close()


def test_the_gateway_goes_on_behind_what_it_salvaged(path, written, author):
    overwrite(path, page_of(path, b"d40."), b"\0" * PAGE)
    store = Store.open(path, now_ns=0)
    assert store.loss.salvaged > 80
    assert store.loss.lost > 0
    restored = store.restore()
    assert (restored.last_sequence, restored.states, restored.polls) == (120, {}, {})
    store.apply([author.commit()], (), 0)
    reader = Reader(path)
    verified = reader.verify()
    assert (verified.faults, verified.last_sequence, verified.lost) == ((), 121, store.loss.lost)
    assert len(reader.pending(0, 1000)) == store.loss.salvaged + 1
    reader.close()
    store.close()


def test_a_file_of_version_1_is_salvaged_by_its_chain(tmp_path):
    path = tmp_path / "old.db"
    shutil.copy(DATABASES / "version1.db", path)
    said, rows, verified = rescued(path)
    assert (said.rows, sorted(rows), verified.faults) == (6, [5, 7, 8, 9], ())
    connection = sqlite3.connect(path)
    connection.execute("UPDATE event SET body = '{}' WHERE sequence = 7")
    connection.commit()
    connection.close()
    said, rows, verified = rescued(path)
    assert (said.lost, sorted(rows), verified.faults) == (1, [5, 8, 9], ())


def test_an_outcome_whose_text_was_spoilt_says_nothing_of_a_delivery(path, written):
    connection = sqlite3.connect(path)
    (number,) = connection.execute(
        "SELECT max(sequence) FROM delivery WHERE outcome = 'acknowledged'"
    ).fetchone()
    connection.execute(
        "UPDATE delivery SET stream = CAST(x'53CF54' AS TEXT) WHERE sequence = ?", (number,)
    )
    connection.commit()
    connection.close()
    _, rows, verified = rescued(path)
    assert verified.faults == ()
    assert rows[number] == written[number]


class Sound:
    """A file without damage, and what was written to it."""

    def __init__(self, written, content):
        self.written = written
        self.content = content


@pytest.fixture(scope="module")
def sound(tmp_path_factory, new_author):
    path = tmp_path_factory.mktemp("sound") / "outbox.db"
    return Sound(fill(path, new_author(), rows=40), path.read_bytes())


flips = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=40
)


@settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(flips=flips)
def test_flipped_bytes_are_found_or_harmless_and_nothing_is_ever_invented(sound, flips):
    written, damaged = sound.written, bytearray(sound.content)
    for place, change in flips:
        damaged[int(place * len(damaged))] ^= change
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "outbox.db"
        path.write_bytes(damaged)
        _, rows, verified = rescued(path)
        assert verified.faults == ()
        assert rows == {number: written[number] for number in rows}
        found = look(path)
        if found is not None:  # nothing was found: then nothing is changed
            assert found == {number: written[number] for number in found}
            pending = set(range(1, 41)) - set(range(2, 41, 2)) - set(range(1, 12, 2))
            assert found.keys() == pending
        try:
            store = Store.open(path, now_ns=0)
        except OpenError:
            return  # it says that it is some other program's, or a newer gateway's
        store.close()


def look(path):
    """Return what is pending if a check finds no fault, else None."""
    try:
        reader = Reader(path)
    except ReadError:
        return None
    try:
        if reader.verify().faults:
            return None
        return {row.sequence: row for row in reader.pending(0, 1000)}
    except ReadError:
        return None
    finally:
        reader.close()
