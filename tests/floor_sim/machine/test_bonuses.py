"""Progressives, legacy bonuses, tournaments and the ways a handpay is reset, byte for byte."""

from dataclasses import replace

import pytest

from floor_sim.machine import coins, play, progressives
from floor_sim.machine.settings import GameSettings


@pytest.fixture
def built(conversation, settings):
    """Make a conversation with a machine that is built in some way, and polled already."""

    def make(**changes):
        one = conversation(replace(settings, **changes))
        one.sync()
        assert one.says("81") == "00"
        one.sync()
        return one

    return make


@pytest.fixture
def linked(built):
    return built(progressive_group=2, progressive_levels=(1, 3))


def test_a_broadcast_sets_the_value_of_the_levels_that_the_machine_is_linked_to(linked, crc):
    assert linked.says(crc("0080" + "02" + "01" + "0000012345")) == ""
    two = "03" + "0000000900" + "02" + "0000000700"
    assert linked.says(crc("0186" + "0d" + "02" + two)) == "01"
    assert linked.machine.passing.broadcast.cents == {1: 12_345, 3: 900}
    assert linked.says(crc("0180" + "05" + "01" + "0000099999")) == "01"  # of another group
    assert linked.machine.passing.broadcast.cents[1] == 12_345


def test_53_comes_once_when_nothing_was_broadcast_for_5_s(linked, crc):
    linked.wait(5)
    assert linked.drain() == ["53"]
    linked.wait(6)
    assert linked.drain() == []
    linked.says(crc("0080" + "02" + "01" + "0000012345"))
    linked.wait(6)
    assert linked.drain() == ["53"]


def test_a_level_that_is_hit_is_told_and_paid_by_the_machine(linked, crc):
    assert not progressives.hit(linked.machine, 1, linked.now)
    linked.says(crc("0080" + "02" + "01" + "0000012345"))
    assert progressives.hit(linked.machine, 1, linked.now)
    assert linked.drain() == ["56", "54"]
    win = "02" + "01" + "0000012345"
    assert linked.says("0184") == crc("0184" + win)
    assert linked.says("0187") == crc("018702" + "0000")
    assert linked.says(crc("01830000")) == crc("01830000" + "00012345")
    assert linked.says("011a") == crc("011a00012345")
    linked.sync()
    assert linked.says("0184") == crc("0184" + "00" * 7)


def test_87_tells_all_wins_and_85_the_oldest(linked, crc):
    linked.says(crc("0186" + "0d" + "02" + "01" + "0000000100" + "03" + "0000000200"))
    for level in (3, 1):
        assert progressives.hit(linked.machine, level, linked.now)
    both = "03" + "0000000200" + "01" + "0000000100"
    assert linked.says("0187") == crc("01870e" + "02" + "02" + both)
    assert linked.says("0187") == crc("01870e" + "02" + "02" + both)
    assert linked.says("0185") == crc("0185" + "00" * 7)


def test_a_large_progressive_win_is_a_handpay_of_its_level(linked, crc):
    linked.says(crc("0080" + "02" + "03" + "0000150000"))
    assert progressives.hit(linked.machine, 3, linked.now)
    assert linked.says("011b") == crc("011b" + "02" + "03" + "0000150000" + "00" * 13)
    assert play.reset_handpay(linked.machine, linked.now)
    count = linked.cabinet.meters.true
    assert count("attendant_paid_progressive_win") == count("jackpot") == 150_000


def test_a_machine_without_a_progressive_is_silent_about_it(talk, crc):
    assert talk.says(crc("0180" + "01" + "01" + "0000012345")) == ""
    assert talk.says(crc("01830000")) == ""
    assert talk.says("0184") == crc("0184" + "00" * 7)


def test_8a_pays_a_bonus_to_the_credits_and_tells_it(built, crc):
    talk = built(legacy_bonus=True)
    assert talk.says(crc("018a" + "00000500" + "01")) == "01"
    assert talk.says(crc("018a" + "00000500" + "01")) == "01"  # the same poll: not paid twice
    assert talk.drain() == ["7c"]
    assert talk.says("0190") == crc("0190" + "00" + "00000000" + "01" + "00000500")
    assert talk.says(crc("019a0000")) == crc("019a0000" + "00000000" + "00000500" + "00000000")
    assert talk.says("0112") == crc("011200000500")
    assert talk.says(crc("018a" + "00000500" + "03")) == "81"
    assert talk.says(crc("0101")) == "01"
    assert talk.says(crc("018a" + "00000500" + "00")) == "81"  # nobody can play
    assert talk.cabinet.credits == 500


def test_a_bonus_in_real_time_carries_its_data(built, crc):
    talk = built(legacy_bonus=True)
    talk.says(crc("010e01"))
    talk.sync()
    talk.says(crc("018a" + "00000500" + "00"))
    assert talk.says("81") == crc("01ff7c" + "00" + "00000000" + "00" + "00000500")


