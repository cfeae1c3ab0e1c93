"""The table of faults, and the page and the commands that are made from it."""

import json
from pathlib import Path

from click.testing import CliRunner

import floor_sim.faults
from floor_sim.cli.main import main
from floor_sim.faults import FAULTS, Fault, FaultKind
from floor_sim.faults.table import page


def test_every_fault_has_a_row_and_every_key_of_a_row_is_one_of_a_fault():
    assert set(FAULTS) == set(FaultKind)
    for row in FAULTS.values():
        assert set(row.keys) <= set(Fault.model_fields)
    used = {key for row in FAULTS.values() for key in row.keys}
    assert used == set(Fault.model_fields)


def test_the_page_of_faults_is_as_the_table_says():
    stands = (Path(floor_sim.faults.__file__).parent / "FAULTS.md").read_text()
    assert stands == page(), "write it anew: slotsim faults --markdown"


def test_slotsim_lists_every_fault():
    text = CliRunner().invoke(main, ["faults"]).output
    rows = json.loads(CliRunner().invoke(main, ["faults", "--json"]).output)
    assert [row["kind"] for row in rows] == [kind.value for kind in FaultKind]
    for row in rows:
        assert f"{row['kind']}: acts on the {row['acts_on']}\n" in text
