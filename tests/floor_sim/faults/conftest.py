"""A small floor of two banks on two lines, in virtual time, with a journal in memory."""

import pytest

from edge_config.loader import parse_toml
from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.machine.journal import MemoryJournal
from floor_sim.memory_line import MemoryLine

HEAD = """
[floor]
name = "small"
seed = 3
run_folder = "unused"

[profiles.penny]
"""
EGM = """
[[egms]]
asset = "{asset}"
line = "{line}"
address = {address}
profile = "penny"
bank = "{bank}"
panel = "{panel}"
"""
PLACES = [
    ("10101", "L1", 1, "B1", "P1"), ("10102", "L1", 2, "B1", "P2"),
    ("10201", "L2", 1, "B2", "P2"), ("10202", "L2", 2, "B2", "P2"),
]  # fmt: skip


def floor_text(faults=""):
    lines = "".join(f'[[lines]]\nname = "{n}"\nport = "lines/{n}"\n' for n in ("L1", "L2"))
    keys = ("asset", "line", "address", "bank", "panel")
    egms = "".join(EGM.format(**dict(zip(keys, place, strict=True))) for place in PLACES)
    return HEAD + lines + egms + faults


class World:
    """The floor, and a host on each line that asks machine after machine."""

    def __init__(self, faults=""):
        self.journal = MemoryJournal()
        self.floor = Floor(
            parse_toml(floor_text(faults), FloorFile, "small.toml"), self.journal, {}
        )
        self.ends = {name: MemoryLine(line) for name, line in self.floor.lines.items()}
        self.now = 0.0
        self.floor.start(0.0, playing=False)
        for name in self.ends:
            self.drain(name)

    def go(self, seconds):
        end = self.now + seconds
        while (due := self.floor.next_due()) is not None and due <= end:
            self.floor.run(due)
        self.now = end

    def says(self, line, hexes):
        self.go(0.2)
        return self.ends[line].exchange(bytes.fromhex(hexes), self.now).hex()

    def drain(self, line):
        heard = {1: [], 2: []}
        for address in (1, 2):
            for _ in range(60):
                self.says(line, "80")
                code = self.says(line, f"{0x80 | address:02x}")
                if code in {"", "00"}:
                    break
                heard[address].append(code)
        return heard

    def add(self, **fault):
        return self.floor.faults.add(self.floor.faults.read(fault), self.now)

    def told(self, what):
        return [record for record in self.journal.records if record["what"] == what]


@pytest.fixture
def world():
    return World()


@pytest.fixture
def world_with():
    """A floor whose file has faults."""
    return World


@pytest.fixture
def text():
    """The text of the floor file, with faults behind it."""
    return floor_text
