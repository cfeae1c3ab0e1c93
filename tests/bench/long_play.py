"""Millions of games on simulated machines: what they pay back, and the algebra of their meters.

``make play`` plays ten million, on every game of the profiles that come with slotsim and of the
preset floors' par sheets, and prints what each returned beside 100 % less its par, with the
interval in which 95 of 100 such runs lie. Exit status 1: a return lies five standard errors away,
or meters did not add up.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from edge_config.loader import parse_toml
from floor_sim.floor_file import FloorFile
from floor_sim.games import DRAWS, VOLATILITIES
from floor_sim.machine import choice, play, service
from floor_sim.machine.machine import Machine
from floor_sim.machine.settings import MachineSettings, PotSettings
from floor_sim.machine.stretch import play_games
from floor_sim.par_sheets import LINK, SHEETS
from floor_sim.profile_library import shipped_names
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
    def error(self) -> float:
        """Standard error of what was returned."""
        return self.deviation / self.games**0.5

    @property
    def sigmas(self) -> float:
        """How far the games are from the arithmetic, in standard errors."""
        return float(self.returned - self.payback) / self.error


def algebra(machine: Machine) -> int:
    """Return what is wrong: money in and won, less money out, played and left."""
    true = machine.cabinet.meters.true
    gone_in = true("bills_accepted_credits") + true("coin_out")
    gone_out = true("coin_in") + true("ticket_out_credits") + true("hand_paid_cancelled_credits")
    games = true("games_played") - true("games_won") - true("games_lost")
    won = true("won_credits") - true("coin_out") - true("jackpot")
    return abs(gone_in - gone_out - true("current_credits")) + abs(games) + abs(won)


def machines(seed: int) -> dict[str, Machine]:
    """Return one machine of each volatility, one with a progressive of its own, one linked."""
    kinds = {
        name: MachineSettings(f"{name}", 1, par_percent=Decimal("9.5"), volatility=name,
                              stacker_bills_max=10**9)
        for name in VOLATILITIES
    }  # fmt: skip
    kinds["medium, linked"] = MachineSettings(
        "link", 1, par_percent=Decimal("9.5"), volatility="medium", links=(POT,),
        progressive_group=1, progressive_levels=(1,), stacker_bills_max=10**9,
    )  # fmt: skip
    kinds["medium, with a pot"] = MachineSettings(
        "pot", 1, par_percent=Decimal("9.5"), volatility="medium", pots=(POT,),
        stacker_bills_max=10**9,
    )  # fmt: skip
    return {name: Machine(kind, Tally(), {}, seed=seed, wired=False)
            for name, kind in kinds.items()}  # fmt: skip


HEAD = """[floor]
name = "pars"
seed = 1
run_folder = "unused"
[[lines]]
name = "L1"
port = "lines/L1"
"""


def par_machines(seed: int) -> Iterator[tuple[str, Machine]]:
    """Yield a machine for each game of each shipped profile and of each par sheet, and its name."""
    own = {sheet.key: sheet.keys for sheet in SHEETS if not sheet.shipped}
    names = [*shipped_names(), *own]
    parts = [HEAD, LINK, *(f"[profiles.{key}]\n{keys}" for key, keys in own.items())]
    parts += [
        f'[[egms]]\nasset = "{number}"\nline = "L1"\naddress = {number}\nprofile = "{name}"\n'
        for number, name in enumerate(names, 1)
    ]
    file = parse_toml("\n".join(parts), FloorFile, "pars")
    for egm in file.egms:
        built = replace(file.machine(egm), stacker_bills_max=10**9)
        for game in built.game_numbers:
            machine = Machine(built, Tally(), {}, seed=seed, wired=False)
            service.power_on(machine, 0.0)
            if len(built.game_numbers) > 1:
                choice.select_game(machine, game, 0.0)
                yield f"{egm.profile}, game {game}", machine
            else:
                yield egm.profile, machine


def played(name: str, machine: Machine, games: int, bet: int = BET, bill: int = 500) -> Played:
    """Play ``games`` games, and look at the meters after every stretch, bill and handpay."""
    if not machine.live:
        service.power_on(machine, 0.0)
    true = machine.cabinet.meters.true
    coins = bet * machine.settings.credits_per_coin(choice.chosen(machine).denomination)
    broken = 0
    while (left := games - true("games_played")) > 0:
        if machine.cabinet.locked:
            play.reset_handpay(machine, 1.0)
        elif machine.cabinet.credits < coins:
            assert play.bill_in(machine, bill, 1.0), f"{name} takes no bill of {bill}"
        else:
            play_games(machine, bet, min(left, STRETCH), 1.0)
        broken += algebra(machine) != 0
        if machine.cabinet.credits > 10**6:
            play.cash_out(machine, 1.0)
    while play.reset_handpay(machine, 1.0):
        pass
    table = play.table_of(machine)
    squares = sum(Fraction(multiple**2 * draws, DRAWS) for multiple, draws in table.rows)
    spread = float(squares - table.payback**2)
    for pot in (*machine.settings.pots, *machine.settings.links):
        mean = pot.start_cents + pot.increment * pot.cycle_cents / 10_000
        # a pot is as large as it was long in coming: mean of squares twice that of a fixed prize
        spread += 2 * mean**2 / (coins * machine.settings.cents_per_credit * pot.cycle_cents)
    payback = table.payback + machine.settings.progressives_return
    returned = Fraction(true("won_credits"), true("coin_in"))
    return Played(name, true("games_played"), payback, returned, spread**0.5, broken)


def main() -> int:
    """Play, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, default=10_000_000, help="games, of all together")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows, cpu = [*par_machines(options.seed)], time.process_time()
    print(f"{'game':28} {'par %':>6} {'games':>11} {'100 - par':>9} {'returned':>9} "
          f"{'95 % within':>11} {'errors':>7}  meters")  # fmt: skip
    wrong, games, expected, variance, returned = 0, 0, 0.0, 0.0, 0.0
    for name, machine in rows:
        settings = machine.settings
        bet = min(settings.game(choice.chosen(machine).game or 1).bets)
        done = played(name, machine, options.games // len(rows), bet, max(settings.bills))
        off = abs(done.sigmas) > 5 or done.broken > 0
        wrong += off
        games += done.games
        expected, returned = expected + float(done.payback), returned + float(done.returned)
        variance += done.error**2
        print(f"{name:28} {100 * (1 - float(done.payback)):6.2f} {done.games:11,} "
              f"{100 * float(done.payback):8.3f}  {100 * float(done.returned):8.3f} "
              f"{f'+-{196 * done.error:.3f}':>10}  {done.sigmas:+7.2f}  "
              f"{f'{done.broken} wrong' if done.broken else 'add up'}"
              f"{'  <- WRONG' if off else ''}")  # fmt: skip
    many, used = len(rows), time.process_time() - cpu
    error = variance**0.5 / many
    print(f"{'mean of all':28} {100 * (1 - expected / many):6.2f} {games:11,} "
          f"{100 * expected / many:8.3f}  {100 * returned / many:8.3f} "
          f"{f'+-{196 * error:.3f}':>10}  "
          f"{(returned - expected) / many / error:+7.2f}")  # fmt: skip
    print(f"{used:.1f} s CPU, {1e6 * used / games:.2f} us a game; seed {options.seed}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
