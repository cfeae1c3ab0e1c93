"""Who may import whom."""

import ast
import sys
from dataclasses import dataclass

import pytest

# modules of the standard library that reach a clock, a port, a file, a loop, chance or a log
OUTSIDE = frozenset(
    {"asyncio", "concurrent", "contextvars", "fcntl", "glob", "http", "io", "logging", "mmap",
     "multiprocessing", "os", "pathlib", "pty", "random", "sched", "secrets", "select", "selectors",
     "shutil", "signal", "socket", "socketserver", "sqlite3", "ssl", "subprocess", "tempfile",
     "termios", "threading", "time", "tty", "urllib"}
)  # fmt: skip
CLOCK_CALLS = frozenset({"now", "today", "utcnow"})


@dataclass(frozen=True)
class Room:
    """What a room may import: rooms of ours, packages of others; ``pure`` rooms nothing OUTSIDE."""

    ours: tuple[str, ...]
    others: tuple[str, ...] = ()
    pure: bool = False


# the longest name that fits a module is its room
ROOMS = {
    "protocols":        Room(("protocols",), ("crcmod",), pure=True),
    "edge_config":      Room(("edge_config", "protocols"), ("pydantic", "pydantic_core")),
    "floor_sim":        Room(("floor_sim", "protocols", "edge_config"),
                             ("click", "fastapi", "pydantic", "serial", "starlette", "uvicorn")),
    # verdicts are about events too, of whoever has put them on a NATS server
    "floor_sim.scenarios": Room(("floor_sim", "protocols", "edge_config"), ("nats", "pydantic")),
    "floor_sim.panel":  Room(("floor_sim", "protocols"), ("rich", "textual")),
    # fixtures for other people's tests; nothing of ours imports it
    "floor_sim.testing": Room(("floor_sim", "edge_config"), ("pytest",)),
    "gateway.events":   Room(("gateway.events", "protocols"), ("pydantic", "pydantic_core"),
                             pure=True),
    "gateway.meaning":  Room(("gateway.meaning", "gateway.events", "protocols"), ("pydantic",),
                             pure=True),
    "gateway.status":   Room(("gateway.status",), ("pydantic",)),
    # what a check finds is worked out from what was seen; whoever looks and listens stands outside
    "gateway.commissioning": Room(("gateway.commissioning", "protocols"),
                                  ("cryptography", "pydantic"), pure=True),
    "gateway.metrics":  Room(("gateway.metrics", "gateway.status"), ("prometheus_client",)),
    "gateway.outbox":   Room(("gateway.outbox", "gateway.events"), ("sqlite_utils",)),
    "gateway.bus":      Room(("gateway.bus", "gateway.events", "gateway.outbox", "gateway.status",
                              "edge_config"), ("nats", "pydantic")),
    "gateway.central":  Room(("gateway.central", "gateway.events", "gateway.bus", "edge_config"),
                             ("pydantic", "sqlite_utils")),
    # what each exception leads to, and what consumers derive, stands in the contract too
    "gateway.contracts": Room(("gateway.contracts", "gateway.events", "gateway.central",
                               "gateway.meaning.exceptions"), ("pydantic",)),
    # of the wire the console only explains what the capture socket tells
    "gateway.examples": Room(("gateway.examples", "gateway.bus", "gateway.events"), ("nats",)),
    "gateway.console":  Room(("gateway.console", "gateway.status", "gateway.events", "gateway.bus",
                              "gateway.commissioning", "edge_config", "protocols"),
                             ("pydantic", "rich", "textual")),
    # the demo's parent asks at the doors that people use: status socket, summaries, outbox figures;
    # of the wire its judge knows only which exceptions overtake a queue
    "gateway.demo":     Room(("gateway.demo", "gateway.status", "gateway.events", "gateway.bus",
                              "gateway.outbox", "gateway.console", "gateway.central",
                              "gateway.contracts", "edge_config", "protocols.sas.tables"),
                             ("pydantic",)),
    "gateway.edge":     Room(("gateway.edge", "gateway.meaning", "gateway.events", "gateway.status",
                              "gateway.metrics", "gateway.outbox", "gateway.bus",
                              "gateway.commissioning.signature", "gateway.commissioning.step",
                              "edge_config", "protocols"),
                             ("pydantic", "serial", "serial_asyncio")),
    "gateway.cli":      Room(("gateway", "edge_config", "protocols"), ("click",)),
    "gateway":          Room(("gateway.cli",)),
}  # fmt: skip
OUR_NAMES = {room.partition(".")[0] for room in ROOMS}


