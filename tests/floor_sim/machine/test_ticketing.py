"""Tickets printed and tickets taken, byte for byte."""

from dataclasses import replace

import pytest

from floor_sim.machine import play, tickets
from floor_sim.machine.settings import PRIORITY_SECURE, PortSettings

PORT = PortSettings(priority=PRIORITY_SECURE)
NUMBER = "0112233445566778"
ASSET = "75270000"  # 10101, least significant byte first


@pytest.fixture
def built(conversation, settings):
    """Make a conversation with a machine that is built in some way, and polled already."""

    def make(**changes):
        one = conversation(replace(settings, port=PORT, **changes))
        one.sync()
        assert one.says("81") == "00"
        one.sync()
        return one

    return make


@pytest.fixture
def system(built):
    return built(validation="system")


@pytest.fixture
def secure(built):
    return built(validation="secure enhanced")


@pytest.fixture
def taking(built, crc):
    one = built(validation="system", ticket_redemption=True)
    assert one.says(crc("017b08" + "2000" + "2000" + "0000" + "0000")).startswith("017b0a")
    one.sync()
    return one


def pay_out(talk, face=20):
    assert play.bill_in(talk.machine, face, talk.now)
    assert play.cash_out(talk.machine, talk.now)


def test_system_validation_asks_for_a_number_and_prints_with_it(system, crc):
    pay_out(system)
    assert system.drain() == ["57", "4a", "66"]
    assert system.says("0157") == crc("0157" + "00" + "0000002000")
    assert not play.start_game(system.machine, 40, system.now)
    assert system.says(crc("0158" + "01" + NUMBER)) == crc("015800")
    assert system.drain() == ["3d"]
    assert system.cabinet.credits == 0
    shown = system.machine.clock(system.now - 0.6)
    day = f"{shown:%m%d%Y}"
    answer = system.says(crc("014dff"))
    assert answer == crc(answer[:-4])
    assert answer[:16] == "014d" + "00" + "01" + day
    assert answer[22:].startswith(NUMBER + "0000002000" + "0100" + "01" + "00000000" + "0000")
    assert len(answer) == 2 * (2 + 31 + 2)


def test_4d_00_marks_a_record_as_read_only_once_its_answer_arrived(system, crc):
    for number in ("0000000000000011", "0000000000000022"):
        pay_out(system)
        assert system.says(crc("0158" + "01" + number)) == crc("015800")
        system.sync()

    def number_told(function):
        return system.says(crc("014d" + function))[22:38]

    assert number_told("00") == "0000000000000011"
    assert number_told("00") == "0000000000000011"  # the same poll: it did not arrive
    system.sync()
    assert number_told("00") == "0000000000000022"
    system.sync()
    assert number_told("00") == "0" * 16
    system.sync()
    assert number_told("01") == "0000000000000011"
    system.sync()
    assert number_told("ff") == "0" * 16
    system.sync()
    assert system.says(crc("014d20")) == "81"


def test_a_denied_number_and_none_in_10_s_are_paid_by_hand(system, crc):
    pay_out(system)
    assert system.says(crc("0158" + "00" + "00" * 8)) == crc("015800")
    assert system.told()[-1] == "51"
    assert play.reset_handpay(system.machine, system.now)
    system.drain()
    pay_out(system)
    system.wait(9)
    system.sync()
    assert system.says("81") == "57"
    system.wait(1)
    system.sync()
    system.says("81")
    assert system.cabinet.locked
    assert system.says(crc("0158" + "01" + NUMBER)) == crc("015880")


def test_58_without_a_number_is_improper(system, crc):
    pay_out(system)
    assert system.says(crc("0158" + "01" + "00" * 8)) == crc("015881")
    assert system.cabinet.tickets.waiting


def test_no_number_of_a_ticket_is_written_down(system, taking, crc):
    pay_out(system)
    system.says(crc("0158" + "01" + NUMBER))
    assert str(int(NUMBER)) not in str(system.journal.records)
    assert tickets.insert(taking.machine, 500, "cashable", taking.now)
    number = taking.cabinet.secrets.ticket
    redeem(taking, crc)
    assert str(number) not in str(taking.journal.records)


def test_secure_validation_needs_an_id_and_forgets_it_at_a_power_cut(secure, crc):
    assert secure.says(crc("014c" + "000000" + "000000")) == crc("014c" + "00" * 6)
    pay_out(secure)
    assert secure.told()[-2:] == ["3F", "51"]
    assert play.reset_handpay(secure.machine, secure.now)
    secure.drain()
    assert secure.says(crc("014c" + "563412" + "010000")) == crc("014c" + "563412" + "010000")
    secure.sync()
    pay_out(secure)
    assert secure.drain() == ["3d", "4a", "66"]
    again = secure.reboot()
    assert again.drain()[:1] == ["3f"]


def test_records_that_nobody_reads_fill_up_and_then_it_is_a_handpay(built, crc):
    talk = built(validation="secure enhanced", ticket_records_max=2)
    talk.says(crc("014c" + "563412" + "010000"))
    pay_out(talk)
    pay_out(talk)
    assert not talk.cabinet.locked
    pay_out(talk)
    assert talk.cabinet.locked


def test_50_tells_count_and_cents_of_one_kind(secure, crc):
    secure.says(crc("014c" + "563412" + "010000"))
    pay_out(secure)
    pay_out(secure, 5)
    assert secure.says(crc("015000")) == crc("015000" + "00000002" + "0000002500")
    secure.sync()
    assert secure.says(crc("015001")) == crc("015001" + "00000000" + "0000000000")
    # 86 and 87, the meters of the same
    body = "0000" + "8600" + "05" + "0000002500" + "8700" + "04" + "00000002"
    assert secure.says(crc("016f06000086008700")) == crc(f"016f{len(body) // 2:02x}" + body)


