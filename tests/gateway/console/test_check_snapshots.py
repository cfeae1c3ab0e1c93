"""Pictures of checks at 80x24 and 120x40, beside those that were looked at and found good."""

from datetime import timedelta

import pytest

from gateway.commissioning.check import go_to, hear, settle
from gateway.commissioning.sheet import read_again, type_in
from gateway.commissioning.step import Verdict
from gateway.commissioning.told import Count, Identity, Line, Raised, Reading
from tests.gateway.console import sample_floors
from tests.gateway.console.check_bench import METERS, CheckBench

NOW = sample_floors.NOW


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    return CheckBench(tmp_path, capture=None, request=None)


def commissioned(page):
    """A door is open, a serial number was wrong, a ninth bit could not be told."""
    check = hear(page.check, [Line(at=NOW, state="polling", port="lines/L1")])
    check = settle(check, NOW + timedelta(seconds=2))
    check = settle(check, NOW, Verdict.NOT_DONE, "the meter on this port is out for repair")
    check = hear(go_to(check, 4, NOW), [Identity(at=NOW, version="602", serial="SIM10102")])
    check = settle(check, NOW, Verdict.FAIL)
    check = go_to(check, 7, NOW)
    page._watch.check = hear(check, [Raised(at=NOW, code=0x11)])


def failing(page):
    """Meters were typed; one differs."""
    counts = {name: Count(value=value, digits=8) for name, value in METERS.items()}
    sheet = read_again(page.sheet, [Reading(at=NOW, meters=counts)], [])
    page._sheet = type_in(type_in(sheet, "coin_in", "1000"), "coin_out", "8.50")
    page._typing = "25"
    page._asks.trouble = ""


def away(page):
    """An absence test waits for the technician's word while the gateway answers."""
    check = go_to(page.check, 5, NOW)
    page._watch.check = check


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize(
    ("kind", "state"),
    [("commission", commissioned), ("absence", away), ("meters", failing), ("", None)],
    ids=["commission", "absence", "meters", "list"],
)
def test_a_check_looks_as_it_did(bench, snap_compare, kind, state, size):
    async def shown(pilot):
        await bench.live(pilot)
        await bench.app.run_action(f"check({kind!r}, '10101')")
        await bench.settle()
        page = bench.page
        if state is not None:
            state(page)
            page._asks.trouble = ""
        else:
            page._desk = page._desk.__class__(page._desk.site, bench.folder, "/reports", "tech17")
        await bench.drawn(pilot)

    assert snap_compare(bench.app, terminal_size=size, run_before=shown)
