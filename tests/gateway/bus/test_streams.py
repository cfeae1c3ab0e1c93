"""The streams of the catalogue on a real server."""

from dataclasses import replace

import pytest
from nats.js.api import DiscardPolicy, StorageType

from gateway.bus.message import headers_of
from gateway.bus.passwords import make_passwords
from gateway.bus.server import free_port
from gateway.bus.streams import (
    BUCKETS,
    StreamLimits,
    StreamsError,
    apply_streams,
    compare,
    configs,
    look_at_streams,
    stream_config,
)
from gateway.bus.users import SLOT_SCHEMAS
from gateway.cli.outbox_size import sample_row
from gateway.cli.stream_size import MIB, message_bytes
from gateway.events.streams import STREAMS


async def test_what_is_missing_is_made_and_what_is_there_stays(site):
    first = await site.make_streams()
    assert {report.state for report in first} == {"created"}
    assert len(first) == len(STREAMS) + len(BUCKETS)
    second = await site.make_streams()
    assert {report.state for report in second} == {"present"}


async def test_every_stream_keeps_files_and_refuses_new_events_when_full(site):
    await site.make_streams()
    js = (await site.client("admin")).jetstream()
    for config in configs():
        found = (await js.stream_info(config.name)).config
        assert found.storage == StorageType.FILE
        assert found.discard == DiscardPolicy.NEW
        assert found.max_bytes > 0
        assert found.duplicate_window == 120


async def test_a_stream_that_differs_is_reported_and_left_alone(site):
    await site.make_streams()
    js = (await site.client("admin")).jetstream()
    changed = stream_config(STREAMS[0])
    changed.discard, changed.max_age = DiscardPolicy.OLD, 3600
    await js.update_stream(changed)
    reports = {report.name: report for report in await site.make_streams()}
    assert reports["SLOT_PLAY"].state == "differs"
    assert reports["SLOT_PLAY"].differences == (
        "discard is old, expected new",
        "max_age is 3600.0, expected 259200",
    )
    assert reports["SLOT_MONEY"].state == "present"
    assert (await js.stream_info("SLOT_PLAY")).config.max_age == 3600


async def test_a_stream_grows_with_its_site_and_never_shrinks(site):
    await site.make_streams()
    more = {"SLOT_PLAY": StreamLimits(4 * 86_400, 600 * MIB)}
    less = {"SLOT_PLAY": StreamLimits(2 * 86_400, 600 * MIB)}

    async def apply(limits):
        reports = await apply_streams(site.url, "admin", site.password("admin"), limits)
        return next(report for report in reports if report.name == "SLOT_PLAY")

    assert (await apply(more)).state == "grown"
    assert (await apply(more)).state == "present"
    assert (await apply(less)).state == "differs"
    js = (await site.client("admin")).jetstream()
    found = (await js.stream_info("SLOT_PLAY")).config
    assert (found.max_age, found.max_bytes) == (4 * 86_400, 600 * MIB)
    seen = await look_at_streams((await site.client("edge")).jetstream())
    assert {report.state for report in seen} == {"present"}, "how much is the site's to say"


async def test_room_that_the_server_does_not_have_is_said_with_what_to_do(site):
    far_too_much = {"SLOT_METERS": StreamLimits(86_400, 10**18)}
    with pytest.raises(StreamsError, match=r"slotgw check says how much"):
        await apply_streams(site.url, "admin", site.password("admin"), far_too_much)


async def test_the_contract_is_in_its_bucket_and_an_integrator_reads_it(site):
    values = {"door.opened.v1": b'{"a":1}', "_version": b'{"version":"1"}'}
    for _ in range(2):
        await apply_streams(site.url, "admin", site.password("admin"), schemas=values)
    client = await site.client("integrator")
    bucket = await client.jetstream().key_value(SLOT_SCHEMAS)
    entry = await bucket.get("door.opened.v1")
    assert (entry.value, client.refused) == (b'{"a":1}', [])
    js = (await site.client("admin")).jetstream()
    assert (await js.stream_info(f"KV_{SLOT_SCHEMAS}")).state.last_seq == 2, "written once"


async def test_a_message_takes_the_room_that_was_computed(site):
    await site.make_streams()
    edge = (await site.client("edge")).jetstream()
    rows = [sample_row(name, n) for n, name in enumerate(("game.ended", "game.started"), 1)]
    rows = [replace(row, subject=row.subject.replace("casino", "demo")) for row in rows]
    for row in rows:
        await edge.publish(row.subject, row.body, headers=headers_of(row, row.id))
    info = await (await site.client("admin")).jetstream().stream_info("SLOT_PLAY")
    assert info.state.bytes == sum(map(message_bytes, rows))


async def test_a_server_that_is_not_there_is_said_in_words():
    with pytest.raises(StreamsError, match=r"is nats-server running there\?"):
        await apply_streams(f"nats://127.0.0.1:{free_port()}", "admin", "x")


async def test_a_wrong_password_is_said_in_words(site):
    with pytest.raises(StreamsError, match=r"(?i)authorization"):
        await apply_streams(site.url, "admin", make_passwords()["admin"])


def test_the_order_of_subjects_is_no_difference():
    want, have = stream_config(STREAMS[1]), stream_config(STREAMS[1])
    have.subjects = list(reversed(have.subjects))
    assert compare(want, have) == []
