"""Games: whether somebody plays, as far as games and credits show it."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.meaning.exceptions import Meant
from gateway.meaning.since import Since, remembered
from gateway.meaning.telling import Telling

_UNKNOWN_STOP = 0xFF
_HELD = 0x80


@remembered
class Play:
    """What is known of play.

    Attributes:
        in_game: between a start and an end.
        moving: whether games or credits changed between the last two readings of them.
        games: games played as last read, or None.
        credits: current credits as last read, or None.
        last: when play was last seen, or None.
    """

    in_game: bool = False
    moving: bool = False
    games: int | None = None
    credits: int | None = None
    last: Since | None = None


def game_told(play: Play, meant: Meant, values: Mapping[str, object], telling: Telling) -> None:
    """7E, 7F, 87 to 8C: a game, or something in it."""
    if meant.event == "game.started":
        play.in_game = True
    elif meant.event == "game.ended":
        play.in_game = False
    play.last = telling.kept()
    telling.main(meant.event, {**meant.data, **_figures(meant, values)})


def counted(play: Play, games: int | None, credits_now: int | None, telling: Telling) -> None:
    """Games or credits were read: they show whether somebody plays."""
    if games is not None:
        _moved(play, moving=play.games is not None and games != play.games, telling=telling)
        play.games = games
    if credits_now is not None:
        changed = play.credits is not None and credits_now != play.credits
        if changed or games is None:
            _moved(play, moving=changed, telling=telling)
        play.credits = credits_now


def interrupted(play: Play) -> None:
    """Power or link is gone: the end of a game may never be told."""
    play.in_game = play.moving = False


def _moved(play: Play, *, moving: bool, telling: Telling) -> None:
    play.moving = moving
    if moving:
        play.last = telling.kept()


def _figures(meant: Meant, values: Mapping[str, object]) -> dict[str, object]:
    if not values:
        return {}
    if meant.event == "game.step":
        return _step(values)
    names = _FIELDS.get(meant.event, {})
    return {told: values[name] for name, told in names.items() if name in values}


_FIELDS = {
    "game.started": {"wagered": "wagered_credits", "coin_in": "coin_in_credits",
                     "wager_type": "wager_type", "progressive_group": "progressive_group"},
    "game.ended": {"win": "win_credits"},
    "game.selected": {"game": "game"},
    "menu.recallshown": {"game": "game", "recall_index": "entry"},
}  # fmt: skip


def _step(values: Mapping[str, object]) -> dict[str, object]:
    data: dict[str, object] = {}
    held = values.get("held")
    if isinstance(held, int):
        data |= {"held": bool(held & _HELD), "position": held & (_HELD - 1)}
    if "reel" in values:
        data["reel"] = values["reel"]
    if values.get("stop", _UNKNOWN_STOP) != _UNKNOWN_STOP:
        data["stop"] = values["stop"]
    return data
