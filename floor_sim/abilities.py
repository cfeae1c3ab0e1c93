"""What a kind of machine can do beyond play, bills and cash-out tickets: a table of a profile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from edge_config.problems import Mistake, shown
from edge_config.table import Table
from floor_sim.games import DRAWS, Volatility
from floor_sim.machine.settings import AftKind, GameSettings, PotSettings
from protocols.sas.tables.codes import BILL_MASK
from protocols.sas.tables.denominations import DENOMINATIONS


def money(value: object) -> Decimal:
    """Return an amount of whole cents from text.

    Raises:
        ValueError: it is none.
    """
    number = _decimal(value)
    if not number.is_finite() or number <= 0 or number != round(number, 2):
        raise ValueError('an amount in quotes, in whole cents, such as "1200.00"')
    return number


def percent(value: object) -> Decimal:
    """Return a hold, 1 to 50 per cent, from text.

    Raises:
        ValueError: it is none.
    """
    number = _decimal(value)
    if not number.is_finite() or not 1 <= number <= 50 or number != round(number, 2):
        raise ValueError('a hold in quotes, from "1" to "50" per cent, such as "8.5"')
    return number


def percent_of_a_bet(value: object) -> Decimal:
    """Return a share of up to 5 per cent, from text.

    Raises:
        ValueError: it is none.
    """
    number = _decimal(value)
    if not number.is_finite() or not 0 <= number <= 5 or number != round(number, 2):
        raise ValueError('a share in quotes, from "0" to "5" per cent, such as "0.50"')
    return number


def _decimal(value: object) -> Decimal:
    try:
        return Decimal(value) if isinstance(value, str) else Decimal("NaN")
    except InvalidOperation:
        return Decimal("NaN")


_CODES = {worth: code for code, worth in DENOMINATIONS.items() if worth * 100 % 1 == 0}


def _worth(word: object) -> Decimal | None:
    """Return the worth of a denomination of whole cents that SAS has a code for, or None."""
    try:
        worth = Decimal(word) if isinstance(word, str) else Decimal("NaN")
    except InvalidOperation:
        return None
    return worth if worth.is_finite() and worth in _CODES else None


def _code(word: str) -> int:
    return _CODES[Decimal(word)]


def _denominations(words: tuple[str, ...]) -> tuple[str, ...]:
    worths = [_worth(word) for word in words]
    if None in worths or len(set(worths)) != len(words):
        raise ValueError('denominations of whole cents, each once, such as ["0.01", "0.25"]')
    return words


def _bills(faces: tuple[int, ...]) -> tuple[int, ...]:
    if not faces or any(face not in BILL_MASK.values() for face in faces):
        raise ValueError("face values of bills that SAS has a code for, such as [1, 5, 20, 100]")
    return faces


_Bet = Annotated[int, Field(ge=1, le=9_999)]
_Level = Annotated[int, Field(ge=1, le=32)]


class Game(Table):
    """``[[profiles.NAME.abilities.games]]``: one game of a machine with several."""

    name: str = Field(min_length=1, max_length=20)
    """Name of the game, poll B5."""
    paytable: str = Field(default="", max_length=6)
    """Paytable id of poll 53; nothing: the machine's."""
    bets: Annotated[tuple[_Bet, ...], Field(strict=False)] = ()
    """Bets in credits; nothing: the machine's."""
    par_percent: Annotated[Decimal, BeforeValidator(percent)] | None = None
    """Theoretical hold in per cent, in quotes; nothing: the machine's."""
    volatility: Volatility | None = None
    """How wins are spread; nothing: as the machine's."""

    def settings(self) -> GameSettings:
        """Return the settings of the game."""
        return GameSettings(self.name, self.paytable, self.par_percent, self.bets, self.volatility)


class Pot(Table):
    """``[[profiles.NAME.abilities.pots]]``, ``[[links.levels]]``: terms of a progressive."""

    level: _Level = 1
    """SAS level of its wins, 1 to 32."""
    start: Annotated[Decimal, BeforeValidator(money)]
    """What it begins with, in quotes, for example "1000.00"."""
    increment_percent: Annotated[Decimal, BeforeValidator(percent_of_a_bet)]
    """Share of coin in that goes into it, in per cent, in quotes, for example "0.50"."""
    cycle: Annotated[Decimal, BeforeValidator(money)]
    """Coin in after which it is won, on average, in quotes, for example "200000.00"."""

    def settings(self) -> PotSettings:
        """Return the settings of the progressive."""
        return PotSettings(
            self.level, int(self.start * 100), int(self.increment_percent * 100),
            int(self.cycle * 100),
        )  # fmt: skip


