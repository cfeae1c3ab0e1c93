"""What a guest can choose at a machine: its game, the denomination, the bet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from floor_sim.machine.meters import Cell

if TYPE_CHECKING:
    from floor_sim.machine.machine import Machine

GAME_SELECTED: Final = 0x8C
ANY_DENOMINATION: Final = 0


def chosen(machine: Machine) -> Cell:
    """Return the game and the denomination that the guest has chosen."""
    switches = machine.cabinet.switches
    codes = machine.settings.player_denominations
    code = switches.denomination if switches.denomination in codes else codes[0]
    return Cell(switches.game, code)


def counted_apart(machine: Machine) -> Cell | None:
    """Return where the game that is played now is counted apart, or None."""
    return chosen(machine) if machine.settings.in_cells else None


def offers(machine: Machine, game: int, denomination: int) -> bool:
    """Say whether a guest could play a game at a denomination: no host has switched it off."""
    off = machine.cabinet.switches.games_off
    settings = machine.settings
    return (
        game in settings.game_numbers
        and denomination in settings.player_denominations
        and (game, ANY_DENOMINATION) not in off
        and (game, denomination) not in off
    )


def affordable(machine: Machine) -> list[int]:
    """Return the bets of the chosen game that the guest has the credits for."""
    cell = chosen(machine)
    per_coin = machine.settings.credits_per_coin(cell.denomination)
    bets = machine.settings.game(cell.game).bets
    return [bet for bet in bets if bet * per_coin <= machine.cabinet.credits]


def select_game(machine: Machine, game: int, now: float) -> bool:
    """Let the guest choose a game, or none (0: the menu); say whether it could be chosen."""
    cabinet = machine.cabinet
    codes = machine.settings.player_denominations
    able = game == 0 or any(offers(machine, game, code) for code in codes)
    if cabinet.game is not None or game == cabinet.switches.game or not able:
        return False
    if not machine.settings.games:
        return False
    with machine.happening(now) as happening:
        cabinet.switches = replace(cabinet.switches, game=game)
        happening.exception(GAME_SELECTED, {"game": game})
    return True


def select_denomination(machine: Machine, code: int, now: float) -> bool:
    """Let the guest choose a denomination by its SAS code; SAS has no exception for it."""
    cabinet = machine.cabinet
    cell = chosen(machine)
    able = code in machine.settings.denominations and offers(machine, cell.game, code)
    if cabinet.game is not None or code == cell.denomination or not able:
        return False
    with machine.happening(now) as happening:
        cabinet.switches = replace(cabinet.switches, denomination=code)
        happening.note("denomination", code=f"{code:02X}")
    return True
