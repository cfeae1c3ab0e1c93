"""What a machine answers to long polls, byte for byte."""

from dataclasses import replace
from decimal import Decimal

import pytest

from floor_sim.machine import play, service
from floor_sim.machine.answers import row_of
from protocols.sas.tables.polls import POLLS


@pytest.fixture
def played(talk):
    """A machine that took two bills, played three games and paid a ticket out."""
    for face in (20, 5):
        assert play.bill_in(talk.machine, face, talk.now)
    for _ in range(3):
        assert play.start_game(talk.machine, 100, talk.now)
        play.end_game(talk.machine, talk.now)
    return talk


def bcd(number, width=4):
    return f"{number:0{2 * width}d}"


def test_every_poll_of_the_table_is_answered_or_has_a_reason_not_to_be():
    rows = {command: row_of(command) for command in POLLS}
    assert all(row is not None and row.does for row in rows.values())
    assert all(row.without for row in rows.values() if row.needs is not None)


def test_0f_tells_six_meters_in_their_order(played, crc):
    book = played.cabinet.meters
    names = ["cancelled_credits", "coin_in", "coin_out", "total_drop", "jackpot", "games_played"]
    assert book.true("coin_in") == 300
    assert book.true("total_drop") == 2500
    assert played.says("010f") == crc("010f" + "".join(bcd(book.true(name)) for name in names))


def test_1c_ends_with_doors_and_power(talk, crc):
    service.open_door(talk.machine, "slot", talk.now)
    assert talk.says("011c") == crc("011c" + "00000000" * 6 + "00000001" + "00000000")


def test_1e_counts_bills(played, crc):
    assert played.says("011e") == crc("011e" + "00000000000000010000000000000001" + "0" * 16)


def test_48_tells_the_last_bill(played, crc):
    assert played.says("0148") == crc("0148" + "370200000001")


def test_48_of_a_new_machine_is_all_zero(talk, crc):
    assert talk.says("0148") == crc("0148000000000000")


def test_2f_tells_the_meters_that_the_machine_keeps(played, crc):
    # drop, a meter in cents (5 bytes), one that it does not keep (A0), credits from bills
    answer = played.says(crc("012f060000240ea00b"))
    assert answer == crc("012f120000" + "2400002500" + "0e0000000000" + "0b00002500")


def test_6f_and_af_say_the_size_of_each_and_0_for_what_is_not_kept(played, crc):
    body = "0000" + "2400" + "04" + "00002500" + "a000" + "00" + "0e00" + "05" + "0000000000"
    length = f"{len(body) // 2:02x}"
    assert played.says(crc("016f0800002400a0000e00")) == crc("016f" + length + body)
    assert played.says(crc("01af0800002400a0000e00")) == crc("01af" + length + body)


def test_a_meter_rolls_over_at_its_digits(talk, crc):
    talk.cabinet.meters.add("coin_in", 99_999_999)
    assert talk.says("0111") == crc("011199999999")
    talk.sync()
    talk.cabinet.meters.add("coin_in", 46)
    assert talk.says("0111") == crc("011100000045")


def test_a_machine_with_ten_digits_rolls_over_later_where_the_poll_has_room(
    conversation, settings, crc
):
    talk = conversation(replace(settings, meter_digits=10))
    talk.sync()
    talk.cabinet.meters.add("coin_in", 100_000_045)
    assert talk.says("0111") == crc("011100000045")
    assert talk.says(crc("016f0400000000")) == crc("016f0a0000" + "0000050100000045")


def test_1f_tells_denomination_bets_and_payback(conversation, settings, crc):
    quarter = replace(
        settings, denomination_code=0x04, cents_per_credit=25, par_percent=Decimal("8.5"),
        bets=(1, 3, 300), game_id="AB", additional_id="123", paytable_id="PT0001",
    )  # fmt: skip
    talk = conversation(quarter)
    talk.sync()
    ascii_part = b"AB123".hex()
    tail = "04ff000000" + b"PT0001".hex() + b"9150".hex()
    assert talk.says("011f") == crc("011f" + ascii_part + tail)
    assert talk.says("01b1") == crc("01b104")


def test_54_tells_version_and_serial_number(conversation, settings, crc):
    talk = conversation(replace(settings, serial="SIM10101"))
    talk.sync()
    assert talk.says("0154") == crc("01540b" + b"602SIM10101".hex())


def test_51_and_55_of_a_machine_with_one_game(talk, crc):
    assert talk.says("0151") == crc("01510000")
    assert talk.says("0155") == crc("01550001")


def test_7e_tells_the_time_that_7f_has_set(talk, crc):
    assert talk.says(crc("017f11212025093059")) == "01"
    assert talk.says("017e", after=1.0) == crc("017e11212025093100")


def test_a_clock_that_a_host_set_goes_on_after_a_power_cut(talk, crc):
    talk.says(crc("007f11212025235950"))
    again = talk.reboot(after=10)
    again.sync()
    assert again.says("017e", after=0.8) == crc("017e11222025000001")


@pytest.mark.parametrize(
    "wrong", ["017f13212025093059", "017f11312025093059", "017f11212025243059"]
)
def test_a_date_that_does_not_exist_gets_a_nack(talk, crc, wrong):
    assert talk.says(crc(wrong)) == "81"


def test_a0_tells_three_feature_bytes(talk, crc):
    assert talk.says(crc("01a00000")) == crc("01a00000" + "000d00" + "00" + "0000")


def test_a_game_that_the_machine_does_not_have_gets_a_nack(talk, crc):
    assert talk.says(crc("01520002")) == "81"
    assert talk.says(crc("01520001")) == crc("01520001" + "00000000" * 4)


def test_3d_tells_number_and_amount_of_the_last_ticket_and_no_record_has_the_number(played):
    amount = played.cabinet.credits
    assert play.cash_out(played.machine, played.now)
    answer = played.says("013d")
    assert answer.startswith("013d")
    assert answer[12:22] == bcd(amount, 5)
    number = answer[4:12]
    assert int(number) > 0
    assert number not in str(played.journal.records)
    assert str(int(number)) not in str(played.journal.records)


def test_a_host_can_shut_the_machine_down_and_switch_the_acceptor(talk, crc):
    assert talk.says(crc("0107")) == "01"
    assert not play.bill_in(talk.machine, 20, talk.now)
    assert talk.says(crc("0106")) == "01"
    assert play.bill_in(talk.machine, 20, talk.now)
    assert talk.says(crc("0101")) == "01"
    assert not play.start_game(talk.machine, 100, talk.now)
    assert talk.says(crc("0102")) == "01"
    assert play.start_game(talk.machine, 100, talk.now)


def test_a_machine_with_one_denomination_is_silent_about_others(talk):
    assert talk.says("01b0020111b0c7") == ""
    assert talk.says("0111") != ""
