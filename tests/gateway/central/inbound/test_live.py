"""The inbound service as a process: what it answered as taken outlives a kill -9."""

import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import nats.errors

from gateway.bus.passwords import keep_passwords
from gateway.bus.server import NatsServer, free_port
from gateway.bus.server_config import ServerPlan
from gateway.bus.streams import apply_streams
from gateway.bus.users import inbox_prefix
from gateway.events.derived import decode_derived
from gateway.events.inbound import INBOUND, inbound_subject
from tests.gateway.metrics.held import samples, served

SITE_FILE = Path(__file__).parents[4] / "edge_config/sites/demo_floor.toml"
PATIENCE_S = 180


@asynccontextmanager
async def service(folder, url, *more):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", "central", "inbound", str(SITE_FILE), "--data",
        str(folder / "central"), "--run-folder", str(folder), "--nats-url", url, "--json", *more,
        stdout=asyncio.subprocess.PIPE,  # what it says on stderr is shown if the test fails
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def client(url, user, passwords):
    return await nats.connect(
        url, user=user, password=passwords[user], inbox_prefix=inbox_prefix(user)
    )


async def send(sender, name):
    row = INBOUND[name]
    body = {
        "specversion": "1.0", "id": "m1", "type": row.full_name, "source": "/sms",
        "time": "2026-03-01T04:00:01Z", "site": "demo", "data": dict(row.example),
    }  # fmt: skip
    subject = inbound_subject(row, "demo", str(row.example[row.key]))
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return json.loads(
                    (await sender.request(subject, json.dumps(body).encode(), timeout=5)).data
                )
            except (nats.errors.NoRespondersError, nats.errors.TimeoutError):
                await asyncio.sleep(0.1)


async def test_a_message_is_taken_once_though_the_service_is_killed(tmp_path):
    passwords = keep_passwords(tmp_path / "nats")
    server = NatsServer(
        ServerPlan("demo", ("edge1",), tmp_path / "server", free_port(), None, passwords)
    )
    await server.start()
    try:
        await apply_streams(server.url, "admin", passwords["admin"])
        sender = await client(server.url, "sms", passwords)
        async with service(tmp_path, server.url) as process:
            first = await send(sender, "sms.slip.filed")
            os.kill(process.pid, signal.SIGKILL)
        port = free_port()
        async with service(
            tmp_path, server.url, "--metrics-listen", f"127.0.0.1:{port}"
        ) as process:
            again = await send(sender, "sms.slip.filed")
            admin = await client(server.url, "admin", passwords)
            js = admin.jetstream()
            async with asyncio.timeout(PATIENCE_S):
                while (await js.stream_info("FLOOR")).state.messages == 0:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            async with asyncio.timeout(PATIENCE_S):
                value = samples(await asyncio.to_thread(served, port))
                while not value("inbound_duplicate_messages_total"):
                    await asyncio.sleep(0.05)
                    value = samples(await asyncio.to_thread(served, port))
            process.terminate()
            figures = json.loads((await process.communicate())[0])
        told = [(await js.get_msg("FLOOR", 1)).data, (await js.stream_info("FLOOR")).state.messages]
        await admin.close()
        await sender.close()
    finally:
        await server.stop()
    assert first["accepted"]
    assert not first["duplicate"]
    assert again["duplicate"]
    assert (figures["accepted"], figures["duplicates"]) == (0, 1)
    assert value("consumer_connected", service="inbound") == 1
    assert told[1] == 1
    assert decode_derived(told[0]).data["content"] == {**INBOUND["sms.slip.filed"].example}
