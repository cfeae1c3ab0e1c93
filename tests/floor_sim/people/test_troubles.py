"""What comes up again and again on a floor, and that it ends."""

from random import Random

import pytest

from edge_config.loader import parse_toml
from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.machine.journal import MemoryJournal
from floor_sim.people.troubles import LONGEST_S, _long_tailed
from floor_sim.presets import preset

FLOOR = """
[floor]
name = "f"
seed = 1
run_folder = "r"
[crowd]
occupancy_percent = 0.1
[[troubles]]
kind = "{kind}"
first_s = 5.0
every_s = 600.0
lasts_s = [20.0, 30.0]
[[lines]]
name = "L1"
port = "lines/L1"
[[egms]]
asset = "1"
line = "L1"
address = 1
profile = "penny_video"
panel = "P1"
[[egms]]
asset = "2"
line = "L1"
address = 2
profile = "penny_video"
panel = "P1"
"""


def hour(kind, *, wired=True):
    """Return the floor and its journal after an hour with one kind of trouble."""
    journal = MemoryJournal()
    file = parse_toml(FLOOR.format(kind=kind), FloorFile, "floor.toml")
    floor = Floor(file, journal, {}, wired=wired)
    floor.start(0.0)
    while (due := floor.next_due()) is not None and due <= 3_600:
        floor.run(due)
    return floor, journal.records


def told(records, what, **facts):
    return [
        record for record in records
        if record["what"] == what and all(record.get(key) == facts[key] for key in facts)
    ]  # fmt: skip


def test_a_technician_changes_an_option_behind_an_open_door():
    floor, records = hour("option change")
    changed = told(records, "exception", code="3C")
    assert len(changed) > 2
    assert len(told(records, "exception", code="11")) == len(changed)
    closed = told(records, "exception", code="12")
    assert len(changed) - len(closed) == sum(len(m.cabinet.doors) for m in floor.machines.values())
    limits = {machine.settings.lockup_cents for machine in floor.machines.values()}
    assert limits <= {120_000, 200_000}


def test_a_technician_clears_a_memory_behind_the_card_cage():
    _, records = hour("ram clear")
    cleared = told(records, "ram clear")
    assert cleared
    assert len(told(records, "exception", code="15")) == len(cleared)
    assert len(told(records, "exception", code="7A")) == len(cleared)


def test_a_machine_is_silent_for_a_while_and_only_where_somebody_could_notice():
    floor, records = hour("silent machine")
    begun = [record["fault"] for record in told(records, "fault", on=True)]
    assert len(begun) > 2
    assert {fault["kind"] for fault in begun} == {"silence"}
    assert {fault["address"] for fault in begun} <= {1, 2}
    active = len(floor.faults.active(3_600.0))
    assert len(told(records, "fault", on=False)) == len(begun) - active
    assert not told(hour("silent machine", wired=False)[1], "fault")


def test_a_panel_takes_the_power_of_all_its_machines_and_gives_it_back():
    _, records = hour("panel without power")
    for asset in ("1", "2"):
        off = told(records, "power", egm=asset, on=False)
        on = told(records, "power", egm=asset, on=True)
        assert len(off) > 2
        assert len(on) - 1 in {len(off), len(off) - 1}


def test_silence_is_short_as_a_rule_and_long_now_and_then():
    chance = Random(1)
    spans = sorted(_long_tailed(chance, 40.0, 900.0) for _ in range(4_000))
    assert spans[2_000] == pytest.approx(40, rel=0.15)
    assert spans[3_800] == pytest.approx(900, rel=0.3)
    assert spans[-1] <= LONGEST_S


def test_the_presets_have_every_trouble_that_ends():
    file = parse_toml(preset(500), FloorFile, "floor.toml")
    rows = {trouble.kind: trouble for trouble in file.troubles}
    assert rows["silent machine"].every_s == pytest.approx(86_400 / (0.02 * 500), abs=0.1)
    assert rows["silent machine"].lasts_s == (40.0, 900.0)
    assert rows["panel without power"].every_s == pytest.approx(7 * 86_400 / 0.05, abs=0.1)
    assert rows["line pulled"].every_s == pytest.approx(7 * 86_400 / 2, abs=0.1)
    assert {"option change", "ram clear"} <= rows.keys()
