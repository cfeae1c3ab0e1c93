"""The page about polls and exceptions is what the machines do."""

import json

import pytest
from click.testing import CliRunner

from floor_sim import doings
from floor_sim.cli.main import main as slotsim
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.machine import Machine
from floor_sim.machine.settings import MachineSettings, PortSettings
from floor_sim.polls_table import PAGE, polls_page
from floor_sim.raised import BY_HAND, RAISED
from protocols.sas.tables.exceptions import EXCEPTIONS, IDLE_CODES
from protocols.sas.tables.polls import POLLS

BY_ACTS = {code: raised for code, raised in RAISED.items() if raised.acts}


def test_the_page_is_what_is_generated():
    assert PAGE.read_text("utf-8") == polls_page(), "run: slotsim polls --write"


def test_every_poll_and_every_exception_stands_on_the_page():
    text = polls_page()
    assert all(f"\n| {command:02X} | {POLLS[command].kind} |" in text for command in POLLS)
    assert {*RAISED, *BY_HAND, *IDLE_CODES} == EXCEPTIONS.keys()


def test_the_command_says_the_same():
    result = CliRunner().invoke(slotsim, ["polls", "--json"])
    rows = {row["poll"]: row for row in json.loads(result.output)}
    assert rows.keys() == {f"{command:02X}" for command in POLLS}
    assert rows["01"]["machine"] == "obeyed"
    assert rows["6E"]["machine"] == "silence"
    assert CliRunner().invoke(slotsim, ["polls"]).output == polls_page()


@pytest.mark.parametrize("code", BY_ACTS, ids=[f"{code:02X}" for code in BY_ACTS])
def test_an_exception_is_raised_by_what_the_page_says(code):
    journal = MemoryJournal()
    machine = Machine(MachineSettings("1", 1), journal, {})
    *before, last = BY_ACTS[code].acts
    for words in before:
        doings.do(machine, words, 0.0)
    count = journal.codes("1").count(f"{code:02X}")
    assert doings.do(machine, last, 0.0)
    assert journal.codes("1").count(f"{code:02X}") == count + 1


def test_whatever_has_no_act_can_be_raised_by_hand():
    journal = MemoryJournal()
    port = PortSettings(queue_max=len(EXCEPTIONS))
    machine = Machine(MachineSettings("1", 1, port=port), journal, {})
    for code in BY_HAND:
        assert doings.do(machine, f"exception {code:02X}", 0.0)
    assert journal.codes("1") == [f"{code:02X}" for code in BY_HAND]
