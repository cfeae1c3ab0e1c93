"""The example of a sender: its slip is taken once, however often it has to send it."""

import asyncio
from pathlib import Path

import pytest

from edge_config.loader import load_toml
from edge_config.site import Site
from gateway.bus.consumer_store import ConsumerStore
from gateway.bus.hearing import Hearing
from gateway.central.inbound.service import Inbound
from gateway.central.inbound.store import SCHEMA
from gateway.examples.slips import send, slip

SITE = load_toml(Path(__file__).parents[3] / "edge_config/sites/demo_floor.toml", Site)
SUBJECT = "sms.v1.demo.slip.filed.10101"


@pytest.fixture
def service(tmp_path):
    store = ConsumerStore(tmp_path / "inbound.sqlite", SCHEMA, lambda: 10**18)
    yield Inbound(SITE, store, lambda: 10**18, lambda: None)
    store.close()


async def test_a_slip_is_sent_until_somebody_takes_it(site, beside, until, service):
    sender, said = await site.client("sms"), []
    message = slip("demo", "10101", "1250.00", "USD", "77120")
    sending = asyncio.create_task(send(sender, SUBJECT, message, said.append))
    await until(lambda: said)  # nobody is there yet
    link = site.link("consumer")
    async with beside(link.run(), Hearing(link, service.subjects, "inbound", service.answer).run()):
        async with asyncio.timeout(60):
            first = await sending
            again = await send(sender, SUBJECT, message, said.append)
            wrong = slip("demo", "99999", "1250.00", "USD", "77121")
            refused = await send(sender, SUBJECT.replace("10101", "99999"), wrong, said.append)
    assert (first["accepted"], first["duplicate"]) == (True, False)
    assert (again["accepted"], again["duplicate"]) == (True, True)
    assert "no EGM 99999" in refused["reason"]
    assert service.accepted == 1
