"""Faults in machines and on the floor, and what the ledger holds of them all."""

import pytest

from floor_sim.doings import do
from floor_sim.faults.board import FaultError
from floor_sim.ledger_reader import Truth
from floor_sim.machine import play
from protocols.sas.crc import with_crc


def test_a_power_cut_of_a_panel_takes_its_machines_at_one_moment(world):
    world.add(kind="power_cut", panel="P2", seconds=10)
    assert [r["egm"] for r in world.told("power") if not r["on"]] == ["10102", "10201", "10202"]
    world.says("L1", "80")
    assert world.says("L1", "81") == "00"
    assert world.says("L1", "82") == ""
    world.go(10)
    back = [r for r in world.told("power") if r["on"]][-3:]
    assert len({record["t"] for record in back}) == 1
    assert world.drain("L1") == {1: [], 2: ["18", "17"]}
    assert world.drain("L2") == {1: ["18", "17"], 2: ["18", "17"]}


def test_nothing_is_done_at_a_machine_without_power(world):
    number = world.add(kind="power_cut", bank="B1")
    machine = world.floor.machines["10101"]
    assert not do(machine, "bill 20", world.now)
    world.floor.set_play(world.now, on=True)
    world.go(200)
    assert not [r for r in world.told("exception") if r["egm"] == "10101"][2:]
    assert world.floor.faults.remove(number, world.now)
    assert machine.live
    world.go(200)
    assert [r for r in world.told("exception") if r["egm"] == "10101"][4:]


def test_doors_that_were_opened_without_power_are_told_when_it_is_back(world):
    machine = world.floor.machines["10101"]
    do(machine, "door open belly", world.now)
    do(machine, "door open drop", world.now)
    assert world.drain("L1")[1] == ["1d", "13"]
    number = world.add(kind="power_cut", asset="10101")
    for act in (
        "door open slot", "door open card cage", "door close card cage", "door close drop",
        "door close belly", "door open belly",
    ):  # fmt: skip
        assert do(machine, act, world.now)
    assert not do(machine, "door open slot", world.now)
    assert world.told("door")[-1] == world.told("door")[-1] | {"door": "belly", "opened": True}
    assert machine.cabinet.doors == {"slot", "belly"}
    world.floor.faults.remove(number, world.now)
    # power; opened without it: card cage, slot; and what stands otherwise: slot open, drop closed
    assert world.drain("L1")[1] == ["18", "17", "98", "99", "11", "14"]
    do(machine, "power cycle", world.now)
    assert world.drain("L1")[1] == ["18", "17"]


def test_what_was_opened_without_power_is_remembered_over_an_end_of_the_simulator(world):
    machine = world.floor.machines["10101"]
    world.add(kind="power_cut", asset="10101")
    do(machine, "door open cashbox", world.now)
    memory = world.journal.memory("10101")
    assert (memory["dark_opened"], memory["dark_moved"]) == (["cashbox"], ["cashbox"])


def test_power_comes_back_when_the_last_of_two_cuts_is_over(world):
    world.add(kind="power_cut", asset="10102", seconds=5)
    world.add(kind="power_cut", panel="P2", seconds=10)
    world.go(6)
    assert not world.floor.machines["10102"].live
    world.go(5)
    assert world.floor.machines["10102"].live


def test_an_answer_that_was_under_way_never_goes_out_without_power(world):
    world.says("L1", "80")
    end = world.ends["L1"]
    end.host_write(b"\x81", world.now)
    world.add(kind="power_cut", asset="10101")
    assert end.host_read(world.now + 1) == []


def test_a_burst_beyond_twenty_is_told_as_overflow_and_the_ledger_says_what_is_lost(world):
    world.add(kind="overflow", asset="10101", exceptions=25)
    lost = world.told("lost")
    assert {record["reason"] for record in lost} == {"overflow"}
    heard = world.drain("L1")[1]
    assert heard[0] == "70"
    assert len(heard) == 21
    assert len(lost) == 5
    assert world.floor.faults.active(world.now) == {}


def test_a_skewed_clock_drifts_and_keeps_what_it_is_wrong_by(world):
    machine = world.floor.machines["10101"]
    number = world.add(kind="clock_skew", asset="10101", drift_s_per_hour=36.0)
    true = world.floor.machines["10102"]

    def wrong_by():
        return (machine.clock(world.now) - true.clock(world.now)).total_seconds()

    assert wrong_by() == 0
    world.go(1000)
    assert wrong_by() == pytest.approx(10)
    machine.set_clock(true.clock(world.now), world.now)  # a host has set it, and it drifts on
    assert wrong_by() == pytest.approx(0)
    world.go(1000)
    world.floor.faults.remove(number, world.now)
    world.go(1000)
    assert wrong_by() == pytest.approx(10)
    assert machine.cabinet.clock_offset_s == world.journal.memory("10101")["clock_offset_s"]


