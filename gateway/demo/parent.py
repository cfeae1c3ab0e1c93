"""The parent of the demonstration: starts everybody, and ends with everybody.

Each program is a process of its own. What the parent says goes to ``logs/demo.log`` in the run
folder, and to the terminal while no console has it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import termios
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.bus.server import ServerError, wait_ready
from gateway.bus.streams import StreamsError, apply_streams
from gateway.console.source import AwayError, UnreadableError, take_snapshot
from gateway.contracts.export import bucket_values, catalogue_version
from gateway.demo.cast import CONSOLE, NATS, SLOTSIM, Cast
from gateway.demo.processes import Child, ChildFailedError, Program
from gateway.demo.rest import bring_to_rest, wait_for
from gateway.demo.summary import CollectError, collect, shortcomings, text_of

START_MAX_S = 60.0
"""Seconds from the start of the programs until every line is polled."""
STOP_FIRST_S = 2.5
"""Seconds that gateway, consumers and console may take to end before they are killed."""
STOP_LAST_S = 1.5
"""The same for the simulator and the server, which end after those who talk to them."""

PROCESSES_FILE = "processes.json"
"""File in the run folder with the process id of each running program, by name."""

_LAST = frozenset({NATS, SLOTSIM})
_TERMINAL_AS_NEW = "\x1b[?1049l\x1b[?25h\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[0m"


class DemoFailedError(Exception):
    """The demo cannot go on; says why."""


class DemoStoppedError(Exception):
    """Somebody asked the demo to stop: SIGINT or SIGTERM."""


@dataclass(slots=True)
class _Running:
    child: Child
    task: asyncio.Task[None]


class Demo:
    """One demonstration.

    Args:
        cast: who plays, and where.
        say: prints a line for people.
        seconds: how long to run without a console, until the verdict; None to show the console.
    """

    def __init__(self, cast: Cast, say: Callable[[str], None], seconds: float | None) -> None:
        self._cast = cast
        self._say_to_people = say
        self._seconds = seconds
        self._running: dict[str, _Running] = {}
        self._console_has_terminal = False
        self._terminal = _Terminal()
        self._ending: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def run(self) -> bool:
        """Run to the end; return whether all was well.

        Raises:
            DemoFailedError: a program cannot be kept running, or the demo does not begin.
            DemoStoppedError: it was asked to stop.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._end, DemoStoppedError(number.name))
        async with asyncio.TaskGroup() as group:
            play = group.create_task(self._play(group))
            try:
                ends: set[asyncio.Future[bool]] = {play, self._ending}
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
                if not play.done():
                    play.cancel()
                    await asyncio.wait({play})
            finally:
                await self._stop_all()
        if self._ending.done():
            self._ending.result()
        return play.result()

    @property
    def restarts(self) -> dict[str, int]:
        """How often each program was started again."""
        return {name: one.child.restarts for name, one in self._running.items()}

    def say(self, words: str) -> None:
        """Tell people, or only the log while the console has the terminal."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with (self._cast.folder / "logs" / "demo.log").open("a", encoding="utf-8") as log:
            log.write(f"{now} {words}\n")
        if not self._console_has_terminal:
            self._say_to_people(words)

    async def _play(self, group: asyncio.TaskGroup) -> bool:
        """Do what the demo is about; return whether all was well. Never raises but cancelled."""
        try:
            await self._start_server(group)
            for name in self._cast.programs:
                if name not in {NATS, CONSOLE}:
                    self._start(group, name)
            self.say(f"to see the events: {self._cast.subscribe_line()}")
            if self._seconds is None:
                return await self._show_console(group)
            return await self._run_headless(self._seconds)
        except (DemoFailedError, CollectError) as error:
            self._end(DemoFailedError(str(error)))
            return False

    async def _start_server(self, group: asyncio.TaskGroup) -> None:
        cast = self._cast
        self._start(group, NATS)
        try:
            await wait_ready(cast.port)
            await apply_streams(
                cast.places.nats_url, "admin", cast.passwords["admin"],
                schemas=bucket_values(catalogue_version()),
            )  # fmt: skip
        except (ServerError, StreamsError) as error:
            raise DemoFailedError(f"{error}; see {cast.programs[NATS].log}") from None
        self.say(f"nats-server on {cast.places.nats_url}, passwords in {cast.folder / 'nats'}")

    async def _show_console(self, group: asyncio.TaskGroup) -> bool:
        self._console_has_terminal = True
        self._start(group, CONSOLE, died=self._terminal.restore)
        try:
            await asyncio.wait({self._running[CONSOLE].task})
        finally:
            self._terminal.restore()
            self._console_has_terminal = False
        return True

    async def _run_headless(self, seconds: float) -> bool:
        if why := await wait_for(self._every_line_polled, START_MAX_S):
            raise DemoFailedError(f"the demo does not begin: {why}; see {self._cast.folder}/logs")
        self.say(f"every line is polled; running for {seconds:g} s")
        await asyncio.sleep(seconds)
        self.say("play stops; waiting until machines, outbox and consumers have nothing left")
        rest = await bring_to_rest(self._cast)
        summary = await collect(self._cast, rest, self.restarts)
        self.say(text_of(summary))
        return not shortcomings(summary)

    async def _every_line_polled(self) -> str:
        try:
            snapshot = await take_snapshot(self._cast.places.status_socket)
        except (AwayError, UnreadableError) as error:
            return str(error)
        silent = [line.name for line in snapshot.lines if not line.answers]
        return f"no answer yet on {', '.join(silent)}" if silent else ""

    def _start(
        self, group: asyncio.TaskGroup, name: str, died: Callable[[], None] = lambda: None
    ) -> None:
        program: Program = self._cast.programs[name]
        child = Child(program, self.say, started=self._note_processes, died=died)
        self._running[name] = _Running(child, group.create_task(self._keep(child)))

    async def _keep(self, child: Child) -> None:
        try:
            await child.keep_running()
        except ChildFailedError as error:
            self._end(DemoFailedError(str(error)))

    def _end(self, why: Exception) -> None:
        if not self._ending.done():
            self._ending.set_exception(why)

    async def _stop_all(self) -> None:
        """Stop those who talk first, then those who are talked to; kill who does not listen."""
        first = [one for name, one in self._running.items() if name not in _LAST]
        last = [one for name, one in self._running.items() if name in _LAST]
        await _stop(first, STOP_FIRST_S)
        await _stop(last, STOP_LAST_S)

    def _note_processes(self) -> None:
        pids = {name: one.child.pid for name, one in self._running.items() if one.child.pid}
        path = self._cast.folder / PROCESSES_FILE
        new = path.with_suffix(".new")
        new.write_text(json.dumps(pids), "utf-8")
        new.replace(path)


async def _stop(running: list[_Running], limit_s: float) -> None:
    if not running:
        return
    for one in running:
        one.child.ask_to_stop()
    _, deaf = await asyncio.wait({one.task for one in running}, timeout=limit_s)
    for one in running:
        if one.task in deaf:
            one.child.kill()
    if deaf:
        await asyncio.wait(deaf)


class _Terminal:
    """The terminal as it was before the console had it."""

    def __init__(self) -> None:
        self._settings = None
        with contextlib.suppress(termios.error, OSError, ValueError):
            self._settings = termios.tcgetattr(sys.stdin.fileno())

    def restore(self) -> None:
        """Undo what a console that was killed has left behind."""
        if self._settings is None or not sys.stdout.isatty():
            return
        with contextlib.suppress(termios.error, OSError):
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, self._settings)
            sys.stdout.write(_TERMINAL_AS_NEW)
            sys.stdout.flush()
