"""A late poll is told once, and readings are left out until the line keeps its time."""

from __future__ import annotations

import asyncio
import socket

from edge_config.site import LineInfo
from gateway.edge.lateness import LATE_OVER_S, Lateness
from gateway.edge.watchdog import WELL_S, Watchdog

LINE = LineInfo(name="L1", port="x")


def test_a_poll_that_leaves_a_second_late_is_told_once_and_its_end_once(caplog):
    line = Lateness(LINE, 4)
    line.note(10.0, 9.9, live=True)
    assert not line.late
    line.note(11.5, 10.1, live=True)
    line.note(13.0, 11.7, live=True)
    assert line.late
    line.note(13.2, 13.2, live=True)
    assert line.late
    line.note(13.0 + LATE_OVER_S, 13.0 + LATE_OVER_S, live=True)
    assert not line.late
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert line.spread.worst_s > 1.3


def test_the_cycle_of_a_full_line_and_a_machine_that_is_away_are_not_late():
    line = Lateness(LINE, 32)
    line.note(10.0, 9.5, live=True)
    assert line.spread.worst_s < 0.05
    line.note(20.0, 10.0, live=False)
    assert not line.late


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
