"""Bad terminals and odd floors: every page stays usable and says what it cannot show."""

import pytest
from textual import events

from gateway.console.glyphs import ASCII
from gateway.console.keys import PAGES
from gateway.console.surveillance import ENTRIES_MAX, Watchlist
from tests.gateway.console import sample_floors
from tests.gateway.console.open_console import Bench, until
from tests.gateway.console.test_bus_floor import told
from tests.gateway.console.test_consumers_and_clock import WELL, beat
from tests.gateway.console.test_machine_past import STORY, machine
from tests.gateway.console.test_meter_words import count, read
from tests.gateway.console.test_surveillance import CARDCAGE, POWER, Past, acknowledged

NASTY = "latch \x1b[2J worn ▲ naïve 机 \u202e"


def one_machine():
    whole = sample_floors.troubled()
    egm = next(egm for egm in whole.egms if egm.asset == "10401")
    line = next(line for line in whole.lines if line.name == egm.line)
    return whole.model_copy(update={"egms": (egm,), "lines": (line,), "events": ()})


def fits(page, lines):
    assert len(lines) == 18, page
    assert max(map(len, lines)) <= 60, page
    assert any(line.strip() for line in lines[1:-1]), page


def past():
    noted = told("egm.noted", 40, "10401", seconds=-3, event=CARDCAGE.id, remark="note")
    noted = noted.model_copy(update={"data": {**noted.data, "remark": NASTY}})
    reading = read(3, -30, coin_in=count(1_000)).model_copy(update={"subject": "10401"})
    born = told("egm.born", 1, "10401", seconds=-9000)
    return Past(CARDCAGE, POWER, acknowledged(), noted, reading, born, beat("synced"), *STORY)


async def followers():
    return (WELL,)


def make(folder, floor, **more):
    return Bench(folder, floor, {}, archive=past(), followers=followers, **more)


async def walk(bench, pilot):
    """Look at every page and at every page of a machine; yield what each shows."""
    for page in PAGES:
        await pilot.press(page.key)
        await bench.drawn(pilot)
        yield page.name, bench.text()
    await pilot.press("1")
    asset = next(iter(bench.floor.egms))
    await machine(bench, pilot, asset)
    yield "machine", bench.text()
    for key in ("m", "p", "w"):
        await pilot.press(key)
        await bench.drawn(pilot)
        yield key, bench.text()
        await pilot.press("escape")
    await pilot.press("question_mark")
    await bench.drawn(pilot)
    yield "help", bench.text()


async def test_5000_machines_fit_the_smallest_terminal_and_one_without_utf8_gets_ascii(tmp_path):
    bench = make(tmp_path, sample_floors.big(5_000), glyphs=ASCII)
    async with bench.open((60, 18)) as pilot:
        async for page, lines in walk(bench, pilot):
            fits(page, lines)
            assert "\n".join(lines).isascii(), page


async def test_one_machine_fits_too_and_what_people_wrote_can_do_a_terminal_no_harm(tmp_path):
    bench = make(tmp_path, one_machine())
    async with bench.open((60, 18)) as pilot:
        await pilot.press("5")
        await until(lambda: bench.app.screen.query_one("#entries").rows)
        await pilot.press("end")
        await until(lambda: "worn" in " ".join(bench.text("#entry-detail")))
        async for page, lines in walk(bench, pilot):
            fits(page, lines)
            assert all(line.isprintable() for line in lines), page


async def test_a_gateway_that_goes_is_said_and_the_past_stays_readable(tmp_path):
    bench = make(tmp_path, sample_floors.troubled())
    async with bench.open((80, 24)) as pilot:
        await bench.daemon.stop()
        await until(lambda: bench.floor.stale)
        for key in ("9", "5"):
            await pilot.press(key)
            await bench.drawn(pilot)
            assert "GATEWAY AWAY" in bench.text()[0]
        await until(lambda: "card cage door opened" in "\n".join(bench.text()))
        await bench.daemon.start()
        await until(lambda: not bench.floor.stale)
        await bench.drawn(pilot)
        assert "GATEWAY AWAY" not in bench.text()[0]


def test_a_floor_where_more_happens_than_anybody_looks_at_is_bounded():
    watched = Watchlist()
    for start in range(0, 2 * ENTRIES_MAX, 500):
        watched.take([
            CARDCAGE.model_copy(update={"id": f"edge1.b1.{n}", "sequence": n})
            for n in range(start, start + 500)
        ])  # fmt: skip
    assert len(watched.entries()) == ENTRIES_MAX


@pytest.mark.parametrize(
    ("keys", "selector"),
    [("/10304", "#filter"), (":lines", "#command"), ("5/cage", "#entries-filter")],
)  # fmt: skip
async def test_keys_that_come_in_one_piece_over_a_slow_link_all_count(tmp_path, keys, selector):
    bench = make(tmp_path, sample_floors.troubled())
    async with bench.open((80, 24)) as pilot:
        names = {"/": "slash", ":": "colon"}
        for key in keys:
            bench.app.post_message(events.Key(names.get(key, key), key))
        typed = keys.partition("/")[2] or keys.partition(":")[2]
        await until(lambda: bench.app.screen.query(selector))
        await until(lambda: bench.app.screen.query_one(selector).value == typed)
        await bench.drawn(pilot)
        assert bench.app.screen.query_one(selector).has_focus
