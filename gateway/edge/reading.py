"""Which long polls serve which wish: one row a wish.

Meaning says what it wants to know ("meters", because a door opened); this table says which polls
of the compiled allow-lists ask for it. A poll that the line's list lacks is simply not asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocols.sas.allowlist import allowed
from protocols.sas.polls import long_poll

READS: dict[str, tuple[int, ...]] = {
    "meters":   (0x0F, 0x1A),        # six totals; current credits
    "credits":  (0x1A,),             # current credits
    "bills":    (0x1E, 0x48),        # counts of bills; the last bill
    "identity": (0x54, 0x1F),        # SAS version and serial number first: a swap; then game, par
    "handpay":  (0x1B,),             # walks the handpay queue: own_line only
}  # fmt: skip

URGENCY = (
    "handpay", "card", "swapped", "door", "drop", "options", "power", "tilt", "bill", "gap",
    "link_up", "cadence",
)  # fmt: skip


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
    polls = [long_poll(address, command) for command in READS[what]]
    return [poll for poll in polls if allowed(poll, allow)]


def most_urgent(tags: tuple[object, ...]) -> Tag | None:
    """Return the tag that explains a reading best when several asked for it, or None."""
    known = [tag for tag in tags if isinstance(tag, Tag)]
    if not known:
        return None
    return min(known, key=lambda tag: _rank(tag.trigger))


def _rank(trigger: str) -> int:
    return URGENCY.index(trigger) if trigger in URGENCY else len(URGENCY) - 1
