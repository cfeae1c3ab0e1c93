"""What one long poll does at a machine: a row, and what its function is given and gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from floor_sim.machine.meters import Cell
from floor_sim.machine.port import Answer, SasPort

if TYPE_CHECKING:
    from floor_sim.machine.cabinet import Cabinet
    from floor_sim.machine.machine import Machine
    from floor_sim.machine.settings import MachineSettings

Values = dict[str, Any]


class Refused:
    """The data of the poll make no sense: the machine answers NACK."""


class Silent:
    """The machine says nothing at all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One long poll that a machine is to answer.

    Attributes:
        machine: the machine.
        port: where it came in; None for a global broadcast, which nobody answers.
        command: command byte; of the wrapped poll, if it came in B0.
        values: fields of the request, by name.
        denomination: SAS code that a B0 asks about, or None.
        now: seconds on the floor's clock.
    """

    machine: Machine
    port: SasPort | None
    command: int
    values: Values
    denomination: int | None
    now: float

    @property
    def cabinet(self) -> Cabinet:
        """What the machine remembers."""
        return self.machine.cabinet

    @property
    def settings(self) -> MachineSettings:
        """How the machine is built."""
        return self.machine.settings

    @property
    def game(self) -> int:
        """Number of the game that is asked about; 0 is the whole machine."""
        return int(self.values.get("game", 0))

    @property
    def echo(self) -> Values:
        """The game number as an answer repeats it."""
        return {"game": self.values["game"]} if "game" in self.values else {}

    def cells(self) -> Iterable[Cell] | None:
        """Return the cells whose meters are asked for; None is the whole machine."""
        settings = self.settings
        if not settings.in_cells or (self.game == 0 and self.denomination is None):
            return None
        games = [self.game] if self.game else settings.game_numbers
        codes = settings.player_denominations
        codes = codes if self.denomination is None else (self.denomination,)
        return [Cell(game, code) for game in games for code in codes]

    def order(self, **facts: Any) -> None:
        """Write down, by itself, that the order was obeyed."""
        with self.machine.happening(self.now) as happening:
            happening.note("order", poll=f"{self.command:02X}", **facts)

    def key(self) -> dict[str, Any]:
        """Return what a record says of the poll."""
        return {"poll": f"{self.command:02X}"}


Result = Values | Answer | type[Refused] | type[Silent] | None
"""Values of the answer, a whole answer, NACK, silence, or None where ACK is the answer."""

Function = Callable[[Asked], Result]


@dataclass(frozen=True, slots=True)
class Row:
    """One long poll at a simulated machine.

    Attributes:
        function: what answers it; None where every machine is silent.
        does: what it tells or does; for silence, why.
        order: it changes the machine; else it only reads.
        needs: says whether a machine that is built like this supports it.
        without: why a machine is silent that does not.
    """

    function: Function | None
    does: str
    order: bool = False
    needs: Callable[[MachineSettings], bool] | None = field(default=None)
    without: str = ""

    def supported(self, settings: MachineSettings) -> bool:
        """Say whether a machine that is built like this answers."""
        return self.function is not None and (self.needs is None or self.needs(settings))


def reads(
    function: Function,
    does: str,
    needs: Callable[[MachineSettings], bool] | None = None,
    without: str = "",
) -> Row:
    """Return the row of a poll that reads."""
    return Row(function, does, needs=needs, without=without)


def obeys(
    function: Function,
    does: str,
    needs: Callable[[MachineSettings], bool] | None = None,
    without: str = "",
) -> Row:
    """Return the row of a poll that changes the machine."""
    return Row(function, does, order=True, needs=needs, without=without)


def silent(why: str) -> Row:
    """Return the row of a poll that no machine answers."""
    return Row(None, why)
