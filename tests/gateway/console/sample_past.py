"""The past of the sample floors: what an archive finds, and how the services keep up."""

from gateway.bus.followers import Follower
from tests.gateway.console import sample_floors
from tests.gateway.console.open_console import Bench
from tests.gateway.console.sample_floors import ago
from tests.gateway.console.test_bus_floor import told
from tests.gateway.console.test_consumers_and_clock import beat
from tests.gateway.console.test_machine_past import COVERAGE
from tests.gateway.console.test_meter_words import count, read
from tests.gateway.console.test_surveillance import CARDCAGE, POWER, SLOT, Past, acknowledged

HERE = "10101"


def of_machine(event):
    return event.model_copy(update={"subject": HERE, "location": "01-01-01"})


def handpay(name, sequence, seconds, story, **data):
    one = of_machine(told(f"handpay.{name}", sequence, HERE, seconds=seconds, **data))
    return one.model_copy(update={"correlation": story})


def events():
    meters = {"coin_in": count(51_234_000), "coin_out": count(46_900_100), "jackpot": count(0),
              "games_played": count(61_204, unit="count")}  # fmt: skip
    earlier = {"coin_in": count(51_199_500), "coin_out": count(46_871_000), "jackpot": count(0),
               "games_played": count(61_033, unit="count")}  # fmt: skip
    return [
        CARDCAGE, SLOT, POWER, acknowledged(), beat("unsynced"),
        told("gateway.clockjudged", 70, None, seconds=-900, before="synced", after="unsynced",
             offset_s=1.5),
        told("egm.clockread", 71, "10203", seconds=-600, offset_s=75.0),
        told("door.poweroffaccess", 72, "10403", seconds=-150, door="cardcage"),
        of_machine(told("egm.born", 60, HERE, seconds=-25_000, coverage=COVERAGE)),
        handpay("pending", 61, -5_000, "a"), handpay("amountknown", 62, -4_998, "a"),
        handpay("reset", 63, -4_700, "a", waiting=0), handpay("paid", 64, -4_620, "a"),
        of_machine(told("session.closed", 65, HERE, seconds=-2_000)),
        of_machine(read(66, -3_640, **earlier)), of_machine(read(67, -30, **meters)),
    ]  # fmt: skip


FOLLOWERS = {
    "troubled": (Follower("dispatch", ("SLOT_MONEY", "SLOT_SIGNIFICANT"), 37, 0, 0, reading=False),
                 Follower("surveillance", ("SLOT_SIGNIFICANT",), 0, 2, 0, reading=True, dead=1)),
    "healthy": (Follower("dispatch", ("SLOT_MONEY",), 0, 0, 0, reading=True),),
    "empty": (),
}  # fmt: skip


def with_past(folder, floor, **more):
    """Return a console in front of a sample floor, with a past."""

    async def followers():
        return FOLLOWERS[floor]

    past = {"troubled": events(), "healthy": [beat("synced")], "empty": []}[floor]
    cameras = {"10401": ("cam-04-a", "ptz-01"), "10403": ("cam-04-b",)}
    return Bench(folder, sample_floors.FLOORS[floor](), sample_floors.calls(floor),
                 archive=Past(*past), cameras=cameras, followers=followers,
                 day_began=lambda _now: ago(7 * 3600), **more)  # fmt: skip
