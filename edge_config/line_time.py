"""How long a line takes to ask every EGM once.

SAS runs at 19,200 baud with 11 bits a byte (start, 8 data, wakeup, stop). An EGM has 20 ms to begin
its answer, and is polled at most every 200 ms. So one general poll costs one byte out, the
turn-round, and one byte back: 32 EGMs at the full 20 ms need 677 ms, and their line cannot keep
200 ms. Source: Montana DOJ, SAS implementation guide (timing).
"""

from __future__ import annotations

BAUD = 19_200
BITS_A_BYTE = 11
BYTE_S = BITS_A_BYTE / BAUD
"""Seconds one byte takes on the wire, 0.573 ms."""

TURNROUND_MAX_S = 0.020
"""Seconds an EGM may take before the first byte of its answer."""

BYTE_GAP_MAX_S = 0.005
"""Seconds an EGM may pause between two bytes of an answer."""

EGMS_MAX = 32
"""EGMs on one line."""


def exchange_s(out_bytes: int, in_bytes: int, turnround_s: float = TURNROUND_MAX_S) -> float:
    """Return the seconds of one poll of ``out_bytes`` and its answer of ``in_bytes``."""
    return (out_bytes + in_bytes) * BYTE_S + turnround_s


def cycle_s(egms: int, turnround_s: float = TURNROUND_MAX_S) -> float:
    """Return the seconds that a line needs to send one general poll to each of ``egms`` EGMs."""
    return egms * exchange_s(1, 1, turnround_s)


def poll_period_s(egms: int, poll_interval_s: float) -> float:
    """Return the seconds between two polls of one EGM: its interval or the line's cycle."""
    return max(poll_interval_s, cycle_s(egms))
