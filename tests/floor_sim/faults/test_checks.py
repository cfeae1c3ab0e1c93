"""A wrong fault: every mistake in one report."""

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from floor_sim.cli.main import main
from floor_sim.faults.checks import FaultError, Names, checked

NAMES = Names({"L1": [1, 2]}, ["10101"], ["B1"], ["P1"])


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        ({"kind": "melt"}, ["kind"]),
        ({}, ["kind"]),
        ({"kind": "drop", "line": "L1", "count": 0, "probability": 2}, ["count", "probability"]),
        ({"kind": "drop"}, ["line"]),
        ({"kind": "drop", "line": "L2", "delay_s": 1.0, "speed": 3}, ["delay_s", "line", "speed"]),
        ({"kind": "twin", "line": "L1"}, ["address"]),
        ({"kind": "twin", "line": "L1", "address": 9}, ["address"]),
        ({"kind": "lying_meter", "asset": "1"}, ["asset", "form", "meter"]),
        ({"kind": "lying_meter", "asset": "10101", "form": "plus", "meter": "joy"}, ["meter"]),
        ({"kind": "clock_skew", "asset": "10101"}, ["drift_s_per_hour"]),
        ({"kind": "power_cut"}, ["panel"]),
        ({"kind": "power_cut", "bank": "B1", "panel": "P1"}, ["panel"]),
        ({"kind": "power_cut", "bank": "B7", "line": "L1"}, ["bank", "line"]),
    ],
)
def test_every_mistake_of_a_fault_is_in_one_report(data, keys):
    with pytest.raises(FaultError) as error:
        checked(data, NAMES)
    assert sorted({problem.key for problem in error.value.problems}) == keys


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=4,
)


@given(
    kind=st.sampled_from(["drop", "twin", "power_cut", "lying_meter"]) | JSON,
    rest=st.dictionaries(
        st.sampled_from(["line", "asset", "bank", "count", "meter", "form"]), JSON
    ),
)
def test_whatever_a_fault_says_it_is_taken_or_reported(kind, rest):
    try:
        report = f"fault: {checked({'kind': kind, **rest}, NAMES).kind}"
    except FaultError as error:
        report = str(error)
    assert report.startswith("fault: ")


def test_a_wrong_floor_file_tells_of_its_faults_with_everything_else(text, tmp_path):
    path = tmp_path / "floor.toml"
    wrong = text().replace('profile = "penny"', 'profile = "dime"', 1)
    path.write_text(
        wrong
        + '[[faults]]\nkind = "drop"\nline = "L7"\n'
        + '[[faults]]\nkind = "power_cut"\nbank = "B1"\nseconds = 0\n'
        + '[[faults]]\nkind = "split"\nline = "L1"\ngap_s = 0.004\ndelay_s = 1.0\n'
    )
    result = CliRunner().invoke(main, ["run", str(path)])
    assert result.exit_code == 2
    for mistake in (
        "egms[0].profile: found 'dime'",
        "faults[0].line: found 'L7'",
        "faults[1].seconds: found 0, expected more than 0.0",
        "faults[2].delay_s: found 1.0, expected nothing there",
    ):
        assert mistake in result.output
