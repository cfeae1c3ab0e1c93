"""Guests: they sit down, put in a card and bills, play, cash out, and go.

One ``Seat`` a machine. What its guest decides depends on the seed, the machine and the number of
the visit, not on the clock.
"""

from __future__ import annotations

from enum import Enum
from random import Random
from typing import Protocol

from floor_sim.agenda import Agenda
from floor_sim.chance import draw
from floor_sim.floor_file import Pace
from floor_sim.machine import choice, play, service
from floor_sim.machine.machine import Machine

REGULARS = 5
"""Guests with a card who come to one machine again and again."""

RETRY_S = 0.5
"""How often a guest who cannot go on looks again."""


class House(Protocol):
    """What people need to know of the floor that they are on."""

    agenda: Agenda
    pace: Pace
    speed: float
    playing: bool
    attended: bool


class Place(Protocol):
    """A seat, whoever sits there."""

    paused: bool

    @property
    def unfinished(self) -> bool:
        """A game is being played, or a card is in the reader."""
        ...

    def finish(self, now: float) -> None:
        """Play has stopped: let the game end, and take the card out."""
        ...


class Stage(Enum):
    """What the guest does next."""

    ARRIVE = "sit down"
    CARD = "put in the card"
    CASH = "put in a bill"
    START = "start a game"
    END = "see the game end"
    LEAVE = "cash out"
    CARD_OUT = "take the card"


class Seat:
    """The seat at one machine, and whoever sits there.

    Args:
        machine: the machine.
        house: the floor.
        now: the moment at which the seat is set up; what a guest left unfinished goes on.
    """

    def __init__(self, machine: Machine, house: House, now: float) -> None:
        self.machine = machine
        self._house = house
        self._chance = self._visit(machine.cabinet.visits)
        self._games_left = 0
        self._guest = ""
        self._stage = Stage.ARRIVE
        self.paused = False
        if machine.cabinet.game is not None:
            self._stage = Stage.END
        elif machine.cabinet.credits or machine.cabinet.card is not None:
            self._stage = Stage.LEAVE
        self._task = house.agenda.at(now + self._some(house.pace.settle_s), self.step)

    @property
    def unfinished(self) -> bool:
        """A game is being played, or a card is in the reader."""
        cabinet = self.machine.cabinet
        return cabinet.game is not None or cabinet.card is not None

    def step(self, now: float) -> None:
        """Do the next thing, and plan the one after."""
        if not self._house.playing and self._house.attended:
            self.finish(now)
        elif not self._house.playing or self.paused or not present(self.machine):
            self._again(now, RETRY_S)
        else:
            self._again(now, self._act(now))

    def finish(self, now: float) -> None:
        """Play has stopped: let the game end, and take the card out."""
        if not self.machine.live:
            self._again(now, RETRY_S)
            return
        play.end_game(self.machine, now)
        service.card_out(self.machine, now)
        self._stage = Stage.LEAVE if self.machine.cabinet.credits else Stage.ARRIVE
        self._again(now, RETRY_S / self._house.speed)

    def _act(self, now: float) -> float:
        """Do the next thing; return the seconds until the one after."""
        if self._stage is Stage.END:
            play.end_game(self.machine, now)
            self._games_left -= 1
            self._stage = Stage.START
            return self._some(self._house.pace.think_s)
        if not self.machine.cabinet.ready:
            return RETRY_S
        acts = {
            Stage.ARRIVE: self._arrive,
            Stage.CARD: self._card,
            Stage.CASH: self._insert,
            Stage.START: self._play,
            Stage.LEAVE: self._leave,
            Stage.CARD_OUT: self._card_out,
        }
        return acts[self._stage](now)

    def _arrive(self, now: float) -> float:
        machine, pace = self.machine, self._house.pace
        with machine.happening(now) as happening:
            machine.cabinet.visits += 1
            happening.note("guest", visit=machine.cabinet.visits)
        self._chance = self._visit(machine.cabinet.visits)
        self._games_left = self._chance.randint(*pace.games)
        choose_game(self.machine, self._chance, now)
        self._guest = f"guest {machine.asset}-{self._chance.randrange(REGULARS)}"
        carded = self._chance.random() < pace.carded_share
        self._stage = Stage.CARD if carded and machine.reader is not None else Stage.CASH
        return self._some(pace.settle_s)

    def _card(self, now: float) -> float:
        service.card_in(self.machine, self._guest, now)
        self._stage = Stage.CASH
        return self._some(self._house.pace.settle_s)

    def _leave(self, now: float) -> float:
        play.cash_out(self.machine, now)
        self._stage = Stage.CARD_OUT
        return self._some(self._house.pace.settle_s)

    def _card_out(self, now: float) -> float:
        service.card_out(self.machine, now)
        self._stage = Stage.ARRIVE
        return self._some(self._house.pace.between_guests_s)

    def _insert(self, now: float) -> float:
        if self.machine.cabinet.jammed:
            return RETRY_S
        if not play.bill_in(self.machine, self._chance.choice(self._house.pace.bills), now):
            self._stage = Stage.CARD_OUT
        elif choice.affordable(self.machine):
            self._stage = Stage.START
        return self._some(self._house.pace.settle_s)

    def _play(self, now: float) -> float:
        affordable = choice.affordable(self.machine)
        if self._games_left <= 0:
            self._stage = Stage.LEAVE
            return self._some(self._house.pace.settle_s)
        if not affordable:
            self._stage = Stage.CASH
            return self._some(self._house.pace.settle_s)
        if play.start_game(self.machine, self._chance.choice(affordable), now):
            self._stage = Stage.END
        return self._some(self._house.pace.game_s)

    def _again(self, now: float, seconds: float) -> None:
        self._task.cancel()
        self._task = self._house.agenda.at(now + seconds, self.step)

    def _some(self, seconds: tuple[float, float]) -> float:
        return self._chance.uniform(*seconds) / self._house.speed

    def _visit(self, number: int) -> Random:
        return draw(self.machine.seed, self.machine.asset, "visit", number)


def choose_game(machine: Machine, chance: Random, now: float) -> None:
    """Choose one of the games and denominations that are enabled, where there are several."""
    settings = machine.settings
    if not settings.in_cells:
        return
    cells = [
        (game, code)
        for game in settings.game_numbers
        for code in settings.player_denominations
        if choice.offers(machine, game, code)
    ]
    if cells:
        game, code = chance.choice(cells)
        choice.select_game(machine, game, now)
        choice.select_denomination(machine, code, now)


def present(machine: Machine) -> bool:
    """Say whether people act at the machine: not without power, nor without host, if so set."""
    if not machine.live:
        return False
    return machine.settings.without_host == "play on" or machine.link_up
