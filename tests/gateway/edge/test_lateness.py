"""A late poll is told once, and readings are left out until the line keeps its time."""

from __future__ import annotations

import asyncio
import socket

import pytest

from edge_config.site import LineInfo
from gateway.edge.lateness import LATE_OVER_S, Lateness
from gateway.edge.watchdog import WELL_S, Watchdog

LINE = LineInfo(name="L1", port="x")


def poll(line, now, due, free, *, live=True, address=1):
    """Let a poll leave now that was due, on a line that was ours from ``free`` on."""
    line.free(free)
    line.sent(now)
    line.note(now, address, due, live=live)


def test_a_poll_that_leaves_a_second_late_is_told_once_and_its_end_once(caplog):
    line = Lateness(LINE, 4)
    poll(line, 10.0, 9.9, 9.9)
    assert not line.late
    poll(line, 11.5, 10.1, 10.2)
    poll(line, 13.0, 11.7, 11.8)
    assert line.late
    assert line.behind
    poll(line, 13.2, 13.2, 13.2)
    assert line.late
    poll(line, 13.0 + LATE_OVER_S, 13.0 + LATE_OVER_S, 13.0 + LATE_OVER_S)
    assert not line.late
    assert not line.behind
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert 1.2 <= line.spread.worst_s < 1.31


def test_the_cycle_of_a_full_line_and_a_machine_that_is_away_are_not_late():
    line = Lateness(LINE, 32)
    poll(line, 10.0, 9.5, 9.5)
    assert line.spread.worst_s < 0.05
    poll(line, 20.0, 10.0, 10.0, live=False)
    assert not line.late


def test_what_silent_machines_take_is_not_late_but_readings_are_left_out(caplog):
    line = Lateness(LINE, 4)
    poll(line, 10.0, 10.0, 10.0)
    poll(line, 13.0, 10.2, 12.99)  # three seconds of time-outs, and ten milliseconds of ours
    assert line.behind
    assert not line.late
    assert line.spread.worst_s == pytest.approx(0.01)
    poll(line, 13.0 + LATE_OVER_S, 13.0 + LATE_OVER_S, 13.0 + LATE_OVER_S)
    assert not line.behind
    assert not [one for one in caplog.records if one.levelname == "WARNING"]


def test_what_we_take_from_many_polls_adds_up():
    line = Lateness(LINE, 4)
    poll(line, 10.0, 10.0, 10.0)
    for turn in range(1, 31):  # the others' turns, each of which we began 50 ms late
        poll(line, 10.0 + turn * 0.06, 10.0, 10.0 + turn * 0.06 - 0.05, address=2)
    poll(line, 11.85, 10.2, 11.85)
    assert line.late
    assert line.spread.worst_s == pytest.approx(1.5)


def test_a_loop_that_hangs_is_told_once(caplog):
    dog = Watchdog({})
    for now in (1.0, 2.0):
        dog.note(now, 0.9)
    dog.note(2.0 + WELL_S, 0.0)
    assert len(caplog.records) == 2


async def test_systemd_is_fed_while_the_loop_turns(tmp_path):
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(path))
        systemd.settimeout(0)
        dog = Watchdog({"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "40000"})
        task = asyncio.create_task(dog.run())
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(5):
            said = [await loop.sock_recv(systemd, 64) for _ in range(3)]
            task.cancel()
            while said[-1] != b"STOPPING=1":
                said.append(await loop.sock_recv(systemd, 64))
    assert said[:2] == [b"READY=1", b"WATCHDOG=1"]
