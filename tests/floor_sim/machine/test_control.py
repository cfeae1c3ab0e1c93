"""Orders to the machine as a whole, and real-time events, byte for byte."""

from dataclasses import replace

import pytest

from floor_sim.machine import options, play, service


def plays(talk, bet=100):
    done = play.start_game(talk.machine, bet, talk.now)
    play.end_game(talk.machine, talk.now)
    play.reset_handpay(talk.machine, talk.now)
    return done


def test_maintenance_stops_play_until_it_is_left_also_over_a_power_cut(talk, crc):
    play.bill_in(talk.machine, 20, talk.now)
    assert talk.says(crc("010a")) == "01"
    assert not plays(talk)
    again = talk.reboot()
    again.sync()
    assert not plays(again)
    assert again.says(crc("010b")) == "01"
    assert plays(again)


def test_sounds_are_switched(talk, crc):
    assert talk.says(crc("0103")) == "01"
    assert talk.says(crc("0105")) == "01"
    switches = talk.cabinet.switches
    assert (switches.sound, switches.game_sounds) == (False, False)
    assert talk.says(crc("0104")) == "01"
    switches = talk.cabinet.switches
    assert (switches.sound, switches.game_sounds) == (True, True)


def test_08_chooses_bills_and_can_switch_the_acceptor_off_after_one(talk, crc):
    assert talk.says(crc("0108" + "14000000" + "00")) == "01"  # $5 and $20, one at a time
    assert not play.bill_in(talk.machine, 10, talk.now)
    assert play.bill_in(talk.machine, 5, talk.now)
    assert not play.bill_in(talk.machine, 20, talk.now)
    assert talk.says(crc("0106")) == "01"
    assert play.bill_in(talk.machine, 20, talk.now)
    assert talk.says(crc("0108" + "ffffffff" + "01")) == "01"
    assert talk.says(crc("0106")) == "01"
    assert play.bill_in(talk.machine, 10, talk.now)
    assert play.bill_in(talk.machine, 100, talk.now)
    assert talk.says(crc("0108" + "ffffffff" + "02")) == "81"


def test_2e_holds_the_next_game_back(talk, crc):
    play.bill_in(talk.machine, 20, talk.now)
    assert talk.says(crc("012e" + "1400")) == "01"  # 20 tenths of a second
    talk.wait(1.9)
    assert not plays(talk)
    talk.wait(0.2)
    assert plays(talk)


def test_aa_is_silence_on_a_machine_without_automatic_rebet(talk, conversation, settings, crc):
    assert talk.says(crc("01aa01")) == ""
    able = conversation(replace(settings, auto_rebet=True))
    able.sync()
    assert able.says(crc("01aa01")) == "01"
    assert able.cabinet.switches.rebet
    able.sync()
    assert able.says(crc("01aa05")) == "81"


@pytest.mark.parametrize(
    "poll",
    ["016e0100", "0175" + "00", "0176" + "00", "01b600", "01b700", "011d", "018b" + "00" * 11],
)
def test_what_no_machine_supports_gets_silence(talk, crc, poll):
    assert talk.says(poll if poll == "011d" else crc(poll)) == ""


def test_21_is_acknowledged_and_its_signature_answers_a_later_general_poll_until_it_arrived(
    talk, crc
):
    assert talk.says(crc("01213412")) == "01"
    talk.sync()
    assert talk.says("81") == "00"  # it works two seconds on it
    talk.wait(2)
    talk.happens(0x11)
    talk.sync()
    first = talk.says("81")
    assert len(first) == 12
    assert first == crc(first[:8])
    assert first.startswith("0121")
    assert talk.says("81") == first
    talk.sync()
    assert talk.says("81") == "11"


def test_while_it_works_on_a_signature_general_polls_are_answered_as_ever(talk, crc):
    talk.says(crc("01213412"))
    talk.happens(0x11)
    talk.sync()
    assert talk.says("81") == "11"
    talk.sync()
    assert talk.says("81") == "00"
    talk.wait(2)
    talk.sync()
    assert talk.says("81").startswith("0121")
    assert talk.says(crc("01217856")) == "01"  # acknowledges it, and asks for another
    talk.sync()
    assert talk.says("81") == "00"
    talk.wait(2)
    talk.sync()
    assert talk.says("81").startswith("0121")


def test_the_signature_depends_on_the_seed_and_on_the_paytable(talk, conversation, settings, crc):
    def signature(one, seed):
        one.says(crc("0121" + seed))
        one.wait(3)
        return one.drain()[0]

    first = signature(talk, "3412")
    other = conversation(replace(settings, paytable_id="OTHER1"))
    other.sync()
    assert signature(other, "3412") != first
    assert signature(talk, "3512") != first
    assert signature(talk, "3412") == first


@pytest.fixture
def real_time(talk, crc):
    assert talk.says(crc("010e01")) == "01"
    talk.sync()
    return talk


def test_in_real_time_an_event_answers_a_long_poll_which_must_be_asked_again(real_time, crc):
    talk = real_time
    talk.happens(0x11)
    assert talk.says("011a") == crc("01ff11")
    assert talk.says("011a") == crc("01ff11")  # the same poll: it did not arrive
    talk.sync()
    assert talk.says("011a") == crc("011a00000000")
    assert talk.told("acked") == ["11"]


def test_in_real_time_a_bill_is_4f_with_country_value_and_count(real_time, crc):
    talk = real_time
    play.bill_in(talk.machine, 20, talk.now)
    assert talk.says("81") == crc("01ff4f" + "37" + "04" + "00000001")
    assert talk.told() == ["4A"]


