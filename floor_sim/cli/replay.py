"""``slotsim replay``: machines that say again what a capture says they said."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from pathlib import Path
from typing import Final, cast

import click

from floor_sim.port_line import Port, PortGoneError
from floor_sim.ptys import PtyError, PtyPort, remove_links
from floor_sim.recording import After, Recording, recordings
from floor_sim.replay import Replay, ReplayLine
from floor_sim.run_folder import RunError, locked
from floor_sim.tcp_port import TcpPort, tcp_address
from protocols.sas.capture_reader import read_capture

PROBLEMS_MAX: Final = 20
"""Bad lines of a capture that are told."""


@click.command()
@click.argument("capture", type=click.Path(path_type=Path))
@click.option("--run-folder", type=click.Path(path_type=Path), default="run/replay",
              show_default=True, envvar="SLOTSIM_RUN_FOLDER",
              help="Folder in which the lines are.")  # fmt: skip
@click.option("--after", type=click.Choice(["last", "again"]), default="last", show_default=True,
              help="When all answers to a poll were given: the last one known (to general polls: "
                   "no activity), or all of them again.")  # fmt: skip
@click.option("--tcp", metavar="HOST:PORT",
              help="TCP ports of this computer instead of ptys: the first line on PORT, the next "
                   "on the next one; 0: whichever are free.")  # fmt: skip
def replay(capture: Path, run_folder: Path, after: str, tcp: str | None) -> None:
    """Play the machines of CAPTURE until SIGTERM or Ctrl-C.

    Each line of the capture is a pty, RUN_FOLDER/lines/NAME, for a gateway or any other host. A
    poll gets the recorded answers in order; the same poll at once again gets the same answer again;
    a poll that was not recorded gets silence. Masked bytes are played as zeros.

    Example: slotsim replay door.capture --run-folder run/replay
    """
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s: %(message)s"
    )
    try:
        address = None if tcp is None else tcp_address(tcp)
    except ValueError as error:
        raise click.UsageError(f"--tcp {tcp}: {error}") from None
    lines = _read(capture)
    if not lines:
        click.echo(f"slotsim replay: {capture}: no poll and no answer in it", err=True)
        sys.exit(2)
    try:
        with locked(run_folder.absolute()):
            folder = run_folder.absolute() / "lines"
            asyncio.run(_play(lines, folder, cast("After", after), address))
    except (RunError, PtyError, PortGoneError) as error:
        click.echo(f"slotsim replay: {error}", err=True)
        sys.exit(1)


def _read(capture: Path) -> list[Recording]:
    try:
        with capture.open(encoding="utf-8", errors="replace") as file:
            captures, problems = read_capture(file)
    except OSError as error:
        click.echo(f"slotsim replay: {capture}: {error.strerror}", err=True)
        sys.exit(2)
    for problem in problems[:PROBLEMS_MAX]:
        click.echo(f"slotsim replay: {capture}, {problem}", err=True)
    if len(problems) > PROBLEMS_MAX:
        more = len(problems) - PROBLEMS_MAX
        click.echo(f"slotsim replay: {capture}: {more} more bad lines", err=True)
    return [recording for recording in recordings(captures) if recording.polls]


async def _play(
    lines: list[Recording], folder: Path, after: After, tcp: tuple[str, int] | None
) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    remove_links(folder / recording.line for recording in lines)
    playing: list[ReplayLine] = []
    try:
        for place, recording in enumerate(lines):
            port, where = _port(recording, folder, tcp, place)
            playing.append(ReplayLine(Replay(recording, after), port, loop))
            _introduce(recording, where)
        await stopped.wait()
    finally:
        for line in playing:
            line.close()
            counts = line.replay.counts
            click.echo(
                f"slotsim replay: line {line.replay.recording.line}: {counts.polls} polls, "
                f"{counts.answered} answered, {counts.unrecorded} not in the capture",
                err=True,
            )


def _port(
    recording: Recording, folder: Path, tcp: tuple[str, int] | None, place: int
) -> tuple[Port, str]:
    """Return the port of a line, and where it is."""
    if tcp is None:
        return PtyPort(folder / recording.line, parmrk=False), str(folder / recording.line)
    port = TcpPort((tcp[0], tcp[1] and tcp[1] + place), parmrk=False)
    return port, f"{port.address[0]}:{port.address[1]}, line {recording.line}"


def _introduce(recording: Recording, where: str) -> None:
    egms = " ".join(str(address) for address in recording.addresses) or "none"
    masked = f", {recording.unusable} masked beyond use" if recording.unusable else ""
    click.echo(
        f"slotsim replay: {where}: {recording.answers} answers to "
        f"{len(recording.polls)} polls{masked}; EGMs {egms}",
        err=True,
    )
