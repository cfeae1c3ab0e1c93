"""A port that only hears: what it opens, what it sets, and that it can say nothing."""

import asyncio
import os
import termios
import tty

import pytest

from gateway.edge.port import PortError
from gateway.edge.tap_port import TapCalls, TapHeard, TapInbox, TapPort, make_deaf_mute
from gateway.edge.tty_calls import CMSPAR, Modes, TtyCalls
from protocols.sas.heard import Wire
from protocols.sas.symbols import Symbols, without_ninth_bit


class Wires:
    """Two ptys as the kernel makes them: they echo."""

    def __init__(self):
        self.pairs = [os.openpty() for _ in range(2)]
        self.masters = [master for master, _ in self.pairs]
        self.paths = [os.ttyname(slave) for _, slave in self.pairs]
        for master in self.masters:
            os.set_blocking(master, False)

    def close(self):
        for pair in self.pairs:
            for fd in pair:
                os.close(fd)

    def echoed(self, at=0):
        try:
            return os.read(self.masters[at], 100)
        except BlockingIOError:
            return b""


@pytest.fixture
def wires():
    made = Wires()
    yield made
    made.close()


@pytest.fixture
def port(wires):
    made = TapPort(*wires.paths, "none")
    yield made
    made.close()


async def heard(port, seconds=5.0):
    return await port.read(asyncio.get_running_loop().time() + seconds)


def fds(port):
    return [ear.fd for ear in port._ears.values()]


async def test_it_cannot_write_because_the_kernel_does_not_let_it_and_it_has_no_way(port):
    port.open()
    for fd in fds(port):
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(fd, b"\x81")
        assert os.get_blocking(fd) is False
    assert not [name for name in dir(port) if "write" in name or "send" in name]


async def test_it_is_silent_from_the_first_byte_and_leaves_the_modem_lines_alone(wires, port):
    assert termios.tcgetattr(wires.pairs[0][1])[3] & termios.ECHO
    port.open()
    for (_, slave), at in zip(wires.pairs, (0, 1), strict=True):
        iflag, oflag, cflag, lflag, *_ = termios.tcgetattr(slave)
        assert (iflag, oflag, lflag) == (0, 0, 0)
        assert cflag & termios.CLOCAL
        assert not cflag & (termios.HUPCL | termios.CRTSCTS | termios.PARENB)
        os.write(wires.masters[at], b"\x81\x11\x03\x0d")
        assert (await heard(port)).symbols.data == b"\x81\x11\x03\x0d"
        assert wires.echoed(at) == b""


async def test_what_was_said_before_it_was_opened_is_not_heard(wires, port):
    os.write(wires.masters[0], b"\x81\n")
    os.write(wires.masters[1], b"\x11\n")
    port.open()
    os.write(wires.masters[0], b"\x82")
    assert (await heard(port)).symbols.data == b"\x82"


async def test_what_each_side_says_comes_from_its_wire(wires, port):
    port.open()
    os.write(wires.masters[0], b"\x81")
    host = await heard(port)
    os.write(wires.masters[1], b"\x11")
    egm = await heard(port)
    assert (host.wire, host.symbols) == (Wire.HOST, without_ninth_bit(b"\x81"))
    assert (egm.wire, egm.symbols) == (Wire.MACHINE, without_ninth_bit(b"\x11"))
    assert host.at <= egm.at


async def test_of_what_waits_on_both_wires_the_answer_comes_first(wires, port):
    port.open()
    os.write(wires.masters[0], b"\x82")
    os.write(wires.masters[1], b"\x11")
    first, second = await heard(port), await heard(port)
    assert (first.wire, second.wire) == (Wire.MACHINE, Wire.HOST)
    assert first.at == second.at


async def test_escapes_on_one_wire_tell_polls_from_answers(wires):
    port = TapPort(wires.paths[0], None, "parmrk")
    tty.setraw(wires.pairs[0][1])
    port.open()
    os.write(wires.masters[0], b"\xff\x00\x81\x11\xff\xff")
    try:
        told = await heard(port)
    finally:
        port.close()
    assert told.wire is Wire.BOTH
    assert told.symbols == Symbols(b"\x81\x11\xff", (True, False, False))


async def test_a_wire_that_another_process_has_is_left_to_it(wires, port):
    port.open()
    other = TapPort(wires.paths[1], None, "none")
    with pytest.raises(PortError, match="in use by another process"):
        other.open()
    port.close()
    other.open()
    other.close()


