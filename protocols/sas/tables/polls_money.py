"""Polls of handpays, progressives, bonuses, validation, tickets and AFT."""

from __future__ import annotations

from typing import Final

from protocols.sas.field_lists import CountedText, Rest, Rows, SizedBcd, tail
from protocols.sas.fields import Bcd, Digits, Field, Hex, Lsb, byte
from protocols.sas.message import counted, message
from protocols.sas.tables import aft, codes
from protocols.sas.tables.evidence import FRAMES, ONE, TESTS, WEAK, L, M
from protocols.sas.tables.polls_meters import GAME, meter
from protocols.sas.tables.rows import PollRow, order, reading

_AMOUNT: Final = Bcd("amount_cents", 5, "cents")
_LEVEL: Final[tuple[Field, ...]] = (byte("progressive_group"), byte("level"), _AMOUNT)
_EXPIRY: Final = Digits("expiry", 4, "00000000")
_POOL: Final = Lsb("pool", 2, default=0)
_NUMBER_8: Final = Bcd("validation_number", 8, secret=True)
_NUMBER_9: Final = Bcd("validation_number", 9, secret=True)
_KEY: Final = Hex("key", 20, "00" * 20, secret=True)
_ASSET: Final = Lsb("asset", 4)
_THREE_AMOUNTS: Final[tuple[Field, ...]] = (
    Bcd("cashable_cents", 5, "cents"),
    Bcd("restricted_cents", 5, "cents"),
    Bcd("nonrestricted_cents", 5, "cents"),
)
_TOURNAMENT: Final = ("games_played", "games_won", "credits_wagered", "credits_won")


def _tournament(command: int, *parts: str) -> PollRow:
    fields = (meter(f"tournament_{part}") for part in parts)
    name = f"tournament_{parts[0]}" if len(parts) == 1 else "tournament_meters"
    return PollRow(
        command, name, "tournament meters of a game", "M",
        message(GAME), message(GAME, *fields), confidence=M, source=ONE,
    )  # fmt: skip


PROGRESSIVE_POLLS: Final = (
    reading(0x1B, "handpay", "the handpay that waits; all zero when none does",
            byte("progressive_group"), byte("level", codes.HANDPAY_LEVELS), _AMOUNT,
            Bcd("partial_pay_cents", 2, "cents", 0),
            byte("reset_id", codes.HANDPAY_RESET_IDS, 0), Hex("reserved", 10, "00" * 10)),
    reading(0x5D, "non_sas_progressive_wins", "wins of progressives that SAS does not run",
            Rows("wins", (byte("win_type"), Lsb("win_id", 2), byte("level"), _AMOUNT,
                          Bcd("base_cents", 5, "cents"), Bcd("escrow_cents", 5, "cents")),
                 0, 13, count=True), length_byte=True, confidence=L, source=WEAK),
    order(0x7A, "extended_progressive_broadcast", "progressive values with more detail",
          Rest("data"), kind="S/G", length_byte=True, confidence=L, source=WEAK),
    order(0x80, "progressive_level", "value of one progressive level", *_LEVEL, kind="S/G"),
    PollRow(0x83, "progressive_wins", "progressive wins of a game, all told", "M",
            message(GAME), message(GAME, meter("progressive_wins")), confidence=M, source=ONE),
    reading(0x84, "progressive_win", "the progressive win that waits", *_LEVEL),
    reading(0x85, "progressive_hit", "the progressive level that was hit", *_LEVEL,
            confidence=M, source=ONE),
    order(0x86, "progressive_levels", "values of up to 32 progressive levels",
          byte("progressive_group"), Rows("levels", (byte("level"), _AMOUNT), 1, 32),
          kind="S/G", length_byte=True),
    reading(0x87, "progressive_wins_waiting", "all progressive wins that wait",
            byte("progressive_group"), Rows("levels", (byte("level"), _AMOUNT), 0, 32, count=True),
            length_byte=True, confidence=M, source=ONE),
    order(0x8A, "legacy_bonus", "pay a legacy bonus", Bcd("amount", 4, "credits"),
          byte("tax_status", codes.TAX_STATUS)),
    order(0x8B, "multiplied_jackpot", "multiply the next jackpots (deprecated)", Hex("data", 11),
          confidence=L, source=WEAK),
    order(0x8C, "tournament_mode", "enter or leave tournament mode", GAME, Bcd("time", 2),
          Bcd("credits", 4, "credits"), byte("pulses"), kind="S/M", confidence=L, source=WEAK),
    reading(0x90, "legacy_bonus_win", "the legacy bonus paid last", byte("multiplier"),
            Bcd("multiplied_win", 4, "credits"), byte("tax_status", codes.TAX_STATUS),
            Bcd("bonus", 4, "credits"), confidence=M, source=ONE),
    *(_tournament(0x95 + n, part) for n, part in enumerate(_TOURNAMENT)),
    _tournament(0x99, *_TOURNAMENT),
)  # fmt: skip

_VALIDATION_ID: Final[tuple[Field, ...]] = (
    Lsb("validation_id", 3, secret=True),
    Lsb("sequence", 3, secret=True),
)
_VALIDATION_STATES: Final[tuple[Field, ...]] = (
    Lsb("states", 2),
    Bcd("cashable_expiry", 2, "days"),
    Bcd("restricted_expiry", 2, "days"),
)
_TICKET: Final[tuple[Field, ...]] = (_AMOUNT, byte("parsing_code", default=0), _NUMBER_9)

