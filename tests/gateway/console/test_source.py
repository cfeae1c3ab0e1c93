"""The status socket: a gateway that comes, goes, hangs, and talks nonsense."""

import asyncio
import contextlib
import json
import socket

import pytest

from gateway.console.floor import Contact, Floor
from gateway.console.json_lines import LINE_BYTES_MAX
from gateway.console.source import (
    AwayError,
    Pauses,
    StatusSource,
    UnreadableError,
    read_message,
    take_snapshot,
)
from gateway.status.model import EgmDelta, EgmWord
from tests.gateway.console import sample_floors
from tests.gateway.console.fake_daemon import FakeDaemon, line_of
from tests.gateway.console.open_console import Clock, until

HANDPAY = EgmDelta(egm=sample_floors.troubled().egms[1])
QUICK = Pauses(first_s=0.005, longest_s=0.02)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def daemon(tmp_path):
    return FakeDaemon(tmp_path / "gateway" / "status.sock", sample_floors.healthy())


@pytest.fixture
async def floor(daemon, clock):
    """The floor of a console that is looking for the gateway."""
    async with reading(daemon.path, clock) as floor:
        yield floor


@contextlib.asynccontextmanager
async def reading(path, clock, pauses=QUICK):
    floor = Floor(clock())
    task = asyncio.create_task(StatusSource(path, floor, clock, pauses).run())
    try:
        yield floor
    finally:
        assert not task.done(), "the source ended by itself"
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def live(floor):
    return lambda: floor.reach.contact is Contact.LIVE


def away(floor):
    return lambda: floor.reach.contact is Contact.AWAY


async def test_it_waits_for_a_gateway_that_starts_later(floor, daemon):
    await until(lambda: floor.reach.reason)
    assert floor.reach.contact is Contact.WAITING
    assert "slotgw run SITE.toml" in floor.reach.reason
    assert str(daemon.path) in floor.reach.reason
    async with daemon:
        await until(live(floor))
        assert len(floor.egms) == 24


async def test_changes_are_taken_as_they_come(floor, daemon):
    async with daemon:
        await until(live(floor))
        daemon.tell(HANDPAY)
        await until(lambda: floor.egms["10102"].state is EgmWord.HANDPAY)


async def test_a_gateway_that_stops_is_away_and_what_was_known_stays(floor, daemon, clock):
    async with daemon:
        await until(live(floor))
        clock.move(seconds=30)
    await until(away(floor))
    assert len(floor.egms) == 24
    assert floor.reach.since == clock.now


async def test_a_restarted_gateway_is_found_again_and_its_snapshot_is_the_truth(floor, daemon):
    async with daemon:
        await until(live(floor))
    await until(away(floor))
    daemon.greet_with(sample_floors.troubled())
    async with daemon:
        await until(live(floor))
        assert floor.egms["10203"].state is EgmWord.TILT


async def test_a_gateway_that_hangs_is_away_though_its_socket_is_there(tmp_path, clock):
    path = tmp_path / "status.sock"
    with socket.socket(socket.AF_UNIX) as hanging:
        hanging.bind(str(path))
        hanging.listen()
        pauses = Pauses(first_s=0.005, longest_s=0.02, snapshot_s=0.02)
        async with reading(path, clock, pauses) as floor:
            await until(lambda: "says nothing" in floor.reach.reason)
            assert floor.stale


async def test_a_gateway_that_falls_silent_is_asked_and_stays_live_if_it_answers(daemon, clock):
    async with daemon, reading(daemon.path, clock, Pauses(quiet_s=0.02)) as floor:
        await until(live(floor))
        states = set()
        while daemon.connections < 5:
            states.add(floor.reach.contact)
            await asyncio.sleep(0.001)
        assert states == {Contact.LIVE}


async def test_a_gateway_that_falls_silent_and_does_not_answer_is_away(daemon, clock):
    pauses = Pauses(first_s=0.005, longest_s=0.02, quiet_s=0.02, snapshot_s=0.02)
    async with daemon, reading(daemon.path, clock, pauses) as floor:
        await until(live(floor))
        daemon.greeting = b""
        await until(away(floor))
        assert "says nothing" in floor.reach.reason


