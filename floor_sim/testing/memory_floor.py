"""A floor in memory: no process, no pty; time passes only when a test lets it."""

from __future__ import annotations

from typing import Any, Final

from floor_sim.doings import do
from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.machine import Machine
from floor_sim.memory_line import MemoryLine

POLL_EVERY_S: Final = 0.2
ANSWER_S: Final = 0.02


class MemoryFloor:
    """A floor whose machines have power and whose people are away, so that only a test acts.

    Args:
        file: the floor.

    Attributes:
        floor: the floor itself.
        journal: everything that happened, the truth to compare with.
        lines: the host's end of each line, by name.
        heard: what came on each line since somebody looked.
        now: seconds since the machines have power.
    """

    def __init__(self, file: FloorFile) -> None:
        self.now = 0.0
        self.journal = MemoryJournal()
        self.floor = Floor(file, self.journal, {})
        self.floor.start(0.0, playing=False)
        self.lines = {name: MemoryLine(line) for name, line in self.floor.lines.items()}
        self.heard = {name: bytearray() for name in self.lines}

    def line(self, name: str) -> HostLine:
        """Return the line of this name, as a host has it."""
        return HostLine(self, name)

    def machine(self, asset: str) -> HostMachine:
        """Return the machine with this asset number, on its own line."""
        return HostMachine(self, asset)

    def play(self, *, on: bool = True) -> None:
        """Let people come and play, or stop."""
        self.floor.set_play(self.now, on=on)

    def wait(self, seconds: float) -> None:
        """Let time pass: whatever people and machines do by then is done."""
        self._go(self.now + seconds)

    def _go(self, until: float) -> None:
        while True:
            dues = [self.floor.next_due(), *(line.line.next_due() for line in self.lines.values())]
            due = min((at for at in dues if at is not None), default=until)
            if due > until:
                break
            self.now = max(self.now, due)
            self.floor.run(self.now)
            for name, line in self.lines.items():
                self.heard[name] += b"".join(data for _, data in line.host_read(self.now))
        self.now = max(self.now, until)


class HostLine:
    """One line, as a host has it.

    Args:
        floor: its floor.
        name: its name.
    """

    def __init__(self, floor: MemoryFloor, name: str) -> None:
        self.name = name
        self._floor = floor
        self._end = floor.lines[name]

    def poll(self, message: bytes, after_s: float = POLL_EVERY_S) -> bytes:
        """Send ``message`` ``after_s`` seconds from now; return what is answered within 20 ms.

        Every poll acknowledges the last answer, or asks for it again; see SAS.
        """
        self._floor.wait(after_s)
        self.take()
        self._end.host_write(message, self._floor.now)
        self._floor.wait(ANSWER_S)
        return self.take()

    def take(self) -> bytes:
        """Return what has come since the last look, such as chirps."""
        heard = bytes(self._floor.heard[self.name])
        self._floor.heard[self.name].clear()
        return heard


class HostMachine:
    """One machine, as its host has it, and as a person before it.

    Args:
        floor: its floor.
        asset: its asset number.

    Attributes:
        machine: the machine itself, with its meters and queues.
        line: its line.
        address: its SAS address there.
    """

    def __init__(self, floor: MemoryFloor, asset: str) -> None:
        self.machine: Machine = floor.floor.machines[asset]
        self.address = self.machine.settings.address
        self.line = floor.line(self.machine.settings.line)
        self._floor = floor

    def general_poll(self) -> bytes:
        """Sync the line with 80, poll the machine, and return its answer: one exception, or 00."""
        self.line.poll(b"\x80")
        return self.line.poll(bytes([0x80 | self.address]))

    def drain(self) -> list[int]:
        """Poll until nothing waits; return the exceptions in their order."""
        codes: list[int] = []
        while (answer := self.general_poll()) != b"\x00":
            assert len(answer) == 1, f"{answer.hex()} is no answer to a general poll"
            codes.append(answer[0])
        return codes

    def do(self, words: str) -> bool:
        """Do something by hand, as ``slotsim do`` does: ``door open slot``, ``bill 20``.

        Raises:
            DoingError: nothing of that name can be done.
        """
        return do(self.machine, words, self._floor.now)

    def told(self, what: str = "exception") -> list[int]:
        """Return the codes that the truth has of this machine: exception, acked or lost."""
        return [int(code, 16) for code in self._floor.journal.codes(self.machine.asset, what)]

    def meters(self) -> dict[str, Any]:
        """Return the machine's true meters by name."""
        return dict(self.machine.cabinet.meters.counts())