def test_in_real_time_a_game_tells_its_bet_and_its_win(real_time, crc):
    talk = real_time
    play.bill_in(talk.machine, 20, talk.now)
    play.start_game(talk.machine, 300, talk.now)
    win = play.end_game(talk.machine, talk.now)
    talk.says("81")
    talk.sync()
    assert talk.says("81") == crc("01ff7e" + "0300" + "00000300" + "81" + "00")
    talk.sync()
    assert talk.says("81") == crc("01ff7f" + f"{win:08d}")


def test_reels_stop_one_by_one_in_real_time_and_8f_says_the_same(conversation, settings, crc):
    talk = conversation(replace(settings, reels=3))
    talk.sync()
    play.bill_in(talk.machine, 20, talk.now)
    assert talk.says(crc("010e01")) == "01"
    plays(talk)
    stops = [frame for frame in talk.drain_frames() if frame[:6] == "01ff88"]
    assert [frame[6:8] for frame in stops] == ["01", "02", "03"]
    told = "".join(frame[8:10] for frame in stops)
    assert talk.says("018f") == crc("018f" + told + "ff" * 6)


def test_a_machine_in_real_time_is_silent_while_nothing_waits_or_says_so_as_it_is_built(
    real_time, conversation, port_settings, crc
):
    assert real_time.says("81") == ""
    chatty = conversation(port_settings(real_time_idle=0x1F))
    chatty.sync()
    assert chatty.says(crc("010e01")) == "01"
    assert chatty.says("81") == crc("01ff1f")


def test_real_time_ends_with_0e_00_and_with_a_power_cut(real_time, crc):
    talk = real_time
    assert talk.says(crc("010e00")) == "01"
    assert talk.says("81") == "00"
    assert talk.says(crc("010e01")) == "01"
    assert talk.says(crc("010e02")) == "01"  # the same command: the stored answer
    talk.sync()
    assert talk.says(crc("010e02")) == "81"
    again = talk.reboot()
    again.sync()
    assert again.says("81") == "17"


def test_self_test_stops_play_and_is_told(talk):
    play.bill_in(talk.machine, 20, talk.now)
    assert service.enter_self_test(talk.machine, talk.now)
    assert not plays(talk)
    assert service.leave_self_test(talk.machine, talk.now)
    assert plays(talk)
    assert talk.drain() == ["4a", "84", "85", "7e", "7f"]


def test_a_changed_option_is_told_once_and_outlives_a_power_cut(talk, crc):
    assert options.change_options(talk.machine, talk.now, paytable_id="NEW001", par_percent="8.5")
    assert talk.drain() == ["3c"]
    again = talk.reboot()
    again.sync()
    assert b"NEW0019150".hex() in again.says("011f")


def test_another_accounting_denomination_begins_a_new_life_of_the_meters(talk, crc):
    play.bill_in(talk.machine, 20, talk.now)
    assert not options.change_options(talk.machine, talk.now, denomination_code=0x04)
    play.cash_out(talk.machine, talk.now)
    assert options.change_options(talk.machine, talk.now, denomination_code=0x04)
    assert talk.drain()[-2:] == ["3c", "7a"]
    assert talk.says("01b1") == crc("01b104")
    assert talk.says("0113") == crc("011300000000")
    play.bill_in(talk.machine, 20, talk.now)
    assert talk.says("011a") == crc("011a00000080")
    assert talk.cabinet.epoch == 1


def test_a_ram_clear_forgets_meters_credits_handpays_and_what_waited(talk, crc):
    play.bill_in(talk.machine, 20, talk.now)
    play.jackpot(talk.machine, 125_000, talk.now)
    talk.says(crc("0109000100"))
    service.open_door(talk.machine, "slot", talk.now)
    assert options.ram_clear(talk.machine, talk.now)
    assert sorted(talk.told("lost")) == ["11", "4A", "51"]
    assert talk.drain() == ["3a", "7a"]
    assert talk.says("0113") == crc("011300000000")
    assert talk.says("011b") == crc("011b" + "00" * 20)
    assert talk.says("0156") == crc("015603010001")
    assert talk.cabinet.doors == {"slot"}
    again = talk.reboot()
    assert again.cabinet.meters.counts() == {"weighted_average_payback": 9100}


def test_a_stacker_tells_when_it_is_nearly_full_and_full_and_takes_no_more(
    conversation, settings, crc
):
    talk = conversation(replace(settings, stacker_bills_max=10))
    talk.sync()
    for _ in range(10):
        assert play.bill_in(talk.machine, 1, talk.now)
    assert not play.bill_in(talk.machine, 1, talk.now)
    assert talk.drain() == ["47"] * 9 + ["2e", "47", "27"]
    assert talk.says("0149") == crc("014900000010")
    service.open_door(talk.machine, "cashbox", talk.now)
    service.take_cashbox(talk.machine, talk.now)
    service.put_cashbox(talk.machine, talk.now)
    assert talk.says("0149") != ""
    talk.sync()
    assert talk.says("0149") == crc("014900000000")
    assert talk.says("0131") == crc("013100000010")


def test_a_large_bill_has_no_code_of_its_own(conversation, settings, crc):
    talk = conversation(replace(settings, bills=(25, 1000)))
    talk.sync()
    assert play.bill_in(talk.machine, 1000, talk.now)
    assert play.bill_in(talk.machine, 25, talk.now)
    assert not play.bill_in(talk.machine, 20, talk.now)
    assert talk.drain() == ["4f", "4f"]
    assert talk.says("0139") == crc("013900000001")
    assert talk.says("013b") == crc("013b00000001")
    assert talk.says("0148") == crc("0148" + "370500000001")
    assert talk.says("0131") == ""
