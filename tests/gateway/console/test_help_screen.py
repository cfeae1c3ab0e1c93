"""The help: every key on one page, and none lost where the page is narrow."""

import pytest

from tests.gateway.console import sample_floors
from tests.gateway.console.open_console import Bench


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path, sample_floors.troubled(), sample_floors.calls("troubled"))


async def press(bench, pilot, *keys):
    await pilot.press(*keys)
    await bench.drawn(pilot)


async def test_question_mark_explains_every_key_on_one_page(bench):
    async with bench.open((80, 24)) as pilot:
        await press(bench, pilot, "question_mark")
        page = "\n".join(bench.text())
        for words in ("all about this row's EGM", "only EGMs in trouble", "open calls",
                      "only EGMs with: bank:7 tilt !jam", "no filter", "link down", "idle",
                      "keeps the last 2,000 events"):  # fmt: skip
            assert words in page
        assert "…" not in page
        await press(bench, pilot, "escape")
        assert bench.text("#floor")[1].split()[0] == "01-01-01"


async def test_question_mark_loses_no_key_on_a_narrow_terminal(bench):
    async with bench.open((60, 18)) as pilot:
        await press(bench, pilot, "question_mark")
        pages = "\n".join(bench.text())
        for _ in range(3):
            await press(bench, pilot, "pagedown")
            pages += "\n".join(bench.text())
        assert "…" not in pages
        for words in ("open calls, oldest first", "copy the row, or what is marked",
                      "t commissioning and its other checks", "lamp",
                      "machine's meters.", "last 2,000 events"):  # fmt: skip
            assert words in pages
