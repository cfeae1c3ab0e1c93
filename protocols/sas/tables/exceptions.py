"""What an EGM can report: exception codes, and the data that some carry as real-time events.

One row a code. A code outside the table is a value: it prints as hex and gets no name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from protocols.sas.fields import Bcd, Lsb, byte
from protocols.sas.message import EMPTY, Message, message
from protocols.sas.tables.codes import BILLS, COUNTRIES, TAX_STATUS
from protocols.sas.tables.evidence import FRAMES, ONE, TABLES, Confidence, H, M, Source


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """One exception code.

    Attributes:
        code: 00-FF.
        name: our word for it, snake_case.
        meaning: the same for people.
        priority: place among the flags that are sent before the queue (1 is first), else None.
        data: what follows the code in a real-time event (``addr FF code data crc``).
        real_time_only: it is only sent in real-time event mode.
        never_real_time: it is never sent in real-time event mode (4F takes its place).
        confidence: how sure code and meaning are.
        source: what says so.
        data_confidence: how sure the data's layout is.
    """

    code: int
    name: str
    meaning: str
    priority: int | None = None
    data: Message = EMPTY
    real_time_only: bool = False
    never_real_time: bool = False
    confidence: Confidence = H
    source: Source = TABLES
    data_confidence: Confidence = H


IDLE_CODES: Final = frozenset({0x00, 0x1F})
"""No activity: 00, and the obsolete 1F that real machines still stream."""

PRIORITY_ORDER: Final = (
    0x57, 0x67, 0x68, 0x3F, 0x6A, 0x6B, 0x6F, 0x56, 0x3D, 0x3E, 0x69, 0x6C, 0x6D, 0x52, 0x51,
    0x8F, 0x70,
)  # fmt: skip
"""Flags in the order one implementation sends them; in legacy handpay reporting 51 precedes 52."""

QUEUED_IN_STANDARD_VALIDATION: Final = frozenset({0x3D, 0x3E})
"""Ordinary queue entries, not flags, when the EGM validates tickets in the standard way."""

REEL_STOP: Final = message(byte("reel"), byte("stop"))
"""Data of 88: reel 1-9, stop position (FF unknown); some machines send none."""

_DATA: Final[dict[int, tuple[Message, Confidence]]] = {
    0x4F: (message(Lsb("country", codes=COUNTRIES), Lsb("bill", codes=BILLS),
                   Bcd("bill_count", 4, "count")), H),
    0x7C: (message(byte("multiplier"), Bcd("multiplied_win", 4, "credits"),
                   Lsb("tax_status", codes=TAX_STATUS), Bcd("bonus", 4, "credits")), M),
    0x7E: (message(Bcd("wagered", 2, "credits"), Bcd("coin_in", 4, "credits"),
                   byte("wager_type"), byte("progressive_group")), H),
    0x7F: (message(Bcd("win", 4, "credits")), H),
    0x88: (REEL_STOP, H),
    0x8A: (message(Bcd("game", 2), Bcd("recall_index", 2)), H),
    0x8B: (message(byte("held")), M),
    0x8C: (message(Bcd("game", 2)), H),
}  # fmt: skip

_NAMES: Final = (
    (0x00, "no_activity", "no activity"),
    (0x11, "slot_door_opened", "slot door opened"),
    (0x12, "slot_door_closed", "slot door closed"),
    (0x13, "drop_door_opened", "drop door opened"),
    (0x14, "drop_door_closed", "drop door closed"),
    (0x15, "card_cage_opened", "card cage opened"),
    (0x16, "card_cage_closed", "card cage closed"),
    (0x17, "ac_power_applied", "AC power applied"),
    (0x18, "ac_power_lost", "AC power lost"),
    (0x19, "cashbox_door_opened", "cashbox door opened"),
    (0x1A, "cashbox_door_closed", "cashbox door closed"),
    (0x1B, "cashbox_removed", "cashbox removed"),
    (0x1C, "cashbox_installed", "cashbox installed"),
    (0x1D, "belly_door_opened", "belly door opened"),
    (0x1E, "belly_door_closed", "belly door closed"),
    (0x1F, "waiting_for_player", "no activity, waiting for player input (obsolete)"),
    (0x20, "general_tilt", "general tilt"),
    (0x21, "coin_in_tilt", "coin-in tilt"),
    (0x22, "coin_out_tilt", "coin-out tilt"),
    (0x23, "hopper_empty", "hopper empty"),
    (0x24, "extra_coin_paid", "extra coin paid"),
    (0x25, "diverter_malfunction", "diverter malfunction"),
    (0x27, "cashbox_full", "cashbox full"),
    (0x28, "bill_jam", "bill jam"),
    (0x29, "bill_acceptor_failure", "bill acceptor hardware failure"),
    (0x2A, "reverse_bill", "reverse bill"),
    (0x2B, "bill_rejected", "bill rejected"),
    (0x2C, "counterfeit_bill", "counterfeit bill"),
    (0x2D, "reverse_coin_in", "reverse coin in"),
    (0x2E, "cashbox_near_full", "cashbox near full"),
    (0x2F, "bill_acceptor_version_changed", "bill acceptor version changed"),
    (0x31, "cmos_ram_error_recovered", "CMOS RAM error, recovered from EEPROM"),
    (0x32, "cmos_ram_error_not_recovered", "CMOS RAM error, not recovered"),
    (0x33, "cmos_ram_bad_device", "CMOS RAM bad device"),
    (0x34, "eeprom_data_error", "EEPROM data error"),
    (0x35, "eeprom_bad_device", "EEPROM bad device"),
    (0x36, "eprom_version_changed", "EPROM checksum differs, version changed"),
    (0x37, "eprom_bad_checksum", "EPROM bad checksum"),
    (0x38, "partitioned_eprom_version_changed", "partitioned EPROM, version changed"),
    (0x39, "partitioned_eprom_bad_compare", "partitioned EPROM, bad compare"),
    (0x3A, "memory_error_reset", "memory error reset"),
    (0x3B, "low_backup_battery", "low backup battery"),
    (0x3C, "options_changed", "operator changed options"),
    (0x3D, "cash_out_ticket_printed", "cash-out ticket printed"),
    (0x3E, "handpay_validated", "handpay validated"),
    (0x3F, "validation_id_not_configured", "validation ID not configured"),
    (0x40, "reel_tilt", "reel tilt"),
    (0x41, "reel_1_tilt", "reel 1 tilt"),
    (0x42, "reel_2_tilt", "reel 2 tilt"),
    (0x43, "reel_3_tilt", "reel 3 tilt"),
    (0x44, "reel_4_tilt", "reel 4 tilt"),
    (0x45, "reel_5_tilt", "reel 5 tilt"),
    (0x46, "reel_mechanism_disconnected", "reel mechanism disconnected"),
    (0x47, "bill_accepted_1", "$1 bill accepted"),
    (0x48, "bill_accepted_5", "$5 bill accepted"),
    (0x49, "bill_accepted_10", "$10 bill accepted"),
    (0x4A, "bill_accepted_20", "$20 bill accepted"),
    (0x4B, "bill_accepted_50", "$50 bill accepted"),
    (0x4C, "bill_accepted_100", "$100 bill accepted"),
    (0x4D, "bill_accepted_2", "$2 bill accepted"),
    (0x4E, "bill_accepted_500", "$500 bill accepted"),
    (0x4F, "bill_accepted", "bill accepted"),
    (0x50, "bill_accepted_200", "$200 bill accepted"),
    (0x51, "handpay_pending", "handpay pending"),
    (0x52, "handpay_reset", "handpay was reset"),
    (0x53, "no_progressive_information", "no progressive information for 5 s"),
    (0x54, "progressive_win", "progressive win, paid by machine"),
    (0x55, "handpay_request_cancelled", "player cancelled handpay request"),
    (0x56, "sas_progressive_level_hit", "SAS progressive level hit"),
    (0x57, "system_validation_request", "system validation request"),
    (0x59, "non_sas_progressive_level_hit", "non-SAS progressive level hit"),
    (0x5A, "jackpot_keyed_off_to_machine_pay", "jackpot keyed off to machine pay"),
    (0x5F, "tip_awarded", "tip awarded"),
    (0x60, "printer_communication_error", "printer communication error"),
    (0x61, "printer_paper_out", "printer out of paper"),
    (0x66, "cash_out_button_pressed", "cash-out button pressed"),
    (0x67, "ticket_inserted", "ticket inserted"),
    (0x68, "ticket_transfer_complete", "ticket transfer complete"),
    (0x69, "aft_transfer_complete", "AFT transfer complete"),
    (0x6A, "aft_host_cash_out_requested", "AFT request for host cash-out"),
    (0x6B, "aft_host_win_cash_out_requested", "AFT request for host to cash out win"),
    (0x6C, "aft_registration_requested", "AFT request to register"),
    (0x6D, "aft_registration_acknowledged", "AFT registration acknowledged"),
    (0x6E, "aft_registration_cancelled", "AFT registration cancelled"),
    (0x6F, "game_locked", "game locked"),
    (0x70, "exception_buffer_overflow", "exception buffer overflow"),
    (0x71, "change_lamp_on", "change lamp on"),
    (0x72, "change_lamp_off", "change lamp off"),
    (0x74, "printer_paper_low", "printer paper low"),
    (0x75, "printer_power_off", "printer power off"),
    (0x76, "printer_power_on", "printer power on"),
    (0x77, "replace_printer_ribbon", "replace printer ribbon"),
    (0x78, "printer_carriage_jam", "printer carriage jam"),
    (0x79, "coin_in_lockout_malfunction", "coin-in lockout malfunction"),
    (0x7A, "soft_meters_reset", "soft meters reset to zero"),
    (0x7B, "bill_totals_reset", "bill validator totals reset by attendant"),
    (0x7C, "legacy_bonus_paid", "legacy bonus or multiplied jackpot paid"),
    (0x7E, "game_started", "game started"),
    (0x7F, "game_ended", "game ended"),
    (0x80, "hopper_full", "hopper full"),
    (0x81, "hopper_low", "hopper low"),
    (0x82, "attendant_menu_entered", "meters or attendant menu entered"),
    (0x83, "attendant_menu_left", "meters or attendant menu left"),
    (0x84, "operator_menu_entered", "self test or operator menu entered"),
    (0x85, "operator_menu_left", "self test or operator menu left"),
    (0x86, "out_of_service", "out of service, by attendant"),
    (0x87, "draw_cards_requested", "player asked for draw cards"),
    (0x88, "reel_stopped", "reel stopped"),
    (0x89, "credit_wagered", "coin or credit wagered"),
    (0x8A, "game_recall_displayed", "game recall entry displayed"),
    (0x8B, "card_held", "card held or not held"),
    (0x8C, "game_selected", "game selected"),
    (0x8E, "component_list_changed", "component list changed"),
    (0x8F, "authentication_complete", "authentication complete"),
    (0x98, "power_off_card_cage_access", "power-off card cage access"),
    (0x99, "power_off_slot_door_access", "power-off slot door access"),
    (0x9A, "power_off_cashbox_door_access", "power-off cashbox door access"),
    (0x9B, "power_off_drop_door_access", "power-off drop door access"),
    (0x9E, "session_started", "session start"),
    (0x9F, "session_ended", "session end"),
    (0xA0, "meter_change_pending", "meter change pending"),
    (0xA1, "meter_change_cancelled", "meter change cancelled"),
    (0xA2, "enabled_games_changed", "enabled games or denominations changed"),
)

_MEDIUM: Final = frozenset({0x2F, 0x59, 0x5A, 0x5F, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2})
"""Codes of 6.03, known from one source."""

_LOGGED: Final = frozenset({0x00, 0x11, 0x12, 0x14, 0x1A, 0x1D, 0x1F, 0x29, 0x3B, 0x69, 0x6F, 0x70,
                            0x71, 0x72, 0x7B, 0x82, 0x86, 0x88})  # fmt: skip
"""Codes seen in frames logged on real machines."""

_REAL_TIME_ONLY: Final = frozenset({0x87, 0x88, 0x89, 0x8B})
_NEVER_REAL_TIME: Final = frozenset({*range(0x47, 0x4F), 0x50})


def _row(code: int, name: str, meaning: str) -> ExceptionRow:
    data, data_confidence = _DATA.get(code, (EMPTY, M if code == 0x89 else H))
    medium = code in _MEDIUM
    return ExceptionRow(
        code,
        name,
        meaning,
        PRIORITY_ORDER.index(code) + 1 if code in PRIORITY_ORDER else None,
        data,
        code in _REAL_TIME_ONLY,
        code in _NEVER_REAL_TIME,
        M if medium else H,
        ONE if medium else FRAMES if code in _LOGGED else TABLES,
        data_confidence,
    )


EXCEPTIONS: Final[dict[int, ExceptionRow]] = {row[0]: _row(*row) for row in _NAMES}
"""Exception rows by code."""

QUEUED: Final = frozenset(
    row.code for row in EXCEPTIONS.values() if row.priority is None and not row.real_time_only
)
"""Codes that nothing but their place in the queue orders, whatever validation is in use."""

assert len(EXCEPTIONS) == len(_NAMES), "two exceptions share a code"
assert len({row.name for row in EXCEPTIONS.values()}) == len(_NAMES), "two share a name"


def exception_text(code: int) -> str:
    """Return what the code means ("slot door opened"), or "exception D4" outside the table."""
    row = EXCEPTIONS.get(code)
    return row.meaning if row else f"exception {code:02X}"
