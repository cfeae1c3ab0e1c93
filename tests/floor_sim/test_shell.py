"""The real program: a process, its ptys, its ledger and its control API; ended gently and by -9."""

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
import tty
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

FLOOR = """
[floor]
name = "small"
seed = 3
run_folder = "unused"

[profiles.penny]

[[lines]]
name = "L1"
port = "lines/L1"

[[egms]]
asset = "10101"
line = "L1"
address = 1
profile = "penny"
card_reader = "cards/10101"

[[egms]]
asset = "10102"
line = "L1"
address = 2
profile = "penny"
"""
SLOW_LINE = """
[[lines]]
name = "L2"
port = "lines/L2"
wire_time = true

[[egms]]
asset = "10201"
line = "L2"
address = 3
profile = "penny"

"""
PATIENCE_S = 60


def until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while not (value := condition()):
        assert time.monotonic() < end, f"waited too long for {what}"
        time.sleep(0.01)
    return value


class Host:
    """Opens a pty by its link and speaks hex."""

    def __init__(self, link):
        self.fd = os.open(link, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.fd)

    def says(self, hexes, length):
        """Send a poll; wait for so many bytes of an answer."""
        os.write(self.fd, bytes.fromhex(hexes))
        return self.hears(length).hex()

    def hears(self, length):
        answer = b""
        while len(answer) < length and select.select([self.fd], [], [], PATIENCE_S)[0]:
            answer += os.read(self.fd, 100)
        return answer

    def close(self):
        os.close(self.fd)


class Sim:
    def __init__(self, folder):
        self.folder = folder
        self.process = None
        self.hosts = []
        self.text = FLOOR

    def start(self):
        floor = self.folder / "floor.toml"
        floor.write_text(self.text)
        (self.folder / "run" / "control.json").unlink(missing_ok=True)
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "floor_sim.cli.main", "run", str(floor), "--no-play",
                 "--run-folder", str(self.folder / "run")],
                stderr=log,
            )  # fmt: skip
        until((self.folder / "run" / "control.json").exists, "the control API")
        self.url = json.loads((self.folder / "run" / "control.json").read_text())["url"]

    def host(self, line="L1"):
        self.hosts.append(Host(self.folder / "run" / "lines" / line))
        return self.hosts[-1]

    def card_host(self):
        self.hosts.append(Host(self.folder / "run" / "cards" / "10101"))
        return self.hosts[-1]

    def asks(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = Request(
            self.url + path, data, {"Content-Type": "application/json"}, method=method
        )
        with urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def does(self, asset, action):
        assert self.asks("POST", f"/machines/{asset}/do", {"action": action})["done"]

    def told(self, what="exception"):
        lines = (self.folder / "run" / "ledger.jsonl").read_text().splitlines()
        return [r["code"] for r in map(json.loads, lines) if r["what"] == what]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE_S)

    def end(self):
        for host in self.hosts:
            host.close()
        if self.process and self.process.poll() is None:
            self.kill()


@pytest.fixture
def sim(tmp_path):
    one = Sim(tmp_path)
    yield one
    one.end()


def test_a_host_polls_machines_over_a_pty_and_may_come_back_later(sim):
    sim.start()
    host = sim.host()
    assert host.says("80 81", 1) == "17"
    assert host.says("82", 1) == "17"
    assert host.says("011a", 8) == "011a00000000c3fc"
    assert sim.told("acked") == ["17", "17"]
    sim.does("10101", "door open slot")
    assert host.says("81", 1) == "11"
    host.close()
    sim.hosts.clear()
    later = sim.host()
    assert later.says("80 81", 1) == "00"
    assert sim.told("acked") == ["17", "17", "11"]


