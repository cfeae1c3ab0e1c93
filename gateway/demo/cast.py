"""Who plays in the demonstration: its programs, their files, their passwords."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import edge_config
from edge_config.loader import load_toml
from edge_config.places import (
    NATS_MONITOR_VARIABLE,
    NATS_URL_VARIABLE,
    RUN_FOLDER_VARIABLE,
    Places,
    find_places,
)
from edge_config.site import Site
from gateway.bus.passwords import keep_passwords, password_file
from gateway.bus.server import find_server, free_port, write_config
from gateway.bus.server_config import ServerPlan
from gateway.demo.processes import Program

_FILES = Path(edge_config.__file__).parent
SITE_FILE = _FILES / "sites" / "demo_floor.toml"
FLOOR_FILE = _FILES / "floors" / "demo_floor.toml"

LONGEST_SOCKET = "gateway/status.sock"
"""The one socket of the run folder, relative to it."""

SERVICES = ("dispatch", "loyalty", "surveillance")

NATS = "nats-server"
SLOTSIM = "slotsim"
GATEWAY = "gateway"
CONSOLE = "console"


@dataclass(frozen=True, slots=True)
class Cast:
    """The programs of one demo, and where everything is.

    Attributes:
        places: the site, settled in the run folder and on the server's port.
        port: the server's TCP port on loopback.
        passwords: of the server's users, by name; also in files of mode 0600.
        programs: by name, in the order in which they are started.
    """

    places: Places
    port: int
    passwords: Mapping[str, str]
    programs: Mapping[str, Program]

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self.places.run_folder

    @property
    def central_folder(self) -> Path:
        """Folder of the consumers' files."""
        return self.folder / "central"

    def subscribe_line(self) -> str:
        """Return a line for bash that prints events as they come, as the integrator."""
        path = password_file(self.folder / "nats", "integrator")
        if path.is_relative_to(Path.cwd()):
            path = path.relative_to(Path.cwd())
        code = (
            "import asyncio, nats\\n"
            "async def main():\\n"
            f' nc = await nats.connect("{self.places.nats_url}", user="integrator", '
            f'password=open("{path}").read().strip())\\n'
            f' sub = await nc.subscribe("slot.v1.{self.places.site.site.id}.>")\\n'
            " async for m in sub.messages: print(m.subject, m.data.decode())\\n"
            "asyncio.run(main())"
        )
        return f"{_short(sys.executable)} -c $'{code}'"


def make_cast(folder: Path) -> Cast:
    """Prepare the demo in the empty run folder ``folder``: passwords, server file, programs.

    Raises:
        ConfigError: the demo's site file is wrong.
        ServerError: there is no nats-server.
        OSError: a file cannot be written.
    """
    logs = folder / "logs"
    logs.mkdir()
    nats = folder / "nats"
    passwords = keep_passwords(nats)
    port = free_port()
    site = load_toml(SITE_FILE, Site)
    places = find_places(
        site, SITE_FILE, run_folder=folder, nats_url=f"nats://127.0.0.1:{port}", environment={}
    )
    monitor = free_port()
    plan = ServerPlan(site.site.id, (site.gateway.id,), nats, port, monitor, passwords)
    environment = {
        **os.environ,
        RUN_FOLDER_VARIABLE: str(folder),
        NATS_URL_VARIABLE: places.nats_url,
        NATS_MONITOR_VARIABLE: f"http://127.0.0.1:{monitor}",
    }

    def program(name: str, *argv: str | Path, in_terminal: bool = False) -> Program:
        log = None if in_terminal else logs / f"{name}.log"
        done = frozenset({0}) if in_terminal else frozenset[int]()
        return Program(name, tuple(map(str, argv)), log, environment, done)

    slotgw = (sys.executable, "-m", "gateway")
    cast = [
        program(NATS, find_server(), "-c", write_config(plan)),
        program(
            SLOTSIM, sys.executable, "-m", "floor_sim", "run", FLOOR_FILE, "--run-folder", folder
        ),
        program(GATEWAY, *slotgw, "run", SITE_FILE),
        *(
            program(name, *slotgw, "central", name, SITE_FILE, "--data", folder / "central")
            for name in SERVICES
        ),
        program(
            CONSOLE, *slotgw, "console", SITE_FILE,
            "--password-file", password_file(nats, CONSOLE), in_terminal=True,
        ),
    ]  # fmt: skip
    return Cast(places, port, passwords, {one.name: one for one in cast})


def _short(path: str) -> str:
    """Return a path below the current folder as people type it."""
    here = f"{Path.cwd()}{os.sep}"
    return path.removeprefix(here)
