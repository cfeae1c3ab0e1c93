"""The real system calls, on what every computer has: a pty and a device that is no terminal."""

import fcntl
import os
import struct
import termios
import tty

import pytest

from gateway.edge.tty_calls import CMSPAR, Modes, TtyCalls, modes_for, untaken

TIOCGEXCL = 0x80045440
RAW = Modes(0, 0, termios.CS8 | termios.CREAD, 0, termios.B19200, termios.B19200, (0,) * 32)


@pytest.fixture
def path():
    master, slave = os.openpty()
    tty.setraw(slave)
    yield os.ttyname(slave)
    os.close(master)
    os.close(slave)


@pytest.fixture
def calls():
    return TtyCalls()


def exclusive(fd):
    return struct.unpack("i", fcntl.ioctl(fd, TIOCGEXCL, struct.pack("i", 0)))[0]


def test_a_port_is_held_against_those_who_ask_and_those_who_do_not(calls, path):
    fd, other = calls.open(path), calls.open(path)
    calls.hold(fd)
    assert exclusive(fd) == 1
    with pytest.raises(BlockingIOError):
        calls.hold(other)
    calls.let_go(fd)
    assert exclusive(other) == 0
    calls.close(fd)
    calls.hold(other)
    calls.close(other)


def test_what_a_driver_cannot_do_is_no_error(calls, path):
    fd = calls.open(path)
    assert calls.line_empty(fd) is None
    assert calls.be_quick(fd) is False
    calls.forget_input(fd)
    with pytest.raises(BlockingIOError):
        calls.read(fd, 10)
    calls.close(fd)


def test_settings_are_read_and_set_without_parity(calls, path):
    fd = calls.open(path)
    wanted = modes_for(calls.modes(fd), "none")
    calls.set_modes(fd, wanted)
    assert untaken(wanted, calls.modes(fd)) == ()
    assert calls.modes(fd).lflag == 0
    calls.close(fd)


def test_a_pty_is_known_from_what_is_none(calls, path):
    for name, answer in ((path, True), ("/dev/ptmx", True), ("/dev/null", False)):
        fd = calls.open(name)
        assert calls.is_pty(fd) is answer
        calls.close(fd)


def test_no_terminal_is_an_error_of_the_system(calls):
    fd = calls.open("/dev/null")
    for call in (calls.modes, calls.forget_input, calls.clear_to_send):
        with pytest.raises(OSError, match="Inappropriate ioctl"):
            call(fd)
    with pytest.raises(OSError, match="Inappropriate ioctl"):
        calls.set_modes(fd, RAW)
    calls.close(fd)


def test_mark_and_space_differ_in_one_flag_and_escape_what_they_do_not_expect():
    mark, space, none = (modes_for(RAW, parity) for parity in ("mark", "space", "none"))
    assert mark._replace(cflag=mark.cflag & ~termios.PARODD) == space
    assert mark.cflag & ~space.cflag == termios.PARODD
    assert space.cflag & (termios.PARENB | CMSPAR) == termios.PARENB | CMSPAR
    assert space.iflag == termios.INPCK | termios.PARMRK
    assert not none.cflag & (termios.PARENB | CMSPAR | termios.PARODD)
    assert none.iflag == 0


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"cflag": termios.PARENB}, "PARENB"),
        ({"cflag": CMSPAR}, "CMSPAR"),
        ({"cflag": termios.PARODD}, "PARODD"),
        ({"cflag": termios.CSTOPB}, "8 data bits, 1 stop bit, no flow control"),
        ({"iflag": termios.PARMRK}, "INPCK and PARMRK"),
        ({"iflag": termios.IGNPAR}, "INPCK and PARMRK"),
        ({"ospeed": termios.B9600 ^ termios.B19200}, "the speed"),
    ],
    ids=str,
)
def test_a_setting_that_did_not_stick_is_named(change, name):
    wanted = modes_for(RAW, "mark")
    ((key, bits),) = change.items()
    assert untaken(wanted, wanted._replace(**{key: getattr(wanted, key) ^ bits})) == (name,)
