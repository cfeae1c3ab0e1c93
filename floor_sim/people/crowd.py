"""The crowd: guests come by hour and weekday, look for a machine, move on, and go home."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import exp
from random import Random
from typing import Final, Protocol

from floor_sim.chance import draw
from floor_sim.crowd_file import Crowd as CrowdInfo
from floor_sim.machine import paper
from floor_sim.machine.machine import Machine
from floor_sim.machine.vouchers import REDEEMS
from floor_sim.people.chairs import Chair
from floor_sim.people.guest import Guest, new_guest
from floor_sim.people.guests import House
from floor_sim.people.hours import HouseClock, fullness

EVERY_S: Final = 10.0
"""How often it is looked who comes."""
CATCH_UP_S: Final = 400.0
"""Within how long a floor gets as full as it should be."""
SMOOTH: Final = 0.03
"""Weight of the last look in what is thought of as the number of those who go home."""
TRIES: Final = 14
"""Machines that a guest looks at."""
MOVES_SHARE: Final = 0.6
TICKET_MOVES_SHARE: Final = 0.95
"""Shares of guests with money, and of those with a ticket, who go on to another machine."""
WALK_S: Final = (30.0, 150.0)


class Grounds(House, Protocol):
    """The floor, as far as the crowd needs to know it."""

    clock: HouseClock


class NoReader:
    """The card reader of the casino's own system: nobody else hears it."""

    def insert(self, guest: str) -> None:
        """Say nothing."""

    def remove(self) -> None:
        """Say nothing."""


class Crowd:
    """The guests of one floor.

    Args:
        house: the floor.
        info: what they are like.
        machines: where they may play.
        seed: the floor's seed.
        now: seconds on the floor's clock.
        tickets_by_hand: tickets are allowed and taken without a host that says so.

    Attributes:
        house: see above.
        info: see above.
        tickets_by_hand: see above.
        chairs: by asset.
        seated: guests who sit.
        came: guests who have come.
        turned_away: guests who found no machine.
    """

    def __init__(
        self,
        house: Grounds,
        info: CrowdInfo,
        machines: Iterable[Machine],
        seed: int,
        now: float,
        *,
        tickets_by_hand: bool = False,
    ) -> None:
        self.tickets_by_hand = tickets_by_hand
        self.house: House = house
        self.info = info
        self.chairs = {machine.asset: Chair(machine, self, now) for machine in machines}
        self.seated = self.came = self.turned_away = 0
        self._clock = house.clock
        self._rows = list(self.chairs.values())
        self._seed = seed
        self._gone_home = self._round = 0
        self._homegoers = 0.0
        for chair in self._rows:
            if chair.machine.reader is None:
                chair.machine.reader = NoReader()
            if tickets_by_hand:
                _allow_tickets(chair.machine, now)
            _use_some_paper(chair.machine, seed, now)

    def start(self, now: float) -> None:
        """Open the doors."""
        self._round += 1
        this_round = self._round
        self.house.agenda.at(now, lambda at: self._look(this_round, 0, at))

    def wanted(self, now: float) -> float:
        """Return how many guests should sit now."""
        share = self.info.occupancy_percent / 100 * fullness(self._clock.local(now))
        return min(0.95, share) * len(self._rows)

    def gone(self, guest: Guest, machine: Machine, now: float) -> None:
        """Let a guest who got up look for another machine, or go home."""
        del machine
        self.seated -= 1
        money = guest.ticket_cents or guest.cash_cents >= guest.bet_cents * 10
        share = TICKET_MOVES_SHARE if guest.ticket_cents else MOVES_SHARE
        if not self.house.playing or not money or guest.chance.random() > share:
            self._gone_home += 1
            return
        guest.again(self.info)
        self._walk(guest, now)

    def _look(self, this_round: int, count: int, now: float) -> None:
        if not self.house.playing or this_round != self._round:
            return
        # as many come as go home, and more or fewer while the floor is not as full as it should be
        self._homegoers += (self._gone_home / EVERY_S - self._homegoers) * SMOOTH
        self._gone_home = 0
        missing = self.wanted(now) - self.seated
        rate = max(0.0, self._homegoers + missing / CATCH_UP_S * self.house.speed)
        chance = draw(self._seed, "guests", this_round, count)
        for _ in range(_poisson(chance, rate * EVERY_S)):
            self.came += 1
            guest = new_guest(
                self.came, draw(self._seed, "guest", self.came), self.info, len(self._rows)
            )
            self._walk(guest, now)
        self.house.agenda.at(now + EVERY_S, lambda at: self._look(this_round, count + 1, at))

    def _walk(self, guest: Guest, now: float) -> None:
        seconds = guest.chance.uniform(*WALK_S) / self.house.speed
        self.house.agenda.at(now + seconds, lambda at: self._seat(guest, at))

    def _seat(self, guest: Guest, now: float) -> None:
        if not self.house.playing:
            return
        found: Chair | None = None
        for _ in range(TRIES):
            chair = guest.chance.choice(self._rows)
            if chair.free:
                found = chair
                if _suits(guest, chair.machine):
                    break
        if found is None:
            self.turned_away += 1
            return
        self.seated += 1
        found.sit(guest, now)


def _suits(guest: Guest, machine: Machine) -> bool:
    """Say whether the bets of a machine are what the guest has in mind."""
    settings = machine.settings
    bets = [bet for n in settings.game_numbers for bet in settings.game(n).bets]
    cents = settings.cents_per_credit
    low, high = min(bets) * cents, max(bets) * cents
    return low * 2 <= guest.bet_cents * 3 and high * 4 >= guest.bet_cents


def _allow_tickets(machine: Machine, now: float) -> None:
    """Do by hand what the casino's system would do over the wire (7B)."""
    if not machine.settings.ticket_redemption:
        return
    with machine.happening(now) as happening:
        kept = machine.cabinet.tickets
        machine.cabinet.tickets = replace(kept, states=kept.states | REDEEMS)
        happening.note("redemption", on=True)


def _use_some_paper(machine: Machine, seed: int, now: float) -> None:
    """Let a new floor's printers not run low on one day: on some packs much was printed before."""
    if machine.cabinet.visits or machine.cabinet.paper_used:
        return
    with machine.happening(now) as happening:
        machine.cabinet.paper_used = draw(seed, machine.asset, "paper").randrange(paper.LOW)
        happening.note("paper", left=paper.PACK - machine.cabinet.paper_used)


def _poisson(chance: Random, mean: float) -> int:
    """Return how many come when ``mean`` come on average."""
    count, limit, product = 0, exp(-mean), chance.random()
    while product > limit:
        count += 1
        product *= chance.random()
    return count
