"""What the console says about durability: seen on the server, and "unknown" where it cannot be."""

import asyncio
import dataclasses

import pytest
from nats.js.api import StreamConfig

from gateway.bus.durability import DurabilityWatch
from gateway.bus.link import NatsLink
from gateway.bus.preflight import Level, StreamFacts, SyncFacts, judge, preflight, read_sync
from gateway.bus.server import find_server, free_port
from gateway.bus.streams import StreamReport

GOOD = StreamFacts("SLOT_PLAY", "file", 1, "new", 120.0, persist_async=False)
ALWAYS = SyncFacts(always=True, interval_s=120.0)


def monitor(site):
    return f"http://127.0.0.1:{site.server.plan.monitor_port}"


async def test_our_own_server_is_sound_when_its_monitoring_can_be_read(site):
    await site.make_streams()
    findings = await preflight(await site.client("edge"), monitor(site))
    assert findings[0].words == "sound: one copy, synced to disk before it is acknowledged"
    assert {finding.level for finding in findings} == {Level.OK}


async def test_without_the_monitoring_port_the_honest_word_is_unknown(site):
    await site.make_streams()
    client = await site.client("edge")
    silent = f"http://127.0.0.1:{free_port()}"
    for url, words in (
        (None, "unknown: monitoring port not given ([nats] monitor_url in the site file)"),
        (silent, f"unknown: the monitoring port {silent} does not answer"),
    ):
        findings = await preflight(client, url)
        assert (findings[0].level, findings[0].words) == (Level.UNKNOWN, words)
    assert client.refused == []


async def test_a_server_that_syncs_now_and_then_is_weak(site):
    await site.server.stop()
    site.server.plan = dataclasses.replace(site.server.plan, sync_always=False)
    await site.server.start()
    await site.make_streams()
    assert read_sync(monitor(site)) == SyncFacts(always=False, interval_s=120.0)
    findings = await preflight(await site.client("edge"), monitor(site))
    assert findings[0].level is Level.WARN
    assert findings[0].words == (
        "weak: an acknowledged event may be lost if the server's computer loses power within "
        "2 min: sync_interval not always"
    )


async def test_a_stream_that_is_missing_or_kept_in_memory_is_a_warning(site):
    js = (await site.client("admin")).jetstream()
    memory = StreamConfig(name="SLOT_PLAY", subjects=["slot.v1.*.*.game.>"], storage="memory")
    await js.add_stream(memory)
    findings = await preflight(await site.client("edge"), monitor(site))
    words = {finding.check: finding.words for finding in findings}
    assert words["storage"] == (
        "SLOT_PLAY: kept in memory: a restart of the server loses acknowledged events"
    )
    assert "SLOT_MONEY is missing: events for it wait" in words["stream SLOT_MONEY"]
    assert "storage is memory, expected file" in words["stream SLOT_PLAY"]
    assert findings[0].level is Level.WARN


@pytest.mark.parametrize(
    ("version", "level"),
    [
        ("2.12.3", Level.OK),
        ("2.15.1", Level.OK),
        ("3.0.0-dev", Level.OK),
        ("2.12.2", Level.WARN),
        ("2.9.25", Level.WARN),
        ("", Level.UNKNOWN),
    ],
)
def test_a_server_with_known_losses_is_a_warning(version, level):
    findings = judge(version, [GOOD], ALWAYS)
    assert next(one for one in findings if one.check == "version").level is level
    assert findings[0].level is level


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"storage": "memory"}, "storage"),
        ({"discard": "old"}, "discard"),
        ({"window_s": 60.0}, "dedup window"),
        ({"persist_async": True}, "persistence"),
    ],
)
def test_what_weakens_a_stream_is_named(change, check):
    findings = judge("2.15.1", [GOOD, dataclasses.replace(GOOD, name="BAD", **change)], ALWAYS)
    [bad] = [one for one in findings[1:] if one.level is not Level.OK]
    assert (bad.check, bad.level) == (check, Level.WARN)
    assert bad.words.startswith("BAD: ")
    assert findings[0].words.startswith("weak: BAD: ")


def test_copies_are_counted_by_the_worst_stream():
    three = dataclasses.replace(GOOD, replicas=3)
    assert judge("2.15.1", [three], ALWAYS)[0].words.startswith("sound: 3 copies")
    assert judge("2.15.1", [three, GOOD], ALWAYS)[0].words.startswith("sound: one copy")


def test_what_loses_most_is_told_first():
    memory = dataclasses.replace(GOOD, storage="memory")
    words = judge("2.9.0", [memory], SyncFacts(always=False, interval_s=90.0))[0].words
    assert words.startswith("weak: SLOT_PLAY: kept in memory")
    assert "(and 2 more)" in words


def test_copies_that_sync_now_and_then_may_lose_together():
    three = dataclasses.replace(GOOD, replicas=3)
    [sync] = [one for one in judge("2.15.1", [three], SyncFacts(always=False, interval_s=90.0))
              if one.check == "sync"]  # fmt: skip
    assert sync.words.startswith("an acknowledged event may be lost if the servers' computers lose")
    assert "within 90 s" in sync.words


async def test_the_level_is_looked_at_again_when_the_server_comes_back(site, beside, until, caplog):
    await site.make_streams()
    link = site.link()
    watch = DurabilityWatch(link, monitor(site))
    assert (watch.level, watch.words) == (Level.UNKNOWN, "")
    async with beside(link.run(), watch.run()):
        await until(lambda: watch.level is Level.OK)
        await site.server.stop()
        site.server.plan = dataclasses.replace(site.server.plan, sync_always=False)
        await site.server.start()
        await until(lambda: watch.level is Level.WARN)
    said = [one.message for one in caplog.records if "durability" in one.message]
    assert said == [f"durability of NATS: {watch.words}"]


async def test_a_server_without_jetstream_is_unknown_not_sound(tmp_path, beside, until):
    port = free_port()
    server = await asyncio.create_subprocess_exec(
        str(find_server()), "-a", "127.0.0.1", "-p", str(port),
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    link = NatsLink(f"nats://127.0.0.1:{port}", retry_s=0.05)
    watch = DurabilityWatch(link, None)
    try:
        async with beside(link.run(), watch.run()):
            await until(lambda: watch.words)
    finally:
        server.kill()
        await server.wait()
    assert watch.words.startswith("unknown: the server does not say (")


def test_two_weaknesses_are_counted():
    missing = StreamReport("SLOT_MONEY", "missing")
    findings = judge("2.9.0", [GOOD], ALWAYS, [missing])
    assert findings[0].words.endswith("(and 1 more)")