TICKET_POLLS: Final = (
    reading(0x3D, "last_cash_out_ticket", "the last cash-out ticket",
            Bcd("validation_number", 4, secret=True), _AMOUNT),
    PollRow(0x4C, "validation_id", "set the id that validation numbers are made from", "S",
            message(*_VALIDATION_ID), message(*_VALIDATION_ID), source=TESTS),
    PollRow(0x4D, "validation_record", "a record of a ticket or handpay; FF looks only", "S",
            message(byte("function")),
            message(byte("validation_type", codes.VALIDATION_TYPES), byte("index"),
                    Digits("date", 4), Digits("time", 3), _NUMBER_8, _AMOUNT,
                    Lsb("ticket_number", 2), Bcd("system_id", 1), _EXPIRY, _POOL)),
    PollRow(0x50, "validation_totals", "count and cents of one kind of validation", "S",
            message(byte("validation_type", codes.VALIDATION_TYPES)),
            message(byte("validation_type", codes.VALIDATION_TYPES),
                    Bcd("validation_count", 4, "count"), _AMOUNT)),
    reading(0x57, "cash_out_waiting", "the cash-out that waits for a validation number",
            byte("cash_out_type", codes.CASH_OUT_TYPES), _AMOUNT, source=TESTS),
    PollRow(0x58, "give_validation_number", "give a validation number for a cash-out", "S",
            message(Bcd("system_id", 1), _NUMBER_8),
            message(byte("status", codes.VALIDATION_ANSWERS))),
    reading(0x70, "ticket_in_escrow", "the ticket that waits in the validator",
            byte("status", codes.TICKET_IN_STATUS), tail(*_TICKET), length_byte=True),
    PollRow(0x71, "redeem_ticket", "redeem or refuse the ticket; FF asks only", "S",
            counted(byte("transfer_code", codes.TICKET_TRANSFER_CODES),
                    tail(*_TICKET, tail(_EXPIRY, _POOL, tail(Rest("target_id", 1, 32))))),
            counted(byte("status", codes.TICKET_MACHINE_STATUS), tail(*_TICKET))),
    order(0x75, "receipt_data", "what handpay receipts say", Rest("data"), kind="S/G",
          length_byte=True, confidence=L, source=WEAK),
    order(0x76, "custom_ticket_data", "what custom tickets say", Rest("data"), kind="S/G",
          length_byte=True, confidence=L, source=WEAK),
    PollRow(0x7B, "validation_status", "validation features; a mask of zero asks only", "S/G",
            counted(Lsb("mask", 2), *_VALIDATION_STATES),
            counted(_ASSET, *_VALIDATION_STATES), source=TESTS),
    PollRow(0x7C, "ticket_data", "texts on tickets, item by item", "S/G",
            counted(Rows("items", (byte("item", codes.TICKET_DATA_ITEMS),
                                   CountedText("text", 40)), 0, 16)),
            message(byte("status")), confidence=M, source=ONE),
    PollRow(0x7D, "ticket_texts", "host id, expiry and texts on tickets", "S/G",
            counted(Lsb("host_id", 2),
                    tail(byte("expiry_days"), tail(CountedText("location", 40),
                                                   CountedText("address_1", 40),
                                                   CountedText("address_2", 40)))),
            message(byte("status")), confidence=M, source=ONE),
)  # fmt: skip

AFT_POLLS: Final = (
    PollRow(0x72, "aft_transfer", "AFT transfer; FE and FF ask only", "S",
            counted(byte("transfer_code", aft.TRANSFER_CODES), tail(byte("index"), tail(
                byte("transfer_type", aft.TRANSFER_TYPES), *_THREE_AMOUNTS, byte("flags"),
                _ASSET, _KEY, CountedText("transaction_id", 20), _EXPIRY, _POOL,
                CountedText("receipt_data", 200), tail(Bcd("lock_timeout", 2, "1/100 s"))))),
            counted(byte("buffer_position"), byte("transfer_status", aft.TRANSFER_STATUS), tail(
                byte("receipt_status", aft.RECEIPT_STATUS),
                byte("transfer_type", aft.TRANSFER_TYPES), *_THREE_AMOUNTS, byte("flags"),
                _ASSET, CountedText("transaction_id", 20), Digits("date", 4), Digits("time", 3),
                _EXPIRY, _POOL, SizedBcd("cashable_total", "cents"),
                SizedBcd("restricted_total", "cents"), SizedBcd("nonrestricted_total", "cents"))),
            source=FRAMES),
    PollRow(0x73, "aft_registration", "AFT registration; FF asks only", "S",
            counted(byte("registration_code", aft.REGISTRATION_CODES),
                    tail(_ASSET, _KEY, Lsb("pos_id", 4))),
            counted(byte("registration_status", aft.REGISTRATION_STATUS),
                    tail(_ASSET, _KEY, Lsb("pos_id", 4))), source=FRAMES),
    PollRow(0x74, "aft_lock", "AFT lock and status; FF asks only", "S",
            message(byte("lock_code", aft.LOCK_CODES), byte("condition", default=0),
                    Bcd("lock_timeout", 2, "1/100 s", 0)),
            counted(_ASSET, byte("lock_status", aft.LOCK_STATUS), byte("available_transfers"),
                    byte("host_cash_out_status"), byte("aft_status"), byte("max_buffer_index"),
                    *_THREE_AMOUNTS, Bcd("transfer_limit_cents", 5, "cents"),
                    Digits("restricted_expiry", 4, "00000000"), _POOL), source=FRAMES),
)  # fmt: skip
