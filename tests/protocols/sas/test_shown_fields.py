"""Fields as a person reads them."""

import pytest

from protocols.sas.field_lists import Numbers, Rest, SizedBcd
from protocols.sas.fields import Bcd, Digits, Hex, Lsb, Text, byte
from protocols.sas.message import message
from protocols.sas.secrets import Secret
from protocols.sas.shown_fields import ShownField, field_text, money, printable, shown, shown_fields
from protocols.sas.tables import POLLS
from protocols.sas.tables.codes import BILLS, COUNTRIES
from protocols.sas.tables.meter_lists import MeterValue

CASES = [
    (Bcd("amount_cents", 5, "cents"), 4750, (4750, "cents", "47.50")),
    (Bcd("lock_timeout", 2, "1/100 s"), 250, (250, "1/100 s", "2.5 s")),
    (Bcd("game", 2), 0, (0, "", "the whole machine, or none")),
    (Bcd("game", 2), 7, (7, "", "")),
    (Lsb("delay", 2, "100 ms"), 144, (144, "100 ms", "14.4 s")),
    (byte("max_bet"), 255, (255, "", "above 255")),
    (byte("max_bet"), 50, (50, "", "")),
    (byte("index"), 9, (9, "", "")),
    (byte("index"), 42, (42, "", "2A hex")),
    (byte("percent_full"), 80, (80, "", "80 %")),
    (byte("percent_full"), 255, (255, "", "not known")),
    (Lsb("country", codes=COUNTRIES), 0x37, ("37", "", "USA")),
    (Lsb("bill", codes=BILLS), 0x07, ("07", "", "a bill of 100")),
    (Lsb("bill", codes=BILLS), 0x99, ("99", "", "a code that no table knows")),
    (byte("flags"), 0x81, ("81", "", "host cash-out control, receipt requested")),
    (Lsb("mask", 2), 0x0021, ("0021", "", "printer as cash-out device, ticket redemption")),
    (Lsb("states", 2), 0, ("0000", "", "none")),
    (Lsb("bill_mask", 4), 0x81, ("00000081", "", "1, 100")),
    (byte("wager_type"), 0x81, ("81", "", "0.01 a credit, maximum bet")),
    (byte("wager_type"), 0x3E, ("3E", "", "denomination code 3E")),
    (byte("held"), 0x83, ("83", "", "card 3 is held")),
    (byte("held"), 0x03, ("03", "", "card 3 is not held")),
    (Digits("date", 4), "07122020", ("07122020", "", "2020-07-12")),
    (Digits("date", 4), "13322020", ("13322020", "", "no date (MMDDYYYY)")),
    (Digits("expiry", 4), "00000030", ("00000030", "", "30 days")),
    (Digits("expiry", 4), "00000000", ("00000000", "", "none")),
    (Digits("time", 3), "021501", ("021501", "", "02:15:01")),
    (Text("base_percent", 4), "9512", ("9512", "", "95.12 %")),
    (Text("base_percent", 4), "95.1", ("95.1", "", "not four digits")),
    (Text("paytable", 6), "A\x1b[2J\xff", ("A\\x1b[2J\\xff", "", "")),
    (Hex("game_options", 2), "ab01", ("AB01", "", "hex, not decoded")),
    (Rest("data"), "ab", ("AB", "", "hex, not decoded")),
    (Numbers("games", 2, 0, 9, bcd=True), (1, 12), ("1 12", "", "")),
    (Numbers("codes", 1, 1, 10), (0x00, 0x9E), ("00 9E", "", "coin_in, meter_9E")),
    (Numbers("denomination_codes", 1, 0, 9), (1, 0xEE),
     ("01 EE", "", "0.01 a credit, denomination code EE")),
    (Numbers("cards", 1, 5, 5), (0x0C, 0x29, 0x4D, 0x7E), (
        "0C 29 4D 7E", "", "ace of spades, jack of hearts, joker, rank E of suit 7")),
    (SizedBcd("cashable_total", "cents"), (250, 9), (250, "cents", "18 digits, 2.50")),
    (SizedBcd("cashable_total", "cents"), (None, 0), (None, "cents", "not kept by this EGM")),
    (Hex("key", 20, secret=True), Secret("00" * 20), ("**", "", "a secret, never shown")),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "expected"), CASES, ids=lambda item: str(item)[:40])
def test_a_field_says_its_value_unit_and_meaning(field, value, expected):
    assert shown(field, value) == [ShownField(field.name, *expected)]


def test_features_are_named():
    (field,) = shown(Numbers("features", 1, 4, 4), (0x80 | 0x40, 0x42, 0x01, 0x00))
    assert field.value == "C0 42 01 00"
    assert field.meaning == (
        "ticket redemption, AFT, fast poll, 40 ms, validation secure enhanced, "
        "credits metered when played or paid"
    )


def test_a_list_of_meters_is_one_field_a_meter():
    field = POLLS[0x6F].reply.fields[1]
    values = (MeterValue(0, 5, 4), MeterValue(0x0D, 250, 5), MeterValue(0x9E, 1, 4),
              MeterValue(5, None, 0))  # fmt: skip
    assert shown(field, values) == [
        ShownField("coin_in", 5, "credits", "meter 00, 8 digits"),
        ShownField("cashable_ticket_in_cents", 250, "cents", "meter 0D, 10 digits, 2.50"),
        ShownField("meter_9E", 1, "", "meter 9E, 8 digits"),
        ShownField("games_played", None, "count", "meter 05, not kept by this EGM"),
    ]


def test_records_are_numbered():
    field = POLLS[0x86].request.fields[1]
    found = shown(field, ({"level": 1, "amount_cents": 100}, {"level": 2, "amount_cents": 5}))
    assert [item.name for item in found] == [
        f"levels.{number}.{name}" for number in (1, 2) for name in ("level", "amount_cents")
    ]
    assert found[1].meaning == "1.00"


def test_fields_come_in_wire_order_and_none_is_left_out():
    layout = message(Bcd("b", 1), Bcd("a", 1))
    found = shown_fields([layout], {"a": 1, "b": 2, "undecoded": "ff", "data": ""})
    assert [(field.name, field.value) for field in found] == [
        ("b", 2), ("a", 1), ("undecoded", "ff")]  # fmt: skip


def test_a_field_in_a_few_words():
    assert field_text(ShownField("coin_in", 5, "credits", "x")) == "coin_in 5 credits (x)"
    assert field_text(ShownField("coin_in", None, "credits", "x")) == "coin_in not kept credits"
    assert field_text(ShownField("version", "602")) == "version 602"


def test_money_and_text_are_printed_safely():
    assert (money(0), money(5), money(123456789)) == ("0.00", "0.05", "1,234,567.89")
    assert printable("A\n\u00e9") == "A\\x0a\\xe9"
