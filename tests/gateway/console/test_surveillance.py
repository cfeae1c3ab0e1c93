"""Significant events in one list: who looked at each, and what was found."""

import asyncio
import json
from datetime import timedelta

import pytest

from gateway.console.surveillance import Watchlist, first_check, is_significant
from gateway.events.lookup import Found
from gateway.status.model import EventDelta
from tests.gateway.console import sample_floors
from tests.gateway.console.open_console import Bench, until
from tests.gateway.console.sample_floors import NOW
from tests.gateway.console.test_bus_floor import told

SIZES = pytest.mark.parametrize("size", [(60, 18), (120, 40)], ids=str)
CARDCAGE = told("door.opened", 11, "10401", seconds=-600, door="cardcage")
SLOT = told("door.opened", 12, "10402", seconds=-300, door="slot")
POWER = told("power.lost", 13, "10403", seconds=-200)
SEEN = {"event": SLOT.id, "event_type": "door.opened", "disposition": "authorised",
        "remark": "drop run", "said_by": "kim"}  # fmt: skip


def acknowledged(sequence=20, **more):
    return told("egm.acknowledged", sequence, "10402", seconds=sequence - 100, **(SEEN | more))


@pytest.mark.parametrize(
    ("name", "data", "due"),
    [("door.opened", {}, True), ("menu.entered", {}, True), ("handpay.pending", {}, True),
     ("handpay.pending", {"repeat": True}, False), ("game.ended", {}, False),
     ("egm.born", {}, False), ("egm.noted", {}, False), ("tilt.raised", {}, False)],
)  # fmt: skip
def test_what_a_surveillance_room_has_to_see(name, data, due):
    assert is_significant(told(name, 1, **data)) is due


def test_the_newest_come_first_and_each_says_who_looked_and_what_was_found():
    watched = Watchlist()
    watched.take([SLOT, CARDCAGE, acknowledged(), POWER, SLOT])
    assert [one.event.sequence for one in watched.entries()] == [13, 12, 11]
    looked = watched.entries()[1].looked
    assert (looked.disposition, looked.by, looked.words) == ("authorised", "kim", "drop run")
    assert watched.new() == 2
    assert [one.event.sequence for one in watched.entries(only_new=True)] == [13, 11]


def test_the_last_look_counts_and_all_are_kept():
    watched = Watchlist()
    watched.take([acknowledged(21, disposition="incident"), acknowledged(20), SLOT])
    one = watched.entry(SLOT.id)
    assert one.looked.disposition == "incident"
    assert [said.disposition for said in one.remarks] == ["authorised", "incident"]


@pytest.mark.parametrize(
    ("text", "due"), [("card cage", [11]), ("!kim", [13, 11]), ("drop run", [12]),
                      ("authorised kim", [12]), ("new", [13, 11]), ("10403", [13])],
)  # fmt: skip
def test_the_filter_looks_at_words_people_and_what_was_found(text, due):
    watched = Watchlist()
    watched.take([SLOT, CARDCAGE, POWER, acknowledged()])
    assert [one.event.sequence for one in watched.entries(text)] == due


def test_what_to_look_at_first_is_said_by_the_kind_of_door():
    assert "logic area" in first_check(CARDCAGE)
    assert first_check(CARDCAGE) != first_check(SLOT)


class RequestSocket:
    """A request socket that answers as it is told, and keeps what was asked."""

    def __init__(self, path, answer):
        self.path, self.answer, self.asked = path, answer, []

    async def __aenter__(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self.path)
        return self

    async def _serve(self, reader, writer):
        self.asked.append(json.loads(await reader.readline()))
        writer.write(json.dumps(self.answer).encode() + b"\n")
        await writer.drain()
        writer.close()

    async def __aexit__(self, *_):
        self._server.close()


class Past:
    """An archive that has what it is given."""

    def __init__(self, *events, why=""):
        self.events, self.why, self.asked = list(events), why, []

    async def __call__(self, wanted):
        self.asked.append(wanted)
        found = [event for event in self.events if wanted.fits(event)]
        return Found(tuple(sorted(found, key=lambda e: e.time, reverse=True)), wanted.after,
                     self.why)  # fmt: skip


def make(folder, past, **more):
    cameras = {"10401": ("cam-04-a", "ptz-01")}
    return Bench(folder, sample_floors.troubled(), sample_floors.calls("troubled"),
                 archive=past, cameras=cameras, **more)  # fmt: skip


async def page(bench, pilot):
    await pilot.press("5")
    await until(lambda: bench.app.screen.query("#entries"))
    await until(lambda: bench.app.screen.query_one("#entries").rows)
    await bench.drawn(pilot)


def screen(bench):
    return "\n".join(bench.text())


