"""The example consumer reads nothing but handpays, and knows of each that it was not given."""

import json

import pytest

from gateway.events.catalogue import CATALOGUE
from gateway.events.encode import Place, Stamp, encode
from gateway.events.fact import Fact
from gateway.events.moment import Moment
from gateway.examples.handpays import Handpays, follow, subjects

PLACE = Place("demo", "edge1", "US-NV", location="01-01-01", line="L1", address=1)
HERE = Place("demo", "edge1", "US-NV")
DAY = 400


class Day:
    """A gateway's day: handpays among doors, a heartbeat now and then; some are not published."""

    def __init__(self, client):
        self._js = client.jetstream()
        self._client = client
        self._sequence = 0
        self._families = {}
        self.lost = set()

    def _made(self, name, place, data=None):
        self._sequence += 1
        family = name.partition(".")[0]
        number = self._families[family] = self._families.get(family, 0) + 1
        asset = "10101" if CATALOGUE[name].asset_required else None
        fact = Fact(name, asset, data or CATALOGUE[name].example,
                    Moment(0.0, 10**18 + self._sequence))  # fmt: skip
        stamp = Stamp("edge1", "b1", self._sequence, number)
        return number, encode(fact, place, stamp, "2026-01-01")

    async def _heartbeat(self):
        data = {
            "birthid": "b1", "uptime_s": 1.0, "last_sequence": self._sequence,
            "last_familysequence": dict(self._families),
        }  # fmt: skip
        _, event = self._made("gateway.heartbeat", HERE, data)
        await self._client.publish(event.subject, event.body)

    async def tell(self, plant):
        """Tell a day; the handpays whose number is in ``plant`` get lost."""
        _, born = self._made("gateway.born", HERE)
        await self._client.publish(born.subject, born.body)
        await self._heartbeat()
        for turn in range(DAY):
            number, event = self._made("handpay.pending", PLACE)
            if number in plant:
                self.lost.add(number)
            else:
                await self._client.publish(event.subject, event.body)
            self._made("door.opened", PLACE)
            if turn % 40 == 0:
                await self._heartbeat()
        await self._heartbeat()
        await self._client.flush()


@pytest.fixture
async def floor(make_site):
    site = await make_site(sync_always=False)
    await site.make_streams()
    return site


PLANTED = {1, DAY, *range(7, DAY, 8)}


@pytest.mark.parametrize("planted", [PLANTED, set()], ids=["fifty holes", "a clean day"])
async def test_each_hole_is_found_and_a_clean_day_has_none(floor, planted, beside, until):
    assert len(planted) in (0, 52)
    day, handpays, said = Day(await floor.client("edge")), Handpays(), []
    reader = await floor.client("integrator")
    async with beside(follow(reader, "demo", handpays, said.append)):
        await until(lambda: said)
        await day.tell(planted)
        await until(lambda: len(said) == 1 + DAY - len(planted))
        found = {n for hole in handpays.holes() for n in range(hole.first, hole.last + 1)}
        await until(lambda: {
            n for hole in handpays.holes() for n in range(hole.first, hole.last + 1)
        } == planted)  # fmt: skip
    assert found <= planted
    assert reader.refused == []
    assert {subject.split(".")[4] for subject in subjects("demo").values()} == {
        "handpay", "gateway",
    }  # fmt: skip


async def test_it_begins_with_who_waits_already(floor, beside, until):
    edge = (await floor.client("edge")).jetstream()
    state = {"handpay": "1,250.00 USD jackpot", "location": "01-01-01"}
    value = {"birthid": "b1", "sequence": 9, "state": state}
    await edge.publish("$KV.slot_state.demo.edge1.10101", json.dumps(value).encode())
    handpays, said = Handpays(), []
    async with beside(follow(await floor.client("integrator"), "demo", handpays, said.append)):
        await until(lambda: said)
    assert said == ["1 machines wait for a handpay"]
    assert handpays.waiting == {"10101": "1,250.00 USD jackpot"}