def room_of(module):
    fitting = [name for name in ROOMS if within(module, name)]
    return max(fitting, key=len, default=None)


def within(module, room):
    return module == room or module.startswith(room + ".")


def imports(tree, module, *, package):
    """Yield (line, full name) for every import, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.split(".")
                parts = parts[: len(parts) - node.level + package]
                base = ".".join([*parts, base]).rstrip(".")
            for alias in node.names:
                full = f"{base}.{alias.name}"
                known = room_of(full) != room_of(base) or base in {"gateway", "__future__"}
                yield node.lineno, full if known else base


def refused(tree, module, *, package=False):
    """Return what ``module`` may not import or call, one line each."""
    name = room_of(module)
    if name is None:
        return [f"{module}: stands in no room of the table"]
    room = ROOMS[name]
    found = []
    for line, target in imports(tree, module, package=package):
        top = target.partition(".")[0]
        if top == "__future__":
            continue
        if top in OUR_NAMES:
            fine = any(within(target, ours) for ours in room.ours)
        elif top in sys.stdlib_module_names:
            fine = not (room.pure and top in OUTSIDE)
        else:
            fine = top in room.others
        if not fine:
            found.append(f"{module}:{line} imports {target}")
    if room.pure:
        found += [
            f"{module}:{node.lineno} asks a clock: {node.func.attr}()"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in CLOCK_CALLS
        ]
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_may(room, project):
    found = [
        line
        for tree, module, package in project.modules()
        if room_of(module) == room
        for line in refused(tree, module, package=package)
    ]
    assert found == []


def test_every_module_stands_in_a_room(project):
    assert [module for _, module, _ in project.modules() if room_of(module) is None] == []


@pytest.mark.parametrize(
    ("module", "code", "words"),
    [
        ("protocols.sas.x", "import asyncio", "imports asyncio"),
        ("protocols.sas.x", "def f():\n    from time import sleep", ":2 imports time"),
        ("protocols.sas.x", "import pydantic", "imports pydantic"),
        ("protocols.sas.x", "from datetime import datetime\ndatetime.now()", "asks a clock"),
        ("protocols.sas.x", "import gateway.edge", "imports gateway.edge"),
        ("gateway.meaning.x", "import sqlite3", "imports sqlite3"),
        ("gateway.events.x", "from gateway.meaning import doors", "imports gateway.meaning"),
        ("gateway.events.x", "from ..meaning import doors", "imports gateway.meaning"),
        ("gateway.events.x", "from gateway import meaning", "imports gateway.meaning"),
        ("floor_sim.x", "from gateway.events import fact", "imports gateway.events"),
        ("edge_config.x", "import floor_sim", "imports floor_sim"),
        ("gateway.central.dispatch.x", "import gateway.meaning", "imports gateway.meaning"),
        ("gateway.edge.x", "import nats", "imports nats"),
        ("gateway.new.x", "import gateway.edge", "imports gateway.edge"),
        ("elsewhere.x", "", "in no room"),
    ],
)
def test_what_a_room_may_not_import_is_seen(module, code, words):
    found = refused(ast.parse(code), module)
    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("protocols.sas.x", "from decimal import Decimal\nfrom protocols.sas import crc"),
        ("gateway.meaning.x", "from .doors import x\nfrom gateway.events.fact import Fact"),
        ("gateway.bus.x", "import nats\nimport asyncio"),
    ],
)
def test_what_a_room_may_import_is_let_through(module, code):
    assert refused(ast.parse(code), module) == []
