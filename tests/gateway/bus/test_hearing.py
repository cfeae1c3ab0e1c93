"""What others send is heard on a real server and answered: over a restart of it too."""

import asyncio
import json
import os
import signal
from contextlib import suppress
from pathlib import Path

import nats.errors
import pytest
from nats.js.errors import NotFoundError

from edge_config.loader import load_toml
from edge_config.places import find_places
from edge_config.site import Site
from gateway.bus.hearing import Hearing
from gateway.bus.staff import Desk
from gateway.console.telling import over_nats
from gateway.edge.daemon import Daemon
from gateway.events.envelope import decode
from gateway.events.inbound import INBOUND

SITE = (Path(__file__).parents[2] / "smallest_site.toml").read_text()
SLIP = "sms.v1.demo.slip.filed.10101"


async def echo(subject, body):
    return json.dumps([subject, body.decode()]).encode()


async def put(client, subject, body):
    """Ask until somebody answers: the reader may be on its way to the server."""
    async with asyncio.timeout(15):
        while True:
            try:
                return json.loads((await client.request(subject, body, timeout=2)).data)
            except (nats.errors.NoRespondersError, nats.errors.TimeoutError):
                await asyncio.sleep(0.05)


async def test_a_sender_is_answered_before_and_after_the_server_starts_again(site, beside, until):
    link = site.link("consumer")
    hearing = Hearing(link, ("sms.v1.demo.>", "crm.v1.demo.>"), "inbound", echo)
    async with beside(link.run(), hearing.run()):
        await until(lambda: hearing.ready)
        sender = await site.client("sms")
        assert await put(sender, SLIP, b"one") == [SLIP, "one"]
        await site.server.kill()
        await until(lambda: not hearing.ready)
        await site.server.start()
        await until(lambda: hearing.ready and sender.is_connected)
        assert await put(sender, SLIP, b"two") == [SLIP, "two"]
    assert hearing.heard == 2


async def test_each_message_goes_to_one_of_two_readers(site, beside, until):
    links = [site.link("consumer") for _ in range(2)]
    readers = [Hearing(link, ("sms.v1.demo.>",), "inbound", echo) for link in links]
    async with beside(*(link.run() for link in links), *(one.run() for one in readers)):
        await until(lambda: all(one.ready for one in readers))
        sender = await site.client("sms")
        await asyncio.gather(*(sender.request(SLIP, b"x", timeout=15) for _ in range(40)))
        assert sum(one.heard for one in readers) == 40


async def test_a_gateway_hears_what_staff_says_to_it_and_to_no_other(site, beside, until):
    link = site.link("edge")
    heard = []

    async def take(subject, body):
        heard.append(subject)
        return await echo(subject, body)

    hearing = Hearing(link, ("act.v1.demo.edge1.>",), "edge1", take)
    async with beside(link.run(), hearing.run()):
        await until(lambda: hearing.ready)
        staff = await site.client("staff")
        subject = "act.v1.demo.edge1.handpay.paid.10101"
        assert await put(staff, subject, b"x") == [subject, "x"]
        with pytest.raises(nats.errors.NoRespondersError):
            await staff.request("act.v1.demo.edge2.handpay.paid.10101", b"x", timeout=15)
        for other in ("console", "integrator", "consumer", "sms"):
            client = await site.client(other)
            await client.publish(subject, b"y")
            await client.flush()
            await until(lambda client=client: client.refused)
    assert heard == [subject]


@pytest.fixture
async def daemon(site, tmp_path, until):
    """A real gateway with one machine that is not there, on a real server."""
    (tmp_path / "edge.password").write_text(site.password("edge"))
    text = SITE.replace('id = "t"', 'id = "demo"').replace('id = "g"', 'id = "edge1"')
    text = text.replace("nats://127.0.0.1:1", site.url)
    path = tmp_path / "site.toml"
    path.write_text(text.replace('"none"', f'"{tmp_path}/edge.password"'))
    places = find_places(load_toml(path, Site), path, run_folder=tmp_path / "run", environment={})
    await site.make_streams()
    daemon = asyncio.create_task(Daemon(places).run())
    yield daemon
    await until((tmp_path / "run/gateway/status.sock").exists)  # then it listens for signals
    os.kill(os.getpid(), signal.SIGTERM)
    await daemon


async def stored(site, daemon, stream, subject):
    """Wait for a message on ``subject``, and return its event."""
    js = (await site.client("admin")).jetstream()
    async with asyncio.timeout(30):
        while True:
            assert not daemon.done(), daemon.exception()
            with suppress(NotFoundError):
                return decode((await js.get_last_msg(stream, subject)).data)
            await asyncio.sleep(0.05)


async def test_the_daemon_answers_staff_and_puts_it_on_record(site, daemon):
    staff = await site.client("staff")
    row = INBOUND["act.handpay.paid"]
    body = {
        "specversion": "1.0", "id": "m1", "type": row.full_name, "source": "/desk",
        "time": "2026-03-01T04:00:01Z", "site": "demo", "data": {"by": "ann", "asset": "101"},
    }  # fmt: skip
    said = await put(staff, "act.v1.demo.edge1.handpay.paid.101", json.dumps(body).encode())
    assert "not paid yet" in said["reason"]
    event = await stored(site, daemon, "SLOT_LINK", "slot.v1.demo.edge1.gateway.actanswered._")
    assert event.data["said_by"] == "ann via /desk"


async def test_a_console_over_nats_acknowledges_and_notes_with_its_persons_name(site, daemon):
    desk = Desk(site.url, site.password("staff"), "demo", "/demo/console@here")
    tell = over_nats(lambda: desk, lambda: "kim")
    looked = {
        "do": "acknowledge",
        "asset": "101",
        "event": "edge1.b1.7",
        "event_type": "door.opened",
        "disposition": "authorised",
        "remark": "drop run",
    }
    answer = await tell(looked, "edge1")
    async with asyncio.timeout(60):
        while "does not listen" in answer.error:  # it is on its way to the server
            answer = await tell(looked, "edge1")
    assert answer.error == ""
    assert "kim via /demo/console@here looked at door opened" in answer.events[0]
    event = await stored(
        site, daemon, "SLOT_SIGNIFICANT", "slot.v1.demo.edge1.egm.acknowledged.101"
    )
    assert (event.asset, event.causedby) == ("101", "edge1.b1.7")
    assert event.data["said_by"] == "kim via /demo/console@here"
    noted = await tell({"do": "note", "asset": None, "remark": "rack moved"}, "edge1")
    assert noted.error == ""
    assert "no EGM 999" in (await tell(looked | {"asset": "999"}, "edge1")).error
    assert "card and ticket" in (await tell(looked | {"remark": "6012345678901234"}, "edge1")).error
    assert "does not listen" in (await tell(looked, "edge2")).error
    wrong = over_nats(lambda: Desk(site.url, "wrong", "demo", "/x"), lambda: "kim")
    assert "user staff" in (await wrong(looked, "edge1")).error
