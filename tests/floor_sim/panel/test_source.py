"""What the panel knows of a floor that answers, goes, comes back, or tells more than fits."""

import asyncio

import pytest

from floor_sim.cli.running_floor import NotDoneError
from floor_sim.panel.floor import Floor, View, ledger_lines, machine_lines, record_words
from floor_sim.panel.source import LOOK_S_MAX, SHARE, Source
from tests.floor_sim.panel.open_panel import AWAY, Bench, until


@pytest.fixture
def bench():
    return Bench()


async def test_a_floor_that_goes_is_told_away_and_one_that_comes_back_is_told_new(bench):
    async with bench.open() as pilot:
        await bench.press(pilot, "t", "1")
        bench.away, bench.now_s = True, 42.0
        await bench.drawn(pilot)
        assert "AWAY for 42 s; all is as it was last known" in bench.text_of("#title")[0]
        assert bench.said.startswith(AWAY)
        assert bench.text_of("#machines")[0].endswith("? general tilt")
        assert "as last known" in bench.text_of("#ledger-heading")[0]
        await bench.press(pilot, "m")
        assert bench.said.startswith(f"not done: {AWAY[:30]}")
        await bench.press(pilot, "x")
        assert f"as it was last known: {AWAY[:30]}" in " ".join(bench.text_of("#note"))
        bench.away = False
        await bench.app.screen.look()
        await pilot.pause()
        assert "the floor is back" in " ".join(bench.text_of("#note"))
        await bench.press(pilot, "escape")
        assert bench.said.startswith("the floor is back")
        assert "AWAY" not in bench.text_of("#title")[0]
        assert "?" not in bench.text_of("#machines")[0]


async def test_a_panel_without_a_floor_says_what_to_do_and_every_key_says_why_not(bench):
    bench.away = True
    async with bench.open() as pilot:
        assert "nothing is known of a floor yet" in bench.text_of("#title")[0]
        assert "start one with slotsim run" in bench.said
        assert bench.text_of("#machines")[0] == " no machine is known"
        for key in "dbcgojktmlwu:":
            bench.app.say("")
            await bench.press(pilot, {":": "colon"}.get(key, key))
            assert "no machine under the cursor" in bench.said, key
            assert len(bench.app.screen_stack) == 1
        await bench.press(pilot, "p")
        assert bench.said.startswith("not done: no floor runs")
        await bench.press(pilot, "x", "escape")
        bench.away = False
        await bench.drawn(pilot)
        assert bench.text_of("#machines")[0].startswith("10101")


async def test_a_floor_that_comes_back_with_another_ledger_is_not_mixed_with_the_old_one(bench):
    async with bench.open() as pilot:
        await bench.press(pilot, "l", "d", "1")
        bench.start_floor()
        await bench.drawn(pilot)
        await bench.press(pilot, "z", "home")
        text = bench.text_of("#ledger")
        assert "the floor came back with another ledger" in text[0]
        assert "start" in text[1]
        assert not [line for line in text if "slot door" in line]


def state_of(machines=(), **more):
    return {"name": "demo", "machines": list(machines), **more}


def test_records_that_came_and_went_between_two_looks_are_told_to_be_missing():
    floor = Floor()
    floor.told(state_of(), {"last": 3, "records": [{"n": 3, "t": "", "what": "start"}]}, 1.0)
    newest = [{"n": n, "t": "", "what": "acked", "code": "11", "port": 1} for n in (704, 705)]
    floor.told(state_of(), {"last": 705, "records": newest}, 2.0)
    told = [line.text.strip() for line in ledger_lines(floor, View(everything=True), None)]
    assert told == [
        "start", "... 700 more records, too fast to follow; the ledger has them",
        "acked 11 slot door opened, port 2", "acked 11 slot door opened, port 2",
    ]  # fmt: skip
    assert len(ledger_lines(floor, View(), None)) == 2


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"what": "lost", "code": "51", "reason": "overflow", "port": 0},
         "lost 51 handpay pending: overflow"),
        ({"what": "card", "egm": "1", "line": "L1", "inside": False, "guest": "guest 7"},
         "card out guest 7"),
        ({"what": "line", "line": "L6", "pulled": True, "seconds": 6.8},
         "line L6 pulled seconds=6.8"),
        ({"what": "line", "line": "L6", "pulled": False}, "line L6 put back"),
        ({"what": "fault", "number": 3, "on": True, "fault": {"kind": "drop", "line": "L1"}},
         "fault number=3 on kind=drop line=L1"),
        ({"what": "mended", "egm": "1", "codes": ["40"]}, "mended codes=40"),
    ],
)  # fmt: skip
def test_a_record_is_told_in_words(record, words):
    assert record_words(record) == words


def test_what_no_terminal_should_get_is_not_drawn_and_what_is_too_long_is_cut():
    one = {
        "asset": "1" * 20, "location": "x" * 20, "line": "y" * 9, "link_up": True, "credits": 1,
        "games_played": 2, "queued": 3, "stands": ["card"],
    }  # fmt: skip
    floor = Floor(state=state_of([one]))
    (line,) = machine_lines(floor, View())
    assert line.text.startswith("11111111 xxxxxxxxxx yyyyyup ")
    assert machine_lines(floor, View(trouble=True)) == []
    assert machine_lines(floor, View(words="CARD !lamp")) == [line]


async def test_a_floor_that_takes_long_to_tell_is_asked_less_often():
    now, asked = [0.0], []

    async def ask(method, path, body):
        asked.append(path)
        now[0] += 2.0
        if len(asked) > 6:
            raise NotDoneError("enough")
        return state_of() if path == "/state" else {"last": 0, "records": []}

    floor = Floor()
    source = Source(ask, floor, lambda: now[0], look_s=0.0)
    assert await source.look() * SHARE > LOOK_S_MAX
    running = asyncio.create_task(source.run())
    await until(lambda: len(asked) == 4)
    await asyncio.sleep(0)
    source.soon()
    await until(lambda: len(asked) == 6)
    source.soon()
    await until(lambda: floor.away == "enough")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_nothing_but_ascii_goes_to_a_terminal_that_may_know_nothing_else(bench):
    async with bench.open() as pilot:
        for keys in ([], ["d"], ["escape", "question_mark"], ["escape", "x"], ["escape", "colon"]):
            await bench.press(pilot, *keys)
            assert "\n".join(bench.text_of()).isascii(), keys
