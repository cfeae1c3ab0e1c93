"""Child processes that are kept running, and end with their parent, whatever ends it.

A child that dies though nobody told it to is started again: told once, after a growing but bounded
wait, and counted. It is given up when it cannot live, because then somebody has to read its log:
after an exit status of 2 (its configuration is wrong), or when it died ``DEATHS_MAX`` times in a
row without living ``HEALTHY_S`` seconds once.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

RESTART_WAIT_FIRST_S = 0.2
RESTART_WAIT_MAX_S = 5.0
HEALTHY_S = 5.0
DEATHS_MAX = 8
CONFIG_STATUS = 2
"""Exit status that says: wrong usage or configuration."""

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class ChildFailedError(Exception):
    """A child cannot be kept running; says which, why, and where to read more."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to run.

    Attributes:
        name: what people call it; also the name of its log file.
        argv: program and arguments.
        log: file that its output is appended to, or None: it has the terminal.
        environment: the whole environment of the child.
        done: exit statuses that end it for good; nobody starts it again.
    """

    name: str
    argv: tuple[str, ...]
    log: Path | None
    environment: Mapping[str, str]
    done: frozenset[int] = frozenset()


def _nothing() -> None:
    """Do nothing."""


class Child:
    """A program that is kept running.

    Attributes:
        restarts: times it was started again after a death that nobody asked for.
    """

    def __init__(
        self,
        program: Program,
        tell: Callable[[str], None],
        *,
        started: Callable[[], None] = _nothing,
        died: Callable[[], None] = _nothing,
    ) -> None:
        """Prepare.

        Args:
            program: what to run.
            tell: gets one line when the child goes and one when it is back.
            started: called when it runs, at each start.
            died: called when it ended though nobody asked, before ``tell``.
        """
        self.program = program
        self.restarts = 0
        self._tell = tell
        self._started = started
        self._died = died
        self._process: asyncio.subprocess.Process | None = None
        self._stop = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """Process id while it runs, else None."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def keep_running(self) -> int:
        """Run the program until it is stopped or done; return its last exit status.

        Raises:
            ChildFailedError: it cannot be kept running.
        """
        loop = asyncio.get_running_loop()
        deaths = 0
        while True:
            began = loop.time()
            status = await self._run_once()
            if self._stop.is_set() or status in self.program.done:
                return status
            self._died()
            lived_s = loop.time() - began
            deaths = 1 if lived_s >= HEALTHY_S else deaths + 1
            self._give_up_if_hopeless(status, deaths)
            wait_s = min(RESTART_WAIT_FIRST_S * 2 ** (deaths - 1), RESTART_WAIT_MAX_S)
            self._tell(
                f"{self.program.name} ended after {lived_s:.1f} s ({_words(status)}); "
                f"starting it again in {wait_s:.1f} s"
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), wait_s)
                return status
            self.restarts += 1

    def ask_to_stop(self) -> None:
        """Send SIGTERM, and start it no more."""
        self._stop.set()
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL to it and to what it started, and start it no more."""
        self._stop.set()
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        pid = self.pid
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if self.program.log is None or number is not signal.SIGKILL:
                os.kill(pid, number)
            else:
                os.killpg(pid, number)

    async def _run_once(self) -> int:
        program = self.program
        parent = os.getpid()
        in_background = program.log is not None
        with contextlib.ExitStack() as stack:
            log: BinaryIO | None = None
            if program.log is not None:
                log = stack.enter_context(program.log.open("ab"))
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *program.argv,
                    stdin=asyncio.subprocess.DEVNULL if in_background else None,
                    stdout=log,
                    stderr=log,
                    env=dict(program.environment),
                    process_group=0 if in_background else None,
                    preexec_fn=lambda: _die_with(parent),
                )
            except OSError as error:
                name = program.argv[0]
                reason = f"{program.name}: {name}: {error.strerror}"
                raise ChildFailedError(reason) from error
        if self._stop.is_set():  # asked while it was being started
            self._signal(signal.SIGTERM)
        self._started()
        if self.restarts:
            self._tell(f"{program.name} runs again (process {self._process.pid})")
        try:
            return await self._process.wait()
        finally:
            if self._process.returncode is None:  # cancelled: nothing may outlive its parent
                self.kill()

    def _give_up_if_hopeless(self, status: int, deaths: int) -> None:
        if status != CONFIG_STATUS and deaths < DEATHS_MAX:
            return
        name, log = self.program.name, self.program.log
        often = f" {deaths} times in a row" if deaths > 1 else ""
        where = f"; its log {log} ends:\n{_tail(log)}" if log is not None else ""
        raise ChildFailedError(f"{name} cannot run: {_words(status)}{often}{where}")


def _words(status: int) -> str:
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"


def _tail(path: Path, lines: int = 8, bytes_max: int = 4_096) -> str:
    """Return the last lines of a log, indented."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - bytes_max))
            text = file.read(bytes_max).decode("utf-8", "replace")
    except OSError as error:
        return f"  ({error.strerror})"
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:]) or "  (empty)"


def _die_with(parent: int) -> None:
    """In the child, before its program: be killed when the parent ends, however it ends."""
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:  # it ended before the line above
        os._exit(1)
