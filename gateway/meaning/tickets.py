"""Tickets: which were refused. Only who hears the certified host's poll 71 can know it.

The exception 68 says that a ticket's transfer is over, never how. In listen mode the answer to 71
is heard: its status says refused, and the host's own code in the poll says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.meaning.since import remembered
from gateway.meaning.telling import Telling
from protocols.sas.tables.codes import TICKET_MACHINE_STATUS, TICKET_TRANSFER_CODES

REDEEM: Final = 0x71
REFUSED: Final = range(0x80, 0x8C)
"""Machine statuses of 71 that refuse a ticket."""
BY_HOST: Final = 0x80
"""The status that says: as the host said."""
_CODE_AT: Final = 3
"""Where a 71 poll has its transfer code: address, 71, length, code."""


@remembered
class Tickets:
    """The ticket at hand.

    Attributes:
        host_says: why the host refuses it, or None.
        told: whether its end was told.
    """

    host_says: str | None = None
    told: bool = False


def inserted(tickets: Tickets) -> None:
    """67: a ticket is in the machine."""
    tickets.host_says, tickets.told = None, False


def answered(tickets: Tickets, values: Mapping[str, object], telling: Telling) -> None:
    """71 was answered: tell a ticket that is refused, once, with the reason."""
    poll = b"" if telling.seen is None else telling.seen.poll
    code = poll[_CODE_AT] if len(poll) > _CODE_AT else None
    if code in REFUSALS:
        tickets.host_says = TICKET_TRANSFER_CODES[code]
    status = values.get("status")
    if not isinstance(status, int) or status not in REFUSED or tickets.told:
        return
    tickets.told = True
    reason = TICKET_MACHINE_STATUS[status]
    if status == BY_HOST and tickets.host_says is not None:
        reason = tickets.host_says
    data = {"reason": reason, "by": "host" if status == BY_HOST else "machine"}
    telling.main("ticket.refused", data)


REFUSALS: Final = frozenset(code for code in TICKET_TRANSFER_CODES if 0x80 <= code < 0xFF)
"""Transfer codes with which a host refuses a ticket."""
