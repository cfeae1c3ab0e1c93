"""Machines behind a serial port: on a pty, which keeps every setting of a UART but the parity."""

import asyncio
import os
import select
import termios
import tty

import pytest

from floor_sim import serial_port
from floor_sim.line import Line, LineSettings
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.machine import Machine
from floor_sim.port_line import PortGoneError, PortLine
from floor_sim.serial_port import CMSPAR, SerialPort, hearing, untaken
from protocols.sas.symbols import Symbols, chirp, from_machine

PATIENCE_S = 60


class Wire:
    """The other end of the port."""

    def __init__(self):
        self.fd, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)

    def says(self, hexes):
        os.write(self.fd, bytes.fromhex(hexes))

    def hears(self, length):
        heard = b""
        while len(heard) < length and select.select([self.fd], [], [], PATIENCE_S)[0]:
            heard += os.read(self.fd, 100)
        return heard.hex()

    def close(self):
        os.close(self.fd)
        if self.slave is not None:
            os.close(self.slave)

    def marked(self):
        return bool(termios.tcgetattr(self.slave)[2] & termios.PARODD)


@pytest.fixture
def wire():
    one = Wire()
    yield one
    one.close()


@pytest.fixture
def uart(monkeypatch):
    """Let a pty pass for a UART, with escapes that the test writes."""
    monkeypatch.setattr(serial_port, "untaken", lambda *_: [])
    monkeypatch.setattr(serial_port, "hearing", lambda modes: modes)


async def until(condition):
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110  # nothing here tells of it
            await asyncio.sleep(0)


async def readable(port):
    """Wait until the port has something; return it."""
    ready = asyncio.Event()
    asyncio.get_running_loop().add_reader(port.fileno(), ready.set)
    await asyncio.wait_for(ready.wait(), PATIENCE_S)
    asyncio.get_running_loop().remove_reader(port.fileno())
    return port.read()


async def test_a_port_without_a_ninth_bit_is_refused_with_what_it_did_not_take(wire):
    with pytest.raises(PortGoneError, match=r"did not take PARENB.*no ninth bit"):
        SerialPort(wire.path, asyncio.get_running_loop())


async def test_a_port_that_is_not_there_is_told(tmp_path):
    with pytest.raises(PortGoneError, match="cannot be opened"):
        SerialPort(str(tmp_path / "ttyS9"), asyncio.get_running_loop())


def test_settings_are_space_parity_with_marks_for_received_ninth_bits():
    found = [termios.IGNPAR, 0, termios.CS8 | termios.PARODD, 0, 15, 15, []]
    wanted = hearing(found)
    assert wanted[0] == termios.INPCK | termios.PARMRK
    assert wanted[2] == termios.CS8 | termios.PARENB | CMSPAR
    assert untaken(wanted, wanted) == []
    assert untaken(wanted, found) == ["PARENB", "CMSPAR", "PARODD", "INPCK", "PARMRK", "IGNPAR"]


@pytest.mark.usefixtures("uart")
async def test_received_ninth_bits_are_heard_even_if_an_escape_comes_in_pieces(wire):
    port = SerialPort(wire.path, asyncio.get_running_loop())
    wire.says("ff0001 1a ffff ff")
    assert await readable(port) == Symbols(bytes.fromhex("011aff"), (True, False, False))
    wire.says("0081")
    assert await readable(port) == Symbols(b"\x81", (True,))
    port.close()


@pytest.mark.usefixtures("uart")
async def test_for_a_chirp_parity_goes_to_mark_and_back_and_what_is_due_meanwhile_waits(wire):
    port = SerialPort(wire.path, asyncio.get_running_loop())
    assert not wire.marked()
    port.write(chirp(1))
    assert wire.marked()
    assert wire.hears(1) == "01"
    port.write(from_machine(b"\x11"))
    assert not select.select([wire.fd], [], [], 0)[0]
    await until(lambda: port._mark is None)
    assert not wire.marked()
    assert wire.hears(1) == "11"
    port.close()


@pytest.mark.usefixtures("uart")
async def test_machines_answer_behind_a_serial_port_and_hear_the_wakeup_bit(wire, settings):
    loop = asyncio.get_running_loop()
    machine = Machine(settings, MemoryJournal(), {}, now=loop.time())
    line = Line("L1", machine.ports, LineSettings(chirp=False))
    served = PortLine(line, lambda: SerialPort(wire.path, loop), loop, lambda: None)
    wire.says("80 81 011a")
    wire.says("ff0080 ff0081")
    assert await asyncio.to_thread(wire.hears, 1) == "00"
    wire.says("ff00011a")
    assert await asyncio.to_thread(wire.hears, 8) == "011a00000000c3fc"
    assert line.counts.bad == 1
    served.close()


async def test_a_port_that_goes_by_itself_is_told_once_and_taken_again(
    wire, settings, caplog, monkeypatch
):
    monkeypatch.setattr("floor_sim.port_line.AGAIN_S", 0.001)
    caplog.set_level("INFO")
    loop = asyncio.get_running_loop()
    machine = Machine(settings, MemoryJournal(), {}, now=loop.time())
    line = Line("L1", machine.ports, LineSettings(chirp=False))
    other = Wire()
    there = [wire.path]
    served = PortLine(line, lambda: SerialPort(there[0], loop, ninth_bit=False), loop, lambda: None)
    there[0] = "/dev/not-there"
    os.close(wire.slave)
    wire.slave = None
    os.close(wire.fd)
    wire.fd = os.open("/dev/null", os.O_RDONLY)
    await until(lambda: served.port is None)
    there[0] = other.path
    await until(lambda: served.port is not None)
    other.says("80 81")
    assert await asyncio.to_thread(other.hears, 1) == "00"
    assert [r.levelname for r in caplog.records] == ["WARNING", "INFO"]
    served.close()
    other.close()
