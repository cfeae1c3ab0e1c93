"""Each bad host is found by its rule; no rule finds fault with a host that keeps them all."""

import pytest

from floor_sim.judge.host_rules import HOST_RULES
from floor_sim.judge.rule import Severity
from tests.floor_sim.judge.bad_hosts import BAD_HOSTS
from tests.floor_sim.judge.examined import examine
from tests.floor_sim.judge.model_host import Habits, changed

NEEDS_A_TRANSFER = {"host.transfer-end-unread"}
SEEDS = (1, 2, 3)


def broken(tallies):
    return {tally.row.id: tally for tally in tallies if tally.findings}


@pytest.mark.parametrize("bad", BAD_HOSTS, ids=lambda bad: bad.what)
def test_a_bad_host_is_found_by_its_rule_and_not_accused_of_more(bad):
    found = broken(
        examine(bad.habits, control=bad.control, wire_time=bad.wire_time, until=bad.rule)
    )
    assert bad.rule in found, sorted(found)
    assert set(found) - {bad.rule} <= bad.also
    finding = next(iter(found[bad.rule].findings.values()))
    assert finding.text
    assert finding.excerpt
    assert finding.severity is found[bad.rule].row.severity


def test_every_rule_for_hosts_has_a_bad_host_that_breaks_it():
    assert {bad.rule for bad in BAD_HOSTS} == {row.id for row in HOST_RULES} - NEEDS_A_TRANSFER


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("event_mode", [False, True])
def test_a_host_that_keeps_all_rules_breaks_none(seed, event_mode):
    tallies = examine(changed(event_mode=event_mode), seed=seed)
    assert {name: [*tally.findings.values()] for name, tally in broken(tallies).items()} == {}


def test_the_examination_brings_up_nearly_every_rule():
    never = {row.id for row in HOST_RULES}
    for event_mode in (False, True):
        tallies = examine(changed(event_mode=event_mode))
        never -= {tally.row.id for tally in tallies if tally.chances}
    assert never == NEEDS_A_TRANSFER | {"host.nack-ignored"}


def test_one_seed_is_one_judgement():
    first, second = (examine(changed(repeats=0), seed=7, seconds=20) for _ in range(2))
    assert [tally.findings for tally in first] == [tally.findings for tally in second]


def test_a_host_that_only_reads_is_not_told_of_control_polls():
    found = broken(examine(changed(control=False), control=False, seconds=30))
    assert {name for name, tally in found.items() if tally.row.severity is Severity.ERROR} == set()
    assert "host.control-poll" in broken(examine(Habits(), control=False, seconds=30))
