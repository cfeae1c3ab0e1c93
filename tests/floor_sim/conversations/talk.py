"""Reads conversations between a host and machines, and holds them with simulated machines.

The files beside this one are prose; what is indented is a conversation, one step a line::

    with overflow_loses=newest chirps=on      how the machines are built; first line, if at all
    0.200 > 81 < 11                           the host sends 81; within 20 ms exactly 11 comes
    0.400 > 80                                nothing comes
    1.000 > 01* 1A                            a star: the ninth bit is set; and clear where none is
    1.020 < 01 1A 00 00 00 00 C3 FC           by that moment exactly this has come
    2.000 ! exception 11                      something happens at the machine (``Floor.act``)
    from 3.0 to 9.0 every 0.2 > 81 < 00       the same again and again

Times are seconds since the machines have power. Bytes that nobody expects fail a conversation
wherever they come. No byte here goes through the project's own encoders, and no CRC is computed:
they stand in the text. Without a star in a conversation the line carries no ninth bit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from floor_sim.line import Line, LineSettings
from floor_sim.machine import play, service
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.machine import Machine
from floor_sim.machine.settings import PRIORITY_SECURE, MachineSettings, PortSettings
from floor_sim.memory_line import MemoryLine

ANSWER_S = 0.020
LOOK_S = 0.1
"""How often machines notice that a link is down, as on a floor."""

STEP = re.compile(
    r"(?:from (?P<low>[\d.]+) to (?P<high>[\d.]+) every (?P<every>[\d.]+)|(?P<at>[\d.]+)) "
    r"(?:> (?P<poll>[0-9A-F* ]+?))?(?: ?< (?P<answer>[0-9A-F* ]+|nothing))?(?:! (?P<act>.+))?"
)


@dataclass(frozen=True)
class Conversation:
    """One conversation.

    Attributes:
        title: what it shows, a sentence.
        options: how the machines are built.
        steps: its lines.
    """

    title: str
    options: dict[str, str]
    steps: tuple[str, ...]


def conversations(path: Path) -> Iterator[Conversation]:
    """Yield what stands under the second-level headings of one file."""
    for part in path.read_text().split("\n## ")[1:]:
        title, _, text = part.partition("\n")
        lines = [line.strip() for line in text.splitlines() if line.startswith("    ")]
        steps = tuple(line for line in lines if line)
        options = {}
        if steps and steps[0].startswith("with "):
            options = dict(word.split("=") for word in steps[0].split()[1:])
            steps = steps[1:]
        yield Conversation(title, options, steps)


class Floor:
    """Machines on one line, as a conversation wants them."""

    def __init__(self, options: dict[str, str], *, ninth_bit: bool) -> None:
        self.options = dict(options)
        self.journal = MemoryJournal()
        self.now = 0.0
        self.ninth_bit = ninth_bit
        self.powered = True
        addresses = [int(one) for one in options.get("machines", "1").split(",")]
        chirps = options.get("chirps", "off") == "on"
        self._carries = LineSettings(ninth_bit="parmrk", chirp=chirps)
        self._settings = [self._machine(address) for address in addresses]
        self._start(0.0)

    def _machine(self, address: int) -> MachineSettings:
        port = PortSettings()
        for name in ("third_repeat", "overflow_loses"):
            if name in self.options:
                port = replace(port, **{name: self.options[name]})
        if self.options.get("validation") == "secure":
            port = replace(port, priority=PRIORITY_SECURE)
        return MachineSettings(asset=str(address), address=address, port=port)

    def _start(self, now: float) -> None:
        self.machines = [
            Machine(settings, self.journal, self.journal.memory(settings.asset), now=now)
            for settings in self._settings
        ]
        ports = [port for machine in self.machines for port in machine.ports]
        self.end = MemoryLine(Line("L1", ports, self._carries))

    def act(self, text: str) -> None:
        """Let something happen at the first machine."""
        machine, (what, *rest) = self.machines[0], text.split()
        match what:
            case "exception":
                for code in rest:
                    service.report(machine, int(code, 16), self.now)
            case "credits":
                machine.cabinet.meters.add("current_credits", int(rest[0]))
            case "jackpot":
                assert play.jackpot(machine, int(rest[0]), self.now)
            case "reset":
                assert play.reset_handpay(machine, self.now)
            case "busy":
                machine.busy_until = self.now + float(rest[0])
            case "off":
                self.powered = False
            case "on":
                self.powered = True
                self._start(self.now)
                service.power_on(self.machines[0], self.now)
            case _:
                raise AssertionError(f"nobody knows how to do {text!r}")

    def send(self, symbols: str) -> None:
        """Let the host send bytes in one burst."""
        if not self.powered:
            return
        words = symbols.split()
        data = bytes(int(word.rstrip("*"), 16) for word in words)
        bits = [word.endswith("*") for word in words] if self.ninth_bit else None
        self.end.host_write(data, self.now, bits)

    def came(self, until: float) -> str:
        """Go on to ``until``; return what has come, as a conversation writes it."""
        stream = b""
        while self.now < until:
            self.now = min(until, self.now + LOOK_S)
            if self.powered:
                self.end.line.tick(self.now)
                stream += b"".join(data for _, data in self.end.host_read(self.now))
        return " ".join(_symbols(stream))


def check(conversation: Conversation) -> None:
    """Hold a conversation.

    Raises:
        AssertionError: something else was said than the text says.
    """
    ninth_bit = any("*" in step.partition("<")[0] for step in conversation.steps)
    floor = Floor(conversation.options, ninth_bit=ninth_bit)
    for step in conversation.steps:
        match = STEP.fullmatch(step)
        assert match, f"no step of a conversation: {step!r}"
        for at in _moments(match):
            _take(floor, match, at, step)
    assert floor.came(floor.now + LOOK_S) == "", "after the last step something came"


def _take(floor: Floor, match: re.Match[str], at: float, step: str) -> None:
    poll, answer, act = match["poll"], match["answer"], match["act"]
    came = floor.came(at)
    if answer is not None and poll is None:
        assert came == answer.replace("nothing", ""), f"{step}: {came or 'nothing'} came"
        return
    assert came == "", f"before {step}: {came} came"
    if act is not None:
        floor.act(act)
        return
    floor.send(poll)
    if answer is not None:
        came = floor.came(at + ANSWER_S)
        assert came == answer.replace("nothing", ""), f"{step}, at {at:g} s: {came or 'nothing'}"


def _moments(match: re.Match[str]) -> Iterator[float]:
    if match["at"]:
        yield float(match["at"])
        return
    low, high, every = (float(match[name]) for name in ("low", "high", "every"))
    for turn in range(round((high - low) / every) + 1):
        yield low + turn * every


def _symbols(stream: bytes) -> Iterator[str]:
    """Undo what a driver does to show ninth bits: FF 00 xx is xx with the bit, FF FF is FF."""
    rest = iter(stream)
    for value in rest:
        if value != 0xFF:
            yield f"{value:02X}"
        elif (second := next(rest)) == 0xFF:
            yield "FF"
        else:
            assert second == 0, "no driver writes that"
            yield f"{next(rest):02X}*"
