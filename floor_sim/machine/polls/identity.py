"""Polls that ask what a machine is: games, denominations, features, clock, reels, cards."""

from __future__ import annotations

from typing import Final

from floor_sim.chance import draw
from floor_sim.machine import play
from floor_sim.machine.choice import chosen, offers
from floor_sim.machine.coins import HOPPER_COINS_MAX
from floor_sim.machine.features import feature_bytes
from floor_sim.machine.polls.row import Asked, Refused, Result, Row, Values, reads
from floor_sim.machine.settings import MachineSettings

NO_REEL: Final = 0xFF
DECK: Final = tuple(suit << 4 | rank for suit in range(4) for rank in range(13))
BELOW_THE_LIMIT: Final = 9_999


def _has_denominations(settings: MachineSettings) -> bool:
    return bool(settings.denominations)


def _identity(asked: Asked) -> Values:
    settings = asked.settings
    game = settings.game(asked.game)
    bets = game.bets if asked.game else [bet for n in settings.game_numbers
                                         for bet in settings.game(n).bets]  # fmt: skip
    par = game.par_percent
    assert par is not None, "a game has its own hold or the machine's"
    return {
        **asked.echo,
        "game_id": settings.game_id,
        "additional_id": settings.additional_id,
        "denomination_code": settings.denomination_code,
        "max_bet": min(255, max(bets)),
        "progressive_group": settings.progressive_group,
        "game_options": settings.game_options,
        "paytable": game.paytable_id,
        "base_percent": f"{int(10_000 - par * 100):04d}",
    }


def _extended_identity(asked: Asked) -> Values:
    settings = asked.settings
    game = settings.game(asked.game)
    mask = sum(1 << level - 1 for level in settings.progressive_levels)
    return {
        "game": asked.game,
        "max_bet": min(BELOW_THE_LIMIT, max(game.bets)),
        "progressive_group": settings.progressive_group,
        "level_mask": mask,
        "game_name": game.name[:20],
        "paytable_name": game.paytable_id,
        "wager_categories": len(game.bets) if settings.wager_categories else 0,
    }


def _version(asked: Asked) -> Values:
    return {"version": asked.settings.sas_version, "serial": asked.settings.serial}


def _games(asked: Asked) -> Values:
    return {"games": len(asked.settings.games)}


def _selected_game(asked: Asked) -> Values:
    return {"game": asked.cabinet.switches.game}


def _enabled_games(asked: Asked) -> Values:
    codes = asked.settings.player_denominations
    codes = codes if asked.denomination is None else (asked.denomination,)
    on = [
        number
        for number in asked.settings.game_numbers
        if any(offers(asked.machine, number, code) for code in codes)
    ]
    return {"games": tuple(on)}


def _date_time(asked: Asked) -> Values:
    shown = asked.machine.clock(asked.now)
    return {"date": f"{shown:%m%d%Y}", "time": f"{shown:%H%M%S}"}


def _features(asked: Asked) -> Values:
    return {"game": asked.game, "features": feature_bytes(asked.settings)}


def _cash_out_limit(asked: Asked) -> Values:
    return {"game": asked.game, "cash_out_limit": asked.settings.cash_out_limit}


def _player_denomination(asked: Asked) -> Values:
    return {"denomination_code": chosen(asked.machine).denomination}


def _denominations(asked: Asked) -> Values:
    return {"denomination_codes": asked.settings.player_denominations}


def _token(asked: Asked) -> Values:
    return {"denomination_code": asked.settings.token_denomination}


def _wager_category(asked: Asked) -> Result:
    """B4: category n is the game's n-th bet."""
    category = int(asked.values["category"])
    game = asked.settings.game(asked.game or 1)
    if not 1 <= category <= len(game.bets):
        return Refused
    book = asked.cabinet.meters
    digits = book.digits("coin_in")
    assert game.par_percent is not None, "a game has its own hold or the machine's"
    count = book.wagered(asked.game or 1, category) % 10**digits
    return {
        "game": asked.game,
        "category": category,
        "payback": f"{int(10_000 - game.par_percent * 100):04d}",
        "wager_category_coin_in": (count, digits // 2),
    }


def _hopper(asked: Asked) -> Values:
    level = asked.cabinet.meters.true("hopper_level")
    full = min(99, level * 100 // HOPPER_COINS_MAX)
    status = 0x00 if level else 0x07
    return {"hopper_status": status, "percent_full": full, "hopper_level": level}


def _reel_stops(asked: Asked) -> Values:
    """8F: where the reels stand after the last game; FF is no reel."""
    stops = play.reel_stops(asked.machine, asked.cabinet.games)
    return {"stops": (*stops, *[NO_REEL] * (9 - len(stops)))}


def _card_hand(asked: Asked) -> Values:
    machine = asked.machine
    chance = draw(machine.seed, machine.asset, "cards", asked.cabinet.games)
    return {
        "hand_type": 0x00 if asked.cabinet.game else 0x01,
        "cards": tuple(chance.sample(DECK, 5)),
    }


IDENTITY: Final[dict[int, Row]] = {
    0x1F: reads(_identity, "who it is, denomination, largest bet, paytable, payback"),
    0x4F: reads(_hopper, "state and level of the hopper",
                lambda settings: settings.hopper, "has no hopper"),
    0x51: reads(_games, "how many games; 0 for one"),
    0x53: reads(_identity, "the same as 1F, of a game"),
    0x54: reads(_version, "SAS version and serial number"),
    0x55: reads(_selected_game, "the game that the guest has chosen"),
    0x56: reads(_enabled_games, "the games that are enabled, in B0 at one denomination"),
    0x7E: reads(_date_time, "the machine's clock"),
    0x8E: reads(_card_hand, "five cards, drawn for the last game",
                lambda settings: settings.cards, "is no card game"),
    0x8F: reads(_reel_stops, "where the reels stand after the last game",
                lambda settings: bool(settings.reels), "has no reels"),
    0xA0: reads(_features, "feature bits, made from how the machine is built"),
    0xA4: reads(_cash_out_limit, "credits above which all is paid by hand",
                lambda settings: settings.cash_out_limit is not None, "has no cash-out limit"),
    0xB1: reads(_player_denomination, "the denomination that the guest has chosen"),
    0xB2: reads(_denominations, "denominations that a guest can choose"),
    0xB3: reads(_token, "denomination of the coin mechanism; 0 for none"),
    0xB4: reads(_wager_category, "payback and coin in of one bet of a game",
                lambda settings: settings.wager_categories,
                "has no wager categories (B5 says so)"),
    0xB5: reads(_extended_identity, "largest bet, progressive levels, names, wager categories"),
}  # fmt: skip
