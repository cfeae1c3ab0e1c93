"""``slotgw capture``: what is on a line, into a file, while the gateway runs."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO, Final

import click

from edge_config.loader import ConfigError, load_toml
from edge_config.places import RUN_FOLDER_VARIABLE, capture_socket, find_places
from edge_config.site import Site
from protocols.sas.capture import note_text

CONNECT_S: Final = 5.0
RECEIVE_BYTES: Final = 65536


@click.command(epilog="Example: slotgw capture L1 door.capture --run-folder run/demo --seconds 10")
@click.argument("line", metavar="LINE")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, allow_dash=True))
@click.argument("site_file", metavar="[SITE.toml]", required=False)
@click.option("--run-folder", help="Run folder of the gateway; or give its site file.")
@click.option("--seconds", type=click.FloatRange(min=0.0, min_open=True),
              help="How long; without it until Ctrl-C.")  # fmt: skip
@click.pass_context
def capture(
    ctx: click.Context,
    line: str,
    file: str,
    site_file: str | None,
    *,
    run_folder: str | None,
    seconds: float | None,
) -> None:
    """Write what is on LINE into FILE (- is the output), with times and ninth bits.

    The running gateway tells it; nothing can be sent. Secrets (ticket numbers, AFT keys) are
    masked, so a capture can be shared. The format is explained in hardware/capture-format.md;
    slotgw decode explains a capture, slotsim replay plays it. Exit status: 0 done, 1 no gateway
    answers or it went away, 2 wrong usage or no such line.
    """
    path = _socket_path(ctx, site_file, run_folder)
    with _Stop().heard() as stop:
        try:
            link = _connect(path, line)
        except OSError as error:
            click.echo(
                f"slotgw capture: no gateway answers on {path} ({error.strerror or error}); start "
                "it with slotgw run, or give the run folder that it uses",
                err=True,
            )
            ctx.exit(1)
        with link:
            stop.ends(link)
            ctx.exit(_record(link, stop, line, file, seconds))


def _socket_path(ctx: click.Context, site_file: str | None, run_folder: str | None) -> Path:
    if site_file is not None:
        try:
            places = find_places(load_toml(site_file, Site), site_file, run_folder=run_folder)
        except ConfigError as error:
            click.echo(error, err=True)
            ctx.exit(2)
        return places.capture_socket
    folder = run_folder or os.environ.get(RUN_FOLDER_VARIABLE)
    if not folder:
        raise click.UsageError("say where the gateway runs: SITE.toml or --run-folder")
    return capture_socket(Path(folder).absolute())


def _connect(path: Path, line: str) -> socket.socket:
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.settimeout(CONNECT_S)
    try:
        link.connect(os.fspath(path))
        link.sendall(f"{' '.join(line.split())}\n".encode())
    except OSError:
        link.close()
        raise
    return link


class _Stop:
    """SIGTERM or Ctrl-C: the person has had enough; what has come by then is still written.

    Attributes:
        asked: somebody asked for the end.
    """

    def __init__(self) -> None:
        self.asked = False
        self._link: socket.socket | None = None

    @contextmanager
    def heard(self) -> Iterator[_Stop]:
        """Hear the signals while this lasts, instead of being ended by them."""
        numbers = (signal.SIGTERM, signal.SIGINT)
        before = {number: signal.signal(number, self._take) for number in numbers}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def ends(self, link: socket.socket) -> None:
        """Let the end of the connection tell whoever waits for more from it."""
        self._link = link
        if self.asked:
            self._shut()

    def _take(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.asked = True
        self._shut()

    def _shut(self) -> None:
        if self._link is not None:
            with suppress(OSError):  # the gateway was faster
                self._link.shutdown(socket.SHUT_RDWR)


def _record(link: socket.socket, stop: _Stop, line: str, file: str, seconds: float | None) -> int:
    """Write what comes into the file; return the exit status."""
    began = time.monotonic()
    try:
        first = link.recv(RECEIVE_BYTES)
    except OSError as error:
        click.echo(f"slotgw capture: the gateway does not answer: {error}", err=True)
        return 1
    if first.startswith(b"!"):
        click.echo(f"slotgw capture: {first[1:].decode(errors='replace').strip()}", err=True)
        return 2
    try:
        with click.open_file(file, "wb") as out:
            writer = _Writer(out)
            writer.take(first)
            _follow(link, writer, None if seconds is None else began + seconds)
            gone = writer.ended and not stop.asked
            if gone:
                out.write(note_text("the gateway ended the capture here").encode())
    except OSError as error:
        click.echo(f"slotgw capture: {file}: {error.strerror}", err=True)
        return 1
    told = f"{writer.bursts} bursts of line {line} in {time.monotonic() - began:.1f} s"
    if gone:
        told += ", then the gateway ended it: see the end of the capture"
    click.echo(f"slotgw capture: {told}", err=True)
    return 1 if gone else 0


def _follow(link: socket.socket, writer: _Writer, end: float | None) -> None:
    """Write until ``end`` on the monotonic clock, or until nothing more comes."""
    while not writer.ended:
        left = None if end is None else end - time.monotonic()
        if left is not None and left <= 0:
            return
        link.settimeout(left)
        try:
            writer.take(link.recv(RECEIVE_BYTES))
        except TimeoutError:
            return
        except ConnectionError:
            writer.take(b"")


class _Writer:
    """Writes whole lines at once, and counts.

    Attributes:
        bursts: how many were written.
        ended: nothing more will come.
    """

    def __init__(self, out: IO[bytes]) -> None:
        self.bursts = 0
        self.ended = False
        self._out = out
        self._part = b""

    def take(self, data: bytes) -> None:
        """Take what came; nothing is the end."""
        self.ended = not data
        *lines, self._part = (self._part + data).split(b"\n")
        for line in lines:
            self.bursts += line[:1].isdigit()
            self._out.write(line + b"\n")
        self._out.flush()
