"""The publisher against the model and the real server: missing streams, lost answers, kills."""

from gateway.bus.publisher import Publisher


async def test_a_stream_that_is_missing_is_waited_for_and_told_once(
    bus, outbox, row, beside, until, caplog, subjects
):
    await bus.create("SLOT_MONEY", subjects["SLOT_MONEY"])
    box = outbox()
    publisher = Publisher(bus.link, box, box)
    async with beside(publisher.run()):
        publisher.offer(box.add(row(1), row(2, "10102"), row(3, stream="SLOT_MONEY")))
        await until(lambda: box.acknowledged == {3})
        await until(lambda: publisher.lanes.lanes["SLOT_PLAY"].shut_s >= 0.5)
        assert "SLOT_PLAY waits (no stream takes" in publisher.status().words
        await bus.create("SLOT_PLAY", subjects["SLOT_PLAY"])
        await until(lambda: box.acknowledged == {1, 2, 3})
        assert publisher.status().words == "connected"
    assert len([one for one in caplog.records if "does not take events" in one.message]) == 1
    assert await bus.subjects("SLOT_PLAY") == [row(1).subject, row(2, "10102").subject]


class LosesAnswers:
    """Any link, with the answer to every third message lost."""

    def __init__(self, link):
        self._link = link
        self._count = 0

    def __getattr__(self, name):
        return getattr(self._link, name)

    async def send(self, subject, body, headers, answered):
        self._count += 1
        if self._count % 3 == 0:
            return await self._link.send(subject, body, headers, lambda answer: None)
        return await self._link.send(subject, body, headers, answered)


async def test_lost_answers_cost_a_repeat_and_nothing_else(
    bus, outbox, row, beside, until, subjects
):
    await bus.create("SLOT_PLAY", subjects["SLOT_PLAY"])
    rows = [row(n, str(n % 7)) for n in range(1, 61)]
    box = outbox(rows)
    publisher = Publisher(LosesAnswers(bus.link), box, box, ack_timeout_s=0.05)
    async with beside(publisher.run()):
        await until(lambda: box.acknowledged == set(range(1, 61)))
    assert sorted(await bus.ids("SLOT_PLAY")) == sorted(one.id for one in rows)
    assert publisher.totals.duplicates > 0


async def test_a_server_killed_again_and_again_has_everything_once_and_in_order(
    bus, outbox, row, beside, until, subjects
):
    streams = ("SLOT_PLAY", "SLOT_MONEY")
    for stream in streams:
        await bus.create(stream, subjects[stream])
    rows = [row(n, f"a{n % 5}", streams[n % 2]) for n in range(1, 1501)]
    box = outbox()
    publisher = Publisher(bus.link, box, box, ack_timeout_s=1.0)
    async with beside(publisher.run()):
        for kill_at in (100, 600, 1100):
            have = len(box.rows)
            publisher.offer(box.add(*rows[have : have + 500]))
            await until(lambda at=kill_at: len(box.acknowledged) >= at)
            await bus.restart()
        await until(lambda: len(box.acknowledged) == len(rows))
    for n, stream in enumerate(streams):
        numbers = [int(event_id.rpartition(".")[2]) for event_id in await bus.ids(stream)]
        assert sorted(numbers) == [number for number in range(1, 1501) if number % 2 == n]
        for asset in range(5):
            of_asset = [number for number in numbers if number % 5 == asset]
            assert of_asset == sorted(of_asset)
