"""Tilts and faults: raised by the machine, cleared by evidence, never by time.

SAS has a code for the end of only one of them (printer power on). For the others something the
machine could not have done before shows it: it took a bill, printed a ticket, played a game, or
started anew after power.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Final

from gateway.events.families.tilts import KIND_BY_NAME
from gateway.meaning.exceptions import Meant
from gateway.meaning.names import Names
from gateway.meaning.observation import Said
from gateway.meaning.since import Since, remembered
from gateway.meaning.telling import Telling

_BILL_PATH: Final = frozenset({"billjam", "billacceptorhardware", "reversebill"})
_PRINTING: Final = frozenset({
    "printercommunication", "printerpaperout", "printerpoweroff", "printerjam",
    "validationnotconfigured",
})  # fmt: skip
_STOPPING: Final = frozenset(kind.name for kind in KIND_BY_NAME.values() if kind.stops_play)

CLEARS: Final[Mapping[str, frozenset[str]]] = {
    "billaccepted":   _BILL_PATH,
    "ticketinserted": _BILL_PATH,
    "ticketprinted":  _PRINTING,
    "gamestarted":    _STOPPING,
    "gameplayed":     _STOPPING,
    "printerpoweron": frozenset({"printerpoweroff"}),
    "powerapplied":   frozenset(KIND_BY_NAME),
}  # fmt: skip
"""Evidence to the kinds that it clears. A machine raises anew what still holds after power."""


NOTHING: Final[Mapping[str, object]] = {}

GAMES_BEYOND: Final = 2
"""Games counted beyond a moment that show play after it: the one under way counts as well."""


@remembered
class Raised:
    """One tilt or fault that is raised.

    Attributes:
        kind: which.
        reel: which reel, or None.
        since: when it was first told.
        correlation: joins it with its end.
        games: games played at the first reading asked for after it, or None.
    """

    kind: str
    reel: int | None = None
    since: Since
    correlation: str
    games: int | None = None


@remembered
class Tilts:
    """What is raised on one EGM, by kind and reel."""

    raised: dict[str, Raised] = field(default_factory=dict)

    def words(self) -> tuple[str, ...]:
        """Return what is raised, for people."""
        return tuple(words_for(tilt.kind, tilt.reel) for tilt in self.raised.values())


def words_for(kind: str, reel: int | None) -> str:
    """Return a kind in words: ``bill jam``, ``reel 3 tilt``."""
    return KIND_BY_NAME[kind].words if reel is None else f"reel {reel} tilt"


def raised(tilts: Tilts, names: Names, meant: Meant, telling: Telling) -> None:
    """The machine reports a tilt or a fault, or reports it again."""
    kind, reel = str(meant.data["kind"]), _reel(meant)
    tilt = tilts.raised.get(_key(kind, reel))
    before = "clear" if tilt is None else "raised"
    if tilt is None:
        name = names.new("tilt", telling.egm)
        tilt = Raised(kind=kind, reel=reel, since=telling.kept(), correlation=name)
        tilts.raised[_key(kind, reel)] = tilt
    data = {
        **_data(kind, reel), "before": before, "after": "raised",
        "first_check": KIND_BY_NAME[kind].first_check,
    }  # fmt: skip
    telling.main("tilt.raised", data, correlation=tilt.correlation)


def printer_on(tilts: Tilts, meant: Meant, telling: Telling) -> None:
    """The printer has power again: the one end of a fault that the machine tells itself."""
    kind = str(meant.data["kind"])
    tilt = tilts.raised.pop(_key(kind, None), None)
    before = "clear" if tilt is None else "raised"
    data = {**_data(kind, None), "before": before, "after": "clear", "clearedby": "printerpoweron"}
    if tilt is not None:
        data["raised_s"] = telling.seconds_since(tilt.since)
    correlation = None if tilt is None else tilt.correlation
    telling.main("tilt.cleared", data, correlation=correlation)


def evidence(tilts: Tilts, what: str, telling: Telling) -> None:
    """Clear the tilts that ``what`` shows to be over; doubtful evidence clears nothing."""
    if not tilts.raised or not telling.sure:
        return
    over = [key for key, tilt in tilts.raised.items() if tilt.kind in CLEARS[what]]
    if what == "ticketprinted" and _key("printerpaperout", None) in over:
        over.extend({_key("printerpaperlow", None)} & tilts.raised.keys())  # paper was loaded
    for key in over:
        _clear(tilts, key, what, telling)


def games_read(tilts: Tilts, games: int, asked: Since, telling: Telling) -> None:
    """Games were counted: two more since the tilt show that the machine plays again.

    The first count asked for after the tilt is where counting begins; the game that was under way
    may still be counted.
    """
    for key, tilt in list(tilts.raised.items()):
        if tilt.kind not in _STOPPING or not tilt.since.is_before(asked.moment(), asked.birthid):
            continue
        if tilt.games is None or games < tilt.games:
            tilt.games = games
        elif games >= tilt.games + GAMES_BEYOND:
            _clear(tilts, key, "gameplayed", telling)


def mended(tilts: Tilts, said: Said, telling: Telling) -> None:
    """Somebody who was at the machine says that it is mended: all of it, or one kind."""
    over = [key for key, tilt in tilts.raised.items() if said.kind in (None, tilt.kind)]
    for key in over:
        _clear(tilts, key, "person", telling, {"said_by": said.by})


def _clear(
    tilts: Tilts, key: str, what: str, telling: Telling, more: Mapping[str, object] = NOTHING
) -> None:
    tilt = tilts.raised.pop(key)
    data = {
        **_data(tilt.kind, tilt.reel), "before": "raised", "after": "clear", "clearedby": what,
        "raised_s": telling.seconds_since(tilt.since), **more,
    }  # fmt: skip
    telling.follow("tilt.cleared", data, since=tilt.since, correlation=tilt.correlation)


def _data(kind: str, reel: int | None) -> dict[str, object]:
    data: dict[str, object] = {
        "kind": kind, "words": words_for(kind, reel), "stops_play": KIND_BY_NAME[kind].stops_play,
    }  # fmt: skip
    if reel is not None:
        data["reel"] = reel
    return data


def _reel(meant: Meant) -> int | None:
    reel = meant.data.get("reel")
    return reel if isinstance(reel, int) else None


def _key(kind: str, reel: int | None) -> str:
    return kind if reel is None else f"{kind}{reel}"
