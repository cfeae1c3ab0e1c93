"""A player card reader at a machine: a pty that sends what a common serial reader sends."""

from __future__ import annotations

from floor_sim.chance import draw
from floor_sim.ptys import Pty
from protocols.cards.reader import encode_in, encode_out


class PtyCardSlot:
    """One reader.

    Args:
        pty: the pty that a host reads.
        seed: the floor's seed. A guest's card has the same number wherever it is put in; the
            number is made here, sent, and kept nowhere.
    """

    def __init__(self, pty: Pty, seed: int) -> None:
        self._pty = pty
        self._seed = seed

    def insert(self, guest: str) -> None:
        """Send what a reader sends when the card of ``guest`` goes in."""
        digits = draw(self._seed, "card", guest).randrange(10**15)
        self._pty.write(encode_in(f"9{digits:015d}"))

    def remove(self) -> None:
        """Send what a reader sends when the card is taken out."""
        self._pty.write(encode_out())
