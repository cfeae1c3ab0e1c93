"""What a consumer remembers of what it has handled, and what it finds missing."""

import sqlite3
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bus.durable import Source, whole_families
from gateway.bus.seen import SCHEMA, Hole, HoleWatch, SeenEvents


def event(n, family="handpay", gateway="edge1", birthid="b1", name=None, data=None):
    return SimpleNamespace(
        gateway=gateway, birthid=birthid, family=family, familysequence=n,
        name=name or f"{family}.pending", data=data or {},
    )  # fmt: skip


def heartbeat(n, birthid="b1", **heads):
    data = {"last_familysequence": heads}
    return event(n, "gateway", birthid=birthid, name="gateway.heartbeat", data=data)


def memory():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(SCHEMA)
    return connection


@pytest.fixture
def connection():
    connection = memory()
    yield connection
    connection.close()


@pytest.fixture
def seen(connection):
    return SeenEvents(connection)


def take(seen, *numbers, **options):
    return [seen.claim(event(n, **options), 1000) for n in numbers]


def rows(connection):
    return connection.execute("SELECT birthid, family, first, last FROM seen").fetchall()


def test_a_family_without_a_hole_is_one_row(connection, seen):
    assert all(take(seen, *range(1, 1001)))
    assert rows(connection) == [("b1", "handpay", 1, 1000)]


@given(st.lists(st.tuples(st.sampled_from(["b1", "b2"]), st.integers(1, 12)), max_size=60))
def test_an_event_is_claimed_once_in_whatever_order_events_come(drawn):
    connection = memory()
    seen, known = SeenEvents(connection), set()
    for birthid, n in drawn:
        assert seen.claim(event(n, birthid=birthid), 1000) is ((birthid, n) not in known)
        known.add((birthid, n))
    kept = {(birthid, n) for birthid, _, first, last in rows(connection)
            for n in range(first, last + 1)}  # fmt: skip
    assert kept == known
    neighbours = {(birthid, first - 1) for birthid, _, first, _ in rows(connection)}
    assert not neighbours & known, "two ranges that touch are one"
    connection.close()


def test_a_range_that_is_rolled_back_is_not_kept(connection, seen):
    take(seen, 1, 3)
    connection.execute("BEGIN")
    take(seen, 2)
    connection.execute("ROLLBACK")
    assert seen.holes(["handpay"]) == [Hole("edge1", "handpay", 2, 2)]
    assert take(seen, 2) == [True]
    assert not seen.holes(["handpay"])


def test_what_lies_between_two_numbers_is_missing_and_what_lies_before_the_first_is_not(seen):
    take(seen, 40, 41, 44, 47)
    assert seen.holes(["handpay"]) == [
        Hole("edge1", "handpay", 42, 43), Hole("edge1", "handpay", 45, 46),
    ]  # fmt: skip
    assert not seen.holes(["door"])


def test_each_planted_hole_is_found_and_a_clean_day_has_none(seen):
    planted = set(range(7, 1000, 20))
    assert len(planted) == 50
    take(seen, *(n for n in range(1, 1001) if n not in planted))
    assert {hole.first for hole in seen.holes(["handpay"])} == planted
    take(seen, *planted)
    assert not seen.holes(["handpay"])


def test_the_heartbeat_shows_that_the_newest_event_is_missing(seen):
    take(seen, 1, 2)
    seen.note_heartbeat(heartbeat(9, handpay=3, door=7), 1000)
    assert seen.holes(["handpay"]) == [Hole("edge1", "handpay", 3, 3)]
    take(seen, 3, 4)
    assert not seen.holes(["handpay"]), "the next event may come before the next heartbeat"
    assert not seen.holes(["door"]), "nothing was ever read of it: where it began is not known"


def test_a_restart_numbers_on_and_what_fell_between_two_births_is_missing(seen):
    take(seen, 1, 2, 3)
    take(seen, 6, 7, birthid="b2")
    assert seen.holes(["handpay"]) == [Hole("edge1", "handpay", 4, 5)]


def test_births_follow_each_other_as_they_came_whatever_their_ids(seen):
    take(seen, 1, 2, birthid="f0")
    take(seen, 3, 4, birthid="c7")
    take(seen, 5, 6, birthid="e3")
    take(seen, 7, 9, birthid="a1")
    assert seen.holes(["handpay"]) == [Hole("edge1", "handpay", 8, 8)]


def test_a_hole_at_the_end_of_a_birth_is_found_whatever_the_next_ones_id(seen):
    take(seen, 1, 2, birthid="f0")
    take(seen, 4, birthid="a1")
    assert seen.holes(["handpay"]) == [Hole("edge1", "handpay", 3, 3)]