def test_a_handpay_is_validated_where_the_host_wants_that(secure, crc):
    secure.says(crc("014c" + "563412" + "010000"))
    states = "0a" + ASSET + "0480" + "0000" + "0000"
    assert secure.says(crc("017b08" + "0400" + "0400" + "0000" + "0000")) == crc("017b" + states)
    play.jackpot(secure.machine, 125_000, secure.now)
    play.reset_handpay(secure.machine, secure.now)
    assert "3e" in secure.drain()
    assert secure.says(crc("014dff"))[4:8] == "6001"
    secure.sync()
    assert secure.says(crc("015060")) == crc("015060" + "00000001" + "0000125000")


def test_7b_changes_only_what_its_mask_names_and_keeps_expiries_of_zero(taking, crc):
    answer = "017b0a" + ASSET
    assert taking.says(crc("017b08" + "0100" + "ffff" + "3000" + "0700")) == crc(
        answer + "2100" + "3000" + "0700"
    )
    taking.sync()
    assert taking.says(crc("017b08" + "2000" + "0000" + "0000" + "0000")) == crc(
        answer + "0100" + "3000" + "0700"
    )
    assert not tickets.insert(taking.machine, 500, "cashable", taking.now)


def test_7c_and_7d_are_kept_also_from_a_broadcast(system, crc):
    assert system.says(crc("017c05" + "0003" + b"Bar".hex())) == crc("017c01")
    assert system.says(crc("007d09" + "0100" + "1e" + "024141" + "0142" + "00")) == ""
    texts = dict(system.cabinet.tickets.texts)
    assert texts["00"] == "AA"
    assert texts["01"] == "B"
    assert system.cabinet.tickets.expiries[0] == 30


def ticket(talk, cents=500, kind="cashable"):
    assert tickets.insert(talk.machine, cents, kind, talk.now)
    return f"{talk.cabinet.secrets.ticket:018d}"


def redeem(talk, crc, code="00", cents="0000000500", number=None):
    number = number or f"{talk.cabinet.secrets.ticket:018d}"
    return talk.says(crc("017110" + code + cents + "00" + number))[6:8]


def test_a_ticket_is_told_asked_about_and_credited(taking, crc):
    assert taking.says("0170") == crc("017001ff")
    number = ticket(taking)
    assert taking.drain() == ["67"]
    assert taking.says("0170") == crc("017010" + "00" + "0000000500" + "00" + number)
    assert taking.says(crc("017101ff")) == crc("017110" + "20" + "0000000500" + "00" + number)
    taking.sync()
    assert redeem(taking, crc) == "40"
    assert taking.drain() == ["68"]
    assert taking.says(crc("017101ff")) == crc("017110" + "00" + "0000000500" + "00" + number)
    assert taking.says("011a") == crc("011a00000500")
    assert taking.says("0170") == crc("017001ff")
    count = taking.cabinet.meters.true
    assert count("cashable_ticket_in_cents") == count("regular_cashable_ticket_in_cents") == 500
    assert count("total_drop") == count("ticket_in_credits") == 500


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"code": "83"}, "80"),
        ({"number": "000000000000000001"}, "81"),
        ({"code": "05"}, "82"),
        ({"cents": "0000000000"}, "83"),
        ({"cents": "0000000600"}, "86"),
        ({"cents": "0009999900"}, "84"),
    ],
)
def test_a_ticket_that_a_host_refuses_or_gets_wrong_goes_back(taking, crc, changes, status):
    ticket(taking)
    taking.drain()
    assert redeem(taking, crc, **changes) == status
    assert taking.drain() == ["68"]
    assert taking.cabinet.credits == 0
    assert redeem(taking, crc) == "c0"


def test_a_ticket_that_no_host_answers_for_goes_back_after_30_s(taking, crc):
    ticket(taking)
    for _ in range(6):
        taking.wait(4)
        taking.says("80")
        assert taking.says("81") in {"67", "00"}
        taking.sync()
    taking.wait(3)
    taking.sync()
    assert taking.drain() == ["68"]
    assert taking.says(crc("017101ff"))[6:8] == "88"


def test_restricted_credits_are_played_first_and_leave_on_a_ticket_of_their_own(taking, crc):
    ticket(taking, kind="restricted")
    assert redeem(taking, crc, code="01") == "40"
    assert play.bill_in(taking.machine, 5, taking.now)
    assert taking.cabinet.meters.true("current_restricted_credits") == 500
    assert play.start_game(taking.machine, 120, taking.now)
    assert taking.cabinet.meters.true("restricted_played") == 120
    win = play.end_game(taking.machine, taking.now)
    assert play.cash_out(taking.machine, taking.now)
    assert taking.says("0157") == crc("0157" + "00" + f"{500 + win:010d}")
    assert taking.says(crc("0158" + "01" + NUMBER)) == crc("015800")
    assert taking.cabinet.credits == 380
    assert not play.cash_out(taking.machine, taking.now)
    taking.says(crc("017b08" + "0800" + "0800" + "0000" + "0000"))
    assert play.cash_out(taking.machine, taking.now)
    assert taking.says("0157") == crc("0157" + "01" + "0000000380")


def test_a_power_cut_gives_the_ticket_back_and_pays_what_waited_by_hand(taking, system, crc):
    ticket(taking)
    again = taking.reboot()
    assert again.told()[-1] == "68"
    assert not again.cabinet.tickets.escrow
    pay_out(system)
    again = system.reboot()
    assert again.cabinet.locked
