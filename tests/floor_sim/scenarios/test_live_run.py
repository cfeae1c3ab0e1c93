"""Scenarios in real time: machines on ptys, a host that polls them, events as lines of JSON."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time

import pytest

from floor_sim.ledger import LEDGER
from floor_sim.run_folder import RunError
from floor_sim.scenarios.library import scenarios
from floor_sim.scenarios.live_run import LiveOptions, run_live
from floor_sim.scenarios.sources import LinesSource, NatsPlace, NatsSource, SourceError
from floor_sim.scenarios.verdict import Verdict

SCENARIO = """
title = "A door, and an event of another make"
about = "For the test of a run in real time."
first_asset = 90100

[machines.a]

[[steps]]
does = "door open slot"
after_s = 0.1

[[steps]]
told = "11"
within_s = 60.0

[[steps]]
event = "door.opened"
within_s = 60.0
data = { which = "slot" }
"""
SHAPE = 'type = "kind"\nasset = "egm"\n[names]\nDOOR = "door.opened"\n'
PATIENCE_S = 60.0


class PtyHost:
    """A stranger's host: polls address 1 on a pty, and prints an event for a slot door."""

    def __init__(self, port, events):
        self._port, self._events = port, events
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self):
        self._ended.set()
        self._thread.join(PATIENCE_S)

    def _run(self):
        while not self._port.exists() and not self._ended.is_set():
            self._ended.wait(0.02)
        number = os.open(self._port, os.O_RDWR | os.O_NOCTTY)
        try:
            while not self._ended.wait(0.05):
                os.write(number, b"\x80")
                self._ended.wait(0.02)
                os.write(number, b"\x81")
                if select.select([number], [], [], 0.5)[0] and os.read(number, 1) == b"\x11":
                    with self._events.open("a") as file:
                        told = {"kind": "DOOR", "egm": "90100", "which": "slot"}
                        file.write(json.dumps(told) + "\n")
        except OSError:
            pass  # the floor is over
        finally:
            os.close(number)


def test_a_stranger_s_host_and_stream_are_judged_over_a_pty(tmp_path):
    path, shape, events = (tmp_path / name for name in ("door.toml", "shape.toml", "events"))
    path.write_text(SCENARIO)
    shape.write_text(SHAPE)
    host = PtyHost(tmp_path / "run" / "lines" / "door", events)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "floor_sim", "scenario", "run", path, "--events", events,
             "--shape", shape, "--run-folder", tmp_path / "run", "--host-wait", "60", "--json"],
            capture_output=True, text=True, timeout=3 * PATIENCE_S, check=False,
        )  # fmt: skip
    finally:
        host.close()
    assert done.returncode == 0, done.stderr + done.stdout
    (result,) = json.loads(done.stdout)["scenarios"]
    assert [step["verdict"] for step in result["steps"]] == ["PASS", "PASS", "PASS"]
    assert json.loads((tmp_path / "run" / "scenarios.json").read_text()) == {"door": {"a": "90100"}}


def test_the_ledger_of_another_floor_is_left_alone(tmp_path):
    (tmp_path / LEDGER).write_text("somebody's")
    with pytest.raises(RunError, match="another floor"):
        run_live(scenarios(["door-slot"]), LiveOptions(tmp_path))
    assert (tmp_path / LEDGER).read_text() == "somebody's"


def test_what_needs_another_day_is_blocked_in_real_time(tmp_path):
    (result,) = run_live(scenarios(["tax-midnight"]), LiveOptions(tmp_path))
    assert result.verdict is Verdict.BLOCKED
    assert "--virtual" in result.wrong[0].why[0]


def until(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_lines_that_were_there_before_are_passed_over_and_bad_ones_skipped(tmp_path):
    path = tmp_path / "events"
    path.write_text('{"n": 1}\n')
    got = []
    source = LinesSource(str(path))
    source.open(got.append)
    with path.open("a") as file:
        file.write('no json\n[1]\n{"n": 2}\n{"n"')
        file.flush()
        until(lambda: got)
        file.write(": 3}\n")
    until(lambda: len(got) == 2)
    source.close()
    assert got == [{"n": 2}, {"n": 3}]


def test_a_server_that_is_not_there_is_told(tmp_path):
    del tmp_path
    with pytest.raises(SourceError, match="is the server there"):
        NatsSource(NatsPlace("nats://127.0.0.1:1", (">",))).open(lambda _event: None)
