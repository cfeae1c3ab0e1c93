"""The pages of the consumers and of the clocks: whether it is well, in words, and what to do."""

import pytest

from gateway.bus.followers import Follower
from gateway.console.clock_words import gateway_clocks, machine_clocks
from gateway.console.consumer_words import judged
from gateway.console.sight import Tone
from tests.gateway.console import sample_floors
from tests.gateway.console.open_console import Bench, until
from tests.gateway.console.test_bus_floor import told
from tests.gateway.console.test_surveillance import Past

WELL = Follower("dispatch", ("SLOT_MONEY",), 3, 1, 0, reading=True)

CASES = [
    ("that reads", WELL, Tone.GOOD, "keeps up"),
    ("that stopped", Follower("dispatch", ("SLOT_MONEY",), 40, 0, 0, reading=False), Tone.BAD,
     "calls for attendants are late"),
    ("that stopped with nothing to do", Follower("index", ("FLOOR",), 0, 0, 0, reading=False),
     Tone.WARN, "Is it running?"),
    ("that is behind", Follower("index", ("FLOOR",), 5_000, 9, 0, reading=True), Tone.WARN,
     "behind by 5,000 events"),
    ("with dead letters", Follower("loyalty", ("FLOOR",), 0, 0, 0, reading=True, dead=2), Tone.WARN,
     "2 of loyalty"),
    ("that was never seen", Follower("reconcile", (), 0, 0, 0, reading=False), Tone.WARN,
     "No service reads the streams"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "tone", "words"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_a_service(one, tone, words):
    verdict, facts = judged([one])
    assert verdict[0].tone is tone
    assert words in verdict[0].text
    assert facts[0].label == one.name


def test_a_service_that_was_never_seen_is_not_missed_where_others_read():
    verdict, facts = judged([WELL, Follower("reconcile", (), 0, 0, 0, reading=False)])
    assert (verdict[0].tone, len(verdict), len(facts)) == (Tone.GOOD, 1, 2)


def beat(quality, gateway="edge1", seconds=-5):
    one = told("gateway.heartbeat", 9, None, gateway, seconds=seconds)
    return one.model_copy(update={"timequality": quality})


@pytest.mark.parametrize(
    ("quality", "tone", "words"),
    [("synced", Tone.GOOD, "a time service holds the clock of edge1"),
     ("unsynced", Tone.BAD, "(+1.500 s off): does chrony or ntpd run there"),
     ("stepped", Tone.WARN, "was set"), ("unknown", Tone.WARN, "does not say")],
)  # fmt: skip
def test_a_gateways_clock(quality, tone, words):
    judged = told("gateway.clockjudged", 8, None, before="synced", after=quality, offset_s=1.5)
    (said,) = gateway_clocks([beat("unknown", seconds=-50), beat(quality)], [judged], "")
    assert said.tone is tone
    assert words in said.text


def test_gateways_that_say_nothing_have_clocks_that_nobody_knows():
    assert "the outbox is locked" in gateway_clocks([], [], "the outbox is locked")[0].text
    assert "no gateway has said anything" in gateway_clocks([], [], "")[0].text


def test_machines_whose_clocks_are_far_off_are_named_the_worst_first():
    read = [told("egm.clockread", n, f"1010{n}", offset_s=offset)
            for n, offset in ((1, 2.0), (2, 75.0), (3, -3600.0))]  # fmt: skip
    (said,) = machine_clocks(read)
    assert "2 of 3 clocks are more than 60 s off: 01-01-03 -3,600 s, 01-01-02 +75 s" in said.text
    assert machine_clocks(read[:1])[0].tone is Tone.GOOD
    assert "No machine has shown" in machine_clocks([])[0].text


def make(folder, *events, followers=None):
    return Bench(folder, sample_floors.troubled(), sample_floors.calls("troubled"),
                 archive=Past(*events), followers=followers)  # fmt: skip


def screen(bench):
    return " ".join(line.strip() for line in bench.text())


@pytest.mark.parametrize("size", [(60, 18), (120, 40)], ids=str)
async def test_both_pages_say_in_words_whether_it_is_well(tmp_path, size):
    found = [WELL]

    async def followers():
        return found if isinstance(found, str) else tuple(found)

    clock = told("egm.clockread", 3, "10401", offset_s=75.0)
    bench = make(tmp_path, beat("synced"), clock, followers=followers)
    async with bench.open(size) as pilot:
        await pilot.press("8")
        await until(lambda: "every service that runs here keeps up" in screen(bench))
        assert "3 wait, 1 in hand; reads money" in screen(bench)
        await pilot.press("9")
        await until(lambda: "a time service holds the clock of edge1" in screen(bench))
        assert "+75 s" in screen(bench)
        assert max(map(len, bench.text())) <= size[0]


async def test_without_a_password_or_a_server_the_consumers_are_not_known(tmp_path):
    bench = make(tmp_path / "a")
    async with bench.open((80, 24)) as pilot:
        await pilot.press("8")
        await until(lambda: "no NATS password was given" in screen(bench))

    async def away():
        return "nothing answers at nats://10.0.0.1"

    bench = make(tmp_path / "b", followers=away)
    async with bench.open((80, 24)) as pilot:
        await pilot.press("8")
        await until(lambda: "Not known: nothing answers" in screen(bench))
