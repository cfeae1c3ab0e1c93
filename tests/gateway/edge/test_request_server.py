"""What people tell the gateway of a machine: over a socket that knows who they are."""

import asyncio
import json
import os
import pwd
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_config.loader import load_toml
from edge_config.places import find_places
from edge_config.site import Site
from gateway.cli.main import main
from gateway.edge.clock import RealClock, moment
from gateway.edge.egm import EgmWork
from gateway.edge.recorder import Recorder
from gateway.edge.request_server import RequestServer
from gateway.events.encode import Place
from gateway.events.envelope import decode
from gateway.meaning.engine import EgmFacts
from gateway.meaning.observation import Observation
from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.writer import InlineWriter
from protocols.sas.replies import ExceptionReply

SITE = Path(__file__).parents[3] / "edge_config/sites/demo_floor.toml"
ME = pwd.getpwuid(os.getuid()).pw_name


class Running:
    """One EGM's work, its outbox, and the socket."""

    def __init__(self, folder):
        site = load_toml(SITE, Site)
        self.places = find_places(site, SITE, run_folder=folder, environment={})
        self.places.gateway_folder.mkdir(parents=True)
        self.clock, self.wished = RealClock(), []
        store = Store.open(self.places.outbox, synchronous="OFF")
        self.writer = InlineWriter(store, wall_ns=self.clock.wall_ns)
        recorder = Recorder(
            site, "b1", store.restore(), self.writer, self.clock, lambda *_: None
        )  # fmt: skip
        egm = site.egms[0]
        self.asset = egm.asset
        place = Place(site.site.id, site.gateway.id, site.site.jurisdiction)
        facts = EgmFacts(asset=egm.asset, birthid="b1")
        work = EgmWork(egm, facts, place, None, recorder, self.clock, lambda *_: None)
        self.work = work
        self.server = RequestServer(
            self.places.request_socket, {egm.asset: work},
            lambda asset, what, tag: self.wished.append((asset, what, tag.trigger)), self.clock,
            recorder,
        )  # fmt: skip

    def handpay_comes(self):
        at = moment(self.clock)
        self.work.observe(
            [
                Observation(
                    self.asset, "L1", 1, ExceptionReply(1, 0x51, raw=b"\x51"), b"\x81", at, at
                )
            ]
        )

    def told(self):
        reader = Reader(self.places.outbox)
        found = [decode(row.body) for row in reader.pending(0, 100)]
        reader.close()
        return found

    async def ask(self, line):
        reader, writer = await asyncio.open_unix_connection(str(self.places.request_socket))
        writer.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")
        said = json.loads(await reader.readline())
        writer.close()
        await writer.wait_closed()
        return said


@asynccontextmanager
async def serving(running):
    task = asyncio.create_task(running.server.run())
    async with asyncio.timeout(60):
        while not running.places.request_socket.exists():  # noqa: ASYNC110  no event says so
            await asyncio.sleep(0.01)
    yield running
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.fixture
async def running(tmp_path):
    async with serving(Running(tmp_path)) as running:
        yield running


