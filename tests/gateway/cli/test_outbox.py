"""``slotgw outbox`` as an operator and as a program uses it."""

import csv
import hashlib
import io
import json
import shutil
import socket
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.main import main
from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.types import Acknowledged, Commit, Refused, Row

SITE_FILE = str(Path(__file__).parents[3] / "edge_config/sites/demo_floor.toml")


def row(number, type_="door.opened", asset="10101", stream="SLOT_SIGNIFICANT"):
    return Row(
        number, f"edge1.b0.{number}", type_, type_.partition(".")[0], number, f"slot.v1.x.{type_}",
        asset, stream, 1_800_000_000_000_000_000 + number * 10**9,
        json.dumps({"id": f"edge1.b0.{number}", "data": {"door": "slot"}}).encode(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """The run folder of a gateway that has stopped: 6 events, in every state."""
    folder = tmp_path_factory.mktemp("run")
    store = Store.open(folder / "gateway" / "outbox.sqlite", synchronous="OFF")
    game = Row(**{name: getattr(row(6), name) for name in Row.__slots__}
               | {"type": "game.ended", "family": "game", "familysequence": 1,
                  "stream": "SLOT_PLAY"})  # fmt: skip
    doors = [row(number, asset="10102" if number == 2 else "10101") for number in range(1, 6)]
    store.apply([Commit((*doors, game))], (), 0)
    marks = [Acknowledged(1, "SLOT_SIGNIFICANT", 71, duplicate=True), Refused(2, "too large")]
    store.apply((), [*marks, Acknowledged(3, "SLOT_SIGNIFICANT", 72)], 10**18)
    store.shed("SLOT_PLAY", 1, 10**18)
    store.close()
    return folder


@pytest.fixture
def folder(filled, tmp_path):
    shutil.copytree(filled, tmp_path / "run")
    return tmp_path / "run"


def run(command, folder, *arguments):
    site = [SITE_FILE, "--run-folder", str(folder)]
    return CliRunner().invoke(main, ["outbox", command, *arguments, *site])


def file_of(folder):
    return folder / "gateway" / "outbox.sqlite"


def test_status_says_what_waits_and_what_was_given_up(folder):
    result = run("status", folder)
    assert result.exit_code == 0, result.output
    assert "2 pending, the oldest for 0 s" in result.stdout
    assert "2 acknowledged, 1 refused, 1 shed, ever" in result.stdout
    assert "not yet told: 1 events of 10101 shed" in result.stdout
    data = json.loads(run("status", folder, "--json").stdout)
    assert (data["depth"], data["last_sequence"]) == (2, 6)


def test_reading_tools_work_while_a_gateway_writes(folder):
    store = Store.open(file_of(folder))
    for command in ("status", "list", "verify", "export"):
        assert run(command, folder).exit_code == 0, command
    store.close()


def test_list_says_what_became_of_each_event(folder):
    lines = run("list", folder).stdout.splitlines()
    assert [line.split("opened")[1].strip() for line in lines] == [
        "acknowledged SLOT_SIGNIFICANT:71 (duplicate)", "refused: too large",
        "acknowledged SLOT_SIGNIFICANT:72", "pending", "pending",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--from", "2", "--to", "3"], [2, 3]),
        (["--from", "2027-01-15T08:00:04Z"], [4, 5]),
        (["--to", "2027-01-15T08:00:02"], [1, 2]),
        (["--state", "refused"], [2]),
        (["--asset", "10102"], [2]),
        (["--type", "door.*", "--limit", "2"], [1, 2]),
        (["--type", "handpay.*"], []),
    ],
)
def test_list_takes_a_part(folder, options, found):
    lines = run("list", folder, "--json", *options).stdout.splitlines()
    assert [json.loads(line)["sequence"] for line in lines] == found


def test_show_shows_the_event_by_number_and_by_id(folder):
    by_number = json.loads(run("show", folder, "3", "--json").stdout)
    by_id = json.loads(run("show", folder, "edge1.b0.3", "--json").stdout)
    assert by_number == by_id
    assert by_number["event"]["data"] == {"door": "slot"}
    assert '"door": "slot"' in run("show", folder, "3").stdout


@pytest.mark.parametrize(
    ("event", "words"),
    [("6", "was shed because the disk filled"), ("99", "there was never an event 99"),
     ("nonsense", "there is no event nonsense")],
)  # fmt: skip
def test_show_says_why_an_event_is_not_there(folder, event, words):
    result = run("show", folder, event)
    assert (result.exit_code, words in result.stderr) == (1, True)


def test_verify_holds_the_chain_to_a_seal_and_finds_a_changed_event(folder):
    seal = run("status", folder).stdout.splitlines()[-1].removeprefix("seal ")
    result = run("verify", folder, "--seal", seal)
    assert (result.exit_code, "5 events checked" in result.stdout) == (0, True), result.output
    assert run("verify", folder, "--seal", "6:" + "00" * 32).exit_code == 1
    content = file_of(folder).read_bytes()
    file_of(folder).write_bytes(content.replace(b'edge1.b0.4", "data', b'edge1.b0.9", "data'))
    result = run("verify", folder)
    assert result.exit_code == 1
    assert "event 4 (edge1.b0.4) or its chain value was changed" in result.stdout
    assert json.loads(run("verify", folder, "--json").stdout)["faults"]


def test_an_export_says_that_it_is_observed_with_range_number_and_hash(folder):
    lines = [json.loads(line) for line in run("export", folder).stdout.splitlines()]
    bodies = b"".join(row(number).body + b"\n" for number in range(1, 6))
    assert lines[0]["about"] == "observed, not official"
    assert [line["sequence"] for line in lines[1:-1]] == [1, 2, 3, 4, 5]
    assert lines[-1] == {
        "about": "observed, not official", "events": 5, "first_sequence": 1, "last_sequence": 5,
        "damaged": 0, "sha256": hashlib.sha256(bodies).hexdigest(),
    }  # fmt: skip


def test_an_export_as_csv_goes_into_a_file(folder, tmp_path):
    output = tmp_path / "night.csv"
    result = run("export", folder, "--format", "csv", "--from", "2", "-o", str(output))
    assert (result.exit_code, result.stdout) == (0, "")
    rows = list(csv.reader(io.StringIO(output.read_text())))
    assert rows[0][0] == "# about: observed, not official"
    assert [one[0] for one in rows[2:-1]] == ["2", "3", "4", "5"]
    assert "# events: 4" in rows[-1]


def test_without_a_gateway_a_replay_makes_events_pending_again(folder):
    result = run("replay", folder, "--from", "1", "--to", "2")
    assert "2 events are pending again" in result.stdout, result.output
    reader = Reader(file_of(folder))
    assert [one.message_id for one in reader.pending(0, 2)] == ["edge1.b0.1#r1", "edge1.b0.2#r1"]
    reader.close()
    by_time = run("replay", folder, "--from", "2027-01-15T08:00:03Z", "--to", "2027-01-15T09:00",
                  "--json")  # fmt: skip
    assert json.loads(by_time.stdout) == {"events": 1, "first": 3, "last": 5}


def test_a_running_gateway_is_asked_to_replay(folder):
    store = Store.open(file_of(folder))  # it holds the outbox
    asked = []
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "gateway" / "replay.sock"))
        server.listen()

        def serve():
            client, _ = server.accept()
            with client:
                asked.append(client.recv(100))
                client.sendall(b'{"events": 2, "up_to": 3}\n{"events": 2, "done": true}\n')

        thread = threading.Thread(target=serve)
        thread.start()
        result = run("replay", folder, "--from", "1", "--to", "3")
        thread.join()
    assert asked == [b"1 3\n"]
    assert "2 events were given to the running gateway" in result.stdout
    gone = run("replay", folder, "--from", "1", "--to", "3")
    assert (gone.exit_code, len(gone.stderr.splitlines())) == (1, 1)
    store.close()


