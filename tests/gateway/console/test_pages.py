"""The pages beside the floor, pressed key by key."""

import pytest

from gateway.bus.calls import CallsAway
from gateway.console.keys import PAGES
from gateway.status.model import LineDelta, NatsDelta, NatsStatus, OutboxDelta, OutboxStatus
from tests.gateway.console import sample_floors
from tests.gateway.console.open_console import Bench, until


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path, sample_floors.troubled(), sample_floors.calls("troubled"))


async def press(bench, pilot, *keys):
    await pilot.press(*keys)
    await bench.drawn(pilot)


def screen(bench):
    return "\n".join(bench.text())


@pytest.mark.parametrize(
    ("floor", "size"),
    [*((floor, (60, 18)) for floor in sorted(sample_floors.FLOORS)),
     ("troubled", (80, 24)), ("troubled", (120, 40))],
    ids=str,
)  # fmt: skip
async def test_every_page_fits_every_terminal_and_every_floor(tmp_path, floor, size):
    bench = Bench(tmp_path, sample_floors.FLOORS[floor](), sample_floors.calls(floor))
    async with bench.open(size) as pilot:
        for page in PAGES[1:]:
            await press(bench, pilot, page.key)
            lines = bench.text()
            assert len(lines) == size[1]
            assert max(map(len, lines)) <= size[0], page.name
            assert "esc back" in lines[-1], page.name


async def test_escape_and_one_go_back_to_the_floor_from_any_page(bench):
    async with bench.open((80, 24)) as pilot:
        for back in ("escape", "1"):
            await press(bench, pilot, "3", "6", back)
            assert bench.app.screen.query("#floor")


async def test_a_digit_typed_into_the_filter_is_a_digit(bench):
    async with bench.open((80, 24)) as pilot:
        await press(bench, pilot, "slash", *"10304", "enter")
        assert [line.split()[1] for line in bench.text("#floor")[1:] if line.strip()] == ["10304"]


async def test_the_lines_that_need_a_look_come_first_with_a_finding_in_words(bench):
    async with bench.open((80, 24)) as pilot:
        await press(bench, pilot, "3")
        rows = [line.split()[:2] for line in bench.text("#lines-table")[1:] if line.strip()]
        assert rows[:2] == [["L4", "LOOK"], ["L6", "LOOK"]]
        assert "2 of 6 lines to look at" in screen(bench)
        found = " ".join(line.strip() for line in bench.text("#findings"))
        assert "01-04-01 fails 29% of its polls" in found
        assert "L6 waiting for the port: is the adapter plugged in and powered?" in found


async def test_enter_on_a_line_shows_its_machines_by_address_and_enter_there_the_machine(bench):
    async with bench.open((80, 24)) as pilot:
        await press(bench, pilot, "3", "enter")
        rows = [line.split()[:2] for line in bench.text("#line-egms")[1:] if line.strip()]
        assert rows == [[str(n), f"01-04-0{n}"] for n in range(1, 5)]
        await press(bench, pilot, "enter")
        assert "asset 10401" in bench.text()[0]


async def test_a_line_that_is_gone_after_a_restart_says_so(bench):
    async with bench.open((80, 24)) as pilot:
        await press(bench, pilot, "3", "enter")
        del bench.floor.lines["L4"]
        await bench.drawn(pilot)
        assert "L4: not on this gateway any more" in screen(bench)


async def test_a_line_that_recovers_is_well_again_at_once(bench):
    async with bench.open((80, 24)) as pilot:
        await press(bench, pilot, "3")
        mended = bench.floor.lines["L6"].model_copy(update={"state": "polling"})
        bench.floor.apply(LineDelta(line=mended))
        for egm in list(bench.floor.egms.values()):
            well = {"link": "up", "link_quality": 1.0}
            bench.floor.egms[egm.asset] = egm.model_copy(update=well)
        await bench.drawn(pilot)
        assert "Nothing: every machine answers on 6 lines." in screen(bench)


async def test_the_outbox_says_whether_events_are_kept_and_sent(bench):
    async with bench.open((80, 24)) as pilot:
        await press(bench, pilot, "6")
        assert "Well: every event is on this computer's disk before the next poll." in screen(bench)
        assert "118 events wait to be sent, the oldest for 42 s" in screen(bench)
        full = OutboxStatus(state="the disk is full", depth=9, refused=2, commit_ms=140.0)
        bench.floor.apply(OutboxDelta(outbox=full))
        await bench.drawn(pilot)
        assert "NOT WELL: events cannot be stored: the disk is full." in screen(bench)
        assert "slotgw outbox list --state refused" in " ".join(screen(bench).split())


async def test_a_slow_disk_is_told_with_its_time(bench):
    async with bench.open((80, 24)) as pilot:
        bench.floor.apply(OutboxDelta(outbox=OutboxStatus(commit_ms=140.0)))
        await press(bench, pilot, "6")
        assert "Slow: the last commit took 140 ms" in screen(bench)
        assert "Delivered: nothing waits" in screen(bench)


async def test_nats_that_is_away_says_that_nothing_is_lost_and_what_to_look_at(bench):
    async with bench.open((80, 24)) as pilot:
        await press(bench, pilot, "7")
        assert "NATS is away for 0:42. Nothing is lost: 118 events wait" in screen(bench)
        bench.floor.apply(NatsDelta(nats=NatsStatus(connected=True, words="connected")))
        await bench.drawn(pilot)
        assert "Well: the gateway is connected to NATS." in screen(bench)


async def test_nats_says_what_an_acknowledgement_is_worth_and_who_has_the_name(bench):
    async with bench.open((80, 24)) as pilot:
        weak = NatsStatus(connected=True, durability="weak", durability_words="2 minutes may go")
        bench.floor.apply(NatsDelta(nats=weak))
        await press(bench, pilot, "7")
        assert "What an acknowledgement is worth: 2 minutes may go." in screen(bench)
        gone = NatsStatus(connected=True, name="yielded", name_words="edge1 runs on box2")
        bench.floor.apply(NatsDelta(nats=gone))
        await bench.drawn(pilot)
        assert "NOT POLLING: edge1 runs on box2" in screen(bench)


async def test_the_calls_say_who_waits_longest_and_enter_shows_that_machine(bench):
    async with bench.open((80, 24)) as pilot:
        await press(bench, pilot, "4")
        assert "3 calls open, the oldest (01-01-02) for 3:11." in screen(bench)
        await press(bench, pilot, "enter")
        assert "asset 10102" in bench.text()[0]


async def test_calls_that_are_old_say_so_and_why(bench):
    async with bench.open((80, 24)) as pilot:
        bench.fake_calls.tell(CallsAway("nothing answers at nats://box"))
        await until(lambda: bench.calls.reach.reason)
        bench.clock.move(seconds=30)
        await press(bench, pilot, "4")
        assert "OLD, as it was 0:30 ago: nothing answers at nats://box." in screen(bench)


async def test_nobody_waits_is_well(tmp_path):
    bench = Bench(tmp_path, sample_floors.healthy(), sample_floors.calls("healthy"))
    async with bench.open((80, 24)) as pilot:
        await press(bench, pilot, "4")
        assert "Well: nobody waits." in screen(bench)
