"""What else stands in front of a machine: cashbox, power, lamp, menus, service."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.meaning.exceptions import Meant
from gateway.meaning.names import Names
from gateway.meaning.since import Since, remembered
from gateway.meaning.telling import Telling
from gateway.meaning.tilts import GAMES_BEYOND


@remembered
class Switch:
    """Something that is one of two ways.

    Attributes:
        state: as last told; unknown at the beginning.
        since: when it became so.
        correlation: name that joins the two events of one turn, where they have one.
    """

    state: str = "unknown"
    since: Since | None = None
    correlation: str | None = None


@remembered
class Cabinet:
    """The switches of one EGM."""

    cashbox: Switch = field(default_factory=Switch)
    power: Switch = field(default_factory=Switch)
    lamp: Switch = field(default_factory=Switch)
    attendant: Switch = field(default_factory=Switch)
    operator: Switch = field(default_factory=Switch)
    service: Switch = field(default_factory=Switch)
    games: int | None = None
    """Games played at the first reading asked for after it went out of service, or None."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How one event turns one switch.

    Attributes:
        switch: its name; empty: the menu that the data names.
        after: state after it.
        lasted: field that says how long the other state lasted; empty if it is not told.
        named: whether the two events of one turn share a correlation.
    """

    switch: str
    after: str
    lasted: str = ""
    named: bool = False


TURNS = {
    "cashbox.removed":   Turn("cashbox", "out"),
    "cashbox.installed": Turn("cashbox", "in", "out_s"),
    "power.lost":        Turn("power", "off"),
    "power.applied":     Turn("power", "on", "off_s"),
    "lamp.on":           Turn("lamp", "on", named=True),
    "lamp.off":          Turn("lamp", "off", "lit_s", named=True),
    "menu.entered":      Turn("", "in"),
    "menu.left":         Turn("", "out", "in_s"),
    "egm.outofservice":  Turn("service", "out"),
}  # fmt: skip
_OTHER = {"in": "out", "out": "in", "on": "off", "off": "on"}


def turned(cabinet: Cabinet, names: Names, meant: Meant, telling: Telling) -> None:
    """A switch was turned, or says again how it is."""
    turn = TURNS[meant.event]
    switch: Switch = getattr(cabinet, turn.switch or str(meant.data["menu"]))
    before = switch.state
    data = {**meant.data, "before": before, "after": turn.after}
    if turn.lasted and before == _OTHER[turn.after]:
        data[turn.lasted] = telling.seconds_since(switch.since)
    if turn.named and not turn.lasted and before != turn.after:
        switch.correlation = names.new("lamp", telling.egm)
    correlation = switch.correlation
    if before != turn.after:
        switch.state, switch.since = turn.after, telling.kept()
        if turn.lasted:
            switch.correlation = None
    telling.main(meant.event, data, correlation=correlation)


def games_read(cabinet: Cabinet, games: int, asked: Since, telling: Telling) -> None:
    """Games were counted: two more since it went out of service show that it is in again."""
    since = cabinet.service.since
    if cabinet.service.state != "out" or since is None:
        return
    if not since.is_before(asked.moment(), asked.birthid):
        return
    if cabinet.games is None or games < cabinet.games:
        cabinet.games = games
    elif games >= cabinet.games + GAMES_BEYOND:
        played(cabinet, "gameplayed", telling)


def played(cabinet: Cabinet, evidence: str, telling: Telling) -> None:
    """A game is played: a machine that was out of service is in service again."""
    service = cabinet.service
    if service.state != "out":
        return
    data = {"before": "out", "after": "in", "clearedby": evidence,
            "out_s": telling.seconds_since(service.since)}  # fmt: skip
    telling.follow("egm.inservice", data, since=service.since)
    service.state, service.since, cabinet.games = "in", telling.kept(), None
