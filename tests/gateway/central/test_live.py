"""The consumers as processes on a real nats-server: doubles, kill -9, outages, wrong files.

What is published is what a gateway would publish, one to three times. Nothing waits for a time:
each step waits until the consumers' own files say that it is done.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import pytest

from gateway.bus.passwords import keep_passwords
from gateway.bus.server import NatsServer, free_port
from gateway.bus.server_config import ServerPlan
from gateway.bus.streams import ensure_streams
from gateway.bus.users import inbox_prefix
from gateway.central.summary import summary
from gateway.events.derived import decode_derived

SITE_FILE = Path(__file__).parents[3] / "edge_config/sites/demo_floor.toml"
PROGRAM = "from gateway.cli.main import main; main()"
STREAMS = ("SLOT_SIGNIFICANT", "SLOT_MONEY", "SLOT_CARD")
UNTIL_S = 30.0


async def until(condition, what):
    """Wait until ``condition()`` holds."""
    deadline = asyncio.get_running_loop().time() + UNTIL_S
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"not within {UNTIL_S} s: {what}"
        await asyncio.sleep(0.02)


class Floor:
    """A server with streams, a gateway's connection, and consumers as processes."""

    def __init__(self, folder):
        self.data = folder / "central"
        self.run_folder = folder
        self.passwords = keep_passwords(folder / "nats")
        plan = ServerPlan("demo", ("edge1",), folder / "server", free_port(), None, self.passwords)
        self.server = NatsServer(plan)
        self.processes = []
        self.sent = 0

    @asynccontextmanager
    async def client(self, user):
        client = await nats.connect(
            self.server.url, user=user, password=self.passwords[user],
            inbox_prefix=inbox_prefix(user), connect_timeout=5,
        )  # fmt: skip
        try:
            yield client
        finally:
            await client.close()

    async def start(self):
        await self.server.start()
        async with self.client("admin") as client:
            await ensure_streams(client.jetstream())

    async def publish(self, *events, times=lambda: 1):
        """Publish encoded events as the gateway does; repeats pass the stream's dedup window."""
        async with self.client("edge") as client:
            js = client.jetstream()
            for one in events:
                for repeat in range(times()):
                    identity = one.id if repeat == 0 else f"{one.id}#r{repeat}"
                    ack = await js.publish(one.subject, one.body, headers={"Nats-Msg-Id": identity})
                    assert ack.stream == one.stream
                    self.sent += 1

    async def consumer(self, service, *more, site_file=SITE_FILE):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROGRAM, "central", service, str(site_file),
            "--data", str(self.data), "--run-folder", str(self.run_folder),
            "--nats-url", self.server.url, *more,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )  # fmt: skip
        self.processes.append(process)
        return process

    def figures(self, service):
        found = summary(self.data)[service] if self.data.exists() else None
        return {"handled": 0, "duplicates": 0, "dead": 0, "outgoing": 0} if found is None else (
            found["figures"]
        )  # fmt: skip

    def rows(self, service, query):
        db = sqlite3.connect(self.data / f"{service}.sqlite")
        try:
            return db.execute(query).fetchall()
        finally:
            db.close()

    async def until_done(self, service, events):
        """Wait until all is handled and acknowledged, and all that follows from it is sent."""

        def done():
            figures = self.figures(service)
            return figures["handled"] + figures["dead"] >= events and figures["outgoing"] == 0

        await until(done, f"{service} has handled {events} events")
        async with asyncio.timeout(UNTIL_S), self.client("consumer") as client:
            while await self.waiting(client.jetstream(), service):
                pass  # each look is a question to the server

    async def waiting(self, js, service):
        """How many messages the server has for a service that it has not acknowledged."""
        found = [one for name in STREAMS for one in await js.consumers_info(name)]
        return sum(one.num_pending + one.num_ack_pending for one in found if one.name == service)

    async def messages(self, stream, user="consumer"):
        """Every message of a stream, in order."""
        async with self.client(user) as client:
            js = client.jetstream()
            total = (await js.stream_info(stream)).state.messages
            reader = await js.subscribe("", stream=stream, ordered_consumer=True)
            found = [await reader.next_msg(timeout=10) for _ in range(total)]
            await reader.unsubscribe()
        return found

    async def stop(self):
        for process in self.processes:
            if process.returncode is None:
                process.kill()
            await process.communicate()
        await self.server.stop()


@pytest.fixture
async def floor(tmp_path):
    floor = Floor(tmp_path)
    try:
        await floor.start()
        yield floor
    finally:
        await floor.stop()


