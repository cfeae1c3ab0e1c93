"""What machines mean, against the truth: type for type, amount for amount, moment for moment.

A day of one seed on two lines of the demo floor: people play and pay, everything that can be done
at a machine is done, and every fault of the simulator comes once. Then each event is held to the
ledger: its type to the exception, its amount to the money, its bounds to the true moment.

Three parts, told apart in the account. ``plain``: no fault. ``told``: faults that a host can
notice; what it could not hear is a gap. ``masked``: faults that make one message into another that
is as good (one-byte messages have no check sum); their lines ask again for every exception
(``confirm``), and what still slips through must have a reason that the wire shows.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

from floor_sim.doings import DOINGS, do
from floor_sim.faults.fault import Fault
from floor_sim.faults.table import FAULTS, FaultKind, Place
from floor_sim.machine.cabinet import DOORS, TILTS
from floor_sim.raised import BY_HAND
from protocols.sas.tables import EXCEPTIONS
from tests.simulation.meanings_account import Account, settle
from tests.simulation.world import World, run

LINES = ("L1", "L2", "L3", "L4", "L5", "L6")
MASKED = frozenset({
    FaultKind.FLIP, FaultKind.NOISE, FaultKind.COLLISION, FaultKind.NINTH_MISSING,
    FaultKind.NINTH_EXTRA, FaultKind.JUNK, FaultKind.TWIN, FaultKind.STALE, FaultKind.ECHO,
    FaultKind.STUCK_CHIRP,
})  # fmt: skip
"""Faults after which a host may hear a good message that nobody sent."""
WORDS = (
    *(f"door open {door}" for door in DOORS), *(f"door close {door}" for door in DOORS),
    *(f"tilt {tilt}" for tilt in TILTS), "mend", "jam", "lamp on", "lamp off",
    *(f"bill {face}" for face in (1, 5, 10, 20, 50, 100)), "game start 40", "game end",
    "cash out", "big cash-out", "jackpot 1250", "jackpot 2000.05", "jackpot 350", "handpay reset",
    "cashbox take", "cashbox put", "busy 2", "menu enter", "menu leave",
    "self-test enter", "self-test leave", "out of service", "bill reject", "bill counterfeit",
    "bill totals reset", "coin", "coins out", "paper low", "paper out",
    "door open slot; paper fill; door close slot", "battery low", "ram clear",
    "register ask", "register agree", "register refuse", "ticket in 500",
    "restricted ticket in 500", "game select 2", "progressive hit 1", "denomination select 01",
    "option denomination 01", "option paytable X00001",
    *(f"exception {code:02X}" for code in BY_HAND), "exception D4",
    "power off; door open card cage; door close card cage; power on",
    "power off; door open slot; power on", "power off; door open cashbox; power on",
    "power off; power on",
)  # fmt: skip
"""Everything that can be done at a machine, as often as it has kinds. Power goes for some seconds:
a machine that starts anew between two polls, 200 ms apart, there is not."""

POWER_S = 4.0
"""Seconds from one thing to the next at a machine without power."""

TIDY = (
    "power on", "self-test leave", "mend", "cashbox put",
    *(f"door close {door}" for door in DOORS), "game end", "handpay reset", "lamp off",
)  # fmt: skip
"""What a shift leaves behind it."""

DONE = [part for words in WORDS for part in words.split("; ")]
UNDONE = {name for name in DOINGS if not any(f"{part} ".startswith(f"{name} ") for part in DONE)}


class Casino(World):
    """Two lines of the demo floor; the gateway's site knows banks and panels."""

    def part_of(self, file):
        file = super().part_of(file)
        if not hasattr(file, "nats"):
            return file
        stands = {egm.asset: egm for egm in self.floor_file().egms}
        egms = tuple(
            egm.model_copy(update={"bank": stands[egm.asset].bank or "",
                                   "panel": stands[egm.asset].panel or ""})
            for egm in file.egms
        )  # fmt: skip
        lines = tuple(
            line.model_copy(update={"confirm": tuple(EXCEPTIONS) if self.confirm else ()})
            for line in file.lines
        )
        return file.model_copy(update={"egms": egms, "lines": lines})


