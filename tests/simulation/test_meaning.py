"""What machines mean, against the truth, in short: the long form is run_meaning.py."""

from types import SimpleNamespace

import pytest

from floor_sim.faults.table import FaultKind
from tests.simulation.meanings import MASKED, PARTS, UNDONE, live
from tests.simulation.meanings_account import Happened, table
from tests.simulation.meanings_excuses import Excuses


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


def test_after_faults_that_a_host_cannot_notice_each_difference_has_a_reason_on_the_wire(tmp_path):
    account = live(tmp_path / "run", 3, "masked", doings=12, pause_s=0.3, calm_s=1.0)
    assert account.well, (account.wrong[:5], account.outside[:5], account.money)
    assert sum(what.startswith("fault ") for what in account.done) == len(PARTS["masked"].faults)


class Wire:
    """What one port sent and brought: machine 10101 at address 1, asked twice."""

    def __init__(self, *answers):
        self.written = [(1.0, b"\x81"), (1.01, b"\x81")]
        self.heard = [
            (at + 0.004, data) for (at, _), data in zip(self.written, answers, strict=True)
        ]
        self.journal = SimpleNamespace(records=[])
        self.site = SimpleNamespace(egms=[SimpleNamespace(asset="10101", line="L1", address=1)])
        self.ports = {"L1": self}


@pytest.mark.parametrize(
    ("first", "second", "excused"),
    [(b"\x11", b"\x11", True), (b"\x7e\x36", b"\x11", True), (b"\x12", b"\x11", False),
     (b"\x00", b"\x11", False), (b"\x11", b"\x00", False), (b"\x11", b"\x12", False)],
)  # fmt: skip
def test_an_event_that_did_not_happen_is_excused_only_by_what_came(first, second, excused):
    excuses = Excuses(Wire(first, second), [])
    assert bool(excuses.extra("10101", 0x11, 1.014)) == excused


def test_an_event_that_is_not_told_is_excused_only_if_it_never_came():
    excuses = Excuses(Wire(b"\x00", b"\x11"), [])
    opened, lamp = (Happened(code, 0.9, spare=False, until=1.2, covered=False)
                    for code in (0x11, 0x71))  # fmt: skip
    assert excuses.missing("10101", opened) is None
    assert excuses.missing("10101", lamp) == "never brought"


def test_the_plan_leaves_out_no_fault_and_little_that_can_be_done():
    assert {*PARTS["told"].faults, *MASKED} == set(FaultKind)
    assert {"card in", "card out", "power cycle"} == UNDONE
