"""A guest: how much money, how large a bet, how long, how fast; with or without a card."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from random import Random
from typing import Final

from floor_sim.crowd_file import Crowd

P95: Final = 1.645
"""Standard deviations from the median to the 95th percentile."""

_VISIT_SPREAD: Final = log(7.5) / P95
_PACE_SPREAD: Final = log(800 / 565) / P95
_BET_SPREAD: Final = 0.75
_BETS_BROUGHT: Final = 140
_BROUGHT_SPREAD: Final = 0.9
_BETS_FED: Final = 90
"""A bill of 100 is fed where it is worth no more bets than these."""
TWENTIES_MAX: Final = 2
"""Bills after which a guest who goes on at the same machine is tired of twenties."""
SHOW_S: Final = 0.5
"""Seconds of a game's time that bonus rounds take on average; they come one by one."""

MEMBERS_A_MACHINE: Final = 8
"""Guests with a card for each machine of the floor; they come again and again."""

CHASES_MAX: Final = 2


@dataclass(slots=True)
class Guest:
    """One guest.

    Attributes:
        number: of the floor's guests.
        name: who it is, if the guest has a card; the same person comes again.
        chance: what the guest decides by.
        bet_cents: bet that the guest has in mind.
        cash_cents: money in the pocket.
        ticket_cents: worth of the ticket in the hand, 0 for none.
        cycle_s: seconds from one game to the next.
        stay_s: seconds that the guest means to stay at a machine.
        chases: how often the guest may fetch more money after losing all.
    """

    number: int
    name: str | None
    chance: Random
    bet_cents: int
    cash_cents: int
    cycle_s: float
    stay_s: float
    ticket_cents: int = 0
    chases: int = CHASES_MAX

    def again(self, crowd: Crowd) -> None:
        """Make up the mind about another machine."""
        self.stay_s = _stay_s(self.chance, crowd)

    def chase(self) -> bool:
        """After losing all: fetch more money and bet more, or not."""
        if self.chases == 0 or self.chance.random() > 0.3:
            return False
        self.chases -= 1
        self.bet_cents += self.bet_cents // 2
        self.cash_cents += _whole(self.bet_cents * _BETS_BROUGHT // 2)
        return True


def new_guest(number: int, chance: Random, crowd: Crowd, machines: int) -> Guest:
    """Return the floor's guest ``number``."""
    carded = chance.random() < crowd.carded_share
    name = f"guest {chance.randrange(MEMBERS_A_MACHINE * machines)}" if carded else None
    bet_cents = int(_spread(chance, float(crowd.bet) * 100, _BET_SPREAD))
    brought = _spread(chance, bet_cents * _BETS_BROUGHT, _BROUGHT_SPREAD)
    rate = _spread(chance, crowd.games_per_hour, _PACE_SPREAD)
    stay_s = _stay_s(chance, crowd)
    brought *= (stay_s / (60 * crowd.visit_minutes)) ** 0.5
    return Guest(
        number, name, chance, max(1, bet_cents), _whole(int(brought)),
        max(1.0, 3600 / rate - SHOW_S), stay_s,
    )  # fmt: skip


def buy_in(guest: Guest, bills: tuple[int, ...], fed: int = 0) -> int | None:
    """Return the bill that the guest feeds in, or None with too little money: 20 is usual.

    Args:
        guest: who.
        bills: what the machine takes.
        fed: bills that the guest has fed in here.
    """
    affordable = [face for face in bills if face * 100 <= guest.cash_cents]
    rich = guest.bet_cents * _BETS_FED >= 10_000 or fed >= TWENTIES_MAX
    usual = [face for face in affordable if face == 20 or (face == 100 and rich)]
    return max(usual or affordable, default=None)


def _stay_s(chance: Random, crowd: Crowd) -> float:
    return 60 * _spread(chance, crowd.visit_minutes, _VISIT_SPREAD)


def _spread(chance: Random, median: float, spread: float) -> float:
    return median * exp(chance.gauss(0, spread))


def _whole(cents: int) -> int:
    """Return money as people carry it: at least a 20, in whole 5s."""
    return max(2_000, cents // 500 * 500)
