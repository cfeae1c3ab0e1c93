"""A tap on a line: two more ptys, on which somebody may hear both sides and can say nothing.

It sits at the host's end: it hears what the host sends before any fault of the line, and what the
machines say as it reaches the host. Nobody reads what is written into a tap.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Final

from floor_sim.ptys import Pty
from protocols.sas import parmrk
from protocols.sas.machine import RequestReader
from protocols.sas.symbols import from_host

FOLDER: Final = "taps"


def tap_links(line: str) -> tuple[str, str]:
    """Return the links of a line's tap, relative to the run folder: the host's, the machines'."""
    return f"{FOLDER}/{line}.host", f"{FOLDER}/{line}.egm"


class Tap:
    """The tap of one line.

    Args:
        folder: the run folder.
        line: name of the line.
        ninth_bit: PARMRK escapes show the ninth bit of what the host sends, too. A pty hands it
            over without; it is set on the first byte of every message.
    """

    def __init__(self, folder: Path, line: str, *, ninth_bit: bool) -> None:
        host, egm = tap_links(line)
        with ExitStack() as opened:
            self._host = Pty(folder / host)
            opened.callback(self._host.close)
            self._egm = Pty(folder / egm)
            opened.pop_all()
        self._ninth_bit = ninth_bit

    def close(self) -> None:
        """Close both ptys."""
        self._host.close()
        self._egm.close()

    def from_host(self, data: bytes) -> None:
        """Show what the host has sent: whole messages."""
        if not self._ninth_bit:
            self._host.write(data)
            return
        reader = RequestReader()
        for message in (*reader.feed(data), *reader.reset()):
            self._host.write(parmrk.encode(*from_host(message.raw)))

    def from_machines(self, data: bytes) -> None:
        """Show what reaches the host, as the line hands it over."""
        self._egm.write(data)
