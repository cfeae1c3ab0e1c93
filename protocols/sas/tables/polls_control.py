"""Polls that order a machine about.

The gateway sends none of them; it decodes them when it listens to somebody else's host, and the
simulated machine obeys them.
"""

from __future__ import annotations

from typing import Final

from protocols.sas.fields import Bcd, Digits, Lsb, byte
from protocols.sas.message import message
from protocols.sas.tables.codes import (
    HANDPAY_METHOD_ANSWERS,
    HANDPAY_RESET_ANSWERS,
    HANDPAY_RESET_METHODS,
)
from protocols.sas.tables.evidence import FRAMES, ONE, M
from protocols.sas.tables.rows import PollRow, order

ON_OFF: Final = {0x00: "off", 0x01: "on"}

CONTROL_POLLS: Final = (
    order(0x01, "shutdown", "lock the game out of play", source=FRAMES),
    order(0x02, "startup", "let the game play again"),
    order(0x03, "sound_off", "all sounds off"),
    order(0x04, "sound_on", "all sounds on", source=FRAMES),
    order(0x05, "game_sounds_off", "reel spin or game sounds off"),
    order(0x06, "bill_acceptor_on", "enable the bill acceptor"),
    order(0x07, "bill_acceptor_off", "disable the bill acceptor"),
    order(0x08, "configure_bills", "which bills to take; whether to stay enabled after one",
          Lsb("bill_mask", 4), byte("action")),
    order(0x09, "enable_game", "enable or disable a game",
          Bcd("game", 2), byte("enable", ON_OFF), kind="M", multi_denomination=True),
    order(0x0A, "maintenance_enter", "enter maintenance mode", source=FRAMES),
    order(0x0B, "maintenance_leave", "leave maintenance mode", source=FRAMES),
    order(0x0E, "real_time_events", "real-time event mode on or off", byte("enable", ON_OFF)),
    order(0x2E, "delay_game", "hold the next game back", Lsb("delay", 2, "100 ms"),
          source=FRAMES),
    order(0x7F, "set_date_time", "set the machine's clock",
          Digits("date", 4), Digits("time", 3), kind="S/G"),
    PollRow(0x94, "reset_handpay", "reset a handpay from afar", "S",
            reply=message(byte("result", HANDPAY_RESET_ANSWERS)), source=FRAMES),
    PollRow(0xA8, "handpay_reset_method", "how the next reset of a handpay pays", "S",
            message(byte("method", HANDPAY_RESET_METHODS)),
            message(byte("result", HANDPAY_METHOD_ANSWERS))),
    order(0xAA, "auto_rebet", "automatic rebet on or off", byte("enable", ON_OFF),
          confidence=M, source=ONE),
)  # fmt: skip
