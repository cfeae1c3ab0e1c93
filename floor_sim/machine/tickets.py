"""Tickets: printed at a cash-out, and taken from guests.

A cash-out is a ticket, or a handpay where no ticket can be had: above the limit, without paper,
with no validation number in time, with no place for another record. A ticket that a guest inserts
waits in the acceptor until a host has said what it is worth (67, 70, 71, 68), or for 30 s.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from floor_sim.chance import draw
from floor_sim.machine import paper, vouchers
from floor_sim.machine.cabinet import CANCELLED_CREDITS
from floor_sim.machine.choice import counted_apart
from floor_sim.machine.handpay import lock
from floor_sim.machine.vouchers import CASHABLE, REDEEMS, RESTRICTED

if TYPE_CHECKING:
    from floor_sim.machine.happening import Happening
    from floor_sim.machine.machine import Machine

TICKET_PRINTED, VALIDATION_REQUEST = 0x3D, 0x57
TICKET_INSERTED, TICKET_DONE = 0x67, 0x68

KINDS: Final = {"cashable": 0x00, "restricted": 0x01, "non-restricted": 0x02}
"""Kinds of tickets, to transfer code and status of poll 71."""

WAITING, PENDING, NONE = 0x20, 0x40, 0xFF
REJECTED, NUMBER_DIFFERS, BAD_CODE, BAD_AMOUNT = 0x80, 0x81, 0x82, 0x83
ABOVE_LIMIT, NO_MULTIPLE, AMOUNT_DIFFERS, CANNOT_NOW = 0x84, 0x85, 0x86, 0x87
TIMED_OUT, LINK_DOWN = 0x88, 0x89
NOT_COMPATIBLE: Final = 0xC0


def cash_out(machine: Machine, happening: Happening, kind: int, amount: int) -> None:
    """Pay ``amount`` credits out: a ticket if one can be had, else a handpay."""
    cents = amount * machine.settings.cents_per_credit
    style = machine.settings.validation
    if cents > machine.settings.ticket_limit_cents or paper.is_out(machine.cabinet):
        _by_hand(machine, happening, kind, amount)
    elif not vouchers.configured(machine):
        happening.exception(vouchers.NOT_CONFIGURED)
        _by_hand(machine, happening, kind, amount)
    elif vouchers.full(machine):
        happening.note("ticket refused", reason="no place for another validation record")
        _by_hand(machine, happening, kind, amount)
    elif style == "system":
        until = happening.now + machine.settings.validation_wait_s
        tickets = machine.cabinet.tickets
        machine.cabinet.tickets = replace(tickets, waiting=(kind, amount, until))
        happening.exception(VALIDATION_REQUEST, cents=cents)
    else:
        print_ticket(machine, happening, kind, amount)


def _by_hand(machine: Machine, happening: Happening, kind: int, amount: int) -> None:
    if kind == RESTRICTED:  # nobody pays those by hand: they stay on the machine
        happening.note("ticket refused", reason="restricted credits stay")
        return
    lock(machine, happening, CANCELLED_CREDITS, amount, "credits", counted_apart(machine))


def print_ticket(
    machine: Machine,
    happening: Happening,
    kind: int,
    amount: int,
    *,
    number: int | None = None,
    system_id: int = 0,
) -> None:
    """Print a ticket over ``amount`` credits; ``number`` and ``system_id`` came from a host."""
    cabinet = machine.cabinet
    meters = cabinet.meters
    cents = amount * machine.settings.cents_per_credit
    meters.add("current_credits", -amount)
    meters.add("ticket_out_credits", amount)
    meters.add("cancelled_credits", amount)
    if kind == RESTRICTED:
        meters.add("current_restricted_credits", -amount)
        words = ("restricted_ticket_out", "restricted_ticket_out", "restricted_tickets_out")
    else:
        cabinet.transfers = replace(cabinet.transfers, nonrestricted=0)
        words = ("cashable_ticket_out", "cashable_or_debit_ticket_out", "cashable_tickets_out")
    meters.add(f"{words[0]}_cents", cents)
    meters.add(f"{words[0]}_count", 1)
    meters.add(f"{words[1]}_credits", amount)
    meters.add(words[2], 1)
    serial = cabinet.last_ticket[0] + 1
    cabinet.last_ticket = (serial, cents)
    if machine.settings.validation == "standard":
        vouchers.count(machine, kind, cents)
    else:
        vouchers.note(
            machine, kind, cents, happening.now,
            number=number, system_id=system_id, ticket=serial % 10_000,
        )  # fmt: skip
    happening.exception(TICKET_PRINTED, cents=cents)
    paper.use(machine, happening)


def give_number(machine: Machine, system_id: int, number: int, now: float) -> bool:
    """Take the validation number for the cash-out that waits; no system id: pay by hand.

    Says whether a cash-out waited.
    """
    tickets = machine.cabinet.tickets
    if not tickets.waiting:
        return False
    kind, amount, _ = tickets.waiting
    with machine.happening(now) as happening:
        machine.cabinet.tickets = replace(tickets, waiting=())
        happening.note("validation", given=bool(system_id))
        if system_id:
            print_ticket(
                machine, happening, int(kind), int(amount), number=number, system_id=system_id
            )
        else:
            _by_hand(machine, happening, int(kind), int(amount))
    return True


def insert(machine: Machine, cents: int, kind: str, now: float) -> bool:
    """Let a guest insert a ticket; say whether it was taken in to be asked about."""
    cabinet = machine.cabinet
    takes = machine.settings.ticket_redemption and cabinet.tickets.states & REDEEMS
    able = cabinet.ready and cabinet.takes_bills and cabinet.game is None and not cabinet.jammed
    if not takes or not able or not machine.link_up or cents <= 0:
        return False
    with machine.happening(now) as happening:
        inserted = cabinet.tickets.inserted + 1
        until = now + machine.settings.ticket_wait_s
        chance = draw(machine.seed, machine.asset, "ticket in", inserted)
        cabinet.secrets.ticket = chance.randrange(10**17, 10**18)
        cabinet.tickets = replace(
            cabinet.tickets, escrow=(kind, cents, until), inserted=inserted,
            redeemed=(WAITING, cents),
        )  # fmt: skip
        happening.exception(TICKET_INSERTED, cents=cents)
    return True


def decide(machine: Machine, code: int, cents: int, number: int, now: float) -> int:
    """Take a host's word (71) on the ticket in the acceptor; return what the host is told.

    A ticket that is taken is "pending" in this answer; the next one says what became of it.
    """
    cabinet = machine.cabinet
    if not cabinet.tickets.escrow:
        return NOT_COMPATIBLE
    kind, own_cents, _ = cabinet.tickets.escrow
    if code >= REJECTED:
        end_escrow(machine, REJECTED, now, told=code)
        return REJECTED
    wrong = _what_is_wrong(machine, code, cents, number, own_cents)
    if wrong is not None:
        end_escrow(machine, wrong, now)
        return wrong
    amount = cents // machine.settings.cents_per_credit
    with machine.happening(now) as happening:
        _credit(machine, code, cents, amount)
        cabinet.tickets = replace(cabinet.tickets, escrow=(), redeemed=(code, cents))
        cabinet.secrets.ticket = number
        happening.exception(TICKET_DONE, cents=cents, status=f"{code:02X}", kind=kind)
    return PENDING


def _what_is_wrong(
    machine: Machine, code: int, cents: int, number: int, own_cents: int
) -> int | None:
    settings = machine.settings
    checks = (
        (code not in KINDS.values(), BAD_CODE),
        (number != machine.cabinet.secrets.ticket, NUMBER_DIFFERS),
        (cents <= 0, BAD_AMOUNT),
        (cents > settings.transfer_limit_cents, ABOVE_LIMIT),
        (cents % settings.cents_per_credit != 0, NO_MULTIPLE),
        (cents != own_cents, AMOUNT_DIFFERS),
    )
    return next((status for wrong, status in checks if wrong), None)


def _credit(machine: Machine, code: int, cents: int, amount: int) -> None:
    cabinet = machine.cabinet
    meters = cabinet.meters
    meters.add("current_credits", amount)
    meters.add("ticket_in_credits", amount)
    meters.add("all_ticket_in_credits", amount)
    meters.add("total_drop", amount)
    if code == KINDS["restricted"]:
        meters.add("current_restricted_credits", amount)
        meters.add("restricted_ticket_in_credits", amount)
        meters.add("restricted_tickets_in", 1)
        meters.add("restricted_ticket_in_cents", cents)
        meters.add("restricted_ticket_in_count", 1)
    else:
        meters.add("cashable_ticket_in_cents", cents)
        meters.add("cashable_ticket_in_count", 1)
        word = "regular_cashable" if code == CASHABLE else "nonrestricted"
        meters.add(f"{word}_ticket_in_credits", amount)
        meters.add(f"{word}_tickets_in", 1)
        if code == KINDS["non-restricted"]:
            more = cabinet.transfers.nonrestricted + amount
            cabinet.transfers = replace(cabinet.transfers, nonrestricted=more)
    vouchers.count(machine, vouchers.REDEEMED | code, cents)


def end_escrow(machine: Machine, status: int, now: float, told: int | None = None) -> None:
    """Give the ticket in the acceptor back to the guest, and tell the host why."""
    cabinet = machine.cabinet
    _, cents, _ = cabinet.tickets.escrow
    with machine.happening(now) as happening:
        cabinet.tickets = replace(cabinet.tickets, escrow=(), redeemed=(status, cents))
        says = "nothing" if told is None else f"{told:02X}"
        happening.exception(TICKET_DONE, cents=cents, status=f"{status:02X}", host_says=says)


def lost_power(machine: Machine, happening: Happening) -> None:
    """After a power cut: a ticket in the acceptor goes back, a cash-out that waited is by hand."""
    kept = machine.cabinet.tickets
    if kept.escrow:
        redeemed = (CANNOT_NOW, kept.escrow[1])
        machine.cabinet.tickets = replace(kept, escrow=(), redeemed=redeemed)
        happening.exception(TICKET_DONE, cents=kept.escrow[1], status=f"{CANNOT_NOW:02X}")
    if kept.waiting:
        machine.cabinet.tickets = replace(kept, waiting=())
        _by_hand(machine, happening, int(kept.waiting[0]), int(kept.waiting[1]))


def tick(machine: Machine, now: float) -> None:
    """End whatever has waited too long for a host by ``now``."""
    tickets = machine.cabinet.tickets
    if tickets.waiting and now > tickets.waiting[2]:
        kind, amount, _ = tickets.waiting
        with machine.happening(now) as happening:
            machine.cabinet.tickets = replace(tickets, waiting=())
            happening.note("validation", given=False, reason="no answer to 57 in time")
            _by_hand(machine, happening, int(kind), int(amount))
    if tickets.escrow and not machine.link_up:
        end_escrow(machine, LINK_DOWN, now)
    elif tickets.escrow and now > tickets.escrow[2]:
        end_escrow(machine, TIMED_OUT, now)
