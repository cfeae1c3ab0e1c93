"""Machines that say again what they said."""

import asyncio
import logging
import os

import pytest

from floor_sim.ptys import PtyPort
from floor_sim.recording import recordings
from floor_sim.replay import Replay, ReplayLine
from protocols.sas.capture_reader import read_capture

CREDITS = "01 1A 00 01 00 00 1F A6"
FEWER = "01 1A 00 00 50 00 9B 2D"
LINES = (
    "0.0 host 81", "0.004 egm 11", "0.1 host 01 1A", f"0.105 egm {CREDITS}",
    "0.2 host 81", "0.204 egm 00", "0.3 host 01 1A", f"0.305 egm {FEWER}",
    "0.4 host 81", "0.404 egm 12", "0.5 host 01 1D", "0.6 host 80",
)  # fmt: skip


def replay(*lines, after="last"):
    captures, _ = read_capture(["sas-capture 1", "line: L1", *(lines or LINES)])
    return Replay(recordings(captures)[0], after)


def asked(machines, *polls):
    return [machines.hear(bytes.fromhex(poll)).data.hex() for poll in polls]


def test_each_poll_gets_its_answers_in_order_then_what_is_true_of_a_quiet_machine():
    machines = replay()
    first, second = CREDITS.replace(" ", "").lower(), FEWER.replace(" ", "").lower()
    assert asked(machines, *["81", "011A"] * 5) == [
        "11", first, "00", second, "12", second, "00", second, "00", second]  # fmt: skip


def test_or_everything_comes_once_more():
    machines = replay(after="again")
    assert asked(machines, *["81", "80"] * 7)[::2] == ["11", "00", "12"] * 2 + ["11"]


def test_the_same_poll_at_once_gets_the_same_answer():
    machines = replay()
    assert asked(machines, "81", "81", "81", "80", "81", "81", "81") == [
        "11", "11", "11", "", "00", "12", "12"]  # fmt: skip


def test_an_answer_that_never_went_out_is_not_spent():
    machines = replay()
    machines.hear(b"\x81")
    machines.unsent()
    assert asked(machines, "80", "81", "81", "80", "81") == ["", "11", "11", "", "00"]
    machines = replay()
    asked(machines, "81", "81")
    machines.unsent()
    assert asked(machines, "81", "80", "81") == ["11", "", "00"]


def test_what_was_not_recorded_gets_silence_and_is_told_once(caplog):
    machines = replay()
    with caplog.at_level(logging.INFO, "slotsim"):
        assert asked(machines, "0154", "80", "0154", "82", "80") == [""] * 5
    assert [record.getMessage() for record in caplog.records] == [
        "line L1: poll 01 54 is not in the capture: silence",
        "line L1: poll 82 is not in the capture: silence",
    ]
    assert machines.counts.unrecorded == 3


def test_what_was_silent_is_silent_again():
    assert asked(replay(), "011D", "80", "011D") == [""] * 3


@pytest.mark.parametrize("idle", ["1F", "01 FF 00 1C A5"])
def test_a_machine_that_said_nothing_new_in_its_own_way_goes_on_so(idle):
    machines = replay("0 host 81", f"0.1 egm {idle}", "0.2 host 80", "0.3 host 81", "0.4 egm 11")
    quiet = idle.replace(" ", "").lower()
    assert asked(machines, "81", "80", "81", "80", "81") == [quiet, "", "11", "", quiet]


class Host:
    """The other end of the pty."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.heard = bytearray()
        self.news = asyncio.Event()
        asyncio.get_running_loop().add_reader(self.fd, self._readable)

    def _readable(self):
        self.heard += os.read(self.fd, 1000)
        self.news.set()

    def send(self, text):
        os.write(self.fd, bytes.fromhex(text))

    async def hears(self, text):
        wanted = bytes.fromhex(text)
        async with asyncio.timeout(60):
            while len(self.heard) < len(wanted):
                self.news.clear()
                await self.news.wait()
        assert bytes(self.heard) == wanted
        self.heard.clear()

    def close(self):
        asyncio.get_running_loop().remove_reader(self.fd)
        os.close(self.fd)


@pytest.fixture
async def line(tmp_path):
    link = tmp_path / "lines" / "L1"
    line = ReplayLine(replay(), PtyPort(link, parmrk=False), asyncio.get_running_loop())
    host = Host(link)
    yield line, host
    host.close()
    line.close()
    assert not link.is_symlink()


async def test_a_host_on_the_pty_hears_the_recorded_answers(line):
    line, host = line
    host.send("81")
    await host.hears("11")
    host.send("01")
    host.send("1A")
    await host.hears(CREDITS)
    host.send("80")
    host.send("81")
    await host.hears("00")
    assert line.replay.counts.answered == 3


async def test_a_host_that_speaks_first_is_not_talked_over(line):
    line, host = line
    host.send("81011A")
    await host.hears(CREDITS)
    host.send("80")
    host.send("81")
    await host.hears("11")
    assert line.replay.counts.overtaken == 1


async def test_a_message_that_stops_is_given_up(line):
    line, host = line
    host.send("0172")
    async with asyncio.timeout(60):
        while not line.replay.counts.polls:  # noqa: ASYNC110  the replay has no event for tests
            await asyncio.sleep(0.001)
    assert line.replay.counts.unrecorded == 1
    host.send("81")
    await host.hears("11")
