"""Two gateways of one name, on a real server: one of them does not poll."""

import asyncio

import pytest

from gateway.bus import lease as lease_module
from gateway.bus.lease import Holder, Lease, LeaseError, RivalError, Standing, take_at_start
from gateway.bus.lease_keeper import LeaseKeeper
from gateway.bus.server import free_port

RENEW_S = 0.05


def holder(birthid="b1", place="here", since_ns=1_000_000_000, **more):
    return Holder(**{"birthid": birthid, "host": "edge-a", "pid": 11, "place": place,
                     "place_ns": since_ns, "since_ns": since_ns, **more})  # fmt: skip


def lease(*args, **more):
    return Lease("demo", "edge1", holder(*args, **more))


@pytest.fixture
async def floor(site):
    await site.make_streams()
    return site


async def start(floor, one, url=None):
    await take_at_start(one, url or floor.url, "edge", lambda: floor.password("edge"))
    return one.standing


async def test_the_first_one_holds_its_name_and_another_is_refused_before_it_polls(floor):
    first, second = lease(), lease("b2", "there", host="edge-b", since_ns=2_000_000_000)
    assert await start(floor, first) is Standing.HELD
    assert first.words == ""
    with pytest.raises(RivalError) as refused:
        await start(floor, second)
    text = str(refused.value)
    assert "\n" not in text
    assert "another gateway demo/edge1 is live: process 11 on edge-a, started 1970-01-01" in text
    assert "Stop that one (if it is dead, wait 15 s and start again), or give" in text
    assert await start(floor, first) is Standing.HELD  # a renewal by the same process


async def test_an_older_process_is_refused_too_while_it_has_not_polled_yet(floor):
    await start(floor, lease("b2", "there", since_ns=2_000_000_000))
    with pytest.raises(RivalError):
        await start(floor, lease())


async def test_a_killed_gateway_that_is_started_again_on_its_outbox_waits_for_nothing(floor):
    await start(floor, lease())
    assert await start(floor, lease("b2", since_ns=2_000_000_000)) is Standing.HELD


async def test_a_lease_that_nobody_renews_is_taken_off_by_the_server(floor, monkeypatch, until):
    monkeypatch.setattr(lease_module, "LEASE_S", 1)
    await start(floor, lease())
    second = lease("b2", "there")
    client = await floor.client("edge")
    while second.standing is not Standing.HELD:
        second.standing = Standing.UNCONFIRMED
        await second.take(client, polling=False)
        await asyncio.sleep(0.02)
    assert second.trouble == ""


async def test_a_gateway_that_stops_on_purpose_gives_its_name_back_at_once(floor):
    first, second = lease(), lease("b2", "there")
    await start(floor, first)
    await first.release(await floor.client("edge"))
    assert await start(floor, second) is Standing.HELD
    await first.release(await floor.client("edge"))  # not its own any more: left alone
    with pytest.raises(RivalError):
        await start(floor, lease("b3", "elsewhere"))


async def test_a_renewal_under_way_does_not_take_back_what_a_stop_gives_away(floor):
    client = await floor.client("edge")
    for number in range(20):
        one = lease(f"b{number}", f"place{number}")
        await one.take(client, polling=False)
        await asyncio.gather(
            one.take(client, polling=True), one.release(client), one.take(client, polling=True)
        )
        await one.take(client, polling=True)
        assert one.standing is Standing.UNCONFIRMED


async def test_of_two_that_raced_for_a_free_name_one_has_it(floor):
    both = [lease(), lease("b2", "there", since_ns=2_000_000_000)]
    results = await asyncio.gather(*(start(floor, one) for one in both), return_exceptions=True)
    assert [one.standing for one in both].count(Standing.HELD) == 1
    assert sum(isinstance(one, RivalError) for one in results) == 1