def handpays(encoded, count):
    """``count`` handpays, one after the other on four machines: pending, again, amount, reset."""
    events = []
    for n in range(count):
        asset, first, name = f"1010{n % 4 + 1}", 10 * n + 1, f"handpay-{n}"
        again = {"before": "pending", "repeat": True, "repeats": 1}
        events += [
            encoded("handpay.pending", first, asset=asset, correlation=name),
            encoded("handpay.pending", first + 1, asset=asset, correlation=name, data=again),
            encoded("handpay.amountknown", first + 2, asset=asset, correlation=name),
            encoded("handpay.reset", first + 5, asset=asset, correlation=name,
                    data={"lockup_s": 5.0}),
            encoded("tilt.raised", first + 6, asset=asset, correlation=f"tilt-{n}"),
            encoded("tilt.cleared", first + 7, asset=asset, correlation=f"tilt-{n}"),
        ]  # fmt: skip
    return events


def sessions(encoded, count):
    """``count`` carded sessions of 12.50 USD, by three players."""
    return [
        encoded(
            "session.closed", n, correlation=f"session-{n}",
            data={
                "card": f"player{n % 3}", "coin_in_credits": 1250,
                "coin_in": {"amount": "12.50", "currency": "USD"},
            },
        )
        for n in range(1, count + 1)
    ]  # fmt: skip


