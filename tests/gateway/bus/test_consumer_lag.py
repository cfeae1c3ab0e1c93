"""How much waits for a consumer, also while it takes nothing."""

import sqlite3

from gateway.bus import consumer as consumer_module
from gateway.bus.consumer import Consumer
from tests.gateway.bus.doors import DOORS, SCHEMA, door, keep


async def test_a_consumer_that_takes_nothing_says_how_much_waits(
    site, tmp_path, beside, until, monkeypatch
):
    monkeypatch.setattr(consumer_module, "LAG_EVERY_S", 0.05)
    await site.make_streams()
    js = (await site.client("edge")).jetstream()
    full = []

    def handle(event, connection):
        if full:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        return keep(event, connection)

    consumer = Consumer(
        site.link("consumer"), service="test", site="demo", handle=handle, sources=[DOORS],
        schema=SCHEMA, database=tmp_path / "consumer.sqlite",
    )  # fmt: skip
    async with beside(consumer.run()):
        await until(lambda: consumer.status().lag == {"SLOT_SIGNIFICANT": 0})
        full.append(True)
        for number in range(1, 6):
            event = door(number)
            await js.publish(event.subject, event.body, headers={"Nats-Msg-Id": event.id})
        await until(lambda: consumer.status().lag == {"SLOT_SIGNIFICANT": 5})
        assert "disk is full" in consumer.status().words
        full.clear()
        await until(lambda: consumer.status().handled == 5)
        await until(lambda: consumer.status().lag == {"SLOT_SIGNIFICANT": 0})
