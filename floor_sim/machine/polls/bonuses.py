"""Progressives, legacy bonuses, tournaments."""

from __future__ import annotations

from typing import Final

from floor_sim.machine import bonus, progressives
from floor_sim.machine.polls.control import WEAK
from floor_sim.machine.polls.readings import fixed_meters
from floor_sim.machine.polls.row import (
    Asked,
    Refused,
    Result,
    Row,
    Values,
    obeys,
    reads,
    silent,
)
from floor_sim.machine.port import Answer, Told
from floor_sim.machine.settings import MachineSettings
from protocols.sas.machine import build_reply


def _level(asked: Asked) -> Result:
    """80: one level; of another group it is acknowledged and of no concern."""
    values = asked.values
    levels = {int(values["level"]): int(values["amount_cents"])}
    progressives.hear(asked.machine, int(values["progressive_group"]), levels, asked.now)
    return None


def _levels(asked: Asked) -> Result:
    rows = asked.values["levels"]
    levels = {int(row["level"]): int(row["amount_cents"]) for row in rows}
    group = int(asked.values["progressive_group"])
    progressives.hear(asked.machine, group, levels, asked.now)
    return None


def _oldest_win(asked: Asked) -> Result:
    """84 and 85: the oldest win that no host has read; all zero for none."""
    port, machine = asked.port, asked.machine
    assert port is not None, "nobody is asked by a broadcast"
    wins = asked.cabinet.progressives.wins[:1]
    level, cents = wins[0] if wins else (0, 0)
    group = asked.settings.progressive_group if wins else 0
    reply = build_reply(
        port.address, asked.command, progressive_group=group, level=level, amount_cents=cents
    )
    told = Told("progressive win", lambda: progressives.forget(machine, wins))
    return Answer(reply, told if wins else None)


def _all_wins(asked: Asked) -> Result:
    port, machine = asked.port, asked.machine
    assert port is not None, "nobody is asked by a broadcast"
    wins = asked.cabinet.progressives.wins[:32]
    levels = [{"level": level, "amount_cents": cents} for level, cents in wins]
    group = asked.settings.progressive_group if wins else 0
    reply = build_reply(port.address, 0x87, progressive_group=group, levels=levels)
    told = Told("progressive wins", lambda: progressives.forget(machine, wins))
    return Answer(reply, told if wins else None)


def _legacy_bonus(asked: Asked) -> Result:
    amount, tax = int(asked.values["amount"]), int(asked.values["tax_status"])
    done = bonus.pay_bonus(asked.machine, amount, tax, asked.now)
    return None if done else Refused


def _last_bonus(asked: Asked) -> Values:
    multiplier, multiplied, tax, amount = asked.cabinet.bonus.paid
    return {
        "multiplier": multiplier, "multiplied_win": multiplied, "tax_status": tax, "bonus": amount,
    }  # fmt: skip


def _tournament(asked: Asked) -> Result:
    """8C: game, seconds and credits to enter; game 0 to leave."""
    values = asked.values
    if asked.game == 0:
        bonus.leave_tournament(asked.machine, asked.now)
        return None
    done = bonus.enter_tournament(
        asked.machine, asked.game, int(values["time"]), int(values["credits"]), asked.now
    )
    return None if done else Refused


def _linked(settings: MachineSettings) -> bool:
    return bool(settings.progressive_levels)


def _pays_bonus(settings: MachineSettings) -> bool:
    return settings.legacy_bonus


def _plays_tournaments(settings: MachineSettings) -> bool:
    return settings.tournament


_NO_PROGRESSIVE: Final = "is not linked to a progressive (B5 says so)"
_NO_BONUS: Final = "pays no legacy bonus (A0 says so)"
_NO_TOURNAMENT: Final = "plays no tournaments (A0 says so)"

BONUSES: Final[dict[int, Row]] = {
    0x5D: silent("has no progressives that SAS does not run (A0 says so)"),
    0x7A: silent(WEAK),
    0x80: obeys(_level, "takes the value of a level that it is linked to",
                _linked, _NO_PROGRESSIVE),
    0x83: reads(fixed_meters, "progressive wins of a game, in credits", _linked, _NO_PROGRESSIVE),
    0x84: reads(_oldest_win, "the oldest progressive win; read once acknowledged"),
    0x85: reads(_oldest_win, "the same as 84"),
    0x86: obeys(_levels, "takes the values of levels that it is linked to",
                _linked, _NO_PROGRESSIVE),
    0x87: reads(_all_wins, "all progressive wins that wait; read once acknowledged"),
    0x8A: obeys(_legacy_bonus, "pays to the credits, or by hand above the lock-up; NACK if it "
                "cannot now", _pays_bonus, _NO_BONUS),
    0x8B: silent("has no jackpot multiplier (A0 says so); " + WEAK),
    0x8C: obeys(_tournament, "a tournament with its own credits, for so many seconds; game 0 ends "
                "it", _plays_tournaments, _NO_TOURNAMENT),
    0x90: reads(_last_bonus, "the last legacy bonus", _pays_bonus, _NO_BONUS),
    0x9A: reads(fixed_meters, "legacy bonuses by tax status", _pays_bonus, _NO_BONUS),
    **{command: reads(fixed_meters, "tournament meters of a game",
                      _plays_tournaments, _NO_TOURNAMENT) for command in range(0x95, 0x9A)},
}  # fmt: skip
