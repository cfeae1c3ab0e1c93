"""A machine alone on a line, and a host that speaks hex."""

from dataclasses import replace

import pytest

from floor_sim.line import Line, LineSettings
from floor_sim.machine import service
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.machine import Machine
from floor_sim.machine.settings import MachineSettings, PortSettings
from floor_sim.memory_line import MemoryLine

POLL_EVERY_S = 0.2
SETTINGS = MachineSettings(asset="10101", address=1, lockup_cents=20_000)


def crc(hexes):
    """Put the CRC behind ``hexes``; worked out bit by bit, not by the project's own code."""
    data = bytes.fromhex(hexes)
    register = 0
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x8408 if register & 1 else 0)
    return (data + register.to_bytes(2, "little")).hex()


class Conversation:
    """A host at one end of a line, ``machine`` at the other; a poll every 200 ms."""

    def __init__(self, settings=SETTINGS, *, chirp=False, memory=None, others=()):
        self.journal = MemoryJournal()
        self.now = 100.0
        self.machine = Machine(settings, self.journal, memory or {}, now=self.now)
        ports = [*self.machine.ports]
        for other in others:
            ports += Machine(other, self.journal, {}, now=self.now).ports
        self.line = Line("L1", ports, LineSettings(chirp=chirp))
        self.end = MemoryLine(self.line)

    @property
    def cabinet(self):
        return self.machine.cabinet

    @property
    def port(self):
        return self.machine.ports[0]

    def says(self, hexes, after=POLL_EVERY_S):
        """Send a poll; return the answer as hex, empty for silence."""
        self.now += after
        return self.end.exchange(bytes.fromhex(hexes), self.now).hex()

    def wait(self, seconds):
        self.now += seconds

    def sync(self):
        assert self.says("80") == ""

    def happens(self, *codes):
        for code in codes:
            service.report(self.machine, code, self.now)

    def drain(self):
        """Poll until nothing is left; return the exceptions in their order."""
        codes = []
        for _ in range(200):
            self.sync()
            answer = self.says("81")
            if answer == "00":
                return codes
            codes.append(answer)
        raise AssertionError("the queue never becomes empty")

    def drain_frames(self):
        """Poll in real-time mode until it is silent; return the events in their order."""
        frames = []
        for _ in range(200):
            self.sync()
            frame = self.says("81")
            if not frame:
                return frames
            frames.append(frame)
        raise AssertionError("the queue never becomes empty")

    def told(self, what="exception"):
        return self.journal.codes("10101", what)

    def reboot(self, after=10.0, settings=None):
        """Cut the power and come back with what the journal remembers."""
        other = Conversation(settings or self.machine.settings, memory=self.journal.memory("10101"))
        other.journal.records += self.journal.records
        other.now = self.now + after
        service.power_on(other.machine, other.now)
        return other


@pytest.fixture
def talk():
    """A machine that has power and nothing to tell, on a line that is in sync."""
    one = Conversation()
    one.sync()
    return one


@pytest.fixture
def conversation():
    """The class, for machines that are not as usual."""
    return Conversation


@pytest.fixture
def settings():
    """How the machine is usually built."""
    return SETTINGS


@pytest.fixture
def port_settings():
    """The usual machine, with a SAS port that behaves otherwise."""
    return lambda **changes: replace(SETTINGS, port=PortSettings(**changes))


@pytest.fixture(name="crc")
def crc_behind():
    """Put the CRC behind a message in hex; not with the project's own code."""
    return crc
