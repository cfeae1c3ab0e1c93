"""The meter table: what every builder of readings relies on."""

import pytest

from protocols.sas.tables.meters import KEYED_FUNDS, METERS, METERS_BY_NAME, Kind, Unit, meter_name

NAMES = {
    0x00: "coin_in", 0x01: "coin_out", 0x02: "jackpot", 0x03: "hand_paid_cancelled_credits",
    0x04: "cancelled_credits", 0x05: "games_played", 0x06: "games_won", 0x07: "games_lost",
    0x0B: "bills_accepted_credits", 0x0C: "current_credits", 0x24: "total_drop",
}  # fmt: skip


@pytest.mark.parametrize(("code", "name"), NAMES.items())
def test_the_names_in_events_do_not_change(code, name):
    assert METERS[code].name == name
    assert METERS_BY_NAME[name] is METERS[code]


def test_reserved_codes_have_no_row():
    reserved = {*range(0x3A, 0x3E), *range(0x79, 0x7F), *range(0x94, 0xA0), *range(0xB2, 0xB8),
                *range(0xBE, 0xFA), *KEYED_FUNDS}  # fmt: skip
    assert METERS.keys() == set(range(256)) - reserved


def test_cents_are_ten_digits_and_the_rest_eight():
    for row in METERS_BY_NAME.values():
        assert row.digits == (10 if row.unit is Unit.CENTS else 8)
        assert row.width == row.digits // 2


def test_what_goes_up_and_down_is_a_gauge():
    gauges = {row.code for row in METERS.values() if row.kind is Kind.GAUGE}
    assert gauges == {0x0C, 0x1B, 0x3E, 0x3F, 0x7F}


def test_a_code_in_no_table_is_shown_as_hex():
    assert meter_name(0x00) == "coin_in"
    assert meter_name(0x9E) == "meter_9E"
    assert meter_name(0x1234) == "meter_1234"
