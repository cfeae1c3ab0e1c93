"""The outbox's books become events: seals, and a gap for what nobody will get."""

import pytest

from edge_config.loader import load_toml
from edge_config.site import Site
from gateway.edge.clock import RealClock
from gateway.edge.ledger import Ledger
from gateway.edge.recorder import Recorder
from gateway.events.envelope import decode
from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.types import Commit, Refused, Row
from gateway.outbox.writer import InlineWriter

SITE = "edge_config/sites/demo_floor.toml"


class Books:
    """An outbox with some games of two machines, and the ledger beside it."""

    def __init__(self, folder):
        self.store = Store.open(folder / "outbox.sqlite", synchronous="OFF")
        self.writer = InlineWriter(self.store, wall_ns=RealClock().wall_ns)
        rows = [
            Row(number, f"edge1.b0.{number}", "game.started", "game", number, "slot.v1.x", asset,
                "SLOT_PLAY", number * 10**9, b"{}")
            for number, asset in enumerate(["10101", "10102", "10101", "10101"], 1)
        ]  # fmt: skip
        self.store.apply([Commit(tuple(rows))], (), 0)
        self.reader = Reader(self.store.path)
        self.committed = []
        recorder = Recorder(
            load_toml(SITE, Site), "b1", self.store.restore(), InlineWriter(
                self.store, wall_ns=RealClock().wall_ns),
            RealClock(), lambda rows, _: self.committed.extend(rows),
        )  # fmt: skip
        self.ledger = Ledger(recorder, self.reader, self.writer, RealClock())

    def pending(self):
        return [decode(row.body) for row in self.reader.pending(4, 100)]


@pytest.fixture
def books(tmp_path):
    books = Books(tmp_path)
    yield books
    books.reader.close()
    books.store.close()


async def test_the_head_of_the_chain_is_sealed_as_it_is_on_disk(books):
    sequence, chain = books.reader.head()
    await books.ledger.seal().on_disk()
    seal = books.pending()[0]
    assert (seal.name, seal.data) == (
        "gateway.sealed", {"last_sequence": sequence, "chain": chain.hex()},
    )  # fmt: skip
    assert books.reader.verify({sequence: bytes.fromhex(seal.data["chain"])}).faults == ()


async def test_shed_play_is_one_gap_a_machine_told_once(books):
    books.store.shed("SLOT_PLAY", 3, 0)
    await books.ledger.tell_losses().on_disk()
    assert books.ledger.tell_losses() is None
    told = [(gap.name, gap.subject, gap.data) for gap in books.pending()]
    assert told == [
        ("link.gap", "10101", {"cause": "shed", "gap_s": 2.0, "meters_before": {}, "events": 2,
                               "first_sequence": 1, "last_sequence": 3}),
        ("link.gap", "10102", {"cause": "shed", "gap_s": 0.0, "meters_before": {}, "events": 1,
                               "first_sequence": 2, "last_sequence": 2}),
    ]  # fmt: skip


async def test_a_gap_not_yet_told_at_a_kill_is_told_by_the_next_process(books):
    books.store.shed("SLOT_PLAY", 1, 0)
    again = Reader(books.store.path)
    assert [(loss.asset, loss.rows) for loss in again.losses().losses] == [("10101", 1)]
    again.close()


async def test_an_event_found_damaged_is_refused_and_told(books):
    books.store._connection.execute("UPDATE event SET body = '[]' WHERE sequence = 2")
    assert [row.sequence for row in books.reader.pending(0, 9)] == [1, 3, 4]
    books.ledger.tell_losses()
    books.store.apply((), [Refused(2, "x")], 0)  # the mark rides on the next transaction
    await books.ledger.tell_losses().on_disk()
    gap = books.pending()[0]
    assert (gap.subject, gap.data["cause"], gap.data["first_sequence"]) == ("10102", "refused", 2)


async def test_a_store_that_was_lost_is_a_gap_for_each_machine(books):
    await books.ledger.store_lost(["10101", "10102"], 9 * 10**9).on_disk()
    gaps = books.pending()
    assert [(gap.subject, gap.data["cause"]) for gap in gaps] == [
        ("10101", "store_lost"), ("10102", "store_lost"),
    ]  # fmt: skip


async def test_a_state_that_is_not_what_was_stored_is_told_and_its_machine_begins_anew(books):
    connection = books.store._connection
    facts = {"last.10102": "51", "up.10101": "1", "birthid": "b0"}
    states = {"10101": b'{"doors":["slot"]}', "10102": b"{}"}
    books.store.apply([Commit((), states, {}, facts)], (), 0)
    assert books.ledger.kept_lost(books.store.restore().damaged, states) is None
    connection.execute("UPDATE state SET body = ? WHERE name = '10101'", (b'{"doors":["slnt"]}',))
    connection.execute("UPDATE fact SET text = '11' WHERE name = 'last.10102'")
    restored = books.store.restore()
    assert sorted(restored.damaged) == ["10101", "last.10102"]
    assert restored.states == {"10102": b"{}"}
    assert restored.keys == {"up.10101": "1", "birthid": "b0"}
    await books.ledger.kept_lost(restored.damaged, ["10101", "10102", "10103"]).on_disk()
    loss, *gaps = books.pending()
    assert loss.name == "gateway.storeloss"
    assert loss.data["reason"] == "what was kept of 10101, 10102 is not what was stored"
    assert [(gap.subject, gap.data["cause"]) for gap in gaps] == [
        ("10101", "store_lost"), ("10102", "store_lost"),
    ]  # fmt: skip


async def test_a_fact_of_the_gateway_that_is_damaged_is_told_without_a_gap(books):
    books.store.apply([Commit((), {}, {}, {"birthid": "b0"})], (), 0)
    books.store._connection.execute("UPDATE fact SET text = x'ff00' WHERE name = 'birthid'")
    restored = books.store.restore()
    assert restored.damaged == ("birthid",)
    await books.ledger.kept_lost(restored.damaged, ["10101"]).on_disk()
    assert [one.name for one in books.pending()] == ["gateway.storeloss"]
