"""Every meter rolls over at its digits; gauges do not."""

from dataclasses import replace

import pytest

from floor_sim.machine.meters import MACHINE_METERS, Cell, MeterBook, kept_meters
from floor_sim.machine.settings import GameSettings
from protocols.sas.tables.meters import METERS, METERS_BY_NAME, Kind

COUNTERS = sorted(name for name in MACHINE_METERS if METERS_BY_NAME[name].kind is Kind.COUNTER)
CODE = {row.name: code for code, row in METERS.items()}


@pytest.fixture
def everything(settings):
    """A machine that is built for every meter."""
    return replace(
        settings, ticket_redemption=True, legacy_bonus=True, tournament=True,
        transfers=frozenset({"in-house", "bonus"}), progressive_group=1, progressive_levels=(1,),
        bills=(1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10000, 20000,
               25000, 50000, 100000, 200000, 250000, 500000, 1000000),
    )  # fmt: skip


def test_every_counter_rolls_over_at_its_digits_on_the_wire(conversation, everything, crc):
    talk = conversation(everything)
    talk.sync()
    book = talk.cabinet.meters
    coded = [name for name in COUNTERS if name in CODE]
    assert kept_meters(everything) >= set(coded)
    for name in coded:
        size = METERS_BY_NAME[name].digits // 2
        ask = crc(f"016f040000{CODE[name]:02x}00")
        front = f"016f{5 + size:02x}0000{CODE[name]:02x}00{size:02x}"
        book.add(name, 10 ** (2 * size) - 1)
        assert talk.says(ask, after=0.01) == crc(front + "99" * size), name
        talk.says("80", after=0.01)
        book.add(name, 3)
        assert talk.says(ask, after=0.01) == crc(front + "00" * (size - 1) + "02"), name
        talk.says("80", after=0.01)


def test_a_book_with_more_digits_sends_whole_bytes():
    assert MeterBook(9).digits("coin_in") == 10
    assert MeterBook(8).digits("cashable_ticket_in_cents") == 10


def test_a_gauge_never_rolls_over_and_never_falls_below_nothing():
    book = MeterBook()
    book.add("current_credits", 5)
    with pytest.raises(AssertionError, match="below nothing"):
        book.add("current_credits", -6)


def test_cells_add_up_to_the_machine_and_are_remembered():
    book = MeterBook()
    book.add("coin_in", 5, Cell(1, 0x01))
    book.add("coin_in", 7, Cell(2, 0x04))
    again = MeterBook()
    again.restore(book.counts())
    assert again.true("coin_in") == 12
    assert again.true("coin_in", [Cell(2, 0x04)]) == 7
    again.clear()
    assert again.counts() == {}


def test_a_machine_keeps_the_meters_that_it_is_built_for(settings):
    plain = kept_meters(settings)
    assert "in_house_cashable_to_egm_cents" not in plain
    assert "bills_1000" not in plain
    assert "legacy_bonus_deductible" in kept_meters(replace(settings, legacy_bonus=True))
    assert kept_meters(replace(settings, games=(GameSettings("A"),))) == plain