def test_a_large_bonus_is_paid_by_hand(built, crc):
    talk = built(legacy_bonus=True)
    assert talk.says(crc("018a" + "00020000" + "00")) == "01"
    assert talk.cabinet.locked
    assert play.reset_handpay(talk.machine, talk.now)
    assert talk.cabinet.meters.true("attendant_paid_external_bonus") == 20_000
    assert talk.cabinet.credits == 0


def test_a_tournament_is_played_with_its_own_credits_and_ends_by_itself(built, crc):
    talk = built(tournament=True, games=(GameSettings("Lines"),))
    assert talk.says(crc("018c" + "0001" + "0060" + "00000300" + "01")) == "01"
    assert not play.bill_in(talk.machine, 20, talk.now)
    assert play.start_game(talk.machine, 200, talk.now)
    win = play.end_game(talk.machine, talk.now)
    told = "00000001" + f"{int(win > 0):08d}" + "00000200" + f"{win:08d}"
    assert talk.says(crc("01990001")) == crc("01990001" + told)
    assert talk.says(crc("01970000")) == crc("01970000" + "00000200")
    assert talk.says("0111") == crc("011100000000")
    assert talk.drain() == []
    talk.wait(60)
    talk.sync()
    talk.says("81")
    assert not talk.cabinet.bonus.tournament
    assert play.bill_in(talk.machine, 20, talk.now)
    assert talk.says(crc("018c" + "0001" + "0060" + "00000300" + "01")) == "81"


def test_8c_with_game_0_ends_a_tournament(built, crc):
    talk = built(tournament=True)
    assert talk.says(crc("018c" + "0001" + "0060" + "00000300" + "01")) == "01"
    talk.sync()
    assert talk.says(crc("018c" + "0000" + "0000" + "00000000" + "00")) == "01"
    assert not talk.cabinet.bonus.tournament


def test_a8_and_94_pay_a_win_to_the_credits(built, crc):
    talk = built(handpay_to_credits=True, sas_version="603")
    assert talk.says(crc("01a801")) == crc("01a802")
    play.jackpot(talk.machine, 125_000, talk.now)
    assert talk.says("011b") == crc("011b" + "0040" + "0000125000" + "0000" + "01" + "00" * 10)
    assert talk.says(crc("01a801")) == crc("01a800")
    assert talk.says(crc("0194")) == crc("019400")
    assert talk.drain() == ["51", "52", "5a"]
    assert talk.says("011a") == crc("011a00125000")
    assert talk.says("0114") == crc("011400000000")
    assert talk.says("0112") == crc("011200125000")


def test_a8_holds_for_one_handpay_and_never_for_cancelled_credits(built, crc):
    talk = built(handpay_to_credits=True, ticket_limit_cents=1_000)
    play.jackpot(talk.machine, 125_000, talk.now)
    assert talk.says(crc("01a801")) == crc("01a800")
    play.reset_handpay(talk.machine, talk.now)
    play.cash_out(talk.machine, talk.now)
    assert talk.cabinet.locked
    assert talk.says(crc("01a801")) == crc("01a800")  # the same poll: the stored answer
    talk.sync()
    assert talk.says(crc("01a801")) == crc("01a801")
    play.reset_handpay(talk.machine, talk.now)
    assert talk.says("011a") == crc("011a00000000")
    assert talk.cabinet.meters.true("hand_paid_cancelled_credits") == 125_000


def test_credits_above_the_cash_out_limit_are_paid_by_hand_after_the_game(built, crc):
    talk = built(cash_out_limit=1_500)
    assert talk.says(crc("01a40000")) == crc("01a40000" + "1500")
    play.bill_in(talk.machine, 20, talk.now)
    play.start_game(talk.machine, 100, talk.now)
    play.end_game(talk.machine, talk.now)
    assert talk.cabinet.locked


def test_coins_fill_the_hopper_and_come_out_again(built, crc):
    talk = built(hopper=True, token_denomination=0x04)
    for _ in range(60):
        assert coins.coin_in(talk.machine, talk.now)
    assert talk.says("012a") == crc("012a00000060")
    assert talk.says("012c") == crc("012c00000060")
    assert talk.says("014f") == crc("014f06" + "00" + "06" + "00000060")
    assert coins.coins_out(talk.machine, talk.now)
    assert talk.drain() == ["66", "81"]
    assert talk.says("012b") == crc("012b00000060")
    assert talk.says("011a") == crc("011a00000000")
    play.bill_in(talk.machine, 1, talk.now)
    assert coins.coins_out(talk.machine, talk.now)
    assert talk.drain() == ["47", "66", "23"]
    assert talk.cabinet.credits == 100
