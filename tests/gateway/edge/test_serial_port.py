"""A serial port: whom it lets in, what it hears, and how it comes back."""

import asyncio
import errno
import os
import termios
import threading
import tty
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.edge.port import Heard, PortError
from gateway.edge.serial_devices import SerialDevices
from gateway.edge.serial_port import SerialPort
from gateway.edge.supervise import Herald, TransientError, supervised
from gateway.edge.tty_calls import TtyCalls
from protocols.sas.errors import RequestError
from protocols.sas.parmrk import encode
from tests.gateway.edge.uart import ModelUart

PATIENCE_S = 60


@pytest.fixture
def devices(tmp_path):
    """A computer with one USB adapter (/dev/ttyUSB0) and a console (ttyS0)."""
    (tmp_path / "by-path").mkdir()
    (tmp_path / "by-path" / "pci-0:2:1.0").symlink_to("/dev/ttyUSB0")
    chip = tmp_path / "devices" / "usb1" / "1-2" / "ttyUSB0"
    chip.mkdir(parents=True)
    (chip / "driver").symlink_to("/sys/bus/usb-serial/drivers/ftdi_sio")
    (tmp_path / "tty" / "ttyUSB0").mkdir(parents=True)
    (tmp_path / "tty" / "ttyUSB0" / "device").symlink_to(chip)
    (tmp_path / "consoles").write_text("ttyS0                -W- (EC  p a)    4:64\n")
    return SerialDevices(tmp_path / "by-path", tmp_path / "tty", tmp_path / "consoles")


def serial(uart, devices, path="/dev/ttyS1", **more):
    return SerialPort(path, "any_line", calls=uart, devices=devices, **more)


async def hears(port, seconds=PATIENCE_S):
    return await port.read(asyncio.get_running_loop().time() + seconds)


async def until(condition):
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110  # another thread, or the kernel, makes it true
            await asyncio.sleep(0.001)


# ------------------------------------------------------------------ sending and hearing


async def test_a_poll_leaves_with_the_wakeup_bit_and_the_answer_is_heard(devices):
    uart = ModelUart()
    port = serial(uart, devices)
    port.open()
    port.write(bytes.fromhex("011a"))
    assert uart.scope() == [(0x01, True), (0x1A, False)]
    uart.put(encode(b"\x01\x1a\xff"))
    assert await hears(port) == Heard(b"\x01\x1a\xff")
    uart.put(encode(b"\x01", (True,)))
    assert await hears(port) == Heard(b"\x01", wakeup=True)
    assert uart.quick
    port.close()


@given(
    said=st.lists(
        st.tuples(st.sampled_from([0x00, 0x01, 0x81, 0xFE, 0xFF]), st.booleans()), max_size=12
    ),
    cuts=st.lists(st.integers(0, 36), max_size=6),
)
def test_bytes_and_ninth_bits_are_heard_however_the_drivers_stream_is_cut(said, cuts):
    stream = encode(bytes(value for value, _ in said), [bit for _, bit in said])
    edges = sorted({0, *(cut for cut in cuts if cut < len(stream)), len(stream)})

    async def story():
        uart = ModelUart()
        port = serial(uart, SerialDevices())
        port.open()
        heard = []
        for begin, end in pairwise(edges):
            uart.put(stream[begin:end])
            while (part := await hears(port, 0)) is not None:
                heard += [(value, part.wakeup) for value in part.data]
        port.close()
        return heard

    assert asyncio.run(story()) == said


async def test_a_frame_that_is_not_on_the_list_leaves_nothing_on_the_wire(devices):
    uart = ModelUart()
    port = serial(uart, devices)
    port.open()
    with pytest.raises(RequestError):
        port.write(bytes.fromhex("01015108"))
    assert uart.scope() == []
    port.close()


