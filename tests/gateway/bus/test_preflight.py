"""What the console says about durability: seen on the server, and "unknown" where it cannot be."""

import dataclasses

import pytest
from nats.js.api import StreamConfig

from gateway.bus.preflight import Level, StreamFacts, SyncFacts, judge, preflight, read_sync
from gateway.bus.server import free_port
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
    for url in (None, f"http://127.0.0.1:{free_port()}"):
        findings = await preflight(client, url)
        assert findings[0].level is Level.UNKNOWN
        assert "shows only on its monitoring port" in findings[0].words
    assert client.refused == []


async def test_a_server_that_syncs_now_and_then_is_weak(site):
    await site.server.stop()
    site.server.plan = dataclasses.replace(site.server.plan, sync_always=False)
    await site.server.start()
    await site.make_streams()
    assert read_sync(monitor(site)) == SyncFacts(always=False, interval_s=120.0)
    findings = await preflight(await site.client("edge"), monitor(site))
    assert findings[0].level is Level.WARN
    assert "synced every 120 s: a power cut may lose" in findings[0].words


async def test_a_stream_that_is_missing_or_kept_in_memory_is_a_warning(site):
    js = (await site.client("admin")).jetstream()
    memory = StreamConfig(name="SLOT_PLAY", subjects=["slot.v1.*.*.game.>"], storage="memory")
    await js.add_stream(memory)
    findings = await preflight(await site.client("edge"), monitor(site))
    words = {finding.check: finding.words for finding in findings}
    assert words["storage"] == "SLOT_PLAY: kept in memory: a restart of the server loses them"
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


def test_two_weaknesses_are_counted():
    missing = StreamReport("SLOT_MONEY", "missing")
    findings = judge("2.9.0", [GOOD], ALWAYS, [missing])
    assert findings[0].words.endswith("(and 1 more)")
