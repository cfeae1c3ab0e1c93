"""Millions of games on simulated machines: what they pay back, and the algebra of their meters."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from floor_sim.games import DRAWS, VOLATILITIES
from floor_sim.machine import play, service
from floor_sim.machine.machine import Machine
from floor_sim.machine.settings import MachineSettings, PotSettings
from floor_sim.machine.stretch import play_games
from floor_sim.tally import Tally

BET = 40
STRETCH = 2_000
POT = PotSettings(level=1, start_cents=50_000, increment=50, cycle_cents=5_000_000)


@dataclass
class Played:
    """What one machine's games came to."""

    name: str
    games: int
    payback: Fraction  # by arithmetic
    returned: Fraction  # as played: coin out and everything that was paid by hand
    deviation: float  # of one game, in bets
    broken: int  # moments at which the meters did not add up

    @property
    def sigmas(self) -> float:
        """How far the games are from the arithmetic, in standard errors."""
        return float(self.returned - self.payback) / (self.deviation / self.games**0.5)


def algebra(machine: Machine) -> int:
    """Return what is wrong: money in and won, less money out, played and left."""
    true = machine.cabinet.meters.true
    gone_in = true("bills_accepted_credits") + true("coin_out")
    gone_out = true("coin_in") + true("ticket_out_credits") + true("hand_paid_cancelled_credits")
    games = true("games_played") - true("games_won") - true("games_lost")
    won = true("won_credits") - true("coin_out") - true("jackpot")
    return abs(gone_in - gone_out - true("current_credits")) + abs(games) + abs(won)


def machines(seed: int) -> dict[str, Machine]:
    """Return one machine of each volatility, and one with a progressive of its own."""
    kinds = {
        name: MachineSettings(f"{name}", 1, par_percent=Decimal("9.5"), volatility=name,
                              stacker_bills_max=10**9)
        for name in VOLATILITIES
    }  # fmt: skip
    kinds["medium, with a pot"] = MachineSettings(
        "pot", 1, par_percent=Decimal("9.5"), volatility="medium", pots=(POT,),
        stacker_bills_max=10**9,
    )  # fmt: skip
    return {name: Machine(kind, Tally(), {}, seed=seed, wired=False)
            for name, kind in kinds.items()}  # fmt: skip


def played(name: str, machine: Machine, games: int) -> Played:
    """Play ``games`` games, and look at the meters after every stretch, bill and handpay."""
    service.power_on(machine, 0.0)
    true = machine.cabinet.meters.true
    broken = 0
    while (left := games - true("games_played")) > 0:
        if machine.cabinet.locked:
            play.reset_handpay(machine, 1.0)
        elif machine.cabinet.credits < BET:
            play.bill_in(machine, 500, 1.0)
        else:
            play_games(machine, BET, min(left, STRETCH), 1.0)
        broken += algebra(machine) != 0
        if machine.cabinet.credits > 10**6:
            play.cash_out(machine, 1.0)
    while play.reset_handpay(machine, 1.0):
        pass
    table = play.table_of(machine)
    squares = sum(Fraction(multiple**2 * draws, DRAWS) for multiple, draws in table.rows)
    spread = float(squares - table.payback**2)
    for pot in machine.settings.pots:
        mean = pot.start_cents + pot.increment * pot.cycle_cents / 10_000
        # a pot is as large as it was long in coming: mean of squares twice that of a fixed prize
        spread += 2 * mean**2 / (BET * pot.cycle_cents)
    payback = table.payback + machine.settings.pots_return
    returned = Fraction(true("won_credits"), true("coin_in"))
    return Played(name, true("games_played"), payback, returned, spread**0.5, broken)