@SIZES
async def test_the_page_shows_the_last_day_with_cameras_and_what_to_look_at_first(tmp_path, size):
    bench = make(tmp_path, Past(CARDCAGE, SLOT, POWER, acknowledged()))
    async with bench.open(size) as pilot:
        await page(bench, pilot)
        assert ": 2 that nobody looked at" in screen(bench)
        assert "authorised" in screen(bench)
        await pilot.press("end")
        await bench.drawn(pilot)
        said = " ".join(line.strip() for line in bench.text("#entry-detail"))
        assert "card cage door opened" in said
        assert "look first:" in said
        if size[1] > 18:
            assert "recording: cam-04-a, ptz-01, from" in said
        assert max(map(len, bench.text())) <= size[0]


async def test_u_leaves_only_what_nobody_looked_at_and_slash_filters(tmp_path):
    bench = make(tmp_path, Past(CARDCAGE, SLOT, acknowledged()))
    async with bench.open((80, 24)) as pilot:
        await page(bench, pilot)
        await pilot.press("u")
        await bench.drawn(pilot)
        assert "kim" not in screen(bench)
        await pilot.press("u", "slash", *"kim", "enter")
        await bench.drawn(pilot)
        rows = [line for line in bench.text("#entries")[1:] if line.strip()]
        assert len(rows) == 1
        assert "slot door opened" in rows[0]
        await pilot.press("escape")
        await bench.drawn(pilot)
        assert len([line for line in bench.text("#entries")[1:] if line.strip()]) == 2
        await pilot.press("escape")
        await bench.drawn(pilot)
        assert bench.app.screen.query("#floor")


async def test_an_acknowledgement_is_asked_of_the_gateway_with_what_was_found(tmp_path):
    answer = {"done": True, "events": [{"id": "x", "text": "kim looked at door.opened"}]}
    past = Past(CARDCAGE)
    async with RequestSocket(tmp_path / "request.sock", answer) as asked:
        bench = make(tmp_path, past, request=asked.path)
        async with bench.open((80, 24)) as pilot:
            await page(bench, pilot)
            await pilot.press("a")
            await bench.drawn(pilot)
            assert "5 incident" in screen(bench)
            await pilot.press("enter")
            await bench.drawn(pilot)
            assert "begin with what was found" in screen(bench)
            past.events.append(acknowledged(99, event=CARDCAGE.id))
            await pilot.press(*"2 drop run", "enter")
            await until(lambda: asked.asked)
            assert asked.asked == [{
                "do": "acknowledge", "asset": "10401", "event": CARDCAGE.id,
                "event_type": "door.opened", "disposition": "authorised", "remark": "drop run",
            }]  # fmt: skip
            await until(lambda: "authorised, kim" in screen(bench))


async def test_a_note_that_the_gateway_refuses_stays_to_be_mended(tmp_path):
    answer = {"error": "remark: card and ticket numbers do not belong into a remark"}
    async with RequestSocket(tmp_path / "request.sock", answer) as asked:
        bench = make(tmp_path, Past(CARDCAGE), request=asked.path)
        async with bench.open((80, 24)) as pilot:
            await page(bench, pilot)
            await pilot.press("n", *"60123456789012", "enter")
            await until(lambda: "Not told: remark: card and ticket" in screen(bench))
            assert asked.asked[0]["do"] == "note"
            await pilot.press("escape")
            await bench.drawn(pilot)
            assert bench.app.screen.query("#entries")


async def test_over_nats_it_says_where_to_acknowledge(tmp_path):
    bench = make(tmp_path, Past(CARDCAGE))
    async with bench.open((120, 40)) as pilot:
        await page(bench, pilot)
        await pilot.press("a")
        await until(lambda: any("only reads" in one.message for one in bench.app._notifications))


async def test_news_of_the_floor_are_looked_up_and_an_archive_that_is_away_is_said(tmp_path):
    past = Past(CARDCAGE)
    bench = make(tmp_path, past)
    async with bench.open((80, 24)) as pilot:
        await page(bench, pilot)
        past.events.append(told("cashbox.removed", 30, "10402", seconds=-1))
        bench.daemon.tell(EventDelta(event=sample_floors.event(
            99_000, 1, "10402", "01-04-02", "cashbox removed")))  # fmt: skip
        await until(lambda: "cashbox removed" in "\n".join(bench.text("#entries")))
        assert past.asked[-1].after > NOW - timedelta(minutes=2)


async def test_an_archive_that_cannot_be_read_says_why(tmp_path):
    bench = make(tmp_path, Past(why="the outbox cannot be opened"))
    async with bench.open((80, 24)) as pilot:
        await pilot.press("5")
        await until(lambda: "the outbox cannot be opened" in screen(bench))
