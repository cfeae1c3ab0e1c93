"""Polls that ask what a machine is and how it is set up, and those of its programs."""

from __future__ import annotations

from typing import Final

from protocols.sas.field_lists import CountedText, Numbers, Rest, SizedBcd, TextRest, tail
from protocols.sas.fields import Bcd, Digits, Field, Hex, Lsb, Text, byte
from protocols.sas.message import counted, message
from protocols.sas.tables.codes import HOPPER_STATUS
from protocols.sas.tables.denominations import DENOMINATION_TEXTS
from protocols.sas.tables.evidence import EMULATOR, ONE, WEAK, L, M
from protocols.sas.tables.polls_meters import GAME, meter
from protocols.sas.tables.rows import PollRow, order, reading

IDENTITY: Final[tuple[Field, ...]] = (
    Text("game_id", 2),
    Text("additional_id", 3),
    Lsb("denomination_code", codes=DENOMINATION_TEXTS),
    byte("max_bet"),
    byte("progressive_group"),
    Hex("game_options", 2),
    Text("paytable", 6),
    Text("base_percent", 4),
)
"""Block of 1F and 53. Max bet FF is "above 255"; options are each vendor's own; base percent is
the theoretical payback with two implied decimals."""

IDENTITY_POLLS: Final = (
    reading(0x1F, "machine_identity", "game id, denomination, max bet, paytable, payback",
            *IDENTITY,
            variants=(counted(*IDENTITY), message(*IDENTITY, Hex("undecoded", 1)))),
    PollRow(0x21, "rom_signature", "work out a signature of the program, from a seed", "S",
            message(Lsb("seed", 2)), message(Lsb("signature", 2)), acks=True),
    reading(0x4F, "hopper_status", "state and level of the hopper",
            byte("hopper_status", HOPPER_STATUS), byte("percent_full"),
            tail(meter("hopper_level")), length_byte=True, confidence=M, source=ONE),
    reading(0x51, "number_of_games", "how many games; 0 on a single-game machine",
            Bcd("games", 2, "count")),
    PollRow(0x53, "game_identity", "the same block as 1F, of a game", "M", message(GAME),
            message(GAME, *IDENTITY), variants=(counted(GAME, *IDENTITY),), source=EMULATOR),
    reading(0x54, "version_and_serial", "SAS version and serial number",
            Text("version", 3), TextRest("serial", 40), length_byte=True),
    reading(0x55, "selected_game", "the game that the player has selected", GAME),
    reading(0x56, "enabled_games", "the games that are enabled",
            Numbers("games", 2, 0, 127, bcd=True, count=True), length_byte=True,
            multi_denomination=True),
    PollRow(0x6E, "authenticate_component", "authentication of program components", "S",
            counted(byte("action"), Rest("data")),
            counted(Lsb("list_crc", 2), byte("status"), Rest("data")),
            acks=True, confidence=L, source=WEAK),
    reading(0x7E, "date_time", "date and time of the machine",
            Digits("date", 4), Digits("time", 3)),
    PollRow(0xA0, "features", "what a game or the machine supports", "M", message(GAME),
            message(GAME, Numbers("features", 1, 4, 4), Hex("reserved", 2, "0000"))),
    PollRow(0xA4, "cash_out_limit", "cash-out limit of a game", "M", message(GAME),
            message(GAME, Bcd("cash_out_limit", 2, "credits")), confidence=M, source=ONE),
    reading(0xB1, "player_denomination", "the denomination that the player has selected",
            Lsb("denomination_code", codes=DENOMINATION_TEXTS)),
    reading(0xB2, "enabled_denominations", "denominations that a player can select",
            Numbers("denomination_codes", 1, 0, 254, count=True), length_byte=True),
    reading(0xB3, "token_denomination", "denomination of the coin mechanism",
            Lsb("denomination_code", codes=DENOMINATION_TEXTS)),
    PollRow(0xB4, "wager_category", "payback and coin in of a wager category", "M",
            message(GAME, Bcd("category", 2)),
            counted(GAME, Bcd("category", 2), Text("payback", 4),
                    SizedBcd("wager_category_coin_in", "credits")), confidence=M, source=ONE),
    PollRow(0xB5, "extended_game_identity", "max bet, progressives, names, wager categories", "M",
            message(GAME),
            counted(GAME, Bcd("max_bet", 2, "credits"), byte("progressive_group"),
                    Lsb("level_mask", 4), CountedText("game_name", 20),
                    CountedText("paytable_name", 20), Bcd("wager_categories", 2, "count"),
                    tail(Rest("undecoded", 1))),
            confidence=M, source=ONE, multi_denomination=True),
    order(0xB6, "meter_collect_status", "whether the host has collected meters before a change",
          Rest("data"), length_byte=True, confidence=L, source=WEAK),
    order(0xB7, "set_machine_number", "set asset number and floor location",
          Rest("data"), length_byte=True, confidence=L, source=WEAK),
    PollRow(0xB0, "multi_denomination", "wraps another poll, for one denomination", "M",
            counted(byte("denomination"), byte("base"), Rest("data")),
            counted(byte("denomination"), byte("base"), Rest("data"))),
)  # fmt: skip
