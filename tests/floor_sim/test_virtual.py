"""A floor on a clock that jumps: one seed, one ledger, and a plain host that misses nothing."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

import edge_config
from edge_config.loader import load_toml
from floor_sim.cli.main import main
from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.ledger_reader import Truth
from floor_sim.machine.journal import MemoryJournal
from floor_sim.memory_line import MemoryLine
from floor_sim.plain_host import PlainHost
from floor_sim.virtual import VirtualOptions, run_virtual

FLOOR = Path(edge_config.__file__).parent / "floors" / "two_hosts.toml"


def slotsim(folder, *words):
    return CliRunner().invoke(main, ["run", str(FLOOR), "--run-folder", str(folder), *words])


@pytest.fixture(scope="module")
def minute(tmp_path_factory):
    """The run folder of a virtual minute."""
    folder = tmp_path_factory.mktemp("minute") / "run"
    began = time.monotonic()
    result = slotsim(folder, "--virtual", "60", "--begins", "2025-11-02T08:59:30")
    assert result.exit_code == 0, result.stderr
    assert time.monotonic() - began < 30
    assert "slotsim: 60 s in " in result.stderr
    assert "seed 20251122" in result.stderr
    return folder


def test_one_seed_is_one_ledger_to_the_byte(minute, tmp_path):
    words = ("--virtual", "60", "--begins", "2025-11-02T08:59:30")
    slotsim(tmp_path / "same", *words)
    slotsim(tmp_path / "other", *words, "--seed", "7")
    first, same, other = (
        (folder / "ledger.jsonl").read_bytes()
        for folder in (minute, tmp_path / "same", tmp_path / "other")
    )
    assert first == same
    assert first != other


def test_its_times_begin_when_it_was_told_and_never_go_back(minute):
    told = [json.loads(line) for line in (minute / "ledger.jsonl").read_text().splitlines()]
    times = [record["t"] for record in told]
    assert times == sorted(times)
    assert (times[0], times[-1]) == ("2025-11-02T08:59:30.000Z", "2025-11-02T09:00:30.000Z")
    assert (told[0]["what"], told[-1]["what"]) == ("start", "stop")


def test_hosts_on_both_ports_are_told_everything_and_people_play(minute):
    truth = Truth.of(minute)
    for asset in ("10101", "10204"):
        assert len(truth.events(asset)) > 20
        assert truth.lost(asset) == []
        for port in (0, 1):
            waiting = [event.code for event in truth.waiting(asset, port)]
            happened = [event.code for event in truth.events(asset, port)]
            told = truth.handed_over(asset, port)
            assert sorted(told + waiting) == sorted(happened)
            assert len(waiting) < 5
    text = (minute / "ledger.jsonl").read_text()
    assert '"inside":true' in text
    assert '"what":"handpay read"' in text


def test_a_folder_with_a_ledger_is_refused(minute):
    result = slotsim(minute, "--virtual", "60")
    assert result.exit_code == 1
    assert "has a ledger already" in result.stderr
    assert result.stderr.count("\n") == 1


def host_of(*addresses):
    file = load_toml(FLOOR, FloorFile)
    egms = tuple(egm for egm in file.egms if egm.line == "H1" and egm.address in addresses)
    lines = tuple(line for line in file.lines if line.name == "H1")
    egms = tuple(egm.model_copy(update={"second": None}) for egm in egms)
    file = file.model_copy(update={"lines": lines, "egms": egms, "troubles": ()})
    floor = Floor(file, MemoryJournal(), {})
    floor.start(0.0, playing=False)
    return floor, PlainHost(MemoryLine(floor.lines["H1"]), 0.0)


def run_until(floor, host, end):
    while host.due < end:
        floor.run(host.due)
        host.act(host.due)


@pytest.mark.parametrize("addresses", [(1,), (1, 2, 3, 4)])
def test_the_plain_host_polls_at_the_usual_pace_and_brings_every_link_up(addresses):
    floor, host = host_of(*addresses)
    run_until(floor, host, 10.0)
    assert all(machine.link_up for machine in floor.machines.values())
    assert floor.queued == 0
    assert host.heard == len(addresses)  # power applied
    general = host.polls / 2 if len(addresses) == 1 else host.polls
    assert general == pytest.approx(10.0 / 0.2 * len(addresses), rel=0.15)


def test_the_plain_host_asks_again_for_an_answer_that_was_lost():
    floor, host = host_of(1, 2)
    run_until(floor, host, 2.0)
    silence = {"kind": "silence", "line": "H1", "address": 1, "count": 1}
    floor.faults.add(floor.faults.read(silence), host.due)
    machine = floor.machines["10101"]
    with machine.happening(host.due) as happening:
        happening.exception(0x71)
    run_until(floor, host, 4.0)
    journal = floor._journal
    assert journal.codes("10101", "acked") == ["17", "71"]
    assert journal.codes("10101", "lost") == []


def test_a_long_run_tells_how_far_it_has_come_and_a_short_one_does_not(tmp_path):
    file, begins = load_toml(FLOOR, FloorFile), datetime(2026, 11, 21, tzinfo=UTC)
    told = []

    def run(name, tell_s):
        options = VirtualOptions(tmp_path / name, 5.0, begins, playing=False)
        run_virtual(file, options, lambda now, _took_s: told.append(now), tell_s)
        return [*told]

    assert run("short", 3600.0) == []
    marks = run("long", 0.0)
    assert len(marks) > 20
    assert marks == sorted(marks)
    assert 4.5 < marks[-1] <= 5.0
