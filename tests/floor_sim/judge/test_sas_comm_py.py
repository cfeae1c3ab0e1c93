"""sas-comm-py from PyPI, judged in virtual time: its own code, on a line with its parity bits.

It opens its port with even parity, so that the ninth bit of each byte is the parity of that byte.
What the judge says was checked by reading the library (version 0.1.0, ``__init__.py``):

* ``host.wakeup-extra``: ``serial.PARITY_EVEN`` is set once and never changed, so command 15 (three
  bits set) goes out with its ninth bit set. ``host.wakeup-missing``: so does every address with an
  even number of bits, such as 3, without it.
* ``host.no-general-polls``: ``write`` is the one method that sends, and begins every message with
  ``[0x80, address]`` and a command. There is no general poll in the library.
* ``host.poll-too-slow``: without an answer ``read`` tries five times a port with a time-out of one
  second, and sleeps 0.1 s after each: 5.5 s, in which nothing is sent.
* ``host.poll-too-fast``: between two polls there is only the 0.1 s for which ``read`` sleeps when
  it skips the address byte of an answer.
* Kept, as the code says too: the CRC's bytes go out in the right order (its CRC routine swaps
  them), type R polls have none, and ``80`` before each poll acknowledges what was said before.
"""

import atexit

import pytest
import sas_comm_py

from floor_sim.judge.host_rules import HOST_RULES
from floor_sim.judge.judge import Judge
from floor_sim.judge.rule import Settings
from protocols.sas.symbols import with_parity
from tests.floor_sim.judge.examined import exam_floor


class VirtualPort:
    """A serial port with parity bits, on a simulated line; time passes while it reads."""

    now = 0.0

    def __init__(self, line, baudrate, parity, timeout):
        assert (baudrate, parity) == (19_200, "E")
        self._line, self._timeout, self._heard = line, timeout, b""

    def write(self, data):
        self._line.take_symbols(self.now)
        self._line.host_write(data, self.now, with_parity(data).wakeup)

    def read(self, count):
        until = self.now + self._timeout
        while len(self._heard) < count:
            due = self._line.next_due()
            if due is None or due > until:
                break
            VirtualPort.now = max(self.now, due)
            said = self._line.take_symbols(self.now)
            self._heard += b"".join(part.data for _, part in said if not part.wakeup[0])
        if len(self._heard) < count:
            VirtualPort.now = until
        data, self._heard = self._heard[:count], self._heard[count:]
        return data

    def close(self):
        """Nothing is held."""


class Host(sas_comm_py.SlotMachine):
    def get_serial_number(self):
        return ""


@pytest.fixture
def machine(monkeypatch):
    VirtualPort.now = 0.0
    floor = exam_floor()
    floor.start(0.0, playing=False)
    line = floor.lines["L1"]
    judge = Judge("L1", HOST_RULES, Settings())
    line.taps.append(judge.hear)
    monkeypatch.setattr(sas_comm_py.serial, "Serial", lambda port, **kwargs:
                        VirtualPort(line, **kwargs))  # fmt: skip
    monkeypatch.setattr(sas_comm_py.time, "sleep", lambda seconds: setattr(
        VirtualPort, "now", VirtualPort.now + seconds))  # fmt: skip

    def connect(address):
        host = Host("virtual", address=address)
        atexit.unregister(host.on_exit)
        return host

    return connect, judge


def found(judge):
    judge.pass_time(VirtualPort.now)
    return {tally.row.id for tally in judge.end() if tally.findings}


def test_its_usual_polls_are_found_too_fast_without_events_and_with_wrong_ninth_bits(machine):
    connect, judge = machine
    host = connect(2)
    for _ in range(12):
        for command in (0x11, 0x12, 0x14, 0x15):
            host.write_type_R(command, length_to_read=4)
    assert found(judge) == {
        "host.poll-too-fast", "host.poll-too-slow", "host.wakeup-extra", "host.no-general-polls",
    }  # fmt: skip


def test_at_an_address_with_an_even_number_of_bits_no_machine_hears_it(machine):
    connect, judge = machine
    assert not connect(3).write_type_R(0x11, length_to_read=4)
    assert "host.wakeup-missing" in found(judge)


def test_its_crc_and_its_sync_are_right(machine):
    connect, judge = machine
    host = connect(2)
    assert host.write_type_R(0x11, length_to_read=4)
    host.write_type_M(0xA0, length_to_read=8, following_length=False)
    kept = {tally.row.id for tally in judge.end() if tally.chances and not tally.findings}
    assert {"host.crc-wrong", "host.crc-on-read", "host.message-cut"} <= kept
    assert {"host.reading-asked-again", "host.control-poll", "host.talks-over"} <= kept