@pytest.mark.parametrize(
    ("lie", "shown"),
    [
        ({"form": "back", "amount": 500}, 2500),
        ({"form": "plus", "amount": 500}, 3500),
        ({"form": "stuck"}, 2000),
        ({"form": "width", "digits": 3}, 0),
    ],
)
def test_a_lying_meter_shows_another_count_and_the_ledger_has_both(world, lie, shown):
    machine = world.floor.machines["10101"]
    play.bill_in(machine, 20, world.now)
    number = world.add(kind="lying_meter", asset="10101", meter="current_credits", **lie)
    play.bill_in(machine, 10, world.now)
    world.says("L1", "80")
    assert world.says("L1", "011a")[4:12] == f"{shown:08d}"
    told = world.told("meter shown")
    assert (told[-1]["true"], told[-1]["shown"]) == (3000, shown)
    world.floor.faults.remove(number, world.now)
    assert (world.told("meter shown")[-1]["true"], told[-1]["shown"]) == (3000, shown)
    world.says("L1", "80")
    assert world.says("L1", "011a")[4:12] == "00003000"
    assert world.journal.memory("10101")["meters"]["current_credits"] == 3000


def test_a_lying_meter_is_in_the_ledger_at_each_width_at_which_it_was_shown(world):
    machine = world.floor.machines["10101"]
    machine.cabinet.meters._digits = 10  # as `meter_digits = 10` in the floor file
    machine.cabinet.meters.add("coin_in", 99_999_950)
    world.add(kind="lying_meter", asset="10101", meter="coin_in", form="plus", amount=100)
    assert world.told("meter shown")[-1]["digits"] == 10
    world.says("L1", "80")
    assert world.says("L1", "0111")[4:12] == "00000050"
    asked = bytes.fromhex("016f0400000000")
    assert world.says("L1", with_crc(asked).hex())[10:-4] == "0000" + "05" + "0100000050"
    told = [(one["digits"], one["true"], one["shown"]) for one in world.told("meter shown")]
    assert told[1:] == [(8, 99_999_950, 50), (10, 99_999_950, 100_000_050)]
    shown = Truth({"t": 0, **one} for one in world.journal.records).shown_meters("10101")
    assert [(one.digits, one.shown) for one in shown[1:]] == [(8, 50), (10, 100_000_050)]


def test_the_ledger_has_the_begin_and_the_end_of_each_fault(world):
    silent = world.add(kind="silence", line="L1", count=1, start_s=1.0)
    timed = world.add(kind="flip", line="L2", seconds=5.0)
    taken = world.add(kind="drop", line="L2")
    world.go(1.0)
    assert world.says("L1", "81") == ""
    world.go(5)
    world.floor.faults.remove(taken, world.now)
    world.says("L1", "81")
    assert world.floor.faults.active(world.now) == {}
    on = {r["number"]: r for r in world.told("fault") if r["on"]}
    off = {r["number"]: r for r in world.told("fault") if not r["on"]}
    assert on[silent]["fault"] == {"kind": "silence", "line": "L1", "count": 1, "start_s": 1.0}
    assert on[silent]["t"] - on[taken]["t"] == pytest.approx(1.0)
    assert [off[number]["reason"] for number in (silent, timed, taken)] == [
        "count", "time", "removed",
    ]  # fmt: skip
    assert off[silent]["spoiled"] == 1


def test_faults_of_the_floor_file_are_there_from_the_start(world_with):
    world = world_with('[[faults]]\nkind = "power_cut"\nbank = "B2"\nstart_s = 600\nseconds = 30\n')
    assert [fault.bank for fault in world.floor.faults.active(world.now).values()] == ["B2"]
    world.go(601 - world.now)
    assert not world.floor.machines["10201"].live
    world.go(30)
    assert world.floor.machines["10201"].live


def test_all_faults_of_a_line_or_of_the_floor_are_cleared_at_once(world):
    world.add(kind="drop", line="L1")
    world.add(kind="drop", line="L2")
    world.add(kind="power_cut", asset="10101")
    world.floor.faults.clear(world.now, "L1")
    assert len(world.floor.faults.active(world.now)) == 2
    world.floor.faults.clear(world.now)
    assert world.floor.faults.active(world.now) == {}
    assert world.floor.machines["10101"].live


def test_a_fault_that_was_made_in_python_for_another_floor_is_refused(world):
    fault = world.floor.faults.read({"kind": "drop", "line": "L1"})
    with pytest.raises(FaultError, match="line: found 'L9', expected the name of a line"):
        world.floor.faults.add(fault.model_copy(update={"line": "L9"}), world.now)
