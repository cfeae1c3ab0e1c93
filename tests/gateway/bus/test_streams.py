"""The streams of the catalogue on a real server."""

import pytest
from nats.js.api import DiscardPolicy, StorageType

from gateway.bus.passwords import make_passwords
from gateway.bus.server import free_port
from gateway.bus.streams import (
    BUCKETS,
    StreamsError,
    apply_streams,
    compare,
    configs,
    stream_config,
)
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
