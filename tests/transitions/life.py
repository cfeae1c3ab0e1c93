"""A simulated machine that is played, reset and tampered with between two readings.

The machine is the simulator's: its meters, its exceptions, its answers in bytes. Play comes in
lumps, so that hours pass in no time. What was done is kept beside it: that is the truth that
verdicts are held against.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal

from floor_sim.machine import options, service
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.lies import Lie
from floor_sim.machine.machine import Machine
from floor_sim.machine.meters import BILLS
from floor_sim.machine.settings import MachineSettings
from protocols.sas.machine import build_exception
from protocols.sas.polls import parse_request
from protocols.sas.tables import DENOMINATIONS

WORTHS = {
    4: ("5", "25", "100"),
    5: ("1", "5"),
    6: ("0.05", "0.25", "1"),
    7: ("0.01", "0.05", "0.25"),
    8: ("0.01", "0.05", "0.25", "1"),
    9: ("0.01", "0.05"),
    10: ("0.01", "0.05"),
}
"""Digits to the denominations that machines with so narrow meters have."""

COUNTED = ("coin_in", "coin_out", "games_played", "games_won", "games_lost", "won_credits")
ALL = (
    *COUNTED, "jackpot", "total_drop", "cancelled_credits", "hand_paid_cancelled_credits",
    "bills_accepted_credits", "ticket_out_credits", "ticket_in_credits", "restricted_played",
    "nonrestricted_played", "electronic_to_egm_credits", "electronic_to_host_credits",
    "hand_paid_credits", "coin_acceptor_credits", "hopper_paid_credits",
    *(f"bills_{word}" for word in BILLS.values()),
)  # fmt: skip
BILL_METERS = ("bills_1", "bills_5", "bills_10", "bills_20", "bills_50", "bills_100")
SUBSET = ("jackpot", "cancelled_credits", "total_drop")


def code_of(worth: str) -> int:
    """Return the SAS code of a denomination."""
    return next(code for code, known in DENOMINATIONS.items() if known == Decimal(worth))


@dataclass
class Done:
    """What was done to a machine since somebody last looked.

    Attributes:
        cleared: all meters began anew.
        door: the logic door was open at some time.
        denominated: by another accounting denomination.
        bills: only bill totals were set to zero, and the machine says so.
        zeroed: meters set to zero.
        back: meters that were put back.
        power: power was lost.
    """

    cleared: bool = False
    door: bool = False
    denominated: bool = False
    bills: bool = False
    zeroed: set[str] = field(default_factory=set)
    back: set[str] = field(default_factory=set)
    power: bool = False


class Life:
    """One machine, from one seed."""

    def __init__(self, seed: int) -> None:
        self.chance = chance = random.Random(f"transitions {seed}")
        self.digits = chance.choice((4, 5, 6, 7, 8, 8, 8, 9, 10))
        self.worth = chance.choice(WORTHS[self.digits])
        self.now = 1_000.0
        cents = int(Decimal(self.worth) * 100)
        settings = MachineSettings(
            asset="10101", address=1, cents_per_credit=cents, denomination_code=code_of(self.worth),
            meter_digits=10 if self.digits > 8 else 8, ticket_redemption=True,
            transfers=frozenset({"in-house"}), reports_games=False,
        )  # fmt: skip
        self.journal = MemoryJournal()
        self.machine = Machine(settings, self.journal, {}, seed=seed)
        service.power_on(self.machine, self.now)
        self.meters = self.machine.cabinet.meters
        self.first_worth = self.worth
        self.site_knows = self.digits not in (5, 6, 7) or chance.random() > 0.08
        self.done = Done()
        self._age()
        if self.digits not in (8, 10):
            narrow = Lie("width", digits=self.digits)
            self.meters.lies = dict.fromkeys(ALL, narrow)
        self.exceptions()

    @property
    def book(self) -> dict[str, int]:
        """True counts, as they would be without any top."""
        return {name: self.meters.true(name) for name in (*ALL, "current_credits")}

    def width(self, name: str, sent: int) -> int:
        """Return the digits after which a meter goes over that is sent with ``sent``."""
        return min(sent, self.digits) if name in ALL and self.site_knows else sent

    def bet(self) -> int:
        """Return credits of one game."""
        cents = self.chance.choice((40, 80, 120, 200, 300, 500))
        least = 1 if Decimal(self.worth) >= 1 else 5
        return max(
            self.chance.randrange(least, least + 3), int(cents / (Decimal(self.worth) * 100))
        )

    def play(self, elapsed_s: float) -> None:
        """Let guests play for so long, more or less."""
        chance = self.chance
        pace = chance.choice((0.0, 0.0, 0.05, 0.1, 0.15, 0.3))
        games = min(int(elapsed_s * pace * chance.uniform(0.5, 1.0)), 6_000)
        if not games:
            return
        bet = self.bet()
        staked = games * bet
        limit = int(Decimal(1_100) / Decimal(self.worth))
        won = int(staked * chance.choice((0.0, 0.3, 0.8, 0.9, 1.1, 1.6)))
        if games == 1:
            won = min(won, limit)
        winners = 0 if not won else max(1, int(games * chance.uniform(0.1, 0.4)))
        face = 100 if Decimal(self.worth) <= 100 else 500
        per_bill = int(Decimal(face) / Decimal(self.worth))
        credits_now = self.meters.true("current_credits")
        bills = -(-max(0, staked - won - credits_now) // per_bill) if staked > won else 0
        adds = {
            "current_credits": bills * per_bill - staked + won, "coin_in": staked, "coin_out": won,
            "won_credits": won, "games_played": games, "games_won": winners,
            "games_lost": games - winners, "bills_accepted_credits": bills * per_bill,
            "total_drop": bills * per_bill, f"bills_{face}": bills,
        }  # fmt: skip
        if chance.random() < 0.3:
            adds["restricted_played"] = min(staked, chance.randrange(1, 2 + staked // 2))
        with self.machine.happening(self.now) as happening:
            happening.note("played", games=games)
            for name, steps in adds.items():
                if steps:
                    self.meters.add(name, steps)
        if chance.random() < 0.25:
            self._cash_out()
        if chance.random() < 0.03:
            self._jackpot()

    def clear(self) -> None:
        """Clear the machine's memory, with the logic door or without."""
        chance = self.chance
        door = chance.random() < 0.6
        if door:
            service.open_door(self.machine, "card cage", self.now)
            self.done.door = True
        if chance.random() < 0.5:
            self.power()
        options.ram_clear(self.machine, self.now)
        self.done.cleared = True
        self.done.denominated = self.worth != self.first_worth
        self.worth = self.first_worth
        if not self.done.denominated and chance.random() < 0.4:
            self._forget_exceptions()  # a machine that reports nothing of it
        if door and chance.random() < 0.7:
            service.close_door(self.machine, "card cage", self.now)

    def denominate(self) -> None:
        """Let an operator choose another accounting denomination; the machine clears its meters."""
        credits_now = self.meters.true("current_credits")
        if credits_now:
            self._cash_out(everything=True)
        others = [worth for worth in WORTHS[self.digits] if worth != self.worth]
        worth = self.chance.choice(others)
        service.open_door(self.machine, "slot", self.now)
        if options.change_options(self.machine, self.now, denomination_code=code_of(worth)):
            self.worth = worth
            self.done.cleared = self.done.denominated = True
        service.close_door(self.machine, "slot", self.now)

    def power(self) -> None:
        """Cut the power for a moment."""
        if service.power_off(self.machine, self.now):
            service.power_on(self.machine, self.now + 0.5)
            self.done.power = True

    def zero(self) -> None:
        """Set some meters to zero: bill totals with 7B, or others with 7A or without a word."""
        kind = self.chance.choice(("bills", "soft", "silent"))
        self.tampered = True
        names = {"bills": BILL_METERS, "soft": SUBSET, "silent": SUBSET[:1]}[kind]
        for name in names:
            if name == self.near and self.chance.random() < 0.95:
                continue  # one that happens to be near its top just then, once in a while
            if self.meters.true(name):
                self._put(name, 0)
                self.done.zeroed.add(name)
        self.done.bills = kind == "bills"
        if kind != "silent":
            service.report(self.machine, 0x7B if kind == "bills" else 0x7A, self.now)

    def back(self) -> None:
        """Put one meter back, as a machine does that restores an old copy of it."""
        name = self.chance.choice(("coin_in", "coin_out", "games_played", "total_drop"))
        count = self.meters.true(name)
        shown = count % 10 ** min(self.digits, 8)
        if shown < 10:
            return
        self.tampered = True
        lost = self.chance.randrange(1, 1 + max(1, shown // self.chance.choice((2, 10, 100))))
        self._put(name, count - lost)
        self.done.back.add(name)

    def jump(self) -> bool:
        """Show a count of coin in for one reading that nobody can have played."""
        shown = self.meters.true("coin_in") % 10**8
        if self.digits not in (8, 10) or not 10**6 < shown < 6 * 10**7:
            return False
        self.tampered = True
        self.meters.lies["coin_in"] = Lie("plus", amount=3 * 10**7)
        return True

    @property
    def jumped(self) -> frozenset[str]:
        """Meters that show more than they have."""
        return frozenset(name for name, lie in self.meters.lies.items() if lie.form == "plus")

    def settle(self) -> None:
        """End a lie."""
        for name in self.jumped:
            del self.meters.lies[name]

    def widen(self) -> bool:
        """Send more digits from now on, as after a change of program."""
        if self.digits != 8:
            return False
        self.meters._digits = 10  # nobody does that to a floor
        self.digits = 10
        return True

    def exceptions(self) -> list[bytes]:
        """Take what the machine has to say, in its order."""
        port, said = self.machine.ports[0], []
        while (entry := port.queue.head()) is not None:
            port.queue.remove(entry)
            said.append(build_exception(1, entry.code))
        return said

    def answer(self, poll: bytes) -> bytes | None:
        """Return the answer to a long poll."""
        answer = self.machine.answer(self.machine.ports[0], parse_request(poll), self.now)
        return None if answer is None else answer.reply

    def _forget_exceptions(self) -> None:
        self.exceptions()

    def _age(self) -> None:
        """Give the machine a past, one in which some of its meters are near their tops now."""
        chance = self.chance
        bet = self.bet()
        games = int(10 ** chance.uniform(3.5, 6.0))
        if chance.random() < 0.03:
            games = chance.randrange(0, 300)  # it came in this morning
        near: tuple[str, int] | None = None
        self.near = ""
        self.tampered = False
        if chance.random() < 0.8:
            name, share = chance.choice(self._fast(bet))
            width = 10 ** min(self.digits, self.meters.digits(name), chance.choice((8, 10, 10)))
            rounds = max(1, round(games * share / width))
            before = chance.randrange(1, 2 + int(share * 150))
            near = name, rounds * width - before
            self.near = name
            games = int(near[1] / share)
        staked = games * bet
        dropped = int(staked * chance.uniform(0.08, 0.16))
        won = int(staked * chance.uniform(0.88, 0.93))
        winners = int(games * chance.uniform(0.2, 0.3))
        past = {
            "coin_in": staked, "coin_out": won, "won_credits": won, "games_played": games,
            "games_won": winners, "games_lost": games - winners,
            "bills_accepted_credits": dropped, "total_drop": dropped,
            "cancelled_credits": int(dropped * chance.uniform(0.3, 0.7)),
            "hand_paid_cancelled_credits": int(dropped * chance.uniform(0.1, 0.3)),
            "jackpot": int(games * chance.uniform(0.02, 0.12) / float(self.worth)),
            **{name: chance.randrange(0, 2 + games // 50) for name in BILL_METERS},
        }  # fmt: skip
        for name, count in (*past.items(), *((near,) if near else ())):
            self._put(name, count)

    def _fast(self, bet: int) -> list[tuple[str, float]]:
        """Return meters that come to their tops in a machine's life, and steps of each a game."""
        meters = [("coin_in", float(bet)), ("coin_out", 0.9 * bet), ("total_drop", bet / 8)]
        if self.digits <= 6:
            meters += [("games_played", 1.0), ("games_lost", 0.75), ("games_won", 0.25)]
        return meters

    def _cash_out(self, *, everything: bool = False) -> None:
        amount = self.meters.true("current_credits")
        if not amount:
            return
        ticket = not everything and self.chance.random() < 0.7
        names = ("ticket_out_credits",) if ticket else ("hand_paid_cancelled_credits",)
        with self.machine.happening(self.now) as happening:
            happening.note("cashed out", credits=amount)
            self.meters.add("current_credits", -amount)
            for name in (*names, "cancelled_credits"):
                self.meters.add(name, amount)

    def _jackpot(self) -> None:
        amount = max(1, int(Decimal(self.chance.randrange(1_200, 9_000)) / Decimal(self.worth)))
        with self.machine.happening(self.now) as happening:
            happening.exception(0x51)
            happening.exception(0x52)
            self.meters.add("jackpot", amount)
            self.meters.add("won_credits", amount)
            self.meters.add("hand_paid_credits", amount)

    def _put(self, name: str, count: int) -> None:
        with self.machine.happening(self.now) as happening:
            happening.note("meter put", meter=name, count=count)
            self.meters.restore({name: count})
