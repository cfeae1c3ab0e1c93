"""Events of a real NATS server, as scenarios read them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time

import nats
import pytest

from floor_sim.scenarios.sources import NatsPlace, NatsSource, SourceError
from gateway.bus.server import find_server, free_port, wait_ready

PATIENCE_S = 60.0


@pytest.fixture
def url(tmp_path):
    """A server with one stream, without users."""
    port = free_port()
    server = subprocess.Popen(
        [find_server(), "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", tmp_path],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    asyncio.run(wait_ready(port))
    yield f"nats://127.0.0.1:{port}"
    server.kill()
    server.wait()


async def told(url, numbers, *, stream=False):
    connection = await nats.connect(url)
    if stream:
        await connection.jetstream().add_stream(name="DOORS", subjects=["slot.>"])
    for number in numbers:
        await connection.publish("slot.v1.door", json.dumps({"n": number}).encode())
    await connection.publish("slot.v1.door", b"no json")
    await connection.flush()
    await connection.close()


def until(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("streams", [(), ("DOORS",)])
def test_events_from_now_on_are_read_from_subjects_or_streams(url, streams):
    asyncio.run(told(url, [1], stream=True))
    got = []
    source = NatsSource(NatsPlace(url, ("slot.v1.>",), streams=streams))
    source.open(got.append)
    asyncio.run(told(url, [2, 3]))
    until(lambda: len(got) >= 2)
    source.close()
    assert [event["n"] for event in got] == [2, 3]


def test_a_stream_that_is_not_there_is_told(url):
    source = NatsSource(NatsPlace(url, (), streams=("NONE",)))
    with pytest.raises(SourceError, match="may you read"):
        source.open(lambda _event: None)
