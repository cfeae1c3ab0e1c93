"""Which long polls serve which wish: one row a wish.

Meaning says what it wants to know ("meters", because a door opened); this table says which polls
of the compiled allow-lists ask for it. A poll that the line's list lacks is simply not asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocols.sas.allowlist import allowed
from protocols.sas.polls import long_poll
from protocols.sas.tables import METERS_BY_NAME

READS: dict[str, tuple[int, ...]] = {
    "meters":   (0x0F, 0x1A),        # six totals; current credits
    "full":     (0xAF, 0x6F),        # what is held against one another; see FULL
    "credits":  (0x1A,),             # current credits
    "bills":    (0x1E, 0x48),        # counts of bills; the last bill
    "identity": (0x54, 0x1F),        # SAS version and serial number first: a swap; then game, par
    "clock":    (0x7E,),             # the machine's own clock; never set
    "features": (0xA0,),             # what the machine says that it can do
    "handpay":  (0x1B,),             # walks the handpay queue: own_line only
}  # fmt: skip

FULL: dict[int, tuple[str, ...]] = {
    0xAF: ("coin_in", "restricted_played", "nonrestricted_played", "games_played", "games_won",
           "games_lost", "coin_acceptor_credits", "hopper_paid_credits", "cancelled_credits",
           "total_drop"),
    0x6F: ("coin_in", "coin_out", "jackpot", "hand_paid_cancelled_credits",
           "bills_accepted_credits", "current_credits", "ticket_in_credits", "ticket_out_credits",
           "electronic_to_egm_credits", "electronic_to_host_credits"),
}  # fmt: skip
"""Meters of a full reading, by poll. What a rule holds against one another stands in one answer,
so that no game can come in between; ten is what every machine takes."""

OF_MACHINE = frozenset({0xA0})
"""Polls that are asked of a game; of game 0, that is of the machine."""

URGENCY = (
    "dayroll", "handpay", "card", "swapped", "door", "drop", "options", "power", "tilt", "bill",
    "gap", "fell", "algebra", "link_up", "cadence",
)  # fmt: skip
"""Reasons for a reading: the first of those that asked for it is told. ``dayroll`` leads, because
who closes a gaming day looks for it."""


@dataclass(frozen=True, slots=True)
class Tag:
    """Why a long poll is asked.

    Attributes:
        trigger: the wish's reason ("door", "card", "cadence" ...).
        caused_by: id of the event that made the wish, or None.
    """

    trigger: str
    caused_by: str | None = None


def polls_for(what: str, address: int, allow: str) -> list[bytes]:
    """Return the long polls that serve the wish ``what`` on a line with the list ``allow``."""
    polls = [_poll(address, command) for command in READS[what]]
    return [poll for poll in polls if allowed(poll, allow)]


def _poll(address: int, command: int) -> bytes:
    names = FULL.get(command)
    if command in OF_MACHINE:
        return long_poll(address, command, game=0)
    if names is None:
        return long_poll(address, command)
    codes = [METERS_BY_NAME[name].code for name in names]
    return long_poll(address, command, game=0, codes=codes)


def most_urgent(tags: tuple[object, ...]) -> Tag | None:
    """Return the tag that explains a reading best when several asked for it, or None."""
    known = [tag for tag in tags if isinstance(tag, Tag)]
    if not known:
        return None
    return min(known, key=lambda tag: _rank(tag.trigger))


def _rank(trigger: str) -> int:
    return URGENCY.index(trigger) if trigger in URGENCY else len(URGENCY) - 1