@pytest.mark.parametrize("reached", ["nobody listens", "no bucket", "silent"])
async def test_a_server_that_cannot_be_asked_holds_up_no_start(reached, site, caplog):
    one = lease()
    if reached == "silent":
        held = []
        server = await asyncio.start_server(lambda *both: held.append(both[1]), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        await take_at_start(one, f"nats://127.0.0.1:{port}", "edge", str, start_s=0.2)
        held[0].close()
        await held[0].wait_closed()
        server.close()
    else:
        url = f"nats://127.0.0.1:{free_port()}" if reached == "nobody listens" else site.url
        await start(site, one, url)
    assert one.standing is Standing.UNCONFIRMED
    assert one.words.startswith("whether another gateway demo/edge1 is live is not known: ")
    if reached == "no bucket":
        assert "no bucket slot_gateway; run slotgw nats-config --apply" in one.words


async def test_a_password_that_is_not_there_yet_holds_up_no_start():
    def password():
        raise FileNotFoundError("no password yet")

    one = lease()
    await take_at_start(one, "nats://127.0.0.1:1", "edge", password)
    assert one.standing is Standing.UNCONFIRMED
    assert one.words.endswith("is not known: no password yet")


async def test_a_server_whose_configuration_is_older_than_the_bucket_holds_up_no_start(
    floor, monkeypatch
):
    monkeypatch.setattr(lease_module, "ANSWER_S", 60)
    one = Lease("demo", "edge2", holder())  # the server knows edge1 only
    async with asyncio.timeout(60):
        await take_at_start(one, floor.url, "edge", lambda: floor.password("edge"), start_s=60)
    assert one.standing is Standing.UNCONFIRMED
    assert "slotgw nats-config writes it anew" in one.words


async def test_a_server_that_denies_the_bucket_is_said_in_words(floor, monkeypatch):
    monkeypatch.setattr(lease_module, "ANSWER_S", 0.1)
    one = Lease("demo", "edge2", holder())
    with pytest.raises(LeaseError, match="does the server's configuration allow"):
        await one.take(await floor.client("edge"), polling=True)
    assert one.standing is Standing.UNCONFIRMED


class Polling:
    """A gateway that polls already: its connection, its lease and whom it yielded to."""

    def __init__(self, floor, one):
        self.link = floor.link()
        self.yielded = []
        self.keeper = LeaseKeeper(self.link, one, self.yielded.append, RENEW_S)
        self.lease = one


async def test_of_two_that_poll_already_the_later_one_yields_and_says_so_once(
    floor, beside, until, caplog
):
    await floor.server.kill()
    elder = Polling(floor, lease())
    later = Polling(floor, lease("b2", "there", host="edge-b", since_ns=2_000_000_000))
    for one in (elder, later):
        await start(floor, one.lease)
        assert one.lease.standing is Standing.UNCONFIRMED
    await floor.server.start()
    async with beside(later.link.run(), later.keeper.run()):
        await until(lambda: later.lease.standing is Standing.HELD)  # alone so far
        async with beside(elder.link.run(), elder.keeper.run()):
            await until(lambda: later.yielded)
            assert elder.lease.standing is Standing.HELD
            assert not elder.yielded
    assert [one.birthid for one in later.yielded] == ["b1"]
    assert later.lease.words.startswith("NOT POLLING: another gateway demo/edge1 is live")
    assert [one.levelname for one in caplog.records if "NOT POLLING" in one.message] == ["ERROR"]


async def test_a_gateway_that_held_its_name_keeps_it_through_an_outage(floor, beside, until):
    one = Polling(floor, lease())
    await start(floor, one.lease)
    async with beside(one.link.run(), one.keeper.run()):
        await until(lambda: one.link.connected)
        await floor.server.kill()
        await until(lambda: one.lease.standing is Standing.UNCONFIRMED)
        assert one.lease.words.endswith("is not known: NATS is away")
        await floor.server.start()
        await until(lambda: one.lease.standing is Standing.HELD)
        with pytest.raises(RivalError):
            await start(floor, lease("b2", "there", since_ns=2_000_000_000))
        await one.keeper.release()
        assert await start(floor, lease("b2", "there")) is Standing.HELD


async def test_a_restart_does_not_make_a_gateway_the_younger_one(floor):
    client = await floor.client("edge")
    copy = lease("b2", "there", since_ns=2_000_000_000)
    again = lease("b3", place_ns=1_000_000_000, since_ns=3_000_000_000)
    await copy.take(client, polling=True)
    assert await again.take(client, polling=True) is Standing.HELD
    assert await copy.take(client, polling=True) is Standing.YIELDED


async def test_two_copies_of_one_computer_do_not_both_poll(floor):
    """The copy looks like a restart of the first, which is alive all the same."""
    client = await floor.client("edge")
    first, copy = lease(), lease("b2", since_ns=2_000_000_000)
    await first.take(client, polling=True)
    assert await copy.take(client, polling=True) is Standing.HELD
    assert await first.take(client, polling=True) is Standing.HELD
    assert await copy.take(client, polling=True) is Standing.YIELDED
