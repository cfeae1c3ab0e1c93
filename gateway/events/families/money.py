"""Money in and money out: bills, tickets, progressives, transfers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.events.event_type import EventType
from gateway.events.shapes import Data, Money


class BillAccepted(Data):
    """A bill went into the machine."""

    denomination: Money | None = Field(None, description="Worth of one bill; absent if not told.")
    count: int = Field(1, ge=1, description="Bills of this kind that this report stands for.")
    country: str | None = Field(None, max_length=40, description="Country as the EGM names it.")
    bills_total: int | None = Field(
        None, ge=0, description="Bills of this kind accepted so far, where the EGM tells."
    )


class BillRefused(Data):
    """A bill was given back."""

    reason: Literal["rejected", "counterfeit"]


class TicketMoved(Data):
    """A ticket left the machine or went into it; its validation number is never told."""

    amount: Money | None = Field(None, description="Absent where the EGM does not tell.")


class TicketRefused(Data):
    """A ticket was not taken."""

    reason: str = Field(max_length=80)
    by: Literal["host", "machine"] | None = Field(None, description="Who refused it.")


class TransferStep(Data):
    """A step of an electronic transfer that another host leads."""

    step: Literal["registrationrequested", "registered", "registrationcancelled", "locked"]


class CashoutRequested(Data):
    """Credits are to leave the machine."""

    how: Literal["button", "hostcashout", "hostcashoutwin"] = Field(
        description="button: the player pressed cash-out; the others ask the transfer host."
    )


class Amount(Data):
    """An amount, where it is known."""

    amount: Money | None = None


class BonusPaid(Data):
    """A legacy bonus or multiplied jackpot was paid."""

    multiplier: int | None = Field(None, ge=0, le=255)
    multiplied_win_credits: int | None = Field(None, ge=0)
    tax_status: int | None = Field(None, ge=0, le=255, description="Byte as sent by the EGM.")
    bonus_credits: int | None = Field(None, ge=0)


class ProgressiveNews(Data):
    """A progressive's level or link."""

    controller: Literal["sas", "nonsas"] = Field(description="Who runs the progressive.")


_TWENTY = {"amount": "20.00", "currency": "USD"}
_DESK = ("attendant", "cage", "surveillance")
_RECON = ("reconciliation",)

