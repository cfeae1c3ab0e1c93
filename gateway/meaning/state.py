"""Everything that the engine of one EGM remembers."""

from __future__ import annotations

from pydantic import Field

from gateway.meaning.algebra import Base
from gateway.meaning.cabinet import Cabinet
from gateway.meaning.coverage import Coverage
from gateway.meaning.doors import Doors
from gateway.meaning.handpay import Handpays
from gateway.meaning.identity import Known
from gateway.meaning.machine_clock import MachineClock
from gateway.meaning.names import Names
from gateway.meaning.play import Play
from gateway.meaning.sessions import Sessions
from gateway.meaning.since import Remembered
from gateway.meaning.tickets import Tickets
from gateway.meaning.tilts import Tilts
from gateway.meaning.tracks import Meters


class EgmState(Remembered):
    """What one engine remembers, a part for each family.

    Attributes:
        bases: readings from which the rules between meters count, by rule.
        last_text: the last event in words, or None.
    """

    doors: Doors = Field(default_factory=Doors)
    cabinet: Cabinet = Field(default_factory=Cabinet)
    tilts: Tilts = Field(default_factory=Tilts)
    tickets: Tickets = Field(default_factory=Tickets)
    handpays: Handpays = Field(default_factory=Handpays)
    play: Play = Field(default_factory=Play)
    meters: Meters = Field(default_factory=Meters)
    sessions: Sessions = Field(default_factory=Sessions)
    known: Known = Field(default_factory=Known)
    names: Names = Field(default_factory=Names)
    bases: dict[str, Base] = Field(default_factory=dict)
    coverage: Coverage = Field(default_factory=Coverage)
    clock: MachineClock = Field(default_factory=MachineClock)
    last_text: str | None = None
