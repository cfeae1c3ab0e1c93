"""Two machines change places while the gateway runs, and a third is exchanged for a stranger."""

from __future__ import annotations

import asyncio

from gateway.events.envelope import decode
from tests.simulation.world import World, run

OWN = ("10101", "10102")
AWAY_S = 12.0


class Registered(World):
    """A world whose site file has the serial numbers of its machines."""

    def part_of(self, file):
        file = super().part_of(file)
        if not hasattr(file, "site"):
            return file
        egms = tuple(egm.model_copy(update={"serial": f"SIM{egm.asset}"}) for egm in file.egms)
        return file.model_copy(update={"egms": egms})


def events(world, *names):
    """Return what the server has of some types, in the order of its one gateway."""
    found = [decode(message.body) for one in world.server.streams.values()
             for message in one.messages]  # fmt: skip
    return sorted((one for one in found if one.name in names), key=lambda one: one.sequence)


async def exchange(world, change):
    """Change machines while the cable of their line is out."""
    line = world.floor.lines["L1"]
    line.pull(AWAY_S, world.loop.time())
    await asyncio.sleep(AWAY_S - 2)
    change()
    await asyncio.sleep(20)


def at(world, asset):
    return world.floor.machines[asset].ports[0]


def swap(world):
    one, other = (at(world, asset) for asset in OWN)
    one.address, other.address = other.address, one.address


def test_machines_that_change_places_are_told_by_their_serial_numbers(tmp_path):
    world = Registered(tmp_path, 8, only=("L1",))

    async def story(world):
        world.floor.set_play(world.loop.time(), on=False)
        world.start()
        await asyncio.sleep(20)
        await exchange(world, lambda: swap(world))
        opened = world.floor.machines["10101"]
        with opened.happening(world.loop.time()) as happening:
            happening.exception(0x1D)  # the belly door
        await asyncio.sleep(5)
        await world.kill()
        world.start()  # who answers where outlives the process
        await asyncio.sleep(10)
        with opened.happening(world.loop.time()) as happening:
            happening.exception(0x1E)
        await asyncio.sleep(5)
        await world.kill()

    run(world, story)
    moved = events(world, "egm.moved")
    assert {(one.asset, one.data["answers_for"]) for one in moved} == {OWN, OWN[::-1]}
    assert len(moved) == 2
    places = {egm.asset: egm.location for egm in world.site.egms}
    for one in moved:
        assert one.data["location_before"] == places[one.asset]
        assert one.data["location_after"] == places[one.data["answers_for"]]
    swapped = events(world, "egm.swapped")
    assert {one.asset for one in swapped} == {*OWN}
    door = events(world, "door.opened", "door.closed")
    assert [(one.name, one.asset) for one in door if one.data["door"] == "belly"] == [
        ("door.opened", "10101"), ("door.closed", "10101"),
    ]  # fmt: skip
    assert {one.source.rpartition("/")[2] for one in door} == {"2"}


def readings(world, asset):
    """Return what was read of a machine's coin in: epoch, count, total, and at which address."""
    return [
        (one.data["epoch"], one.data["meters"]["coin_in"]["count"],
         one.data["meters"]["coin_in"]["total"], one.source.rpartition("/")[2])
        for one in events(world, "meter.read")
        if one.asset == asset and one.data["meters"].get("coin_in", {}).get("digits") == 8
    ]  # fmt: skip


def test_totals_and_epochs_go_with_a_machine_to_its_new_place_and_back(tmp_path):
    world = Registered(tmp_path, 8, only=("L1",))

    async def story(world):
        world.floor.set_play(world.loop.time(), on=True)
        world.start()
        await asyncio.sleep(90)
        await exchange(world, lambda: swap(world))
        await asyncio.sleep(90)
        await world.kill()
        world.start()  # what is remembered is where the machine is
        await asyncio.sleep(90)
        await exchange(world, lambda: swap(world))
        await asyncio.sleep(90)
        await world.kill()

    run(world, story)
    for asset in OWN:
        read = readings(world, asset)
        assert {place for *_, place in read} == {"1", "2"}
        assert {epoch for epoch, *_ in read} == {read[0][0]}
        assert read[-1][1] > read[0][1]
        assert [count - read[0][1] for _, count, _, _ in read] == [
            total - read[0][2] for *_, total, _ in read
        ]
    moved = events(world, "egm.moved")
    assert [one.data["followed"] for one in moved] == [True] * 4
    assert events(world, "meter.epochstarted", "meter.undecided", "meter.regressed") == []


def test_what_a_machine_says_that_nobody_knows_belongs_to_no_asset(tmp_path):
    world = Registered(tmp_path, 9, only=("L1",))

    async def story(world):
        world.floor.set_play(world.loop.time(), on=False)
        world.start()
        await asyncio.sleep(20)
        machine = world.floor.machines["10103"]
        built = machine.settings

        def stranger():
            machine.settings = type(built)(**{**vars_of(built), "serial": "Z9"})

        await exchange(world, stranger)
        with machine.happening(world.loop.time()) as happening:
            happening.exception(0x1D)
        await asyncio.sleep(5)
        await exchange(world, lambda: setattr(machine, "settings", built))
        with machine.happening(world.loop.time()) as happening:
            happening.exception(0x1E)
        await asyncio.sleep(5)
        await world.kill()

    run(world, story)
    (told,) = events(world, "egm.unregistered")
    assert told.asset == "unregistered-L1-3"
    assert told.data == {
        "reason": "unknownserial", "line": "L1", "address": 3, "serial": "Z9",
        "expected": "10103", "expected_serial": "SIM10103",
    }  # fmt: skip
    belly = [one for one in events(world, "door.opened", "door.closed")
             if one.data["door"] == "belly"]  # fmt: skip
    assert [(one.name, one.asset) for one in belly] == [
        ("door.opened", "unregistered-L1-3"), ("door.closed", "10103"),
    ]  # fmt: skip


def vars_of(settings):
    """Return the fields of a frozen dataclass with slots."""
    return {name: getattr(settings, name) for name in settings.__dataclass_fields__}
