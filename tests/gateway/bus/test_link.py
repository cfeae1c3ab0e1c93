"""The connection to a real server that comes, goes, hangs and refuses."""

import asyncio
import logging
import os
import signal

import nats.errors
import pytest

from gateway.bus import link as link_module
from gateway.bus.answer import Ack, BusError, Cause, publish_one
from gateway.bus.server import NatsServer, free_port
from gateway.bus.server_config import ServerPlan

DOOR = "slot.v1.demo.edge1.door.opened.10101"


def said(caplog, word):
    return [record.message for record in caplog.records if word in record.message]


async def test_it_starts_before_the_server_and_says_once_that_it_waits(site, beside, until, caplog):
    await site.server.stop()
    link = site.link()
    async with beside(link.run()):
        await until(lambda: "nothing listens there" in link.words)
        trouble = await answer(link)
        assert trouble.cause is Cause.LOST
        await asyncio.sleep(0)
        await site.server.start()
        await until(lambda: link.connected)
        await until(lambda: link.words == "connected")
    assert len(said(caplog, "nothing listens there")) == 1
    assert len(said(caplog, "connected to NATS")) == 1


async def answer(link, subject=DOOR):
    with pytest.raises(BusError) as caught:
        await publish_one(link, subject, b"{}", {})
    return caught.value.trouble


async def test_a_killed_server_is_told_once_going_and_once_back(site, beside, until, caplog):
    await site.make_streams()
    link = site.link()
    changes = []
    link.on_change(lambda: changes.append(link.connected))
    async with beside(link.run()):
        await until(lambda: link.connected)
        since = link.since
        await site.server.kill()
        await until(lambda: not link.connected)
        assert "connection lost" in link.words
        await site.server.start()
        await until(lambda: link.connected)
        assert link.since > since
        assert await publish_one(link, DOOR, b"{}", {}) == Ack("SLOT_SIGNIFICANT", 1)
    assert changes == [True, False, True, False]
    assert len(said(caplog, "is gone")) == 1
    warnings = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert len(warnings) <= 3, [one.message for one in warnings]


@pytest.mark.parametrize(
    "error",
    [nats.errors.UnexpectedEOF(), nats.errors.StaleConnectionError(), ConnectionResetError()],
)
async def test_an_error_of_a_wire_that_is_gone_is_told_as_its_going(
    site, beside, until, caplog, error
):
    link = site.link()
    async with beside(link.run()):
        await until(lambda: link.connected)
        await link._on_error(error)
        await link._on_disconnect()
        assert not link.connected
        assert [one.message.split("is gone")[1] for one in caplog.records if one.levelno >= 30] == [
            " (connection lost); events wait in the outbox"
        ]


async def test_what_is_under_way_when_the_server_goes_is_answered_as_lost(site, beside, until):
    link = site.link()
    answers = []
    async with beside(link.run()):
        await until(lambda: link.connected)
        os.kill(site.server.pid, signal.SIGSTOP)  # it takes the message and never answers
        await link.send(DOOR, b"{}", {}, answers.append)
        await site.server.kill()
        await until(lambda: answers)
    assert [one.cause for one in answers] == [Cause.LOST]


async def test_a_server_that_hangs_is_given_up(site, beside, until, monkeypatch):
    monkeypatch.setattr(link_module, "PING_INTERVAL_S", 0.1)
    link = site.link()
    async with beside(link.run()):
        await until(lambda: link.connected)
        os.kill(site.server.pid, signal.SIGSTOP)
        await until(lambda: not link.connected)
        os.kill(site.server.pid, signal.SIGCONT)
        await until(lambda: link.connected)
        assert link.connections == 2


async def test_a_wrong_password_is_said_in_words_without_the_password(site, beside, until, caplog):
    link = site.link(password="not-the-password")
    async with beside(link.run()):
        await until(lambda: "refuses this user and password" in link.words)
    assert said(caplog, "refuses this user")
    assert "not-the-password" not in caplog.text


async def test_a_client_that_nats_py_gives_up_is_made_anew(site, beside, until, monkeypatch):
    monkeypatch.setattr(link_module, "CHECK_S", 0.05)
    link = site.link()
    async with beside(link.run()):
        await until(lambda: link.connected)
        first = await link.ready()
        await first.close()
        await until(lambda: link.connections == 2)
        assert await link.ready() is not first


async def test_a_subject_that_is_denied_is_answered_at_once(site, beside, until):
    link = site.link()
    async with beside(link.run()):
        await until(lambda: link.connected)
        trouble = await answer(link, "slot.v1.demo.Other.door.opened.10101")
    assert trouble.cause is Cause.DENIED
    assert "slot.v1.demo.Other.door.opened.10101" in trouble.reason


async def test_a_forgotten_message_is_not_answered(site, beside, until):
    await site.make_streams()
    link = site.link()
    answers = []
    async with beside(link.run()):
        await until(lambda: link.connected)
        link.forget(await link.send(DOOR, b"{}", {}, answers.append))
        await publish_one(link, DOOR, b"{}", {})  # its answer comes after the other's
    assert answers == []


async def test_it_stops_at_once_while_the_server_is_away(tmp_path, beside, until):
    server = NatsServer(ServerPlan("demo", (), tmp_path, free_port(), None, {}))
    link = link_module.NatsLink(server.url, user="edge", password="x", retry_s=30.0)
    loop = asyncio.get_running_loop()
    async with beside(link.run()):
        await until(lambda: "nothing listens" in link.words)
        began = loop.time()
    assert loop.time() - began < 10
