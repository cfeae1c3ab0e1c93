"""What ``slotsim host`` opens: a pty, a serial port, one line of a bridge."""

import os
import socket
import threading
import tty

import pytest

from floor_sim import host_port
from floor_sim.host_port import BridgeEnd, SerialEnd, open_host_port
from floor_sim.port_line import PortGoneError
from protocols.sas import bridge_frames as said
from protocols.sas.bridge import FrameReader, encode
from protocols.sas.symbols import Symbols, from_host, from_machine, without_ninth_bit

PATIENCE_S = 60


@pytest.fixture
def pty():
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(slave)
    os.close(master)


@pytest.fixture
def kept():
    """Remember ports, and close them when the test is over."""
    ports = []

    def keep(port):
        ports.append(port)
        return port

    yield keep
    for port in ports:
        port.close()


def first(port):
    return next(iter(port.listen(port.now() + PATIENCE_S)))[1]


def test_a_pty_carries_bytes_without_ninth_bits(pty, kept):
    master, path = pty
    port = kept(open_host_port(path))
    assert port.write(b"\x01\x1a") == without_ninth_bit(b"\x01\x1a")
    assert os.read(master, 10) == b"\x01\x1a"
    os.write(master, b"\x00")
    assert first(port) == without_ninth_bit(b"\x00")
    assert list(port.listen(port.now() + 0.001)) == []


def test_a_tcp_port_carries_bytes_without_ninth_bits_and_its_end_is_told(kept):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = kept(open_host_port(f"127.0.0.1:{listener.getsockname()[1]}"))
        line, _ = listener.accept()
    with line:
        assert port.write(b"\x01\x1a") == without_ninth_bit(b"\x01\x1a")
        assert line.recv(10) == b"\x01\x1a"
        line.sendall(b"\x11")
        assert first(port) == without_ninth_bit(b"\x11")
    with pytest.raises(PortGoneError, match="hung up"):
        first(port)


def test_a_serial_port_marks_the_first_byte_alone(pty, kept, monkeypatch):
    master, path = pty
    parities = []
    monkeypatch.setattr(host_port, "set_parity", lambda fd, *, mark: parities.append(mark))
    monkeypatch.setattr(host_port, "untaken", lambda wanted, found: [])
    monkeypatch.setattr(host_port, "hearing", list)  # a pty would escape what we say for it
    port = kept(SerialEnd(path))
    assert port.write(b"\x01\x1a") == from_host(b"\x01\x1a")
    assert parities == [True, False]
    assert os.read(master, 1) + os.read(master, 1) == b"\x01\x1a"
    os.write(master, b"\xff\x00\x01")
    assert first(port) == Symbols(b"\x01", (True,))


def test_a_port_without_parity_is_refused(pty, monkeypatch):
    _, path = pty
    monkeypatch.setattr(host_port, "untaken", lambda wanted, found: ["CMSPAR"])
    with pytest.raises(PortGoneError, match="no ninth bit"):
        SerialEnd(path)


class Bridge(threading.Thread):
    """A bridge with one host: it opens the line, and answers every poll with ``answers``."""

    def __init__(self, state=said.LineState.OPEN):
        super().__init__(daemon=True)
        self.got, self.state = [], state
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self._listener.getsockname()[1]}/2"
        self.start()

    def run(self):
        connection, _ = self._listener.accept()
        frames = FrameReader()
        with connection:
            while data := connection.recv(4096):
                for frame in frames.feed(data):
                    self.got.append(frame)
                    connection.sendall(encode(self._answer(frame)))
        self._listener.close()

    def _answer(self, frame):
        if isinstance(frame, said.Send):
            return said.Came(frame.line, from_machine(b"\x11"))
        if isinstance(frame, said.Open):
            return said.LineIs(frame.line, self.state, "busy elsewhere")
        return said.Hello(1, 1, 2) if isinstance(frame, said.Hello) else said.Pong(1)


def test_a_line_of_a_bridge_carries_ninth_bits_and_nothing_that_the_bridge_would_refuse(kept):
    bridge = Bridge()
    port = kept(open_host_port(bridge.place))
    assert port.write(b"\x81") == from_host(b"\x81")
    assert first(port) == from_machine(b"\x11")
    assert port.write(bytes.fromhex("01015108")).data == b""
    assert [type(frame) for frame in bridge.got] == [said.Hello, said.Open, said.Send]


def test_a_line_that_another_host_has_is_told():
    with pytest.raises(PortGoneError, match="not free: busy elsewhere"):
        BridgeEnd(Bridge(said.LineState.TAKEN).place)
