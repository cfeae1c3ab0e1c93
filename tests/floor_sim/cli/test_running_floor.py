"""Commands that act on a floor which runs, over its real control API; and what they say if none."""

import asyncio
import json
import socket
import threading

import pytest
import uvicorn
from click.testing import CliRunner

from edge_config.loader import load_toml
from floor_sim.cli.main import main
from floor_sim.control import build_app
from floor_sim.doings import DOINGS
from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.machine.journal import MemoryJournal


@pytest.fixture(scope="module")
def running(tmp_path_factory, request):
    """A run folder, and the floor that runs in it."""
    path = request.config.rootpath / "edge_config" / "floors" / "demo_floor.toml"
    floor = Floor(load_toml(path, FloorFile), MemoryJournal(), {})
    floor.start(0.0, playing=False)
    folder = tmp_path_factory.mktemp("floor")
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(build_app(floor, lambda: 1.0, lambda: None), log_level="error")
    )
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    (folder / "control.json").write_text(json.dumps({"url": url, "pid": 1}))
    yield folder, floor
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def slotsim(running):
    def run(*words):
        return CliRunner().invoke(main, [*words, "--run-folder", str(running[0])])

    return run


def test_a_door_is_opened_at_a_machine_once(running, slotsim):
    assert slotsim("do", "10101", "door", "open", "slot").exit_code == 0
    assert running[1].machines["10101"].cabinet.doors == {"slot"}
    again = slotsim("do", "10101", "door", "open", "slot")
    assert again.exit_code == 1
    assert again.stderr == (
        "slotsim do: machine 10101 is not in a state for that: slot door open\n"
    )
    told = slotsim("do", "01-01-01", "door close slot", "--json")
    assert json.loads(told.stdout) == {
        "asset": "10101", "action": "door close slot", "done": True, "stands": [],
    }  # fmt: skip


def test_what_can_be_done_is_listed_without_a_floor_too():
    listed = CliRunner().invoke(main, ["do", "--list"])
    assert listed.exit_code == 0
    assert "door open slot  " in listed.stdout
    rows = json.loads(CliRunner().invoke(main, ["do", "--list", "--json"]).stdout)
    assert [row["words"] for row in rows] == [*DOINGS]
    alone = CliRunner().invoke(main, ["do", "10101"])
    assert alone.exit_code == 2
    assert "such as 10101 bill 20" in alone.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("do", "99", "bill 20"), "there is no machine '99', by asset number or location"),
        (("do", "10101", "fly"), "'fly' is none of door open, "),
        (("do", "10101", "door open attic"), "'attic' is no door; there are slot, "),
        (("faults", "add", "drap", "line=L1"), "kind: found 'drap', expected 'drop', "),
        (("faults", "add", "drop", "line=L9", "colour=red"), "colour: found an unknown key"),
        (("faults", "add", "drop", "line=L1", "count=many"), "count: found 'many'"),
        (("faults", "add", "drop", "L1"), "'L1' is not KEY=VALUE"),
        (("faults", "add", "power_cut"), "one of asset, bank and panel"),
    ],
)
def test_what_the_floor_does_not_have_is_told_in_one_line_and_is_exit_status_2(
    slotsim, words, says
):
    result = slotsim(*words)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_a_fault_is_added_listed_and_removed_by_its_number(running, slotsim):
    added = slotsim("faults", "add", "flip", "line=L1", "probability=0.25", "count=3")
    assert added.exit_code == 0
    number = int(added.stdout.split()[1].rstrip(":"))
    (fault,) = running[1].faults.active(1.0).values()
    assert (fault.kind, fault.line, fault.probability, fault.count) == ("flip", "L1", 0.25, 3)
    listed = slotsim("faults", "active")
    assert listed.stdout == f"{number}: flip line=L1 probability=0.25 count=3\n"
    assert list(json.loads(slotsim("faults", "active", "--json").stdout)) == [str(number)]
    assert slotsim("faults", "remove", str(number)).exit_code == 0
    assert running[1].faults.active(1.0) == {}
    again = slotsim("faults", "remove", str(number))
    assert (again.exit_code, again.stderr) == (
        1, f"slotsim faults remove: there is no fault {number}\n",
    )  # fmt: skip
    cut = json.loads(slotsim("faults", "add", "power_cut", "asset=10102", "--json").stdout)
    assert not running[1].machines["10102"].live
    slotsim("faults", "remove", str(cut["number"]))


@pytest.mark.parametrize(
    "words",
    [("do", "10101", "lamp on"), ("faults", "add", "drop"), ("faults", "remove", "1"),
     ("faults", "active")],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("left", [None, "", '{"url": "http://127.0.0.1:1"}', '{"url": 7}'])
def test_where_no_floor_runs_that_is_told_in_one_line_and_is_exit_status_2(tmp_path, words, left):
    if left is not None:
        (tmp_path / "control.json").write_text(left)
    result = CliRunner().invoke(main, [*words, "--run-folder", str(tmp_path)])
    assert result.exit_code == 2
    assert f"no floor runs in {tmp_path}" in result.stderr
    assert "start one with slotsim run" in result.stderr
    assert result.stderr.count("\n") == 1