async def test_if_one_wire_is_not_there_the_other_is_not_held(wires, tmp_path):
    port = TapPort(wires.paths[0], tmp_path / "none", "none")
    with pytest.raises(PortError, match="cannot be opened: No such file"):
        port.open()
    assert fds(port) == [None, None]


async def test_a_pty_has_no_parity_and_a_file_is_no_port(wires, tmp_path):
    with pytest.raises(PortError, match='say transport = "pty"'):
        TapPort(wires.paths[0], None, "parity").open()
    (tmp_path / "file").touch()
    with pytest.raises(PortError, match="no terminal device"):
        TapPort(tmp_path / "file", None, "none").open()


async def test_a_wire_that_goes_is_told_to_whoever_waits(wires, port):
    port.open()
    waiting = asyncio.create_task(heard(port))
    await asyncio.sleep(0)
    for pair in wires.pairs:
        for fd in pair:
            os.close(fd)
    wires.pairs = []
    with pytest.raises(PortError, match="has gone"):
        await asyncio.wait_for(waiting, 5)


async def test_bytes_that_waited_while_the_loop_was_late_came_before_the_time_out(wires, port):
    port.open()
    loop = asyncio.get_running_loop()
    limit = loop.time() + 0.02
    waiting = asyncio.create_task(port.read(limit))
    await asyncio.sleep(0)
    os.write(wires.masters[1], b"\x11")
    while loop.time() < limit:  # this loop is late: it looks at nothing
        pass
    told = await waiting
    assert told.at < limit


async def test_noise_takes_no_more_room_than_there_is_and_what_goes_unread_is_counted():
    inbox = TapInbox("L1")
    inbox.opened()
    for at in range(10):
        inbox.put(TapHeard(Wire.BOTH, without_ninth_bit(bytes(1000)), float(at)))
    assert inbox.dropped_bytes == 6000
    assert (await inbox.take(0)).at == 6.0


class Recording(TtyCalls):
    """A UART that takes what it is told, less ``stubborn``; it keeps every call."""

    def __init__(self, stubborn=0):
        self.set = Modes(
            termios.ICRNL, 1, termios.CS8 | termios.HUPCL, termios.ECHO, 9, 9, (0,) * 32
        )
        self.stubborn = stubborn

    def modes(self, fd):
        return self.set

    def set_modes(self, fd, modes):
        self.set = modes._replace(lflag=modes.lflag | self.stubborn)


def test_on_a_real_port_the_ninth_bit_is_heard_by_space_parity():
    calls = Recording()
    make_deaf_mute(calls, 3, ninth_bit=True)
    assert calls.set.iflag == termios.INPCK | termios.PARMRK
    assert calls.set.cflag & (termios.PARENB | CMSPAR) == termios.PARENB | CMSPAR
    assert not calls.set.cflag & (termios.PARODD | termios.HUPCL | termios.CRTSCTS)
    assert calls.set.cflag & termios.CLOCAL
    assert (calls.set.lflag, calls.set.ispeed) == (0, termios.B19200)


def test_a_port_that_goes_on_echoing_is_refused():
    with pytest.raises(PortError, match="did not take ECHO off"):
        make_deaf_mute(Recording(stubborn=termios.ECHO), 3, ninth_bit=True)


def test_the_calls_of_a_tap_open_for_reading_only(wires):
    fd = TapCalls().open(wires.paths[0])
    try:
        with pytest.raises(OSError, match="Bad file descriptor"):
            TapCalls().write(fd, b"\x81")
    finally:
        os.close(fd)


class Interrupted(TapCalls):
    """Calls of a computer that stands still before it reads the second wire."""

    def __init__(self):
        self.reads = 0
        self.meanwhile = lambda: None

    def read(self, fd, most):
        self.reads += 1
        if self.reads == 2:
            self.meanwhile()
        return super().read(fd, most)


async def test_what_comes_while_the_wires_are_read_belongs_to_the_same_moment(wires):
    calls = Interrupted()
    port = TapPort(*wires.paths, "none", calls)
    port.open()

    def stand_still():
        os.write(wires.masters[0], b"\x82")
        os.write(wires.masters[1], b"\x12")

    calls.meanwhile = stand_still
    os.write(wires.masters[0], b"\x81")
    told = [await heard(port) for _ in range(3)]
    port.close()
    assert [(one.wire, one.symbols.data) for one in told] == [
        (Wire.MACHINE, b"\x12"), (Wire.HOST, b"\x81"), (Wire.HOST, b"\x82"),
    ]  # fmt: skip
    assert len({one.at for one in told}) == 1