def test_a_kill_9_is_a_power_cut_of_the_floor_and_no_more(sim):
    sim.start()
    host = sim.host()
    assert host.says("80 81", 1) == "17"
    for action in ("bill 20", "door open slot", "jackpot 1250.00"):
        if action.startswith("jackpot"):
            sim.does("10101", "door close slot")
        sim.does("10101", action)
    assert host.says("80 81", 1) == "51"
    sim.kill()
    sim.start()
    again = sim.host()
    heard = []
    assert again.says("82 81", 1) == "51"
    while (code := again.says("80 81", 1)) != "00":
        heard.append(code)
    assert heard == ["4a", "11", "12", "18", "17"]
    assert again.says("011a", 8)[4:12] == "00002000"
    assert again.says("011b", 24)[8:18] == "0000125000"
    assert "power cut" in (sim.folder / "log").read_text()


def test_sigterm_stops_it_cleanly_and_takes_its_links_away(sim):
    sim.start()
    begun = time.monotonic()
    sim.process.terminate()
    assert sim.process.wait(5) == 0
    assert time.monotonic() - begun < 20
    run = sim.folder / "run"
    assert not (run / "control.json").exists()
    assert list((run / "lines").iterdir()) == list((run / "cards").iterdir()) == []
    assert json.loads((run / "ledger.jsonl").read_text().splitlines()[-1])["what"] == "stop"


def test_two_floors_cannot_share_a_run_folder(sim):
    sim.start()
    second = subprocess.run(
        [sys.executable, "-m", "floor_sim.cli.main", "run", str(sim.folder / "floor.toml"),
         "--run-folder", str(sim.folder / "run")],
        capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert second.returncode == 1
    assert "another slotsim runs in it" in second.stderr


def test_cards_come_out_of_the_reader_as_track_2_and_nothing_else_has_the_number(sim):
    sim.start()
    reader = sim.card_host()
    sim.does("10101", "card in 7")
    seen = reader.hears(19).decode()
    number = re.fullmatch(r";(\d{16})\?\r", seen)[1]
    sim.does("10101", "card out")
    assert reader.hears(4) == b"OUT\r"
    sim.does("10101", "card in 7")
    assert reader.hears(19).decode() == seen
    for path in (sim.folder / "log", sim.folder / "run" / "ledger.jsonl"):
        assert number not in path.read_text()


def test_the_control_api_shows_the_floor_and_changes_it(sim):
    sim.start()
    state = sim.asks("GET", "/state")
    assert (state["play"], state["queued"], len(state["machines"])) == (False, 2, 2)
    assert sim.asks("POST", "/play", {"on": True})["play"]
    assert not sim.asks("POST", "/play", {"on": False})["play"]
    assert sim.asks("POST", "/lines/L1/pull", {"seconds": 60}) == {"done": True}
    assert sim.asks("GET", "/state")["lines"][0]["pulled"]
    assert sim.asks("DELETE", "/lines/L1/faults") == {"done": True}
    number = sim.asks("POST", "/lines/L1/faults", {"kind": "silence", "count": 1})["number"]
    assert sim.asks("GET", "/lines/L1/faults")[str(number)]["kind"] == "silence"
    assert sim.asks("DELETE", f"/lines/L1/faults/{number}") == {"done": True}
    assert "/state" in sim.asks("GET", "/openapi.json")["paths"]
    for path, body in (
        ("/machines/99999/do", {"action": "jam"}),
        ("/machines/10101/do", {"action": "dance"}),
        ("/lines/L9/pull", {"seconds": 1}),
    ):
        with pytest.raises(HTTPError) as error:
            sim.asks("POST", path, body)
        assert error.value.code in {404, 422}
        error.value.close()


def test_an_answer_on_a_pty_comes_in_one_piece_or_with_wire_time_at_the_pace_of_19200_baud(sim):
    sim.text = FLOOR.replace("[[egms]]", SLOW_LINE + "[[egms]]", 1)
    sim.start()
    host = sim.host()
    assert host.says("80 81", 1) == "17"
    os.write(host.fd, bytes.fromhex("011c"))
    assert select.select([host.fd], [], [], PATIENCE_S)[0]
    assert len(os.read(host.fd, 100)) == 36
    slow = sim.host("L2")
    assert slow.says("80 83", 1) == "17"
    begun = time.monotonic()
    assert len(slow.says("031c", 36)) == 72
    assert time.monotonic() - begun >= (2 + 36) * 11 / 19_200
