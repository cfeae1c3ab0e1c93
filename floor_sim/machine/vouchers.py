"""Validation records: one for each ticket that is printed and each handpay that is validated.

Standard validation keeps no records for a host. System validation gets its numbers from a host
(57, 58); secure enhanced validation makes them itself, once a host has given it an id (4C). No
number is written down: one that the machine makes is drawn anew from seed and record, one that a
host gave is in memory alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from floor_sim.chance import draw
from floor_sim.machine.cabinet import CANCELLED_CREDITS, Handpay

if TYPE_CHECKING:
    from floor_sim.machine.happening import Happening
    from floor_sim.machine.machine import Machine

HANDPAY_VALIDATED, NOT_CONFIGURED = 0x3E, 0x3F
RECORDS_IN_BUFFER: Final = 31

CASHABLE, RESTRICTED = 0x00, 0x01
CANCELLED_WITH_RECEIPT, JACKPOT_WITH_RECEIPT = 0x10, 0x20
CANCELLED_WITHOUT, JACKPOT_WITHOUT = 0x40, 0x60
REDEEMED: Final = 0x80

PRINTER_PAYS, PRINTER_RECEIPTS, VALIDATES_HANDPAYS, PRINTS_RESTRICTED, REDEEMS = (
    0x01, 0x02, 0x04, 0x08, 0x20,
)  # fmt: skip
"""Bits of poll 7B that a host can change."""
CONFIGURED: Final = 0x8000

_METERS: Final = {
    CASHABLE: "regular_cashable_ticket_out",
    RESTRICTED: "validated_restricted_ticket_out",
    0x04: "debit_ticket_out",
    CANCELLED_WITH_RECEIPT: "cancelled_credit_with_receipt",
    JACKPOT_WITH_RECEIPT: "jackpot_with_receipt",
    CANCELLED_WITHOUT: "cancelled_credit_without_receipt",
    JACKPOT_WITHOUT: "jackpot_without_receipt",
    0x80: "regular_cashable_ticket_in",
    0x81: "validated_restricted_ticket_in",
    0x82: "nonrestricted_ticket_in",
}
"""Validation type to the name of its meters, cents and count."""


class Record(NamedTuple):
    """One validation record, as poll 4D tells it.

    Attributes:
        n: number, 1 for the first of the machine.
        kind: validation type.
        date: MMDDYYYY.
        time: HHMMSS.
        cents: amount.
        ticket: number printed on the ticket.
        system_id: of the validation number.
        read: a host has it.
    """

    n: int
    kind: int
    date: str
    time: str
    cents: int
    ticket: int
    system_id: int
    read: bool

    @property
    def place(self) -> int:
        """Place in the machine's buffer, 1 to 31."""
        return (self.n - 1) % RECORDS_IN_BUFFER + 1


def records(machine: Machine) -> list[Record]:
    """Return the records that the machine keeps, oldest first."""
    return [Record(*kept) for kept in machine.cabinet.tickets.records]


def next_unread(machine: Machine) -> Record | None:
    """Return the oldest record that no host has read, or None."""
    return next((record for record in records(machine) if not record.read), None)


def full(machine: Machine) -> bool:
    """Say whether no more can be validated before a host has read a record."""
    if machine.settings.validation == "standard":
        return False
    unread = sum(not record.read for record in records(machine))
    return unread >= machine.settings.ticket_records_max


def configured(machine: Machine) -> bool:
    """Say whether the machine can make validation numbers, or need not."""
    secure = machine.settings.validation == "secure enhanced"
    return not secure or machine.cabinet.secrets.validation_id is not None


def number_of(machine: Machine, record: Record) -> int:
    """Return the validation number, at most 16 digits; 0 where a power cut has lost it."""
    if machine.settings.validation == "system":
        return machine.cabinet.secrets.numbers.get(record.n, 0)
    chance = draw(machine.seed, machine.asset, "validation", record.n)
    return chance.randrange(10**13, 10**14)


def note(
    machine: Machine,
    kind: int,
    cents: int,
    now: float,
    *,
    number: int | None = None,
    system_id: int = 0,
    ticket: int = 0,
) -> None:
    """Add a record and its totals and meters; the oldest beyond 31 is forgotten."""
    cabinet = machine.cabinet
    tickets = cabinet.tickets
    shown = machine.clock(now)
    n = tickets.made + 1
    if number is not None:
        cabinet.secrets.numbers[n] = number
    record = Record(
        n, kind, f"{shown:%m%d%Y}", f"{shown:%H%M%S}", cents, ticket, system_id, read=False
    )
    kept = (*tickets.records, tuple(record))[-RECORDS_IN_BUFFER:]
    cabinet.tickets = replace(tickets, records=kept, made=n)
    count(machine, kind, cents)


def count(machine: Machine, kind: int, cents: int) -> None:
    """Count one validation in the totals of poll 50 and in its own meters."""
    cabinet = machine.cabinet
    totals = {row[0]: row for row in cabinet.tickets.totals}
    _, before, sum_before = totals.get(kind, (kind, 0, 0))
    totals[kind] = (kind, before + 1, sum_before + cents)
    cabinet.tickets = replace(cabinet.tickets, totals=tuple(sorted(totals.values())))
    if (name := _METERS.get(kind)) is not None:
        cabinet.meters.add(f"{name}_cents", cents)
        cabinet.meters.add(f"{name}_count", 1)


def mark_read(machine: Machine, n: int) -> None:
    """Take note that a host has a record."""
    tickets = machine.cabinet.tickets
    kept = tuple(
        tuple(record._replace(read=record.read or record.n == n)) for record in records(machine)
    )
    machine.cabinet.tickets = replace(tickets, records=kept)


def validate_handpay(machine: Machine, happening: Happening, pay: Handpay) -> None:
    """Make a record of a handpay that was keyed off, where the machine validates handpays."""
    states = machine.cabinet.tickets.states
    if machine.settings.validation != "secure enhanced" or not states & VALIDATES_HANDPAYS:
        return
    if not configured(machine):
        happening.exception(NOT_CONFIGURED)
        return
    cancelled = pay.level == CANCELLED_CREDITS
    if states & PRINTER_RECEIPTS:
        kind = CANCELLED_WITH_RECEIPT if cancelled else JACKPOT_WITH_RECEIPT
    else:
        kind = CANCELLED_WITHOUT if cancelled else JACKPOT_WITHOUT
    note(machine, kind, pay.cents, happening.now)
    happening.exception(HANDPAY_VALIDATED, cents=pay.cents)
