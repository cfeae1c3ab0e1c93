"""Fixtures for tests that need SAS machines: ``pytest_plugins = ["floor_sim.testing.plugin"]``.

    sas_floor      a floor in memory, on a clock that moves only when a test lets it
    sas_line       its first line
    sas_machine    its first machine
    sas_pty_floor  the same floor as a process, its machines on ptys
    sas_pty_port   the pty of its first line: what a host opens in place of a serial port

They come from ``sas_floor_toml``, a floor file as text: a test that wants another floor defines a
fixture of that name.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_config.loader import load_toml
from floor_sim.floor_file import FloorFile
from floor_sim.testing.memory_floor import HostLine, HostMachine, MemoryFloor
from floor_sim.testing.pty_floor import PtyFloor

FLOOR = """
[floor]
name = "test"
seed = 1
run_folder = "run"

[profiles.penny]

[[lines]]
name = "L1"
port = "lines/L1"

[[egms]]
asset = "10101"
line = "L1"
address = 1
profile = "penny"

[[egms]]
asset = "10102"
line = "L1"
address = 2
profile = "penny"
"""
"""Two machines on one line."""


@pytest.fixture
def sas_floor_toml() -> str:
    """Return the floor file, as text."""
    return FLOOR


@pytest.fixture
def sas_floor_path(sas_floor_toml: str, tmp_path: Path) -> Path:
    """Return the floor file."""
    path = tmp_path / "sas_floor.toml"
    path.write_text(sas_floor_toml)
    return path


@pytest.fixture
def sas_floor(sas_floor_path: Path) -> MemoryFloor:
    """Return the floor in memory; everything in it has power, and nobody is there."""
    return MemoryFloor(load_toml(sas_floor_path, FloorFile))


@pytest.fixture
def sas_line(sas_floor: MemoryFloor) -> HostLine:
    """Return the floor's first line."""
    return sas_floor.line(sas_floor.floor.file.lines[0].name)


@pytest.fixture
def sas_machine(sas_floor: MemoryFloor) -> HostMachine:
    """Return the floor's first machine, on its line."""
    return sas_floor.machine(sas_floor.floor.file.egms[0].asset)


@pytest.fixture
def sas_pty_floor(sas_floor_path: Path, tmp_path: Path) -> Iterator[PtyFloor]:
    """Run the floor as a process, its machines on ptys, until the test is over."""
    floor = PtyFloor(sas_floor_path, tmp_path / "sas_floor")
    yield floor
    floor.close()


@pytest.fixture
def sas_pty_port(sas_pty_floor: PtyFloor, sas_floor_path: Path) -> Path:
    """Return the pty of the floor's first line."""
    return sas_pty_floor.folder / load_toml(sas_floor_path, FloorFile).lines[0].port
