"""The meter check in the console: every key, what is told, what is kept."""

import pytest

from gateway.console.wire_page import WirePage
from tests.gateway.console.check_bench import (
    CheckBench,
    credits_read,
    identity,
    meters,
    notified,
    opened,
    press,
    screen,
)
from tests.gateway.console.open_console import until


@pytest.fixture
def bench(tmp_path):
    return CheckBench(tmp_path)


async def test_meters_are_typed_row_by_row_and_the_wires_count_shows_after_that(bench):
    async with bench.open() as pilot:
        await opened(bench, pilot, "meters")
        assert "waiting for the meters from the wire" in screen(bench)
        await bench.wire(pilot, meters())
        rows = [line.split() for line in bench.text("#sheet")[1:] if line.strip()]
        assert ["coin", "in", "credits", "read"] in rows
        await press(bench, pilot, *"1000", "enter", *"8.50", "enter")
        rows = [" ".join(line.split()) for line in bench.text("#sheet")[1:]]
        assert "coin in credits 1,000 1,000 equal" in rows
        assert "coin out credits 850 900 -50" in rows
        assert "Meter check: FAIL" in bench.text()[0]
        await press(bench, pilot, "up", "backspace")
        assert "Meter check: PASS, so far" in bench.text()[0]


async def test_one_begins_at_the_first_meter_whatever_is_read_first(bench):
    async with bench.open() as pilot:
        await opened(bench, pilot, "meters")
        await bench.wire(pilot, credits_read())
        await bench.wire(pilot, meters())
        assert "Now:   coin in: type what its page shows" in screen(bench)
        await press(bench, pilot, *"1000", "enter")
        assert bench.page.sheet.typed == {"coin_in": "1000"}


async def test_what_is_typed_can_be_taken_back_and_what_is_no_count_is_refused(bench):
    async with bench.open() as pilot:
        await opened(bench, pilot, "meters")
        await bench.wire(pilot, meters())
        await press(bench, pilot, *"123", "backspace")
        assert "coin in: 12_ enter takes it" in screen(bench)
        await press(bench, pilot, *".345", "enter")
        assert "Not taken: 12.345 is no whole number of credits" in screen(bench)
        await press(bench, pilot, *"55", "down", "up")
        assert "coin in: type what its page shows" in screen(bench)
        assert bench.page.sheet.typed == {}


async def test_the_sheet_asks_for_every_reading_and_again_while_somebody_types(bench):
    async with bench.open() as pilot:
        await opened(bench, pilot, "meters")
        for number in range(1, 5):
            await bench.looked(pilot, 11)
            await until(lambda number=number: len(bench.asked) >= number)
        assert [one["what"] for one in bench.asked] == ["full", "identity", "meters", "bills"]
        await bench.looked(pilot, 31)
        await until(lambda: len(bench.asked) == 5)
        await press(bench, pilot, "r")
        await bench.looked(pilot, 11)
        await until(lambda: len(bench.asked) == 6)


async def test_a_signed_sheet_is_told_first_as_what_was_typed(bench):
    async with bench.open() as pilot:
        await opened(bench, pilot, "meters")
        await bench.wire(pilot, meters(), *identity())
        await press(bench, pilot, "S")
        await notified(bench, "No meter was typed yet.")
        bench.refuse = "the outbox is full"
        await press(bench, pilot, *"1010", "enter", "S")
        await notified(bench, "the outbox is full")
        assert list(bench.reports.iterdir()) == []
        bench.refuse, bench.asked = "", []
        await press(bench, pilot, "S")
        await until(lambda: len(list(bench.reports.iterdir())) == 2)
        await notified(bench, "Signed: slotgw-meters-10101-")
    text = next(bench.reports.glob("*.txt")).read_text()
    assert "registry SIM10101; machine SIM10101" in text
    told = [one for one in bench.asked if one["do"] != "read"]
    assert [one["do"] for one in told] == ["manual", "sign"]
    assert told[0]["meters"] == {"coin_in": 1_010}
    assert (told[1]["verdict"], told[1]["failures"]) == ("fail", ["coin_in"])


async def test_a_sheet_is_kept_and_gone_on_with_and_begun_anew_by_shift_a(bench):
    async with bench.open() as pilot:
        await opened(bench, pilot, "meters")
        await bench.wire(pilot, meters())
        await press(bench, pilot, *"1000", "enter", "escape")
        await opened(bench, pilot, "meters")
        assert bench.page.sheet.typed == {"coin_in": "1000"}
        await press(bench, pilot, "question_mark")
        assert "the next meter" in screen(bench)
        await press(bench, pilot, "escape", "w")
        assert isinstance(bench.page, WirePage)
        await press(bench, pilot, "escape", "A")
        assert bench.page.sheet.typed == {}
        assert not (bench.folder / "drafts" / "10101-meters.json").exists()
