"""A tap on a line: two more ptys, on which somebody may hear both sides and can say nothing.

It sits at the host's end: it hears what the host sends before any fault of the line, and what the
machines say as it reaches the host. Nobody reads what is written into a tap.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Final

from floor_sim.faults.messages import marked
from floor_sim.line import Side
from floor_sim.ptys import Pty
from protocols.sas import parmrk
from protocols.sas.symbols import Symbols

FOLDER: Final = "taps"


def tap_links(line: str) -> tuple[str, str]:
    """Return the links of a line's tap, relative to the run folder: the host's, the machines'."""
    return f"{FOLDER}/{line}.host", f"{FOLDER}/{line}.egm"


class Tap:
    """The tap of one line.

    Args:
        folder: the run folder.
        line: name of the line.
        ninth_bit: PARMRK escapes show the ninth bits. What the host sends on a pty comes without;
            its bits are then shown as a good host sets them, on the first byte of every message.
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

    def hear(self, side: Side, symbols: Symbols, at: float) -> None:
        """Show what one side has said; a ``Tap`` of a ``Line``."""
        del at
        pty = self._host if side == "host" else self._egm
        if not self._ninth_bit:
            pty.write(symbols.data)
            return
        if None in symbols.wakeup:
            symbols = marked(symbols.data)
        pty.write(parmrk.encode(symbols.data, symbols.wakeup))