async def told_and_killed(floor, service, events, seed, kills=3):
    """Tell ``events`` one to three times each; kill -9 the service as it works on each part."""
    dice = random.Random(seed)
    size = -(-len(events) // (kills + 1))
    parts = [events[at : at + size] for at in range(0, len(events), size)]
    for part in parts[:-1]:
        had = floor.figures(service)["handled"]
        await floor.publish(*part, times=lambda: dice.randint(1, 3))
        process = await floor.consumer(service)
        await until(
            lambda had=had: floor.figures(service)["handled"] > had, f"{service} is at work"
        )
        process.kill()
        assert await process.wait() == -signal.SIGKILL
    await floor.publish(*parts[-1], *parts[0], times=lambda: dice.randint(1, 3))
    await floor.consumer(service)
    await floor.until_done(service, len(events))


async def test_calls_are_the_same_when_all_is_told_up_to_three_times_and_dispatch_is_killed(
    floor, encoded
):
    events = handpays(encoded, 40)
    await told_and_killed(floor, "dispatch", events, seed=7)
    assert floor.sent > len(events)
    assert floor.figures("dispatch")["handled"] == len(events)
    assert floor.rows("dispatch", "SELECT kind, state, outcome, count(*) FROM calls "
                      "GROUP BY 1, 2, 3 ORDER BY 1") == [
        ("handpay", "closed", "reset", 40), ("tilt", "closed", "cleared", 40),
    ]  # fmt: skip
    told = [decode_derived(one.data) for one in await floor.messages("FLOOR")]
    assert len({one.id for one in told}) == len(told), "a derived message stands there twice"
    for word in ("opened", "closed"):
        calls = [one.subject for one in told if one.name == f"dispatch.call{word}"]
        assert len(calls) == len(set(calls)) == 80


async def test_points_are_the_same_when_all_is_told_up_to_three_times_and_loyalty_is_killed(
    floor, encoded
):
    await told_and_killed(floor, "loyalty", sessions(encoded, 90), seed=8)
    assert floor.rows("loyalty", "SELECT player, points, remainder FROM accounts ORDER BY 1") == [
        ("player0", 375, "0"), ("player1", 375, "0"), ("player2", 375, "0"),
    ]  # fmt: skip
    told = [decode_derived(one.data) for one in await floor.messages("FLOOR")]
    assert len(told) == 90
    assert sum(one.data["points"] for one in told) == 3 * 375


async def test_the_board_has_the_open_calls_and_no_others(floor, encoded):
    await floor.consumer("dispatch")
    await floor.publish(*handpays(encoded, 2), encoded("lamp.on", 90, asset="10102"))
    await floor.until_done("dispatch", 13)
    async with floor.client("console") as client:
        bucket = await client.jetstream().key_value("floor_calls")
        assert await bucket.keys() == ["demo.lamp-edge1-b1-90"]
        row = json.loads((await bucket.get("demo.lamp-edge1-b1-90")).value)
        closed = "$KV.floor_calls.demo.handpay-0"
        gone = await client.jetstream().get_last_msg("KV_floor_calls", closed)
    assert gone.headers["KV-Operation"] == "DEL"
    assert gone.headers["Nats-TTL"] == "86400s", "the mark of a closed call would stay for ever"
    assert row == {
        "callid": "lamp-edge1-b1-90", "state": "open", "kind": "lamp", "asset": "10102",
        "location": "01-01-01", "opened": "2026-03-01T12:01:30.000000Z", "text": "change lamp",
    }  # fmt: skip


async def test_security_events_are_recorded_with_the_cameras_of_the_site_file(floor, encoded):
    await floor.consumer("surveillance")
    door = encoded("door.opened", 1, asset="10201", data={"door": "cardcage"})
    await floor.publish(door, door, encoded("lamp.on", 2))
    await floor.until_done("surveillance", 1)
    (message,) = await floor.messages("FLOOR")
    assert message.subject == "floor.v1.demo.surveillance.recorded.10201"
    told = decode_derived(message.data)
    assert told.severity == "critical"
    assert told.data["cameras"] or told.data["camera_note"] == "no camera mapped"


async def test_a_message_that_is_no_event_goes_to_the_dead_letters_with_the_reason(floor, encoded):
    await floor.consumer("dispatch")
    async with floor.client("edge") as client:
        await client.jetstream().publish("slot.v1.demo.edge1.lamp.on.10101", b'{"id": 1}')
    await floor.publish(encoded("lamp.on", 2))
    await floor.until_done("dispatch", 2)
    assert floor.figures("dispatch")["dead"] == 1
    (letter,) = await floor.messages("DEAD")
    assert letter.subject == "dead.v1.demo.dispatch"
    assert "envelope" in json.loads(letter.data)["reason"]
    assert floor.rows("dispatch", "SELECT state FROM calls") == [("open",)]


async def test_a_consumer_waits_for_nats_says_so_once_and_goes_on_when_it_is_back(floor, encoded):
    await floor.server.stop()
    process = await floor.consumer("dispatch")
    waiting = (await process.stderr.readline()).decode()
    assert waiting == "slotgw central dispatch: not connected: nothing listens there\n"
    await floor.server.start()
    assert (await process.stderr.readline()).decode() == "slotgw central dispatch: reading\n"
    await floor.publish(encoded("lamp.on", 1))
    await floor.until_done("dispatch", 1)
    assert floor.rows("dispatch", "SELECT state FROM calls") == [("open",)]


async def test_sigterm_stops_a_consumer_cleanly_within_5_s_and_prints_its_figures(floor, encoded):
    process = await floor.consumer("dispatch", "--json")
    await floor.publish(encoded("lamp.on", 1), encoded("lamp.off", 2))
    await floor.until_done("dispatch", 2)
    process.send_signal(signal.SIGTERM)
    out, _ = await asyncio.wait_for(process.communicate(), 5)
    assert process.returncode == 0
    figures = json.loads(out)
    assert (figures["service"], figures["handled"], figures["outgoing"]) == ("dispatch", 2, 0)
    assert figures["lag"] == {"SLOT_MONEY": 0, "SLOT_SIGNIFICANT": 0, "SLOT_LINK": 0}


async def test_a_consumer_waits_for_a_password_that_is_not_there_yet(floor, tmp_path):
    late = tmp_path / "late.password"
    process = await floor.consumer("dispatch", "--password-file", str(late))
    assert "no such file" in (await process.stderr.readline()).decode()
    late.write_text(floor.passwords["consumer"])
    assert (await process.stderr.readline()).decode() == "slotgw central dispatch: reading\n"


async def test_sigterm_stops_a_consumer_that_has_no_server_within_5_s(floor):
    await floor.server.stop()
    process = await floor.consumer("loyalty")
    await until((floor.data / "loyalty.figures.json").exists, "loyalty has begun")
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 5) == 0


async def test_the_summary_of_a_killed_consumer_can_be_read_by_another_process(floor, encoded):
    process = await floor.consumer("dispatch")
    await floor.publish(*handpays(encoded, 1))
    await floor.until_done("dispatch", 6)
    process.kill()
    await process.wait()
    asked = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, "central", "summary", "--data", str(floor.data), "--json",
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[3], env=dict(os.environ),
    )  # fmt: skip
    out, _ = await asked.communicate()
    assert asked.returncode == 0
    found = json.loads(out)
    assert found["loyalty"] is None
    assert found["dispatch"]["opened"] == {"handpay": 1, "tilt": 1}
    assert found["dispatch"]["closed"] == {"handpay": 1, "tilt": 1}
    assert found["dispatch"]["mean_handpay_lockup_s"] == 5.0