class SlowUart(ModelUart):
    """Its driver takes its time at the first byte, until a test lets it go on."""

    def __init__(self, **kind):
        super().__init__(**kind)
        self.go_on = threading.Event()
        self.threads = set()

    def write(self, fd, data):
        self.threads.add(threading.current_thread())
        assert self.go_on.wait(PATIENCE_S)
        return super().write(fd, data)


async def test_a_port_that_is_slow_to_switch_never_keeps_the_loop(devices):
    uart = SlowUart(switch_s=0.001, to_chip_s=0.001)
    port = serial(uart, devices, "/dev/ttyUSB0")
    port.open()
    port.write(b"\x81")  # returns, though the driver does not
    assert await hears(port, 0.01) is None
    uart.go_on.set()
    port.close()  # what is being sent is sent; then the port is closed
    await until(lambda: not uart.held)
    assert uart.scope() == [(0x81, True)]
    assert threading.main_thread() not in uart.threads


async def test_a_thread_that_cannot_send_is_told_by_the_next_read(devices):
    uart = ModelUart(switch_s=0.001)
    port = serial(uart, devices)
    port.open()
    uart.stuck = True
    port.write(b"\x81")
    with pytest.raises(PortError, match="ttyS1 does not send: its first byte did not leave"):
        await hears(port)
    with pytest.raises(PortError, match="does not send"):
        port.write(b"\x81")
    port.close()


async def test_a_defect_on_a_ports_thread_is_not_taken_for_a_port_that_has_gone(devices):
    class Defective(ModelUart):
        def write(self, fd, data):
            raise ZeroDivisionError

    port = serial(Defective(switch_s=0.001), devices)
    port.open()
    port.write(b"\x81")
    with pytest.raises(ZeroDivisionError):
        await hears(port)
    port.close()


async def test_a_port_that_cannot_send_says_so_at_once(devices):
    uart = ModelUart()
    port = serial(uart, devices)
    port.open()
    uart.stuck = True
    with pytest.raises(PortError, match="ttyS1 does not send: its first byte did not leave"):
        port.write(b"\x81")
    port.close()


# ------------------------------------------------------------------ who gets in


@pytest.mark.parametrize("flag", [termios.PARENB, 0o10000000000], ids=["PARENB", "CMSPAR"])
async def test_a_port_without_mark_and_space_is_refused_unless_the_site_says_so(devices, flag):
    uart = ModelUart(dropped=flag)
    with pytest.raises(PortError) as refused:
        serial(uart, devices, "/dev/ttyUSB0").open()
    text = str(refused.value)
    assert "(driver ftdi_sio) did not take" in text
    assert "slotgw port-test" in text
    assert 'ninth_bit = "none"' in text
    assert not uart.held
    assert uart.did[-1] == ("close",)
    port = serial(uart, devices, ninth_bit=False)
    uart.did.clear()
    port.open()
    port.write(bytes.fromhex("011a"))
    assert [step for step in uart.did if step[0] in {"set", "write"}] == [
        ("set", "none"), ("write", b"\x01\x1a"),
    ]  # fmt: skip
    uart.put(b"\xff\x00\x11")  # no escapes there
    assert await hears(port) == Heard(b"\xff\x00\x11")
    port.close()


async def test_two_owners_of_one_port_are_one_too_many(devices):
    uart = ModelUart()
    first, second = serial(uart, devices), serial(uart, devices)
    first.open()
    with pytest.raises(PortError, match="ttyS1 is in use by another process"):
        second.open()
    assert uart.held  # the refused one has not let go what it did not hold
    first.close()
    second.open()
    second.close()


async def test_the_kernels_console_is_never_a_line(devices):
    uart = ModelUart()
    with pytest.raises(PortError, match="ttyS0 is a console"):
        serial(uart, devices, "/dev/ttyS0").open()
    assert uart.did == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOENT, "is not there; there are .*/by-path/pci-0:2:1.0"),
        (errno.EACCES, "must be in its group"),
        (errno.EBUSY, "in use by another process"),
        (errno.ENOTTY, "is no serial port"),
        (errno.EIO, "cannot be used: Input/output error"),
    ],
)
async def test_a_port_that_cannot_be_opened_says_what_to_do(devices, code, words):
    class Broken(ModelUart):
        def open(self, path):
            raise OSError(code, os.strerror(code))

    with pytest.raises(PortError, match=words):
        serial(Broken(), devices).open()


