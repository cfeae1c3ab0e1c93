"""The order of events on their way, by drawing what happens next and watching the two rules."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.bus.lanes import SHUT_MOST_S, Lanes
from gateway.outbox.types import Row

STREAMS = ("SLOT_PLAY", "SLOT_MONEY", "SLOT_SIGNIFICANT")


def make_row(sequence, asset="10101", stream="SLOT_PLAY"):
    return Row(sequence, f"edge1.b1.{sequence}", "x.y", "x", sequence, "s", asset, stream, 0, b"{}")


class Floor:
    """An outbox, lanes of a small memory, and a bus that answers as it is told."""

    def __init__(self, lane_rows=4, page_rows=2, overtaken_after_rows=10**6):
        self.lanes = Lanes(STREAMS, lane_rows, page_rows, overtaken_after_rows)
        self.lane_rows = lane_rows
        self.pending = {}
        self.under_way = {}
        self.sent = []
        self.settled = []
        self.now = 0.0
        self.read()

    def commit(self, asset, stream):
        row = make_row(len(self.pending) + len(self.settled) + 1, asset, stream)
        self.pending[row.sequence] = row
        self.lanes.offer(row)

    def read(self):
        while (page := self.lanes.wants()) is not None:
            rows = [
                row
                for sequence, row in sorted(self.pending.items())
                if sequence > page.after and row.stream == page.stream
            ]
            self.lanes.loaded(page, rows[: page.limit])

    def pump(self):
        self.read()
        while (row := self.lanes.next()) is not None:
            assert row.asset not in {other.asset for other in self.under_way.values()}
            self.under_way[row.sequence] = row
            self.sent.append(row)
            self.read()
        assert all(lane.rows <= self.lane_rows for lane in self.lanes.lanes.values())

    def take_any(self, choice):
        if not self.under_way:
            return None
        return self.under_way.pop(sorted(self.under_way)[choice % len(self.under_way)])

    def acknowledge(self, row):
        del self.pending[row.sequence]
        self.settled.append(row)
        self.lanes.settled(row)
        self.lanes.open(row.stream)

    def pass_time(self, seconds):
        self.now += seconds
        self.lanes.wake(self.now)

    def drain(self):
        """Let everything be acknowledged from now on."""
        for _ in range(10 * len(self.pending) + 10):
            self.pump()
            while (row := self.take_any(0)) is not None:
                self.acknowledge(row)
            self.pass_time(SHUT_MOST_S)
        self.pump()


def in_order(rows, key):
    last = {}
    for row in rows:
        if row.sequence <= last.get(key(row), 0):
            return False
        last[key(row)] = row.sequence
    return True


ASSETS = st.sampled_from(["10101", "10102", None])
COMMIT = st.tuples(st.just("commit"), ASSETS, st.sampled_from(STREAMS))
ANSWER = st.tuples(st.sampled_from(["ack", "lost", "hold"]), st.integers(0, 9), st.none())
REFUSE = st.tuples(st.just("shut"), st.integers(0, 9), st.none())
TIME = st.tuples(st.just("time"), st.sampled_from([0.1, 0.3, 5.0]), st.none())


def play(floor, steps):
    for what, one, two in steps:
        if what == "commit":
            floor.commit(one, two)
        elif what == "time":
            floor.pass_time(one)
        elif (row := floor.take_any(one)) is not None:
            if what == "ack":
                floor.acknowledge(row)
            elif what == "lost":
                floor.lanes.put_back(row)
            elif what == "hold":
                floor.lanes.hold(row, floor.now + 1)
            else:
                floor.lanes.shut(row, "full", floor.now)
        floor.pump()


@given(st.lists(st.one_of(COMMIT, COMMIT, COMMIT, ANSWER, ANSWER, TIME), max_size=80))
def test_while_no_lane_is_shut_an_asset_is_heard_in_order_over_all_streams(steps):
    floor = Floor()
    play(floor, steps)
    floor.drain()
    assert not floor.pending
    assert in_order(floor.settled, lambda row: row.asset)


@given(st.lists(st.one_of(COMMIT, COMMIT, ANSWER, REFUSE, TIME), max_size=80))
def test_whatever_is_shut_each_stream_has_each_asset_in_order_and_nothing_is_left(steps):
    floor = Floor()
    play(floor, steps)
    floor.drain()
    assert not floor.pending
    assert floor.lanes.rows == 0
    assert in_order(floor.settled, lambda row: (row.asset, row.stream))


def test_an_event_does_not_overtake_one_of_its_asset_that_is_still_in_the_outbox():
    floor = Floor()
    for _ in range(6):
        floor.commit("10102", "SLOT_PLAY")  # more than the lane keeps
    floor.commit("10101", "SLOT_PLAY")
    floor.commit("10101", "SLOT_MONEY")
    floor.pump()
    assert [row.asset for row in floor.under_way.values()] == ["10102"]
    floor.drain()
    assert [row.stream for row in floor.settled if row.asset == "10101"] == [
        "SLOT_PLAY",
        "SLOT_MONEY",
    ]


@given(
    st.integers(1, 8),
    st.lists(st.one_of(COMMIT, COMMIT, COMMIT, ANSWER, REFUSE, TIME), max_size=80),
)
def test_a_long_backlog_lets_others_pass_and_keeps_each_streams_order(overtaken_after_rows, steps):
    floor = Floor(overtaken_after_rows=overtaken_after_rows)
    play(floor, steps)
    floor.drain()
    assert not floor.pending
    assert floor.lanes.rows == 0
    assert not any(lane.astray for lane in floor.lanes.lanes.values())
    assert in_order(floor.settled, lambda row: (row.asset, row.stream))


def test_a_handpay_of_now_does_not_wait_for_last_nights_games():
    floor = Floor(overtaken_after_rows=8)
    for _ in range(100):
        floor.commit("10101", "SLOT_PLAY")
        floor.commit("10102", "SLOT_PLAY")
    floor.commit("10101", "SLOT_MONEY")
    for _ in range(10):  # the games that were sent before the backlog showed its length
        floor.pump()
        if not any(row.stream == "SLOT_MONEY" for row in floor.under_way.values()):
            floor.acknowledge(floor.take_any(0))
    assert "SLOT_MONEY" in {row.stream for row in floor.under_way.values()}
    floor.drain()
    assert in_order(floor.settled, lambda row: (row.asset, row.stream))
    assert not floor.pending


def test_a_short_backlog_keeps_the_order_over_all_streams():
    floor = Floor(overtaken_after_rows=8)
    for _ in range(3):
        floor.commit("10101", "SLOT_PLAY")
        floor.commit("10101", "SLOT_MONEY")
    floor.drain()
    assert in_order(floor.settled, lambda row: row.asset)


def test_a_full_stream_delays_only_its_own_class():
    floor = Floor()
    floor.commit("10101", "SLOT_PLAY")
    floor.commit("10101", "SLOT_MONEY")
    floor.pump()
    floor.lanes.shut(floor.take_any(0), "full", floor.now)
    floor.pump()
    assert [row.stream for row in floor.under_way.values()] == ["SLOT_MONEY"]


def test_a_stream_that_is_full_for_long_does_not_fill_the_memory_of_the_others():
    floor = Floor()
    floor.commit("10101", "SLOT_PLAY")
    floor.pump()
    floor.lanes.shut(floor.take_any(0), "full", floor.now)
    for n in range(50):
        floor.commit(f"{n}", "SLOT_PLAY")
    floor.commit("10101", "SLOT_MONEY")
    floor.pump()
    assert [row.stream for row in floor.under_way.values()] == ["SLOT_MONEY"]
    assert floor.lanes.rows <= 2 * floor.lane_rows


def test_a_shut_lane_is_tried_with_one_event_ever_more_rarely():
    floor = Floor(lane_rows=100, page_rows=10)
    for asset in ("10101", "10102", "10103"):
        floor.commit(asset, "SLOT_PLAY")
    floor.pump()
    while (row := floor.take_any(0)) is not None:
        floor.lanes.shut(row, "full", floor.now)
    waits = []
    for _ in range(8):
        due = floor.lanes.next_wake()
        waits.append(due - floor.now)
        floor.now = due
        floor.lanes.wake(floor.now)
        floor.pump()
        assert len(floor.under_way) == 1
        floor.lanes.shut(floor.take_any(0), "full", floor.now)
    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, SHUT_MOST_S, SHUT_MOST_S]


def test_trouble_is_told_when_it_begins_and_when_it_is_another_but_not_each_time():
    floor = Floor()
    floor.commit("10101", "SLOT_PLAY")
    told = []
    for why in ("full", "full", "missing"):
        floor.pump()
        told.append(floor.lanes.shut(floor.take_any(0), why, floor.now))
        floor.pass_time(SHUT_MOST_S)
    assert told == [True, False, True]


def test_a_lane_whose_assets_all_rest_is_not_looked_at_without_end():
    floor = Floor()
    floor.commit("10101", "SLOT_PLAY")
    floor.pump()
    floor.lanes.shut(floor.take_any(0), "full", floor.now)
    floor.commit("10101", "SLOT_MONEY")
    floor.pump()  # the asset is busy on the other lane
    floor.pass_time(1)
    assert floor.lanes.next_wake() > floor.now


def test_after_a_long_silence_the_newer_class_does_not_wait_for_a_stream_that_was_shut():
    floor = Floor()
    floor.commit("10101", "SLOT_PLAY")
    floor.pump()
    floor.lanes.shut(floor.take_any(0), "full", floor.now)
    for _ in range(20):
        floor.commit("10101", "SLOT_PLAY")
    floor.pass_time(1)
    floor.pump()
    floor.acknowledge(floor.take_any(0))  # it takes events again, and is far behind
    floor.commit("10102", "SLOT_MONEY")
    floor.pump()
    assert "SLOT_MONEY" in {row.stream for row in floor.under_way.values()}
