"""States of EGMs in the bucket: never ahead of the events that they include."""

import asyncio
import json

import pytest

from gateway.bus.model import JetStreamModel, ModelLink, ModelStream
from gateway.bus.state import EVERY_S, WRITES_PER_S, StateKeeper

KEYS = "$KV.slot_state.>"


class Bucket:
    """A keeper over the model's bucket; ``settled`` says how far each asset's events are."""

    def __init__(self):
        self.server = JetStreamModel()
        self.stream = self.server.add_stream(ModelStream("KV_slot_state", (KEYS,)))
        self.link = ModelLink(self.server)
        self.settled = {}
        self.keeper = StateKeeper(
            self.link, self.is_settled, site="demo", gateway="edge1", birthid="b1"
        )

    def is_settled(self, asset, sequence):
        return self.settled.get(asset, 0) >= sequence

    def note(self, asset, sequence):
        self.keeper.note(asset, sequence, {"credits": sequence})

    @property
    def written(self):
        return [
            (message.subject.rpartition(".")[2], json.loads(message.body)["sequence"])
            for message in self.stream.messages
        ]


@pytest.fixture
def bucket(in_virtual_time, beside):
    def run(tell):
        async def main():
            made = Bucket()
            async with beside(made.keeper.run()):
                await tell(made)
            return made

        return in_virtual_time(main())

    return run


def test_a_state_waits_for_the_events_that_it_includes(bucket):
    async def tell(made):
        made.note("10101", 5)
        made.settled["10101"] = 4
        await asyncio.sleep(10)
        assert made.written == []
        made.settled["10101"] = 5
        await asyncio.sleep(1)

    made = bucket(tell)
    [message] = made.stream.messages
    assert message.subject == "$KV.slot_state.demo.edge1.10101"
    assert json.loads(message.body) == {"birthid": "b1", "sequence": 5, "state": {"credits": 5}}


def test_a_machine_that_never_rests_is_written_all_the_same(bucket):
    async def tell(made):
        for sequence in range(1, 101):
            made.note("10101", sequence)
            made.settled["10101"] = sequence - 1  # the newest is never in its stream yet
            await asyncio.sleep(0.1)

    written = [sequence for _, sequence in bucket(tell).written]
    assert len(written) >= 8
    assert written == sorted(written)


def test_only_the_newest_settled_state_is_written_and_the_last_one_always(bucket):
    async def tell(made):
        for sequence in range(1, 51):
            made.note("10101", sequence)
        made.settled["10101"] = 50
        await asyncio.sleep(5)

    assert bucket(tell).written == [("10101", 50)]


def test_a_big_floor_is_written_at_a_bounded_rate_and_to_the_end(bucket):
    assets = [str(n) for n in range(200)]

    async def tell(made):
        for asset in assets:
            made.note(asset, 1)
            made.settled[asset] = 1
        await asyncio.sleep(2)
        assert len(made.written) <= 2 * WRITES_PER_S
        await asyncio.sleep(EVERY_S * 20)

    assert sorted(asset for asset, _ in bucket(tell).written) == sorted(assets)


def test_a_state_too_large_for_a_value_is_written_empty_with_its_number(bucket, caplog):
    async def tell(made):
        made.keeper.note("10101", 5, {"text": "x" * 70_000})
        made.settled["10101"] = 5
        await asyncio.sleep(2)

    [message] = bucket(tell).stream.messages
    assert json.loads(message.body) == {"birthid": "b1", "sequence": 5, "state": {}}
    assert "written without it" in caplog.text


def test_a_bucket_that_is_missing_is_told_once_and_written_when_it_is_there(bucket, caplog):
    async def tell(made):
        stream = made.server.streams.pop("KV_slot_state")
        made.note("10101", 1)
        made.settled["10101"] = 1
        await asyncio.sleep(30)
        made.server.add_stream(stream)
        await asyncio.sleep(2)

    assert bucket(tell).written == [("10101", 1)]
    assert len([one for one in caplog.records if "cannot be written" in one.message]) == 1


def test_while_nats_is_away_nothing_is_tried(bucket):
    async def tell(made):
        made.link.cut()
        made.note("10101", 1)
        made.settled["10101"] = 1
        await asyncio.sleep(5)
        assert made.link.in_flight == 0
        made.link.connect()
        await asyncio.sleep(2)

    assert bucket(tell).written == [("10101", 1)]


def test_an_asset_number_that_cannot_be_a_key_is_refused(bucket):
    async def tell(made):
        with pytest.raises(ValueError, match="cannot be part of a key"):
            made.note("10 101", 1)

    assert bucket(tell).written == []


class Horizons(Bucket):
    """The same, with sequences and streams to take moments of."""

    def __init__(self):
        super().__init__()
        self.sequence, self.heights = 0, {}
        self.keeper = StateKeeper(
            self.link, self.is_settled, site="demo", gateway="edge1", birthid="b1",
            sequence=lambda: self.sequence, heights=lambda: self.heights,
        )  # fmt: skip

    def tell(self, asset, sequence, height):
        self.sequence, self.heights = sequence, {"SLOT_PLAY": height}
        self.note(asset, sequence)

    @property
    def horizons(self):
        bodies = [json.loads(one.body) for one in self.stream.messages if one.subject[-2:] == "._"]
        return [(one["sequence"], one["streams"]) for one in bodies]


def test_a_horizon_is_of_one_moment_and_waits_until_every_value_has_caught_up(
    in_virtual_time, beside
):
    async def main():
        made = Horizons()
        async with beside(made.keeper.run()):
            made.tell("10101", 5, 3)
            made.tell("10102", 6, 4)
            made.settled = {"10102": 6}
            await asyncio.sleep(20)
            assert made.horizons == [], "10101 is not in its stream yet"
            made.tell("10102", 9, 8)  # goes on, and does not hold the moment up
            made.settled["10101"] = 5
            await asyncio.sleep(2)
            assert made.horizons == [(6, {"SLOT_PLAY": 4})], "as it was at the moment"
            made.settled["10102"] = 9
            await asyncio.sleep(20)
            assert made.horizons[1:] == [(9, {"SLOT_PLAY": 8})]
            await asyncio.sleep(60)
            assert len(made.horizons) == 2, "no news, no horizon"

    in_virtual_time(main())
