"""Runs a floor in real time: ptys, ledger, control API, until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import uvicorn

from edge_config.bridge_address import parse_bridge_address
from floor_sim.beat import Beat
from floor_sim.black_box import BlackBox
from floor_sim.bridge_server import BridgeLine, BridgeServer
from floor_sim.card_slot import PtyCardSlot
from floor_sim.certified.write import write_extracts
from floor_sim.control import build_app
from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile, LineInfo
from floor_sim.ledger import Ledger, LedgerError, write_atomically
from floor_sim.ledger_tail import tail_of_folder
from floor_sim.port_line import Port, PortGoneError, PortLine
from floor_sim.ptys import Pty, PtyPort, remove_links
from floor_sim.run_folder import RunError, locked
from floor_sim.serial_port import SerialPort
from floor_sim.tap import Tap, tap_links
from floor_sim.tcp_port import TcpPort, tcp_address, tcp_opener

log = logging.getLogger("slotsim")

CONTROL: Final = "control.json"
DEFECT: Final = "defect.sas-capture"
NAMES_MAX: Final = 12
"""Lines that are named one by one when a floor begins."""
CONTROL_STOP_S: Final = 2.0
"""Seconds that the control API has to answer what was asked before it is stopped."""

ARM_S: Final = 0.05
"""Seconds after an act of a person until lines are looked at that it may have changed: on a large
floor there are hundreds of acts a second and hundreds of lines."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a floor is run.

    Attributes:
        folder: run folder.
        seed: instead of the floor file's.
        speed: how many times faster people are.
        playing: people play from the start.
        sync: each line of the ledger is on the disk before the machines act on it.
        begun: called once the machines wait for a host, with the floor, the loop, and what stops
            the run.
    """

    folder: Path
    seed: int | None = None
    speed: float = 1.0
    playing: bool = True
    sync: bool = False
    begun: Callable[[Floor, asyncio.AbstractEventLoop, Callable[[], object]], object] | None = None


class _Server(uvicorn.Server):
    """uvicorn without hands on our signals."""

    def capture_signals(self) -> Any:
        return nullcontext()


def run_floor(file: FloorFile, options: RunOptions) -> None:
    """Run the floor until SIGTERM or SIGINT.

    Raises:
        RunError: it cannot run, or could not go on.
        LedgerError: the ledger is damaged or cannot be written.
        PtyError: a pty cannot be made.
    """
    with locked(options.folder):
        asyncio.run(_Run(file, options).run())


class _Run:
    """One run of one floor."""

    def __init__(self, file: FloorFile, options: RunOptions) -> None:
        self._file = file
        self._options = options
        self._lines: list[PortLine | BridgeLine] = []
        self._taps: list[Tap] = []
        self._bridges: list[BridgeServer] = []
        self._readers: list[Pty] = []
        self._timer: asyncio.TimerHandle | None = None
        self._arming: asyncio.TimerHandle | None = None
        self._failure: BaseException | str | None = None
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Set everything up, wait for the end, and take everything down."""
        loop = self._loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._defect)
        zero = datetime.fromtimestamp(time.time() - loop.time(), UTC)
        options = self._options
        ledger = Ledger(
            options.folder, lambda now: zero + timedelta(seconds=now), sync=options.sync
        )
        try:
            self._floor = self._make_floor(ledger, zero)
            self._floor.start(loop.time(), ledger.recovered.ended, playing=self._options.playing)
            gc.collect()
            gc.freeze()  # a floor lives as long as the process: looking through it is a pause
            if self._floor.certified is not None:
                self._floor.certified.day_closed = self._write_extracts
            if options.begun is not None:
                options.begun(self._floor, loop, self._stop.set)
            await self._serve(ledger)
            self._write_extracts()
            if self._failure is None:
                self._floor.stop(loop.time())
        finally:
            self._take_down()
            ledger.close()
        if isinstance(self._failure, LedgerError):
            raise self._failure
        if self._failure is not None:
            self._save_capture(zero)
            seed = self._floor.seed
            raise RunError(f"a defect of slotsim: {self._failure!r}; seed {seed}")

    def _write_extracts(self) -> None:
        """Write what the certified system would have written, as far as it has come."""
        host, info = self._floor.certified, self._file.certified
        if host is None:
            return
        folder = self._options.folder / info.folder
        books, seed = host.clerk.books, self._floor.seed
        try:
            paths = write_extracts(folder, books, info.formats, info.errors, seed)
        except OSError as error:
            log.warning("%s: %s", folder, error.strerror)
        else:
            log.info("%d extracts of the certified system are in %s", len(paths), folder)

    def _save_capture(self, zero: datetime) -> None:
        """Keep what passed on the lines before a defect, for whoever looks for it."""
        path = self._options.folder / DEFECT
        try:
            write_atomically(path, self._box.text(lambda now: zero + timedelta(seconds=now)))
        except OSError as error:
            log.warning("%s: %s", path, error.strerror)
        else:
            log.info("the last exchanges on every line are in %s", path)

    def _make_floor(self, ledger: Ledger, zero: datetime) -> Floor:
        folder, seed = self._options.folder, self._options.seed
        seed = self._file.floor.seed if seed is None else seed
        ports = [line.port for line in self._file.lines if line.transport == "pty"]
        cards = {egm.asset: egm.card_reader for egm in self._file.egms if egm.card_reader}
        taps = [link for line in self._file.lines if line.tap for link in tap_links(line.name)]
        remove_links(folder / name for name in (*ports, *cards.values(), *taps))
        slots: dict[str, PtyCardSlot] = {}
        for asset, name in cards.items():
            pty = Pty(folder / name)
            self._readers.append(pty)
            slots[asset] = PtyCardSlot(pty, seed)
        floor = Floor(
            self._file, ledger, ledger.recovered.machines, now=self._loop.time(), seed=seed,
            speed=self._options.speed, wall_at_zero=zero, readers=slots, say=log.info,
        )  # fmt: skip
        for line in self._file.lines:
            if line.tap:
                tap = Tap(folder, line.name, ninth_bit=line.settings().ninth_bit == "parmrk")
                floor.lines[line.name].taps.append(tap.hear)
                self._taps.append(tap)
            if line.transport not in {"bridge", "certified"}:
                opens = self._opens(line)
                try:
                    served = PortLine(floor.lines[line.name], opens, self._loop, self._acted)
                except PortGoneError as error:
                    raise RunError(f"line {line.name}: {error}") from None
                self._lines.append(served)
        self._make_bridges(floor)
        self._box = BlackBox(floor.lines.values())
        return floor

    def _opens(self, line: LineInfo) -> Callable[[], Port]:
        """Return what opens the port of a line, now or when it has come back."""
        ninth_bit = line.settings().ninth_bit == "parmrk"
        if line.transport == "serial":
            return partial(SerialPort, line.port, self._loop, ninth_bit=ninth_bit)
        if line.transport == "tcp":
            return tcp_opener(tcp_address(line.port), parmrk=ninth_bit)
        return partial(PtyPort, self._options.folder / line.port, parmrk=ninth_bit)

    def _make_bridges(self, floor: Floor) -> None:
        bridges: dict[tuple[str, int], dict[int, BridgeLine]] = {}
        beat = Beat(self._loop)
        for line in self._file.lines:
            if line.transport == "bridge":
                host, port, number = parse_bridge_address(line.port)
                one = BridgeLine(floor.lines[line.name], number, self._loop, self._acted, beat)
                bridges.setdefault((host, port), {})[number] = one
                self._lines.append(one)
        for address, lines in bridges.items():
            try:
                self._bridges.append(BridgeServer(address, lines, self._loop))
            except OSError as error:
                where = f"{address[0]}:{address[1]}"
                raise RunError(f"no bridge on {where}: {error.strerror}") from None

    async def _serve(self, ledger: Ledger) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._stop.set)
        listener = socket.create_server(("127.0.0.1", 0))
        tail = tail_of_folder(self._options.folder)
        app = build_app(self._floor, self._loop.time, self._acted, tail)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, lifespan="off",
            timeout_graceful_shutdown=int(CONTROL_STOP_S),
        )  # fmt: skip
        server = _Server(config)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        control = self._options.folder / CONTROL
        told = {"url": url, "pid": os.getpid(), "lines": self._tcp_lines()}
        write_atomically(control, json.dumps(told) + "\n")
        self._acted()
        self._introduce(url, ledger)
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve(sockets=[listener]), name="control API")
            await self._stop.wait()
            server.should_exit = True
            await asyncio.wait({serving}, timeout=2 * CONTROL_STOP_S)
            serving.cancel()
        control.unlink(missing_ok=True)

    def _introduce(self, url: str, ledger: Ledger) -> None:
        recovered = ledger.recovered
        if recovered.n:
            torn = f", {recovered.torn_bytes} torn bytes cut off" if recovered.torn_bytes else ""
            log.info("goes on after record %d (%s%s)", recovered.n, recovered.ended, torn)
        lines = [line for line in self._file.lines if line.transport != "certified"]
        names = " ".join(line.name for line in lines)
        if len(lines) > NAMES_MAX:
            names = f"{len(lines)} lines, {lines[0].name} to {lines[-1].name}"
        places = dict.fromkeys(self._place(line) for line in lines)
        count = len(self._file.egms)
        seed = self._floor.seed
        log.info("%d machines wait for a host on %s in %s; control %s; seed %d",
                 count, names, ", ".join(places), url, seed)  # fmt: skip

    def _place(self, line: LineInfo) -> str:
        if line.transport == "bridge":
            return f"the bridge {parse_bridge_address(line.port).bridge}"
        if line.transport in {"serial", "tcp"}:
            return line.port
        return str((self._options.folder / line.port).parent)

    def _tcp_lines(self) -> dict[str, str]:
        """Return where lines on TCP ports are, by name."""
        return {
            line.line.name: f"{line.port.address[0]}:{line.port.address[1]}"
            for line in self._lines
            if isinstance(line, PortLine) and isinstance(line.port, TcpPort)
        }

    def _acted(self) -> None:
        """Wake up when a person has something to do."""
        due = self._floor.next_due()
        if self._timer is not None:
            if due is not None and self._timer.when() == due:
                return
            self._timer.cancel()
        self._timer = None if due is None else self._loop.call_at(due, self._people)

    def _people(self) -> None:
        self._timer = None
        self._floor.run(self._loop.time())
        if self._arming is None:
            self._arming = self._loop.call_later(ARM_S, self._arm)
        self._acted()

    def _arm(self) -> None:
        """Let lines wake up for what people changed on them, such as chirps that begin."""
        self._arming = None
        for line in self._lines:
            if line.line.settings.chirp:
                line.arm()

    def _defect(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Stop at a defect: a floor that is not sure of itself cannot judge anybody."""
        del loop
        if self._failure is None:
            self._failure = context.get("exception") or str(context["message"])
            if not isinstance(self._failure, LedgerError):
                log.error("a defect", exc_info=context.get("exception"))
        self._stop.set()

    def _take_down(self) -> None:
        for timer in (self._timer, self._arming):
            if timer is not None:
                timer.cancel()
        for bridge in self._bridges:
            bridge.close()
        for line in self._lines:
            line.close()
        for tap in self._taps:
            tap.close()
        for pty in self._readers:
            with suppress(OSError):
                pty.close()
