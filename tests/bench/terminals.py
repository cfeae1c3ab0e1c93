"""Programs on ptys of 80x24, as a technician has them: when they show something, what they take."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Terminal:
    """One program on a pty; what it writes is read by a thread and thrown away once looked at.

    Args:
        arguments: behind ``python``.
        environment: added to this process's own.
    """

    def __init__(self, arguments: Sequence[str], environment: dict[str, str] | None = None) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._wrote = b""
        self.began_s = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True,
            env=environment_of(environment or {}),
        )  # fmt: skip
        os.close(slave)
        self._draining: threading.Thread | None = None

    @property
    def cpu_s(self) -> float:
        """Seconds of CPU that it took so far."""
        return cpu_s(self.process.pid)

    def shows(self, words: bytes, limit_s: float = 120.0) -> tuple[float, float]:
        """Wait until it has written ``words``; return seconds on the wall and of CPU until then."""
        deadline = time.perf_counter() + limit_s
        while words not in self._wrote:
            if time.perf_counter() > deadline or self.process.poll() is not None:
                raise RuntimeError(f"it does not show {words!r}: {self._wrote[-2000:]!r}")
            if select.select([self._master], [], [], 0.05)[0]:
                self._wrote += os.read(self._master, 65_536)
        return time.perf_counter() - self.began_s, self.cpu_s

    def drain(self) -> None:
        """From now on read and forget what it writes, so that it never waits."""
        self._draining = threading.Thread(target=self._drain, daemon=True)
        self._draining.start()

    def _drain(self) -> None:
        with contextlib.suppress(OSError):
            while os.read(self._master, 65_536):
                pass

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        if self._draining is not None:
            self._draining.join(10)
        os.close(self._master)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def environment_of(more: dict[str, str]) -> dict[str, str]:
    """Return the environment of somebody who has installed us: compiled modules are kept."""
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"TERM": "xterm-256color", "PYTHONPATH": os.fspath(ROOT)} | more


def cpu_s(pid: int) -> float:
    """Return the CPU that a process took so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def memory_mb(pid: int) -> float:
    """Return the most memory that a process had at once, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel tells no memory")


def idle_s() -> float:
    """Return for how many seconds the cores were idle since the computer started, added up."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()
    return (int(fields[4]) + int(fields[5])) / CLOCK_TICKS