async def test_an_amount_that_is_typed_becomes_an_event_with_its_users_name(running):
    running.handpay_comes()
    said = await running.ask({"do": "amount", "asset": running.asset, "amount": "1250.00"})
    assert said["done"]
    assert said["events"][0]["type"] == "handpay.amountknown"
    (event,) = [one for one in running.told() if one.name == "handpay.amountknown"]
    assert event.data["said_by"] == ME
    assert event.data["amountsource"] == "display"
    assert event.id == said["events"][0]["id"]
    again = await running.ask({"do": "amount", "asset": running.asset, "amount": "1250"})
    assert "that already" in again["error"]
    assert (datetime.now(UTC) - event.time).total_seconds() < 60


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"do": "paid", "asset": "99999"}, "no EGM 99999"),
        ({"do": "amount", "asset": "10101", "amount": "12,50"}, "amount"),
        ({"do": "amount", "asset": "10101", "amount": "-1"}, "amount"),
        ({"do": "shutdown", "asset": "10101"}, "does not match any of the expected tags"),
        ({"do": "paid", "asset": "10101", "user": "somebody else"}, "Extra inputs"),
        (b"{nonsense\n", "JSON"),
        (b"x" * 10_000 + b"\n", "one line of JSON"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_told(running, asked, why):
    running.handpay_comes()
    assert why in (await running.ask(asked))["error"]
    assert len(running.told()) == 1


async def test_a_reading_that_is_asked_for_goes_the_way_of_all_readings(running):
    assert (await running.ask({"do": "read", "asset": running.asset}))["done"]
    assert running.wished == [(running.asset, "meters", "asked")]
    assert running.told() == []


async def test_the_command_line_says_it_and_prints_what_was_told(running):
    running.handpay_comes()

    def say(*words):
        folder = str(running.places.run_folder)
        return CliRunner().invoke(main, ["say", words[0], "--run-folder", folder, *words[1:]])

    loop = asyncio.get_running_loop()
    done = await loop.run_in_executor(None, say, "amount", str(SITE), running.asset, "12.50")
    assert (done.exit_code, "handpay 12.50 USD" in done.output) == (0, True), done.output
    done = await loop.run_in_executor(None, say, "paid", str(SITE), running.asset)
    assert "guest paid" in done.output
    done = await loop.run_in_executor(None, say, "paid", str(SITE), running.asset)
    assert (done.exit_code, "no handpay" in done.output) == (1, True)


def test_without_a_running_gateway_the_command_says_so(tmp_path):
    done = CliRunner().invoke(
        main, ["say", "paid", "--run-folder", str(tmp_path), str(SITE), "10101"]
    )
    assert (done.exit_code, "does it run?" in done.output) == (1, True)


async def test_who_was_at_the_machine_says_that_its_tilt_is_over(running):
    at = moment(running.clock)
    jam = ExceptionReply(1, 0x28, raw=b"\x28")
    running.work.observe([Observation(running.asset, "L1", 1, jam, b"\x81", at, at)])
    said = await running.ask({"do": "mended", "asset": running.asset, "kind": "billjam"})
    assert [event["type"] for event in said["events"]] == ["tilt.cleared"]
    assert "raised" in (await running.ask({"do": "mended", "asset": running.asset}))["error"]


SEEN = {"do": "acknowledge", "event": "edge1.b1.7", "event_type": "door.opened",
        "disposition": "authorised", "remark": "drop run,  two people"}  # fmt: skip


async def test_an_acknowledgement_is_an_event_with_its_users_name_and_the_event_it_is_of(running):
    said = await running.ask(SEEN | {"asset": running.asset})
    assert said["events"][0]["type"] == "egm.acknowledged"
    (event,) = running.told()
    assert (event.asset, event.causedby) == (running.asset, "edge1.b1.7")
    assert event.data == {
        "event": "edge1.b1.7", "event_type": "door.opened", "disposition": "authorised",
        "remark": "drop run, two people", "said_by": ME,
    }  # fmt: skip


async def test_a_note_may_be_about_a_machine_an_event_or_the_gateway_itself(running):
    for about in ({"asset": running.asset}, {"event": "edge1.b1.7"}, {}):
        said = await running.ask({"do": "note", "remark": "latch is worn"} | about)
        assert said["events"][0]["text"] == f"note of {ME}: latch is worn"
    assert [event.asset for event in running.told()] == [running.asset, None, None]


UNFIT = [
    ({"remark": "card 6012 3456 7890 1234"}, "card and ticket numbers"),
    ({"remark": "validation 00-1234-5678-9012-3456"}, "card and ticket numbers"),
    ({"remark": "x" * 201}, "200"),
    ({"remark": "a\x1b[2J"}, "printable"),
    ({"disposition": "fine"}, "seen"),
    ({"event": "../7"}, "pattern"),
    ({"asset": "99999"}, "no EGM 99999"),
]


@pytest.mark.parametrize(("change", "why"), UNFIT, ids=[str(row[0])[:30] for row in UNFIT])
async def test_a_remark_that_does_not_fit_is_refused_with_the_reason(running, change, why):
    said = await running.ask(SEEN | {"asset": running.asset} | change)
    assert why in said["error"]
    assert running.told() == []
