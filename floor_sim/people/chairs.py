"""Chairs: where a guest of the crowd sits down at a machine, plays, and gets up again.

A guest puts in a card, a ticket or bills, chooses a game and a bet, plays while time and money
last, fetches more money or not, cashes out, and goes; now and then a card or credits stay behind.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from math import ceil
from typing import Final, Protocol

from floor_sim.crowd_file import Crowd
from floor_sim.machine import choice, play, service, tickets
from floor_sim.machine.machine import Machine
from floor_sim.machine.stretch import SHOW, play_games
from floor_sim.people.guest import Guest, buy_in
from floor_sim.people.guests import House, choose_game, present

WAIT_S: Final = 2.0
"""How often a guest who cannot go on looks again."""
PATIENCE_S: Final = 300.0
"""How long a guest waits before a machine that nobody can play, with little on it."""
LITTLE_CENTS: Final = 500
STRETCH_S: Final = 60.0
"""Play that is done in one go where no wire tells of single games."""
SETTLE_S: Final = (3.0, 12.0)
SHOW_S: Final = (20.0, 90.0)
"""Seconds that a bonus round takes."""
CARD_FOUND_S: Final = (180.0, 900.0)
CREDITS_FOUND_S: Final = (300.0, 1_800.0)
FEED_TRIES_MAX: Final = 3
PLAYED_OUT_BETS: Final = 55
"""A guest whose time is over plays on with less on the machine than so many bets."""


class Hosts(Protocol):
    """Whoever sends guests to chairs."""

    house: House
    info: Crowd
    tickets_by_hand: bool

    def gone(self, guest: Guest, machine: Machine, now: float) -> None:
        """Take back a guest who got up."""
        ...


class Stage(Enum):
    """What the guest does next."""

    CARD = "put in the card"
    CASH = "put in money"
    TICKET = "see whether the ticket is taken"
    START = "start a game"
    END = "see the game end"
    LEAVE = "cash out"
    PAID = "take what was paid"
    GO = "take the card and go"


class Chair:
    """The chair at one machine.

    Args:
        machine: the machine.
        hosts: whoever sends guests.
        now: the moment at which it is set up; what was left unfinished is ended.

    Attributes:
        guest: who sits there, or None.
        paused: somebody who works here wants the guest to stop for a moment.
    """

    def __init__(self, machine: Machine, hosts: Hosts, now: float) -> None:
        self.machine = machine
        self.guest: Guest | None = None
        self.paused = False
        self._hosts = hosts
        self._stage = Stage.CARD
        self._leave_at = now
        self._stuck_since: float | None = None
        self._offered = self._tries = self._fed = 0
        self._task = hosts.house.agenda.at(now + WAIT_S, self._tidy)
        self._acts: dict[Stage, Callable[[Guest, float], float]] = {
            Stage.CARD: self._card,
            Stage.CASH: self._feed,
            Stage.TICKET: self._ticket,
            Stage.START: self._play,
            Stage.LEAVE: self._cash_out,
            Stage.PAID: self._paid,
            Stage.GO: self._go,
        }

    @property
    def unfinished(self) -> bool:
        """A game is being played, or a card is in the reader."""
        cabinet = self.machine.cabinet
        return cabinet.game is not None or cabinet.card is not None

    @property
    def free(self) -> bool:
        """A guest could sit down and play."""
        machine = self.machine
        return (
            self.guest is None
            and not self.paused
            and machine.live
            and machine.cabinet.ready
            and not machine.cabinet.jammed
            and present(machine)
        )

    def sit(self, guest: Guest, now: float) -> None:
        """Let a guest sit down."""
        machine = self.machine
        self.guest, self._stage, self._stuck_since = guest, Stage.CARD, None
        self._tries = self._fed = 0
        self._leave_at = now + guest.stay_s / self._hosts.house.speed
        with machine.happening(now) as happening:
            machine.cabinet.visits += 1
            happening.note("guest", visit=machine.cabinet.visits, carded=guest.name is not None)
        self._again(now, self._some(SETTLE_S))

    def finish(self, now: float) -> None:
        """Play has stopped: let the game end, and take the card out."""
        if not self.machine.live:
            self._again(now, WAIT_S)
            return
        play.end_game(self.machine, now)
        service.card_out(self.machine, now)
        guest, self.guest = self.guest, None
        if guest is not None:
            self._hosts.gone(guest, self.machine, now)

    def _step(self, now: float) -> None:
        house = self._hosts.house
        if not house.playing and house.attended:
            self.finish(now)
        elif not house.playing or self.paused or not present(self.machine):
            self._again(now, WAIT_S)
        elif self.guest is not None:
            delay = self._act(self.guest, now)
            if self.guest is not None:
                self._again(now, delay)

    def _act(self, guest: Guest, now: float) -> float:
        """Do the next thing; return the seconds until the one after."""
        if self._stage is Stage.END:
            return self._end(guest, now)
        if not self.machine.cabinet.ready and self._stage is not Stage.GO:
            return self._wait(guest, now)
        self._stuck_since = None
        return self._acts[self._stage](guest, now)

    def _wait(self, guest: Guest, now: float) -> float:
        """Wait for an attendant or a technician, or give a machine up that has little on it."""
        cabinet = self.machine.cabinet
        if self._stuck_since is None:
            self._stuck_since = now
        little = cabinet.credits * self.machine.settings.cents_per_credit < LITTLE_CENTS
        patience_s = PATIENCE_S / self._hosts.house.speed
        if little and not cabinet.locked and now - self._stuck_since > patience_s:
            self._stage = Stage.GO
            return self._go(guest, now)
        return min(WAIT_S, patience_s / 10)

    def _card(self, guest: Guest, now: float) -> float:
        choose_game(self.machine, guest.chance, now)
        if guest.name is not None:
            service.card_in(self.machine, guest.name, now)
        self._stage = Stage.CASH
        return self._some(SETTLE_S)

    def _feed(self, guest: Guest, now: float) -> float:
        machine = self.machine
        if choice.affordable(machine):
            self._stage = Stage.START
            return self._some(SETTLE_S)
        if machine.cabinet.jammed:
            return self._wait(guest, now)
        if guest.ticket_cents:
            self._insert_ticket(guest, now)
            return self._some(SETTLE_S)
        face = buy_in(guest, machine.settings.bills, self._fed)
        if face is None and guest.chase():
            return self._some(SHOW_S)
        self._tries += 1
        if face is None or self._tries > FEED_TRIES_MAX:
            self._stage = Stage.LEAVE
        elif play.bill_in(machine, face, now):
            guest.cash_cents -= face * 100
            self._tries = 0
            self._fed += 1
        return self._some(SETTLE_S)

    def _insert_ticket(self, guest: Guest, now: float) -> None:
        """Insert the ticket; where none is taken, change it at the cashier's."""
        machine = self.machine
        cents, guest.ticket_cents = guest.ticket_cents, 0
        if not tickets.insert(machine, cents, "cashable", now):
            guest.cash_cents += cents
            return
        self._offered, self._stage = cents, Stage.TICKET
        if self._hosts.tickets_by_hand:
            tickets.decide(machine, 0, cents, machine.cabinet.secrets.ticket, now)

    def _ticket(self, guest: Guest, now: float) -> float:
        del now
        status, _ = self.machine.cabinet.tickets.redeemed
        if status not in tickets.KINDS.values():
            guest.cash_cents += self._offered
        self._stage = Stage.CASH
        return self._some(SETTLE_S)

    def _play(self, guest: Guest, now: float) -> float:
        machine = self.machine
        affordable, left_s = choice.affordable(machine), self._leave_at - now
        on_it = machine.cabinet.credits * machine.settings.cents_per_credit
        worth_it = on_it >= guest.bet_cents * PLAYED_OUT_BETS
        if not affordable or (left_s <= 0 and worth_it):
            self._stage = Stage.CASH if left_s > 0 else Stage.LEAVE
            return self._some(SETTLE_S)
        cell = choice.chosen(machine)
        worth = machine.settings.credits_per_coin(cell.denomination)
        in_mind = guest.bet_cents // (worth * machine.settings.cents_per_credit)
        bet = max((one for one in affordable if one <= in_mind), default=min(affordable))
        speed = self._hosts.house.speed
        if machine.wired:
            if play.start_game(machine, bet, now):
                self._stage = Stage.END
            return 0.45 * guest.cycle_s / speed
        ahead_s = min(STRETCH_S, left_s * speed) if left_s > 0 else STRETCH_S
        most = ceil(ahead_s / guest.cycle_s)
        done = play_games(machine, bet, most, now)
        if not done.games:
            return self._some(SETTLE_S)
        shows_s = sum(guest.chance.uniform(*SHOW_S) for _ in range(done.rounds))
        return (done.games * guest.cycle_s + shows_s) / speed

    def _end(self, guest: Guest, now: float) -> float:
        machine = self.machine
        bet = machine.cabinet.game[1] if machine.cabinet.game else 0
        win = play.end_game(machine, now)
        self._stage = Stage.START
        show_s = guest.chance.uniform(*SHOW_S) if bet and (win or 0) >= SHOW * bet else 0.0
        return (0.55 * guest.cycle_s + show_s) / self._hosts.house.speed

    def _cash_out(self, guest: Guest, now: float) -> float:
        machine = self.machine
        self._stage = Stage.PAID
        self._offered = machine.cabinet.credits * machine.settings.cents_per_credit
        if not self._offered:
            self._stage = Stage.GO
        elif guest.chance.random() < self._hosts.info.credits_left_share:
            self._stage = Stage.GO
            self._later(now, CREDITS_FOUND_S, self._tidy)
        else:
            play.cash_out(machine, now)
        return self._some(SETTLE_S)

    def _paid(self, guest: Guest, now: float) -> float:
        """The guest has a ticket, or an attendant has paid."""
        del now
        number, cents = self.machine.cabinet.last_ticket
        if number and cents == self._offered:
            guest.ticket_cents += cents
        else:
            guest.cash_cents += self._offered
        self._stage = Stage.GO
        return self._some(SETTLE_S)

    def _go(self, guest: Guest, now: float) -> float:
        machine = self.machine
        if machine.cabinet.card is not None and machine.cabinet.card == guest.name:
            if guest.chance.random() < self._hosts.info.card_left_share:
                self._later(now, CARD_FOUND_S, self._take_card)
            else:
                service.card_out(machine, now)
        self.guest = None
        self._hosts.gone(guest, machine, now)
        return 0.0

    def _take_card(self, now: float) -> None:
        """Let somebody find the card that was left behind, if nobody plays on it."""
        if self.guest is not None:
            self._again_later(now, self._take_card)
        else:
            service.card_out(self.machine, now)

    def _tidy(self, now: float) -> None:
        """Let an attendant end what a guest left: a game, credits, a card."""
        machine, house = self.machine, self._hosts.house
        if self.guest is not None or not house.playing:
            return
        play.end_game(machine, now)
        if machine.cabinet.credits and not play.cash_out(machine, now):
            self._again_later(now, self._tidy)
        elif machine.cabinet.card is not None:
            self._later(now, CARD_FOUND_S, self._take_card)

    def _again_later(self, now: float, act: Callable[[float], None]) -> None:
        self._hosts.house.agenda.at(now + PATIENCE_S / self._hosts.house.speed, act)

    def _later(self, now: float, span: tuple[float, float], act: Callable[[float], None]) -> None:
        self._hosts.house.agenda.at(now + self._some(span), act)

    def _again(self, now: float, seconds: float) -> None:
        self._task.cancel()
        self._task = self._hosts.house.agenda.at(now + seconds, self._step)

    def _some(self, span: tuple[float, float]) -> float:
        low, high = span
        seconds = self.guest.chance.uniform(low, high) if self.guest else (low + high) / 2
        return seconds / self._hosts.house.speed
