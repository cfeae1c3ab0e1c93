"""Polls that read meters. All are BCD, most significant byte first; 4 bytes unless they say."""

from __future__ import annotations

from typing import Final

from protocols.sas.field_lists import Numbers, Rest
from protocols.sas.fields import Bcd, Lsb, Meter, byte
from protocols.sas.message import counted, message
from protocols.sas.tables.codes import BILLS, COUNTRIES, HAND_TYPES
from protocols.sas.tables.evidence import EMULATOR, FRAMES, ONE, TESTS, WEAK, L, M
from protocols.sas.tables.meter_lists import ExtendedMeters, SelectedMeters
from protocols.sas.tables.meters import METERS_BY_NAME
from protocols.sas.tables.rows import PollRow, reading

GAME: Final = Bcd("game", 2)
"""Number of a game on a multi-game machine; 0 is the whole machine."""

EXTENDED_CODES_MAX: Final = 12
"""Most meter codes in one 6F or AF request, by its length byte; some machines take 10."""


def meter(name: str, width: int = 4) -> Meter:
    """Return the field of a meter, with the unit of its row."""
    return Meter(name, width, METERS_BY_NAME[name].unit)


def _meters(*names: str) -> tuple[Meter, ...]:
    return tuple(meter(name) for name in names)


def _one(command: int, name: str, meaning: str) -> PollRow:
    return reading(command, name, meaning, meter(name))


_BILL_POLLS: Final = (
    (0x31, "1"), (0x32, "2"), (0x33, "5"), (0x34, "10"), (0x35, "20"), (0x36, "50"),
    (0x37, "100"), (0x38, "500"), (0x39, "1000"), (0x3A, "200"), (0x3B, "25"), (0x3C, "2000"),
    (0x3E, "2500"), (0x3F, "5000"), (0x40, "10000"), (0x41, "20000"), (0x42, "25000"),
    (0x43, "50000"), (0x44, "100000"), (0x45, "250000"),
)  # fmt: skip

_BILLS: Final = tuple(
    reading(command, f"bills_{face}", f"how many ${face} bills were accepted",
            meter(f"bills_{face}"), confidence=M, source=ONE)
    if command > 0x39
    else _one(command, f"bills_{face}", f"how many ${face} bills were accepted")
    for command, face in _BILL_POLLS
)  # fmt: skip


def _extended(command: int, name: str) -> PollRow:
    return PollRow(
        command, name, "meters by two-byte code, each with its size", "M",
        counted(GAME, Numbers("codes", 2, 1, EXTENDED_CODES_MAX)),
        counted(GAME, ExtendedMeters("meters")),
        source=EMULATOR, multi_denomination=True,
    )  # fmt: skip


def _legacy(command: int) -> PollRow:
    """Return a row of the old electronic funds transfer group, whose layouts are not known."""
    return PollRow(
        command, f"legacy_eft_{command:02x}", "old electronic funds transfer", "R/S",
        message(Rest("data")), message(Rest("data")),
        acks=True, confidence=L, source=WEAK,
    )  # fmt: skip


_LEGACY_EFT: Final = (
    reading(0x1D, "legacy_eft_meters", "totals of old electronic funds transfers",
            *_meters("legacy_promotional_to_egm", "legacy_noncashable_to_egm",
                     "legacy_to_host", "legacy_cashable_to_egm"), confidence=M, source=WEAK),
    *(_legacy(command) for command in (*range(0x22, 0x29), *range(0x62, 0x66))),
    PollRow(0x66, "legacy_eft_66", "old electronic funds transfer", "R/S",
            message(Rest("data")), message(byte("transaction")),
            acks=True, confidence=M, source=FRAMES),
    *(_legacy(command) for command in (0x67, 0x68)),
    PollRow(0x69, "legacy_eft_to_egm", "old electronic transfer of credits to the EGM", "S",
            message(byte("transaction"), Bcd("amount", 5)), message(Rest("data")),
            acks=True, confidence=L, source=FRAMES),
    *(_legacy(command) for command in (0x6A, 0x6B)),
)  # fmt: skip

