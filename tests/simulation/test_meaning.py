"""What machines mean, against the truth, in short: the long form is run_meaning.py."""

from floor_sim.faults.table import FaultKind
from tests.simulation.meanings import MASKED, PARTS, UNDONE, live
from tests.simulation.meanings_account import table


def test_without_faults_every_event_is_the_ledgers_type_for_type_and_amount_for_amount(tmp_path):
    account = live(tmp_path / "run", 1, "plain", doings=60, pause_s=0.3)
    assert account.well, (account.wrong[:5], account.outside[:5], account.money)
    assert account.true == account.told
    assert account.inside > 100
    assert account.money["unknown"] == 0
    assert not account.outages["told"]
    assert any(line.startswith("all ") for line in table(account))


def test_after_faults_that_a_host_can_notice_what_is_missing_is_a_gap(tmp_path):
    account = live(tmp_path / "run", 2, "told", doings=20, pause_s=0.3, calm_s=2.0)
    assert account.well, (account.wrong[:5], account.outside[:5], account.money)
    assert account.outages["told"] == account.outages["true"]
    assert sum(what.startswith("fault ") for what in account.done) == len(PARTS["told"].faults)


def test_the_plan_leaves_out_no_fault_and_little_that_can_be_done():
    assert {*PARTS["told"].faults, *MASKED} == set(FaultKind)
    assert {"card in", "card out", "power cycle"} == UNDONE
