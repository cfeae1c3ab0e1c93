"""How deliveries end, and what goes when it has been kept long enough."""

import pytest

from gateway.outbox.marks import Keep, runs
from gateway.outbox.reader import Reader
from gateway.outbox.types import Acknowledged, Refused

DAY_NS = 86_400 * 10**9
KEEP = Keep(acknowledged_s=7 * 86_400, refused_s=90 * 86_400)


@pytest.fixture
def reader(store):
    reader = Reader(store.path)
    yield reader
    reader.close()


def acknowledged(*sequences):
    return [Acknowledged(one, "SLOT_SIGNIFICANT", 1000 + one) for one in sequences]


def kept(store):
    return [one for (one,) in store._connection.execute("SELECT sequence FROM event")]


def anchors(store):
    return store._connection.execute("SELECT first, last FROM anchor ORDER BY first").fetchall()


def test_runs_of_neighbours_are_found():
    assert list(runs([])) == []
    assert list(runs([1, 2, 3, 5, 7, 8])) == [(1, 3), (5, 5), (7, 8)]


def test_the_acknowledgement_is_kept_with_its_stream_number_and_moment(store, author):
    store.apply([author.commit(2)], (), 0)
    marks = [Acknowledged(1, "SLOT_SIGNIFICANT", 77, duplicate=True), Refused(2, "too large")]
    store.apply((), marks, 5)
    assert store._connection.execute("SELECT * FROM delivery").fetchall() == [
        (1, "acknowledged", "SLOT_SIGNIFICANT", 77, 1, None, 5),
        (2, "refused", None, None, None, "too large", 5),
    ]


def test_the_first_outcome_of_a_row_stands(store, author, reader):
    store.apply([author.commit(2)], (), 0)
    store.apply((), [Refused(1, "no permission"), *acknowledged(1)], 1)
    store.apply((), acknowledged(1, 2, 2), 2)
    store.apply((), [Refused(2, "too late")], 3)
    counts = reader.counts()
    assert (counts.acknowledged, counts.refused, counts.depth) == (1, 1, 0)
    assert reader.verify().faults == ()


def test_acknowledged_rows_go_after_a_week_and_refused_ones_after_three_months(store, author):
    store.apply([author.commit(3)], (), 0)
    store.apply((), [*acknowledged(1), Refused(2, "too large")], 0)
    for day, expected in ((7, [1, 2, 3]), (8, [2, 3]), (90, [2, 3]), (91, [3])):
        store.prune(KEEP, day * DAY_NS, 10)
        assert kept(store) == expected


def test_a_pending_row_stays_and_holds_up_nothing_behind_it(store, author, reader):
    store.apply([author.commit(7)], (), 0)
    store.apply((), acknowledged(1, 2, 4, 5, 7), 0)
    assert store.prune(KEEP, 8 * DAY_NS, 10) == 5
    assert kept(store) == [3, 6]
    assert anchors(store) == [(1, 2), (4, 5), (7, 7)]
    assert [row.sequence for row in reader.pending(0, 10)] == [3, 6]
    assert reader.verify().faults == ()


def test_anchors_that_touch_become_one(store, author, reader):
    store.apply([author.commit(7)], (), 0)
    for sequences in ((1, 2), (4,), (6,), (3,), (5,), (7,)):
        store.apply((), acknowledged(*sequences), 0)
        store.prune(KEEP, 8 * DAY_NS, 10)
        assert reader.verify().faults == ()
    assert anchors(store) == [(1, 7)]
    assert kept(store) == []


def test_pruning_goes_by_steps(store, author):
    store.apply([author.commit(5)], (), 0)
    store.apply((), [*acknowledged(1, 2, 3), Refused(4, "x"), Refused(5, "x")], 0)
    steps = [store.prune(KEEP, 91 * DAY_NS, 2) for _ in range(4)]
    assert steps == [2, 2, 1, 0]


def test_the_totals_remember_what_was_pruned(store, author, reader):
    store.apply([author.commit(3)], (), 0)
    store.apply((), acknowledged(1, 2, 3), 0)
    store.prune(KEEP, 8 * DAY_NS, 10)
    counts = reader.counts()
    assert (counts.acknowledged, counts.last_sequence) == (3, 3)