def test_the_first_event_after_the_first_heartbeat_is_missed_too(seen):
    seen.note_heartbeat(heartbeat(1, handpay=10), 1000)
    assert not seen.holes(["handpay"])
    seen.note_heartbeat(heartbeat(2, handpay=12), 2000)
    assert seen.holes(["handpay"]) == [Hole("edge1", "handpay", 11, 12)]
    take(seen, 12)
    assert seen.holes(["handpay"]) == [Hole("edge1", "handpay", 11, 11)]
    take(seen, 11, 10, 9)
    assert not seen.holes(["handpay"]), "what came before the first heartbeat may be read too"


def test_a_family_that_the_first_heartbeat_does_not_name_has_told_nothing_by_then(seen):
    seen.note_heartbeat(heartbeat(1, gateway=1), 1000)
    take(seen, 2)
    seen.note_heartbeat(heartbeat(2, gateway=2, handpay=2, door=3), 2000)
    assert seen.holes(["handpay", "door"]) == [
        Hole("edge1", "handpay", 1, 1), Hole("edge1", "door", 1, 3),
    ]  # fmt: skip


def test_what_is_forgotten_after_weeks_is_not_missing(seen):
    seen.note_heartbeat(heartbeat(1, gateway=1), 1000)
    take(seen, 1, 2, 3)
    seen.note_heartbeat(heartbeat(2, gateway=2, handpay=3), 1000)
    seen.note_heartbeat(heartbeat(3, gateway=3, handpay=3), 9000)
    seen.prune(5000, 100, 1000)
    assert not seen.holes(["handpay"])
    seen.note_heartbeat(heartbeat(4, gateway=4, handpay=4), 9500)
    assert seen.holes(["handpay"]) == [Hole("edge1", "handpay", 4, 4)]


def test_a_birth_that_is_forgotten_leaves_nothing(connection, seen):
    take(seen, 1, birthid="f0")
    seen.note_heartbeat(heartbeat(1, birthid="f0", handpay=1), 1000)
    seen.prune(5000, 100, 1000)
    assert connection.execute("SELECT count(*) FROM birth").fetchone() == (0,)


def test_a_new_outbox_numbers_from_one_again(seen):
    take(seen, 1, 2, 3, 4, 5)
    take(seen, 2, 3, birthid="b2")
    assert seen.holes(["handpay"]) == [Hole("edge1", "handpay", 1, 1)]


def test_gateways_have_numbers_of_their_own(seen):
    take(seen, 5, 6)
    take(seen, 900, 901, gateway="edge2")
    assert not seen.holes(["handpay"])


def test_an_event_that_could_not_be_handled_is_not_missing_and_may_come_again(seen):
    take(seen, 1, 3)
    seen.bury(event(2), 1000)
    assert not seen.holes(["handpay"])
    assert take(seen, 2) == [True]


def test_what_has_not_grown_for_long_is_forgotten_and_so_are_too_many(connection, seen):
    for n in range(1, 21, 2):
        seen.claim(event(n), n)
    seen.prune(before_ns=6, limit=2, most=100)
    assert [first for _, _, first, _ in rows(connection)] == [5, 7, 9, 11, 13, 15, 17, 19]
    seen.prune(before_ns=0, limit=100, most=3)
    assert [first for _, _, first, _ in rows(connection)] == [15, 17, 19]


def test_a_late_event_is_no_hole_until_the_grace_is_over():
    watch = HoleWatch(60.0)
    hole = Hole("edge1", "handpay", 4, 5)
    assert watch.look(0.0, [hole]) == ([], False)
    assert watch.look(59.0, [hole]) == ([], False)
    assert watch.look(60.0, [hole]) == ([hole], False)
    assert watch.open == (hole,)
    assert watch.look(61.0, [hole]) == ([], False), "it is told once"
    assert watch.look(62.0, []) == ([], True)
    assert watch.open == ()


def test_a_hole_that_is_filled_and_another_one_each_have_their_own_grace():
    watch = HoleWatch(60.0)
    watch.look(0.0, [Hole("edge1", "door", 4, 5)])
    assert watch.look(60.0, [Hole("edge1", "door", 9, 9)]) == ([], False)
    fresh, _ = watch.look(120.0, [Hole("edge1", "door", 9, 9)])
    assert [str(hole) for hole in fresh] == ["door 9 of edge1"]


def test_only_of_families_that_are_read_whole_an_event_can_be_missed():
    assert whole_families([Source("SLOT_SIGNIFICANT", ("slot.v1.demo.*.door.>",))]) == ("door",)
    assert whole_families([Source("SLOT_MONEY", ("slot.v1.demo.*.handpay.pending.*",))]) == ()
    assert whole_families([Source("SLOT_MONEY", ("slot.v1.demo.edge1.handpay.>",))]) == ()
    assert "handpay" in whole_families([Source("SLOT_MONEY")])
    assert whole_families([Source("FLOOR")]) == ()