def test_a_damaged_outbox_is_not_replayed_behind_the_gateways_back(folder):
    content = file_of(folder).read_bytes()
    file_of(folder).write_bytes(content[:4096] + b"\xff" * 8192 + content[12288:])
    result = run("replay", folder, "--from", "1", "--to", "2")
    assert (result.exit_code, "is damaged: start the gateway" in result.stderr) == (1, True)
    assert not list(folder.rglob("*broken*"))


def test_salvage_makes_a_file_that_the_other_tools_read(folder, tmp_path):
    content = bytearray(file_of(folder).read_bytes())
    content[content.index(b'edge1.b0.4", "data') + 8] ^= 1
    file_of(folder).write_bytes(content)
    new = tmp_path / "new.sqlite"
    arguments = ["outbox", "salvage", str(file_of(folder)), "--into", str(new)]
    result = CliRunner().invoke(main, arguments)
    assert "lost: events 4 to 4\n4 events are in" in result.stdout, result.output
    listed = CliRunner().invoke(main, ["outbox", "list", "--file", str(new)])
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["1", "2", "3", "5"]
    assert CliRunner().invoke(main, arguments).exit_code == 2  # there is a file of that name


@pytest.mark.parametrize(
    "arguments",
    [
        ["status"],
        ["status", "--file", "nowhere.sqlite"],
        ["status", SITE_FILE, "--run-folder", "/nonexistent"],
        ["list", SITE_FILE, "--from", "yesterday"],
        ["list", SITE_FILE, "--from", "0"],
        ["verify", SITE_FILE, "--seal", "5:zz"],
        ["replay", SITE_FILE, "--from", "1"],
        ["salvage", "nowhere", "--into", "new"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_status_2_and_its_reason_the_last_line(arguments):
    result = CliRunner().invoke(main, ["outbox", *arguments])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr


def test_a_file_that_is_no_outbox_is_one_line(tmp_path):
    path = tmp_path / "x.sqlite"
    path.write_bytes(b"no database" * 1000)
    result = CliRunner().invoke(main, ["outbox", "list", "--file", str(path)])
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