METER_POLLS: Final = (
    reading(0x0F, "meters_10_to_15", "cancelled credits, coin in and out, drop, jackpot, games",
            *_meters("cancelled_credits", "coin_in", "coin_out", "total_drop", "jackpot",
                     "games_played")),
    _one(0x10, "cancelled_credits", "total cancelled credits"),
    reading(0x11, "coin_in", "coin in", meter("coin_in"), multi_denomination=True),
    reading(0x12, "coin_out", "coin out", meter("coin_out"), multi_denomination=True),
    _one(0x13, "total_drop", "total drop"),
    reading(0x14, "jackpot", "hand-paid jackpots", meter("jackpot"), multi_denomination=True),
    reading(0x15, "games_played", "games played", meter("games_played"), multi_denomination=True),
    reading(0x16, "games_won", "games won", meter("games_won"), multi_denomination=True),
    reading(0x17, "games_lost", "games lost", meter("games_lost"), multi_denomination=True),
    reading(0x18, "games_since", "games since power up and since the slot door closed",
            meter("games_since_power_reset", 2), meter("games_since_slot_door_closed", 2)),
    reading(0x19, "meters_11_to_15", "coin in and out, drop, jackpot, games played",
            *_meters("coin_in", "coin_out", "total_drop", "jackpot", "games_played")),
    _one(0x1A, "current_credits", "credits on the machine now"),
    reading(0x1C, "meters_and_resets", "coin in and out, drop, jackpot, games, doors, resets",
            *_meters("coin_in", "coin_out", "total_drop", "jackpot", "games_played", "games_won",
                     "slot_door_openings", "power_resets")),
    reading(0x1E, "bills_1_to_100", "how many $1, 5, 10, 20, 50 and 100 bills were accepted",
            *_meters("bills_1", "bills_5", "bills_10", "bills_20", "bills_50", "bills_100")),
    _one(0x20, "bills_total_value", "value of all bills accepted"),
    _one(0x2A, "true_coin_in", "true coin in"),
    _one(0x2B, "true_coin_out", "true coin out"),
    _one(0x2C, "hopper_level", "coins in the hopper"),
    PollRow(0x2D, "game_hand_paid", "hand-paid cancelled credits of a game", "M",
            message(GAME), message(GAME, meter("hand_paid_cancelled_credits"))),
    PollRow(0x2F, "selected_meters", "up to ten meters by one-byte code", "M",
            counted(GAME, Numbers("codes", 1, 1, 10)), counted(GAME, SelectedMeters("meters")),
            source=FRAMES, multi_denomination=True),
    *_BILLS,
    _one(0x46, "bills_accepted_credits", "credits of all bills accepted"),
    _one(0x47, "external_coin_acceptor_credits", "coins from an external acceptor"),
    reading(0x48, "last_bill", "the bill accepted last",
            Lsb("country", codes=COUNTRIES), Lsb("bill", codes=BILLS),
            Bcd("bill_count", 4, "count")),
    _one(0x49, "bills_in_stacker", "bills in the stacker"),
    _one(0x4A, "bills_in_stacker_credits", "credits of the bills in the stacker"),
    PollRow(0x52, "game_meters", "coin in, coin out, jackpot and games played of a game", "M",
            message(GAME),
            message(GAME, *_meters("coin_in", "coin_out", "jackpot", "games_played")),
            source=TESTS),
    _extended(0x6F, "extended_meters"),
    _extended(0xAF, "extended_meters_twin"),
    reading(0x8E, "card_hand", "the hand of a poker game", byte("hand_type", HAND_TYPES),
            Numbers("cards", 1, 5, 5), confidence=M, source=ONE),
    reading(0x8F, "reel_stops", "where reels 1 to 9 stand; FF is no reel",
            Numbers("stops", 1, 9, 9)),
    PollRow(0x9A, "legacy_bonus_meters", "legacy bonuses of a game", "M", message(GAME),
            message(GAME, *_meters("legacy_bonus_deductible", "legacy_bonus_nondeductible",
                                   "legacy_bonus_wager_match")), confidence=M, source=ONE),
    *_LEGACY_EFT,
)  # fmt: skip