def test_what_is_known_of_a_port_stands_in_its_folders(devices):
    one = devices.one("/dev/ttyUSB0")
    assert (one.driver, one.usb, one.console) == ("ftdi_sio", True, False)
    assert [name.rpartition("/")[2] for name in one.by_path] == ["pci-0:2:1.0"]
    other = devices.one("/dev/ttyS0")
    assert (other.driver, other.usb, other.console, other.by_path) == (None, False, True, ())


# ------------------------------------------------------------------ real ptys


class Watched(TtyCalls):
    """The real calls; keeps every setting that was asked for."""

    def __init__(self):
        self.asked = []

    def set_modes(self, fd, modes):
        self.asked.append(modes)
        super().set_modes(fd, modes)


class Pty:
    """A pty behind a link, as an adapter behind its name in by-path."""

    def __init__(self, link):
        self.link = link
        self.master = self.slave = None

    def plug(self):
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.link.symlink_to(os.ttyname(self.slave))

    def unplug(self):
        if self.master is not None:
            self.link.unlink()
            os.close(self.master)
            os.close(self.slave)
            self.master = None


@pytest.fixture
def pty(tmp_path):
    one = Pty(tmp_path / "L1")
    one.plug()
    yield one
    one.unplug()


async def test_a_pty_is_refused_and_its_parity_never_touched(pty):
    calls = Watched()
    with pytest.raises(PortError, match='transport = "pty"'):
        SerialPort(pty.link, "any_line", calls=calls).open()
    assert calls.asked == []


async def test_without_a_ninth_bit_a_pty_will_do_and_is_ours_alone(pty):
    calls = Watched()
    port = SerialPort(pty.link, "any_line", ninth_bit=False, calls=calls)
    port.open()
    assert all(not modes.cflag & termios.PARENB for modes in calls.asked)
    port.write(b"\x81")
    assert os.read(pty.master, 9) == b"\x81"
    os.write(pty.master, b"\x11")
    assert await hears(port) == Heard(b"\x11")
    with pytest.raises(PortError, match="in use by another process"):
        SerialPort(pty.link, "any_line", ninth_bit=False).open()
    port.close()
    port.open()
    port.close()


async def test_a_file_is_no_serial_port(tmp_path):
    path = tmp_path / "L1"
    path.touch()
    with pytest.raises(PortError, match="is no serial port"):
        SerialPort(path, "any_line").open()


async def test_a_port_that_is_pulled_out_comes_back_when_it_is_plugged_in(pty):
    port = SerialPort(pty.link, "any_line", ninth_bit=False)
    heard, reasons, opened = asyncio.Queue(), [], asyncio.Event()

    async def job(backoff):
        try:
            port.open()
            backoff.well()
            opened.set()
            while True:
                if (part := await hears(port)) is not None:
                    heard.put_nowait(part.data)
        except PortError as error:
            reasons.append(str(error))
            raise TransientError(str(error)) from error
        finally:
            port.close()

    task = asyncio.create_task(supervised("L1", Herald("line"), job))
    await asyncio.wait_for(opened.wait(), PATIENCE_S)
    os.write(pty.master, b"\x11")
    assert await asyncio.wait_for(heard.get(), PATIENCE_S) == b"\x11"
    opened.clear()
    pty.unplug()
    await until(lambda: any("is not there" in reason for reason in reasons))
    assert "L1 has gone" in reasons[0]
    pty.plug()
    await asyncio.wait_for(opened.wait(), PATIENCE_S)
    os.write(pty.master, b"\x12")
    assert await asyncio.wait_for(heard.get(), PATIENCE_S) == b"\x12"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
