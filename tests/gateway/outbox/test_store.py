"""Whole transactions, without a hole, whatever the disk does: by hand, and against a plain list."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gateway.outbox.database import WAL_KEEP_BYTES
from gateway.outbox.marks import Keep
from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.types import Acknowledged, Commit, CommitError, Refused, Restored, SequenceError

STREAMS = {"door": "SLOT_SIGNIFICANT", "meter": "SLOT_METERS", "game": "SLOT_PLAY"}


def verified(path):
    reader = Reader(path)
    try:
        return reader.verify()
    finally:
        reader.close()


def test_events_states_polls_and_facts_come_back_after_a_restart(path, author):
    store = Store.open(path)
    commits = [
        Commit((author.row("door"),), {"10101": b"old", "10102": b"two"}, {"L1": 7}, {"a": "1"}),
        Commit((author.row("door"), author.row("power")), {"10101": b"new"}, {"L2": 1}),
    ]
    store.apply(commits, (), 0)
    store.close()
    store = Store.open(path)
    assert store.restore() == Restored(
        last_sequence=3,
        family_sequences={"door": 2, "power": 1},
        states={"10101": b"new", "10102": b"two"},
        polls={"L1": 7, "L2": 1},
        keys={"a": "1"},
        pending=3,
    )
    store.close()


def test_a_state_may_change_without_an_event(store):
    store.apply([Commit(states={"10101": b"s"}, polls={"L1": 2})], (), 0)
    restored = store.restore()
    assert (restored.states, restored.polls, restored.pending) == ({"10101": b"s"}, {"L1": 2}, 0)


def test_rows_that_do_not_continue_the_disk_are_a_defect_and_store_nothing(store, author):
    store.apply([author.commit()], (), 0)
    author.row()
    with pytest.raises(SequenceError, match="sequence 3, expected 2"):
        store.apply([Commit(states={"10101": b"s"}), author.commit()], (), 0)
    assert store.restore().states == {}
    assert store.last_sequence == 1


@pytest.mark.parametrize("place", ["before_commit", "after_commit"])
def test_a_batch_tried_again_is_stored_exactly_once_wherever_the_disk_failed(
    store, author, disk, place
):
    store.apply([author.commit(3)], (), 0)
    disk.place, disk.failures = place, 2
    batch = ([author.commit(2), Commit(states={"10101": b"s"})], [Refused(1, "too large")], 9)
    # a failure after the commit is found to be none when it is tried again
    for _ in range(2 if place == "before_commit" else 1):
        with pytest.raises(CommitError, match=r"the disk answered with an error.*Input/output"):
            store.apply(*batch)
    store.apply(*batch)
    disk.failures = 0
    store.apply([author.commit()], (), 0)
    assert (store.last_sequence, store.restore().pending) == (6, 5)
    assert verified(store.path).faults == ()


def test_a_failed_pruning_deletes_nothing(store, author, disk):
    store.apply([author.commit(2)], (), 0)
    store.apply((), [Acknowledged(1, "SLOT_SIGNIFICANT", 1)], 0)
    disk.place, disk.failures = "before_prune_commit", 1
    with pytest.raises(CommitError):
        store.prune(Keep(0, 0), 10, 10)
    assert verified(store.path).rows == 2
    assert store.prune(Keep(0, 0), 10, 10) == 1


def test_a_full_file_says_so_and_takes_the_batch_when_there_is_room(store, author):
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages + 1}")
    batch = [author.commit(50)]
    with pytest.raises(CommitError, match="full, or the file at its size limit: free space"):
        store.apply(batch, (), 0)
    assert (store.last_sequence, verified(store.path).rows) == (0, 0)
    store._connection.execute("PRAGMA max_page_count = 1000000")
    store.apply(batch, (), 0)
    assert store.last_sequence == 50


def test_a_file_taken_away_or_exchanged_is_noticed_before_anything_is_written_to_it(store, author):
    copy = store.path.with_name("copy")
    shutil.copy(store.path, copy)
    copy.rename(store.path)
    with pytest.raises(CommitError, match="removed or replaced while in use; restart"):
        store.apply([author.commit()], (), 0)


def test_the_write_ahead_log_stays_within_its_bound(store, author):
    log = store.path.with_name(store.path.name + "-wal")
    largest = checkpoints = 0
    for _ in range(110):
        commit = Commit(author.commit(200, body=b"x" * 1200).rows, {"10101": b"s" * 3000})
        store.apply([commit], (), 0)
        if store.checkpoint_due:
            store.checkpoint()
            checkpoints += 1
        largest = max(largest, log.stat().st_size)
    assert checkpoints >= 2
    assert largest < WAL_KEEP_BYTES


def test_the_log_stays_within_its_bound_though_every_process_is_killed_early(
    path, author, monkeypatch
):
    monkeypatch.setattr("gateway.outbox.store.CHECKPOINT_BYTES", 200_000)
    largest = checkpoints = 0
    for life in range(12):  # each writes less than what is worth a checkpoint
        store = Store.open(path, synchronous="OFF")
        if store.checkpoint_due:
            store.checkpoint()
            checkpoints += 1
        for _ in range(4):
            store.apply([author.commit(10, body=b"x" * 1000)], (), 0)
        left = path.with_name(f"{life}.db")
        for ending in ("", "-wal"):  # what a killed process leaves
            shutil.copy(f"{path}{ending}", f"{left}{ending}")
        store.close()
        path = left
        largest = max(largest, path.with_name(f"{path.name}-wal").stat().st_size)
    assert checkpoints >= 3
    assert largest < 600_000


def test_a_reader_that_stays_holds_the_log_and_that_is_known(store, author):
    reader = Reader(store.path)
    with reader._snapshot():
        reader._connection.execute("SELECT count(*) FROM event").fetchone()
        store.apply([author.commit()], (), 0)
        store.checkpoint()
        assert store.wal_pages_held > 0
    store.checkpoint()
    assert store.wal_pages_held == 0
    reader.close()


class AgainstAList(RuleBasedStateMachine):
    """The store beside plain Python: appended, marked, pruned, failed, killed, opened again."""

    events_written = 0  # in all lives, so that a machine that does nothing is seen
    new_author = None
    new_disk = None

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="outbox-"))
        self.life = 0
        self.now_ns = 0
        self.author = self.new_author()
        self.disk = self.new_disk()
        self.rows = {}  # sequence -> row, of those not pruned
        self.ended = {}  # sequence -> (outcome, moment), of those not pruned
        self.totals = {"acknowledged": 0, "refused": 0, "shed": 0}
        self.stubs = {}  # sequence -> moment, of those not pruned
        self.replays = {}  # sequence -> times
        self.untold = 0  # rows shed or refused of which no event tells yet
        self.states = {}
        self.open()

    def open(self):
        self.path = self.folder / f"{self.life}" / "outbox.db"
        self.store = Store.open(self.path, synchronous="OFF", at=self.disk)
        self.reader = Reader(self.path)

    def teardown(self):
        type(self).events_written += self.author.sequence
        self.reader.close()
        self.store.close()
        shutil.rmtree(self.folder)

    def commit(self, families):
        rows = tuple(self.author.row(family, stream=STREAMS[family]) for family in families)
        self.rows |= {row.sequence: row for row in rows}
        state = f"after {self.author.sequence}".encode()
        self.states["10101"] = state
        return Commit(rows, {"10101": state}, {"L1": self.author.sequence})

    def mark(self, sequences, outcome):
        made = []
        for sequence in sequences:
            if outcome == "acknowledged":
                made.append(Acknowledged(sequence, "SLOT_PLAY", sequence))
            else:
                made.append(Refused(sequence, "too large"))
            if sequence not in self.ended and sequence in self.rows:
                self.ended[sequence] = (outcome, self.now_ns)
                self.totals[outcome] += 1
                self.untold += outcome == "refused"
        return made

    batches = st.lists(st.lists(st.sampled_from(sorted(STREAMS)), max_size=4), max_size=3)
    outcomes = st.sampled_from(["acknowledged", "refused"])

    @rule(batches=batches)
    def append(self, batches):
        self.store.apply([self.commit(families) for families in batches], (), self.now_ns)

    @rule(
        batches=batches,
        place=st.sampled_from(["before_commit", "after_commit"]),
        failures=st.integers(1, 3),
        data=st.data(),
        outcome=outcomes,
    )
    def append_and_mark_on_a_bad_disk(self, batches, place, failures, data, outcome):
        chosen = self.some_rows(data)
        commits = [self.commit(families) for families in batches]
        marks = self.mark(chosen, outcome)
        self.disk.place, self.disk.failures = place, failures
        while True:
            try:
                self.store.apply(commits, marks, self.now_ns)
            except CommitError:
                continue
            break
        self.disk.failures = 0

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), outcome=outcomes)
    def end(self, data, outcome):
        self.store.apply((), self.mark(self.some_rows(data), outcome), self.now_ns)

    def some_rows(self, data):
        if not self.rows:
            return []
        return data.draw(st.lists(st.sampled_from(sorted(self.rows)), max_size=6))

    @rule(seconds=st.integers(0, 5))
    def time_passes(self, seconds):
        self.now_ns += seconds * 10**9

    @rule(limit=st.integers(1, 4))
    def prune(self, limit):
        keep = Keep(acknowledged_s=2, refused_s=4)
        old = [
            sequence
            for sequence, (outcome, moment_ns) in self.ended.items()
            if self.now_ns - moment_ns > (2 if outcome == "acknowledged" else 4) * 10**9
        ]
        old_stubs = {
            one for one, moment_ns in self.stubs.items() if self.now_ns - moment_ns > 4 * 10**9
        }
        pruned = self.store.prune(keep, self.now_ns, limit)
        gone = self.rows.keys() - self.stored("event")
        gone_stubs = self.stubs.keys() - self.stored("stub")
        assert gone <= set(old)
        assert len(gone) == min(limit, len(old))
        assert gone_stubs <= old_stubs
        assert pruned == len(gone) + len(gone_stubs) <= limit
        for sequence in gone:
            del self.rows[sequence], self.ended[sequence]
            self.replays.pop(sequence, None)
        for sequence in gone_stubs:
            del self.stubs[sequence]

    def stored(self, table):
        found = self.store._connection.execute(f"SELECT sequence FROM {table}")
        return {sequence for (sequence,) in found}

    @rule(limit=st.integers(1, 6), failures=st.integers(0, 2))
    def shed_on_a_bad_disk(self, limit, failures):
        self.disk.place, self.disk.failures = "before_prune_commit", failures
        play = [
            one
            for one, row in sorted(self.rows.items())
            if row.stream == "SLOT_PLAY" and one not in self.ended
        ][:limit]
        while True:
            try:
                assert self.store.shed("SLOT_PLAY", limit, self.now_ns) == len(play)
            except CommitError:
                continue
            break
        self.disk.failures = 0
        for sequence in play:
            del self.rows[sequence]
            self.stubs[sequence] = self.now_ns
        self.totals["shed"] += len(play)
        self.untold += len(play)

    @rule(first=st.integers(1, 60), count=st.integers(0, 20), limit=st.integers(1, 5))
    def replay(self, first, count, limit):
        again = [one for one in sorted(self.ended) if first <= one <= first + count][:limit]
        replayed = self.store.replay(first, first + count, limit)
        for sequence in again:
            outcome, _ = self.ended.pop(sequence)
            self.totals[outcome] -= 1
            self.replays[sequence] = self.replays.get(sequence, 0) + 1
        assert replayed == tuple(self.as_sent(sequence) for sequence in again)

    @rule()
    def tell_losses(self):
        losses = self.reader.losses()
        told = Commit(self.commit(["door"]).rows, told_to=losses.to)
        self.store.apply([told], (), self.now_ns)
        self.states["10101"] = self.store.restore().states.get("10101")
        if self.states["10101"] is None:
            del self.states["10101"]
        self.untold = 0

    def as_sent(self, sequence):
        return replace(self.rows[sequence], replays=self.replays.get(sequence, 0))

    @rule(checkpoint=st.booleans())
    def crash(self, checkpoint):
        """Drop the process image: what the kernel has of the files is all that is left."""
        if checkpoint:
            self.store.checkpoint()
        self.life += 1
        left = self.folder / f"{self.life}" / "outbox.db"
        left.parent.mkdir()
        for ending in ("", "-wal"):
            shutil.copy(f"{self.path}{ending}", f"{left}{ending}")
        self.reader.close()
        self.store.close()
        self.open()
        assert self.store.loss is None

    @rule()
    def restart(self):
        self.reader.close()
        self.store.close()
        self.open()

    @invariant()
    def the_store_says_what_the_list_says(self):
        pending = [self.as_sent(one) for one in sorted(self.rows.keys() - self.ended.keys())]
        assert self.reader.pending(0, 10_000) == pending
        middle = self.author.sequence // 2
        tail = [row for row in pending if row.sequence > middle]
        assert self.reader.pending(middle, 2) == tail[:2]
        counts = self.reader.counts()
        assert counts.depth == len(pending)
        assert counts.oldest_pending_ns == (pending[0].time_ns if pending else None)
        assert counts.last_sequence == self.store.last_sequence == self.author.sequence
        assert self.totals == {
            "acknowledged": counts.acknowledged, "refused": counts.refused, "shed": counts.shed,
        }  # fmt: skip
        assert sum(loss.rows for loss in self.reader.losses().losses) == self.untold

    @invariant()
    def nothing_is_missing_and_nothing_was_changed(self):
        found = self.reader.verify()
        assert found.faults == ()
        assert (found.rows, found.shed) == (len(self.rows), len(self.stubs))
        known = found.rows + found.pruned + found.shed
        assert known == found.last_sequence == self.author.sequence
        assert self.reader.head() == (found.last_sequence, found.head)

    @invariant()
    def what_meaning_remembers_fits_the_events(self):
        restored = self.store.restore()
        assert restored.states == self.states
        assert restored.family_sequences == dict(self.author.families)
        assert restored.pending == len(self.rows) - len(self.ended)


def test_whatever_happens_in_whatever_order_the_store_says_what_a_list_would(new_author, disk):
    machine = type("Machine", (AgainstAList,), {"new_author": new_author, "new_disk": type(disk)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert machine.events_written > 40