@dataclass
class Kinds:
    """Which part of the account a day is about."""

    name: str
    faults: tuple[FaultKind, ...]
    confirm: bool = False


PARTS = {
    "plain": Kinds("plain", ()),
    "told": Kinds("told", tuple(kind for kind in FaultKind if kind not in MASKED)),
    "masked": Kinds("masked", (*sorted(MASKED), FaultKind.DELAY), confirm=True),
}


def live(folder, seed: int, part: str, *, doings=1000, pause_s=1.5, calm_s=6.0):
    """Live a day of ``seed``; return the account of it."""
    chance = random.Random(f"meaning {part} {seed}")
    kinds = PARTS[part]
    account = Account(seed)
    Casino.confirm = kinds.confirm
    world = Casino(folder, seed, only=tuple(sorted(chance.sample(LINES, 2))))

    async def story(world):
        world.start()
        await asyncio.sleep(5)
        words = list(WORDS)
        chance.shuffle(words)
        plan = [("do", word) for word in words[:doings]]
        faults = list(kinds.faults)
        chance.shuffle(faults)
        for at, kind in enumerate(faults):
            plan.insert((at + 1) * len(plan) // (len(faults) + 1), ("fault", kind))
        for what, word in plan:
            if what == "do":
                await _do(world, chance, word, account)
                await asyncio.sleep(chance.uniform(0.2, 2 * pause_s))
            else:
                await _fault(world, chance, word, account, part, calm_s)
        world.floor.faults.clear(world.loop.time())
        for machine in world.floor.machines.values():
            for word in TIDY:
                do(machine, word, world.loop.time())
        await world.quiet_end(most_s=600.0)
        await asyncio.sleep(90)  # outages are told once no more machines tell of them
        account.schema_errors = world.gateway.recorder.schema_errors

    run(world, story)
    settle(world, account, part)
    return account


async def _do(world, chance, words, account):
    """Do one thing at a machine that is in a state for it; several, at one and the same."""
    first, *rest = words.split("; ")
    machines = list(world.floor.machines.values())
    chance.shuffle(machines)
    for machine in machines:
        if do(machine, first, world.loop.time()):
            account.done[first.partition(" ")[0]] += 1
            for word in rest:
                await asyncio.sleep(POWER_S)
                account.done[word.partition(" ")[0]] += do(machine, word, world.loop.time())
            return


async def _fault(world, chance, kind, account, part, calm_s):
    """Let one fault come and go."""
    name = chance.choice(list(world.floor.lines))
    machine = chance.choice(list(world.floor.machines.values()))
    row = FAULTS[kind]
    values = {"kind": kind}
    if row.place in (Place.MESSAGE, Place.LINE):
        values["line"] = name
    if "address" in row.needs:
        values["address"] = chance.choice([port.address for port in world.floor.lines[name].ports])
    if "probability" in row.keys:
        values["probability"] = chance.choice((0.01, 0.05, 0.2))
    if "seconds" in row.keys:
        values["seconds"] = chance.uniform(3.0, 12.0)
    if kind is FaultKind.POWER_CUT:
        scope = chance.choice(("asset", "bank", "panel"))
        stand = next(egm for egm in world.floor_file().egms if egm.asset == machine.asset)
        values[scope] = getattr(stand, scope)
    elif "asset" in row.needs:
        values["asset"] = machine.asset
    if kind is FaultKind.CLOCK_SKEW:
        values["drift_s_per_hour"] = 3600.0
    if kind is FaultKind.LYING_METER:
        values |= {"meter": "coin_in", "form": "plus", "amount": 5}
    if kind is FaultKind.DELAY:
        # beyond the time-out of 0.2 s a late byte passes for the answer to a later poll
        values["delay_s"] = 0.4 if part == "masked" else chance.choice((0.03, 0.1))
    world.floor.faults.add(Fault(**values), world.loop.time())
    account.done[f"fault {kind.value}"] += 1
    await asyncio.sleep(values.get("seconds", 1.0) + chance.uniform(calm_s, 2 * calm_s))
