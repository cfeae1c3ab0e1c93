"""The daemon in this process: what it finds in its outbox at a start."""

import asyncio
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge_config.loader import load_toml
from edge_config.places import find_places
from edge_config.site import Site
from gateway.edge.daemon import Daemon
from gateway.events.envelope import decode
from gateway.outbox import structure
from gateway.outbox.files import suspicion
from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.types import Commit, Row

SITE = (Path(__file__).parents[2] / "smallest_site.toml").read_text()
PAGE = 4096
PATIENCE_S = 60


@pytest.fixture
def places(tmp_path):
    path = tmp_path / "site.toml"
    path.write_text(SITE)
    return find_places(load_toml(path, Site), path, run_folder=tmp_path / "run", environment={})


def fill(places, states):
    """Leave an outbox of many pages, as the last process."""
    store = Store.open(places.outbox, synchronous="OFF")
    rows = tuple(
        Row(number, f"g.b0.{number}", "game.started", "game", number, "slot.v1.x", "101",
            "SLOT_PLAY", number, b"{}" + b" " * 500)
        for number in range(1, 101)
    )  # fmt: skip
    store.apply([Commit(rows, states)], (), 0)
    store.close()


async def told(places, *wanted):
    """Run the daemon until it has told events of these types, stop it, and return their data."""
    running = asyncio.create_task(Daemon(places).run())
    reader = Reader(places.outbox)
    found = {}
    async with asyncio.timeout(PATIENCE_S):
        while not running.done() and not found.keys() >= set(wanted):
            await asyncio.sleep(0.01)
            events = [decode(row.body) for row in reader.pending(100, 1000)]
            found = {event.name: event.data for event in events}
        assert not running.done(), running.exception()
        os.kill(os.getpid(), signal.SIGTERM)
        await running
    reader.close()
    return [found[name] for name in wanted]


async def test_a_state_that_is_not_what_was_stored_is_told_and_its_machine_has_a_gap(places):
    fill(places, {"101": b'{"doors":["slot"]}'})
    with closing(sqlite3.connect(places.outbox)) as connection:
        connection.execute("UPDATE state SET body = '{}'")
        connection.commit()
    loss, gap = await told(places, "gateway.storeloss", "link.gap")
    assert loss["reason"] == "what was kept of 101 is not what was stored"
    assert gap["cause"] == "store_lost"


async def test_a_file_too_large_to_be_checked_at_the_start_is_checked_beside_the_polling(
    places, monkeypatch, caplog
):
    monkeypatch.setattr(structure, "START_S", 0)
    fill(places, {})
    content = bytearray(places.outbox.read_bytes())
    at = content.index(b"g.b0.20game") // PAGE * PAGE
    content[at : at + 8] = b"\x77" * 8
    places.outbox.write_bytes(content)
    [loss] = await told(places, "gateway.storeloss")
    assert loss["reason"].startswith("damaged, and still in use: ")
    assert "Restart the gateway when that suits you" in caplog.text
    assert suspicion(places.outbox).exists()
