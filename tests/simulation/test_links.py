"""A linked progressive that play wins is told by the gateway as the ledger has it."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from floor_sim.link_file import Link
from gateway.events.envelope import decode
from tests.simulation.world import World, run

GROUP = 4
TERMS = {"level": 2, "start": "60.00", "increment_percent": "1.00", "cycle": "240.00"}


class LinkedWorld(World):
    """The demonstration's floor, its machines on one link that is won often."""

    def floor_file(self):
        file = super().floor_file()
        link = Link.model_validate({"group": GROUP, "levels": [TERMS]})
        abilities = {"progressive_group": GROUP, "progressive_levels": (2,)}
        profiles = {
            name: profile.model_copy(update={
                "lockup": Decimal(50),
                "abilities": profile.abilities.model_copy(update=abilities),
            })
            for name, profile in file.profiles.items()
        }  # fmt: skip
        return file.model_copy(update={"links": (link,), "profiles": profiles})

    def events(self, name):
        """Return the events of a type, as the server has them."""
        messages = [one for stream in self.server.streams.values() for one in stream.messages]
        return [event for one in messages if (event := decode(one.body)).name == name]


def test_a_linked_progressive_that_play_wins_is_told_as_the_ledger_has_it(tmp_path):
    world = LinkedWorld(tmp_path, 6, only=("L1",))
    for line in world.floor.lines.values():
        line.pull = lambda *_: 0  # nobody pulls a cable

    async def story(world):
        world.start()
        await asyncio.sleep(150)
        await world.quiet_end()

    run(world, story)
    verdict = world.verdict()
    assert verdict.agree, verdict.disagreements[:5]
    happened = [record for record in world.journal.records if record["what"] == "exception"]
    wins = [(record["egm"], record["cents"]) for record in happened if record["code"] == "56"]
    assert wins
    assert [event.asset for event in world.events("progressive.hit")] == [egm for egm, _ in wins]
    paid = [
        (event.asset, event.data["amount"]["amount"])
        for event in world.events("handpay.amountknown")
        if event.data["handpay_class"] == "progressive"
    ]
    assert paid == [(egm, f"{cents / 100:.2f}") for egm, cents in wins]
    known = world.events("handpay.amountknown")
    progressive = [one.data for one in known if one.data["handpay_class"] == "progressive"]
    assert {(data["progressive_group"], data["level"]) for data in progressive} == {(GROUP, 2)}
    resets = [record["egm"] for record in world.journal.records if record["what"] == "link reset"]
    others = len(world.floor.machines) - 1
    assert len(resets) == others * len(wins)
