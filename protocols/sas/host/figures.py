"""What is counted of the link to one EGM."""

from __future__ import annotations

from dataclasses import dataclass

from protocols.sas.errors import CrcError, WireError


@dataclass(slots=True)
class Figures:
    """Counts since the process started.

    Attributes:
        other_errors: bad answers but for their CRC; by kind in those that follow.
        gaps: stretches in which something may have been lost, and were told.
        gap_s: seconds of them together, as far as their beginning is known.
    """

    polls: int = 0
    answers: int = 0
    timeouts: int = 0
    crc_errors: int = 0
    other_errors: int = 0
    repeats: int = 0
    busy: int = 0
    nacks: int = 0
    length_errors: int = 0
    address_errors: int = 0
    bcd_errors: int = 0
    unexpected_errors: int = 0
    gaps: int = 0
    gap_s: float = 0.0

    def wrong(self, error: WireError) -> None:
        """Count an answer that was no valid one."""
        if isinstance(error, CrcError):
            self.crc_errors += 1
            return
        self.other_errors += 1
        self.length_errors += error.kind == "length"
        self.address_errors += error.kind == "address"
        self.bcd_errors += error.kind == "bcd"
        self.unexpected_errors += error.kind == "unexpected"