@pytest.mark.parametrize(
    ("nonsense", "reason"),
    [
        (b"not json\n", "a line is not JSON"),
        (b"\xff\xfe\x00\n", "a line is not JSON"),
        (b'{"kind": "egm"}\n', "different versions (egm.egm"),
        (b'{"kind": "weather"}\n', "different versions (kind"),
        (b"[" * 100_000 + b"\n", "a line is not JSON"),
        (b"x" * (LINE_BYTES_MAX + 1), f"a line of more than {LINE_BYTES_MAX} bytes"),
    ],
    ids=["text", "bytes", "field missing", "unknown kind", "deep", "endless"],
)
async def test_after_a_line_that_cannot_be_read_a_new_snapshot_tells_the_truth(
    floor, daemon, nonsense, reason
):
    reasons = []
    noted = floor.reached
    floor.reached = lambda reach: (reasons.append(reach.reason), noted(reach))
    async with daemon:
        await until(live(floor))
        daemon.greet_with(sample_floors.troubled())
        daemon.tell_bytes(nonsense)
        await until(lambda: floor.known and floor.egms["10203"].state is EgmWord.TILT)
        assert any(reason in one for one in reasons)


async def test_another_version_is_told_in_one_clear_message(floor, daemon):
    newer = json.loads(line_of(sample_floors.healthy())) | {"weather": "fine"}
    daemon.greeting = json.dumps(newer).encode() + b"\n"
    async with daemon:
        await until(lambda: daemon.connections > 2)
        assert floor.reach.contact is Contact.WAITING
        assert floor.reach.reason == (
            "what it says cannot be read: gateway and console are of different versions "
            "(snapshot.weather: Extra inputs are not permitted); "
            "start both from the same installation"
        )


async def test_a_gateway_that_always_talks_nonsense_is_asked_ever_more_rarely(daemon, clock):
    daemon.greeting += b"nonsense\n"
    pauses = Pauses(first_s=0.001, longest_s=60.0)
    async with daemon, reading(daemon.path, clock, pauses):
        began = asyncio.get_running_loop().time()
        await until(lambda: daemon.connections >= 7)
        # 1 + 2 + 4 + ... + 32 ms lie between seven tries
        assert asyncio.get_running_loop().time() - began >= 0.060


async def test_changes_before_a_snapshot_are_not_believed(floor, daemon):
    daemon.greeting = line_of(HANDPAY)
    async with daemon:
        await until(lambda: "first line is a change (egm)" in floor.reach.reason)
        assert floor.egms == {}


async def test_a_flood_leaves_the_screen_its_turn(floor, daemon):
    async with daemon:
        await until(live(floor))
        daemon.tell(*[HANDPAY] * 5_000)
        turns = 0
        version = floor.version
        while floor.version < version + 5_000:
            turns += 1
            await asyncio.sleep(0)
        assert turns > 20


@pytest.mark.parametrize(("mode", "words"), [(0o000, "you may not open")])
async def test_a_socket_that_may_not_be_opened_says_who_may(
    floor, daemon, mode, words, monkeypatch
):
    async def refused(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(asyncio, "open_unix_connection", refused)
    await until(lambda: words in floor.reach.reason)
    assert floor.reach.contact is Contact.WAITING


async def test_a_path_too_long_for_a_socket_says_so(tmp_path, clock):
    async with reading(tmp_path / ("x" * 120) / "status.sock", clock) as floor:
        await until(lambda: "cannot be opened" in floor.reach.reason)


async def test_one_snapshot_is_taken_for_a_program(daemon):
    async with daemon:
        assert await take_snapshot(daemon.path) == sample_floors.healthy()


async def test_a_snapshot_of_3000_egms_fits_its_bound(daemon):
    big = sample_floors.big()
    daemon.greet_with(big)
    async with daemon:
        assert await take_snapshot(daemon.path) == big


async def test_no_snapshot_where_no_gateway_is(tmp_path, daemon):
    with pytest.raises(AwayError, match="nothing at"):
        await take_snapshot(tmp_path / "status.sock")
    daemon.greeting = b""
    async with daemon:
        with pytest.raises(AwayError, match="says nothing"):
            await take_snapshot(daemon.path, 0.02)
        daemon.greeting = b"nonsense\n"
        with pytest.raises(UnreadableError, match="not JSON"):
            await take_snapshot(daemon.path)


def test_every_kind_of_message_is_read_as_it_was_written():
    for message in (sample_floors.troubled(), HANDPAY):
        assert read_message(line_of(message)) == message
