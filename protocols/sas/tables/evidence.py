"""How sure a table row is, and what says so.

The public citation for the protocol is the Montana DOJ "SAS Implementation Guide"; rows were
compared with other implementations and with frames logged on real machines. No text of the
protocol's specification is used.
"""

from __future__ import annotations

from enum import StrEnum


class Confidence(StrEnum):
    """How sure we are."""

    HIGH = "H"
    """Several independent sources agree, or real frames prove it."""
    MEDIUM = "M"
    """One good source."""
    LOW = "L"
    """Sources conflict, or there is one weak source: never relied on."""


class Source(StrEnum):
    """What says so."""

    FRAMES = "frames logged on real machines"
    TABLES = "several independent implementations agree"
    TESTS = "frames in another implementation's tests"
    EMULATOR = "an independent EGM emulator"
    ONE = "one implementation"
    WEAK = "one weak source, or sources that conflict"


H, M, L = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW
FRAMES, TABLES, TESTS = Source.FRAMES, Source.TABLES, Source.TESTS
EMULATOR, ONE, WEAK = Source.EMULATOR, Source.ONE, Source.WEAK
