"""What a machine remembers of itself: doors, tilts, money, handpays, the game being played."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Final

from floor_sim.machine.meters import MeterBook
from floor_sim.machine.parts import (
    Bonus,
    Part,
    Progressives,
    Secrets,
    Switches,
    Tickets,
    Transfers,
)

DOORS: Final = {
    "slot":      (0x11, 0x12),
    "drop":      (0x13, 0x14),
    "card cage": (0x15, 0x16),
    "cashbox":   (0x19, 0x1A),
    "belly":     (0x1D, 0x1E),
}  # fmt: skip
"""Door to its exceptions opened and closed. Montana DOJ, SAS implementation guide."""

DARK_DOORS: Final = {"card cage": 0x98, "slot": 0x99, "cashbox": 0x9A, "drop": 0x9B}
"""Door to the exception that says, once the power is back, that it was opened without power."""

TILTS: Final = {
    "general": 0x20,
    "coin-in": 0x21,
    "reel":    0x40,
    "reel 1":  0x41,
    "reel 2":  0x42,
    "reel 3":  0x43,
    "reel 4":  0x44,
    "reel 5":  0x45,
    "hopper":  0x23,
    "printer": 0x60,
}  # fmt: skip
"""What can stop play until somebody has seen to it, to its exception."""

PLAY_DOORS: Final = frozenset({"slot", "card cage", "belly"})
"""Doors with which nobody can play while they are open."""

NOT_PROGRESSIVE: Final = 0x00
TOP_WIN: Final = 0x40
CANCELLED_CREDITS: Final = 0x80
"""Levels of a handpay, poll 1B."""


@dataclass(slots=True)
class Handpay:
    """One amount that an attendant pays.

    Attributes:
        n: journal number of the 51 that announced it.
        level: level code of poll 1B.
        cents: amount.
        credits: the same in credits.
        reset: an attendant has keyed it off.
        read_by: numbers of the SAS ports whose host has read it.
        source: what is paid: "win", "progressive", "bonus" or "credits".
        group: progressive group, for a progressive win.
        cell: game and denomination that it was won with, or None.
    """

    n: int
    level: int
    cents: int
    credits: int
    reset: bool = False
    read_by: list[int] = field(default_factory=list)
    source: str = "win"
    group: int = 0
    cell: tuple[int, int] | None = None


@dataclass(slots=True)
class Cabinet:
    """What survives a power cut, but for the SAS ports.

    Attributes:
        meters: every meter.
        doors: names of the doors that are open.
        dark_opened: doors that were opened since the power went; a battery remembers them.
        dark_moved: doors that stand otherwise than before the power went.
        cashbox_out: the cashbox is not in its place.
        tilts: codes of the tilts that nobody has seen to.
        untested: a tilt was mended, and nobody has played or fed a bill since.
        jammed: a bill stands in the acceptor.
        paper_used: tickets printed on the pack of paper that is in the printer.
        lamp: the guest called for service.
        handpays: oldest first; those that are reset stay until every host has read them.
        last_bill: country, denomination code and count, as poll 48 says them.
        card: label of the guest whose card is in the reader.
        game: number and bet (in accounting credits) of the game that is being played.
        games: games started since the machine was made.
        visits: guests who sat down since the machine was made.
        last_ticket: number (of this machine's tickets) and cents of the last one printed.
        clock_offset_s: what the host's poll 7F added to the machine's clock, seconds.
        playable: the host has not shut the machine down (polls 01 and 02).
        takes_bills: the host has not switched the acceptor off (polls 06 and 07).
        epoch: lives of the meters before this one.
        powered: seen power before.
        testing: an operator is in the machine's self-test menu.
        options: settings that an operator changed in the menus, by name.
        switches: what hosts switch, and the guest's choice of game.
        bonus: legacy bonus and tournament.
        progressives: progressive wins that wait.
        tickets: tickets in and out.
        transfers: AFT.
        secrets: what no file may hold.
        hosts_lost: numbers of the SAS ports whose host is away and must not be, so nobody can play.
    """

    meters: MeterBook
    doors: set[str] = field(default_factory=set)
    dark_opened: set[str] = field(default_factory=set)
    dark_moved: set[str] = field(default_factory=set)
    cashbox_out: bool = False
    tilts: set[int] = field(default_factory=set)
    untested: bool = False
    jammed: bool = False
    paper_used: int = 0
    lamp: bool = False
    handpays: list[Handpay] = field(default_factory=list)
    last_bill: tuple[int, int, int] = (0, 0, 0)
    card: str | None = None
    game: tuple[int, int] | None = None
    games: int = 0
    visits: int = 0
    last_ticket: tuple[int, int] = (0, 0)
    clock_offset_s: float = 0.0
    playable: bool = True
    takes_bills: bool = True
    epoch: int = 0
    powered: bool = False
    testing: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    switches: Switches = field(default_factory=Switches)
    bonus: Bonus = field(default_factory=Bonus)
    progressives: Progressives = field(default_factory=Progressives)
    tickets: Tickets = field(default_factory=Tickets)
    transfers: Transfers = field(default_factory=Transfers)
    secrets: Secrets = field(default_factory=Secrets)
    hosts_lost: list[int] = field(default_factory=list)

    @property
    def credits(self) -> int:
        """Credits that the guest could play or cash out now."""
        return self.meters.true("current_credits")

    @property
    def locked(self) -> bool:
        """The machine waits for an attendant to key off a handpay."""
        return any(not handpay.reset for handpay in self.handpays)

    @property
    def ready(self) -> bool:
        """A guest could play now."""
        return self.able and not self.transfers.lock and not self.transfers.cash_out_until

    @property
    def able(self) -> bool:
        """Nothing is wrong with the machine; a host may have locked it for a transfer."""
        return (
            self.playable
            and not self.tilts
            and not self.locked
            and PLAY_DOORS.isdisjoint(self.doors)
            and not self.cashbox_out
            and not self.testing
            and not self.switches.maintenance
            and not self.tickets.waiting
            and not self.tickets.escrow
            and not self.hosts_lost
        )

    def state(self) -> dict[str, Any]:
        """Return everything but the meters, as JSON."""
        return {
            "doors": sorted(self.doors),
            "dark_opened": sorted(self.dark_opened),
            "dark_moved": sorted(self.dark_moved),
            "cashbox_out": self.cashbox_out,
            "tilts": sorted(self.tilts),
            "untested": self.untested,
            "jammed": self.jammed,
            "paper_used": self.paper_used,
            "lamp": self.lamp,
            "handpays": [asdict(handpay) for handpay in self.handpays],
            "last_bill": list(self.last_bill),
            "card": self.card,
            "game": list(self.game) if self.game else None,
            "games": self.games,
            "visits": self.visits,
            "last_ticket": list(self.last_ticket),
            "clock_offset_s": self.clock_offset_s,
            "playable": self.playable,
            "takes_bills": self.takes_bills,
            "epoch": self.epoch,
            "powered": self.powered,
            "testing": self.testing,
            "options": dict(self.options),
            **{name: getattr(self, name).json for name in _PARTS},
            "hosts_lost": list(self.hosts_lost),
        }

    def forget(self) -> None:
        """Clear everything that a RAM clear does; ``meters`` begin a new life."""
        self.meters.clear()
        self.epoch += 1
        self.handpays.clear()
        self.last_bill, self.last_ticket, self.game = (0, 0, 0), (0, 0), None
        self.jammed, self.playable, self.takes_bills = False, True, True
        self.options, self.secrets = {}, Secrets()
        for name, kind in _PARTS.items():
            setattr(self, name, kind())

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what was remembered; what is missing stays as it is in a new machine."""
        self.meters.restore(state.get("meters", {}))
        for doors in ("doors", "dark_opened", "dark_moved"):
            setattr(self, doors, set(state.get(doors, getattr(self, doors))))
        self.tilts = set(state.get("tilts", self.tilts))
        self.handpays = [
            Handpay(**{**pay, "read_by": list(pay["read_by"])}) for pay in state.get("handpays", ())
        ]
        game = state.get("game")
        self.game = (game[0], game[1]) if game else None
        self.options = dict(state.get("options", {}))
        for part, kind in _PARTS.items():
            if part in state:
                setattr(self, part, kind.of(state[part]))
        country, code, count = state.get("last_bill", self.last_bill)
        self.last_bill = (country, code, count)
        number, cents = state.get("last_ticket", self.last_ticket)
        self.last_ticket = (number, cents)
        self.hosts_lost = list(state.get("hosts_lost", ()))
        for name in _PLAIN:
            if name in state:
                setattr(self, name, state[name])


_PLAIN: Final = (
    "cashbox_out", "untested", "jammed", "paper_used", "lamp", "card", "games", "visits",
    "clock_offset_s", "playable", "takes_bills", "epoch", "powered", "testing",
)  # fmt: skip

_PARTS: Final[dict[str, type[Part]]] = {
    "switches": Switches, "bonus": Bonus, "progressives": Progressives, "tickets": Tickets,
    "transfers": Transfers,
}  # fmt: skip