class Abilities(Table):
    """``[profiles.NAME.abilities]``: what else a kind of machine can do; A0 says so."""

    games: Annotated[tuple[Game, ...], Field(strict=False, max_length=99)] = ()
    """Its games, where it has several."""
    pots: Annotated[tuple[Pot, ...], Field(strict=False, max_length=8)] = ()
    """Progressives of its own, which every bet feeds and every game may win."""
    denominations: Annotated[
        tuple[str, ...], Field(strict=False, max_length=30), AfterValidator(_denominations)
    ] = ()
    """Denominations that a guest can choose, in quotes; multiples of the profile's."""
    bills: Annotated[tuple[int, ...], Field(strict=False), AfterValidator(_bills)] = (
        1, 2, 5, 10, 20, 50, 100, 200, 500,
    )  # fmt: skip
    """Bills that the acceptor takes."""
    stacker_bills_max: int = Field(default=1_000, ge=1, le=100_000)
    """Bills that the stacker holds."""
    validation: Literal["standard", "system", "secure enhanced"] = "standard"
    """How cash-out tickets are validated."""
    ticket_redemption: bool = False
    """Whether it takes tickets, once a host has allowed that with 7B."""
    transfers: Annotated[tuple[AftKind, ...], Field(strict=False)] = ()
    """What may be moved by AFT, such as ["in-house", "to host"]."""
    legacy_bonus: bool = False
    """Whether it pays legacy bonuses (8A)."""
    tournament: bool = False
    """Whether it plays tournaments (8C)."""
    progressive_group: int = Field(default=0, ge=0, le=255)
    """Progressive group that it is linked to; 0 for none."""
    progressive_levels: Annotated[tuple[_Level, ...], Field(strict=False, max_length=32)] = ()
    """Levels of that group, 1 to 32."""
    handpay_to_credits: bool = False
    """Whether a handpay of a win may be reset to the credit meter (A8)."""
    auto_rebet: bool = False
    """Whether it knows automatic rebets (AA)."""
    cash_out_limit: int | None = Field(default=None, ge=1, le=9_999)
    """Credits above which all is paid by hand after a game (A4)."""
    wager_categories: bool = False
    """Whether it meters each of a game's bets apart (B4)."""
    token: Annotated[str, AfterValidator(lambda word: _denominations((word,))[0])] | None = None
    """Worth of its coins, in quotes; with it the machine has a coin mechanism and a hopper."""
    reels: int = Field(default=0, ge=0, le=9)
    """Reels that it has."""
    cards: bool = False
    """Whether it is a card game (8E)."""
    fast_poll: bool = False
    """Whether a host may poll it every 40 ms."""

    def settings(self) -> dict[str, Any]:
        """Return the fields of the machine's settings."""
        plain = (
            "bills", "stacker_bills_max", "validation", "ticket_redemption", "legacy_bonus",
            "tournament", "progressive_group", "progressive_levels", "handpay_to_credits",
            "auto_rebet", "cash_out_limit", "wager_categories", "reels", "cards", "fast_poll",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in plain},
            "games": tuple(game.settings() for game in self.games),
            "pots": tuple(pot.settings() for pot in self.pots),
            "denominations": tuple(_code(word) for word in self.denominations),
            "transfers": frozenset(self.transfers),
            "hopper": self.token is not None,
            "token_denomination": 0 if self.token is None else _code(self.token),
        }


def ability_mistakes(profiles: object) -> Iterator[Mistake]:
    """Yield abilities that do not go together, from the parsed file before validation."""
    for name, profile in profiles.items() if isinstance(profiles, Mapping) else ():
        abilities = profile.get("abilities") if isinstance(profile, Mapping) else None
        if not isinstance(abilities, Mapping):
            continue
        key = ("profiles", str(name), "abilities")
        credit = _worth(profile.get("denomination", "0.01"))
        listed = abilities.get("denominations", [])
        words = [*(listed if isinstance(listed, list) else []), abilities.get("token")]
        for word in words:
            worth = _worth(word)
            if credit and worth and worth % credit:
                hint = f"one credit is worth {credit}"
                field = "token" if word is words[-1] else "denominations"
                yield Mistake((*key, field), shown(word), "a multiple of the denomination", hint)
        if abilities.get("progressive_levels") and not abilities.get("progressive_group"):
            hint = "levels are those of a progressive group"
            yield Mistake((*key, "progressive_group"), "nothing", "1 to 255", hint)
        yield from pot_mistakes(abilities.get("pots"), (*key, "pots"))


def pot_mistakes(pots: object, key: tuple[str | int, ...]) -> Iterator[Mistake]:
    """Yield progressives that no paytable can leave a whole number of draws for."""
    for index, pot in enumerate(pots if isinstance(pots, list) else ()):
        if not isinstance(pot, Mapping):
            continue
        start, cycle = _cents(pot.get("start")), _cents(pot.get("cycle"))
        if start and cycle and (start * DRAWS % cycle or start * 4 > cycle):
            hint = f"it would return {start / cycle:.4%} of coin in"
            expected = 'a round amount such as "200000.00", four times the start or more'
            yield Mistake((*key, index, "cycle"), shown(pot["cycle"]), expected, hint)


def _cents(value: object) -> int:
    try:
        return int(money(value) * 100)
    except ValueError:
        return 0