ROWS = (
    EventType(
        "bill.accepted", BillAccepted, "info", "transactional", ("reconciliation", "aml"),
        "The machine took a bill.",
        "The EGM reports 47-4F or 50; 4F tells the kind only in real-time mode.",
        "Not for tickets.", "Nothing.",
        {"denomination": _TWENTY, "count": 1}, "bill accepted {denomination}",
    ),
    EventType(
        "bill.identified", BillAccepted, "info", "transactional", ("reconciliation", "aml"),
        "What the last accepted bill was, read after it.",
        "Poll 48 was answered.", "Not a second bill: do not add it to bill.accepted.", "Nothing.",
        {"denomination": _TWENTY, "count": 1, "country": "USA", "bills_total": 311},
        "last bill was {denomination}",
    ),
    EventType(
        "bill.rejected", BillRefused, "info", "fault", ("technician",),
        "The machine gave a bill back.",
        "The EGM reports 2B.", "Not for a jam.",
        "Many in a row: clean the validator's path.", {"reason": "rejected"}, "bill rejected",
    ),
    EventType(
        "bill.counterfeit", BillRefused, "warning", "security", ("security", "surveillance"),
        "The validator took a bill for counterfeit.",
        "The EGM reports 2C.", "Not for a bill it could not read.",
        "Surveillance looks at the player; the bill may still be in the head.",
        {"reason": "counterfeit"}, "counterfeit bill",
    ),
    EventType(
        "ticket.printed", TicketMoved, "info", "transactional", _RECON,
        "The machine printed a cash-out ticket.",
        "The EGM reports 3D.", "Not for handpay receipts (handpay.validated).", "Nothing.",
        {}, "cash-out ticket printed",
    ),
    EventType(
        "ticket.inserted", TicketMoved, "info", "transactional", _RECON,
        "A ticket is in the machine and waits for its host.",
        "The EGM reports 67.", "Not for bills.", "Nothing.", {}, "ticket inserted",
    ),
    EventType(
        "ticket.redeemed", TicketMoved, "info", "transactional", _RECON,
        "A ticket's transfer is over.",
        "The EGM reports 68.",
        "The exception does not say how it ended: the SMS knows; refusals it tells are refused.",
        "Nothing.", {}, "ticket transfer complete",
    ),
    EventType(
        "ticket.refused", TicketRefused, "notice", "transactional", _RECON,
        "A ticket was refused.",
        "The certified host's poll 71 and its answer were heard: listen mode only.",
        "Never guessed from 68 alone: where only exceptions are heard, no refusal is told.",
        "Read the machine's message to the player.",
        {"reason": "already redeemed", "by": "host"}, "ticket refused: {reason}",
    ),
    EventType(
        "ticket.validationrequested", TicketMoved, "info", "transactional", _RECON,
        "The machine asks its host for a validation number.",
        "The EGM reports 57.", "Not for enhanced validation: there it computes its own.",
        "Nothing.", {}, "validation requested",
    ),
    EventType(
        "progressive.nodata", ProgressiveNews, "warning", "fault", ("technician",),
        "The machine hears nothing from its progressive controller.",
        "The EGM reports 53, after 5 s without a broadcast.", "Not when a level is not offered.",
        "Is the whole bank silent? Then the controller; else this machine's plug.",
        {"controller": "sas"}, "no progressive information",
    ),
    EventType(
        "progressive.hit", ProgressiveNews, "warning", "dispatch", _DESK,
        "A progressive level was hit.",
        "The EGM reports 56 (SAS progressive) or 59 (other).",
        "It does not tell the amount; a handpay or progressive.won follows.",
        "Nothing.", {"controller": "sas"}, "progressive level hit",
    ),
    EventType(
        "progressive.won", Amount, "notice", "dispatch", _DESK,
        "A progressive win was paid by the machine.",
        "The EGM reports 54.", "Not when an attendant pays: that is a handpay.",
        "Nothing.", {}, "progressive win paid by the machine",
    ),
    EventType(
        "transfer.completed", Amount, "info", "transactional", _RECON,
        "An electronic transfer is complete.",
        "The EGM reports 69.", "Not for tickets.", "Nothing.", {}, "transfer complete",
    ),
    EventType(
        "transfer.cashoutrequested", CashoutRequested, "info", "transactional", _RECON,
        "Credits are to leave the machine.",
        "The EGM reports 66 (button), 6A or 6B (asks the transfer host).",
        "It does not say that money left: a ticket, a handpay or a transfer follows.",
        "Nothing.", {"how": "button"}, "cash-out requested ({how})",
    ),
    EventType(
        "transfer.step", TransferStep, "info", "transactional", _RECON,
        "A step of an electronic transfer that another host leads.",
        "The EGM reports 6C, 6D, 6E or 6F.", "Not for the transfer's end.", "Nothing.",
        {"step": "locked"}, "transfer {step}",
    ),
    EventType(
        "transfer.bonuspaid", BonusPaid, "notice", "transactional", _RECON,
        "A legacy bonus or a multiplied jackpot was paid.",
        "The EGM reports 7C; the parts are told only in real-time mode.",
        "Not for bonuses by electronic transfer.", "Nothing.",
        {"multiplier": 2, "multiplied_win_credits": 500, "tax_status": 0, "bonus_credits": 500},
        "bonus paid",
    ),
    EventType(
        "transfer.tipawarded", Amount, "info", "transactional", _RECON,
        "The player gave a tip at the machine.",
        "The EGM reports 5F.", "Not for tips by hand.", "Nothing.", {}, "tip awarded",
    ),
)  # fmt: skip
