"""Machines with several games and denominations: what the wire says, byte for byte."""

from dataclasses import replace

import pytest

from floor_sim.machine import choice, play
from floor_sim.machine.settings import GameSettings

GAMES = (GameSettings("Lines", "PTA001", bets=(40,)), GameSettings("Reels", "PTB002", bets=(2, 8)))


@pytest.fixture
def several(settings):
    return replace(settings, games=GAMES, denominations=(0x01, 0x04))


@pytest.fixture
def talk(conversation, several):
    one = conversation(several)
    one.sync()
    assert play.bill_in(one.machine, 20, one.now)
    return one


def play_one(talk, bet):
    assert play.start_game(talk.machine, bet, talk.now)
    play.end_game(talk.machine, talk.now)
    play.reset_handpay(talk.machine, talk.now)


def choose(talk, game, denomination):
    choice.select_game(talk.machine, game, talk.now)
    choice.select_denomination(talk.machine, denomination, talk.now)


def test_51_55_and_56_tell_how_many_games_which_is_chosen_and_which_are_enabled(talk, crc):
    assert talk.says("0151") == crc("01510002")
    assert talk.says("0155") == crc("01550001")
    assert talk.says("0156") == crc("015605" + "02" + "0001" + "0002")
    assert choice.select_game(talk.machine, 2, talk.now)
    assert talk.says("0155") == crc("01550002")
    assert talk.drain() == ["4a", "8c"]


def test_53_and_b5_tell_of_each_game_and_1f_of_the_machine(talk, crc):
    front = "01530002" + b"SM000".hex() + "01" + "08" + "00" + "0000"
    assert talk.says(crc("01530002")) == crc(front + b"PTB0029100".hex())
    assert talk.says("011f")[16:18] == "28"  # the largest bet of any game is 40
    name, table = "05" + b"Reels".hex(), "06" + b"PTB002".hex()
    b5 = "0002" + "0008" + "00" + "00000000" + name + table + "0000"
    assert talk.says(crc("01b50002")) == crc(f"01b5{len(b5) // 2:02x}" + b5)


def test_b1_b2_and_b3_tell_denominations(conversation, several, crc):
    talk = conversation(replace(several, token_denomination=0x06))
    talk.sync()
    assert talk.says("01b1") == crc("01b101")
    assert talk.says("01b2") == crc("01b203" + "020104")
    assert talk.says("01b3") == crc("01b306")
    assert choice.select_denomination(talk.machine, 0x04, talk.now)
    talk.sync()
    assert talk.says("01b1") == crc("01b104")


def test_a_quarter_game_takes_25_credits_a_coin_and_is_counted_apart(talk, crc):
    play_one(talk, 40)
    choose(talk, 2, 0x04)
    play_one(talk, 8)
    assert talk.says("0111") == crc("011100000240")
    assert talk.says("01b0020111b0c7") == crc("01b006" + "0111" + "00000040")
    assert talk.says(crc("01b0020411")) == crc("01b006" + "0411" + "00000200")
    assert talk.says(crc("01520002"))[8:16] == "00000200"
    assert talk.says(crc("01b0020415")) == crc("01b006" + "0415" + "00000001")


def test_b0_reads_selected_and_extended_meters_of_a_denomination(talk, crc):
    choose(talk, 2, 0x04)
    play_one(talk, 2)
    # coin in and games played; credits (0C) are the whole machine's: left out, or of size 0
    assert talk.says(crc("01b008" + "042f" + "050000" + "00050c")) == crc(
        "01b00f" + "042f" + "0c0000" + "0000000050" + "0500000001"
    )
    af = "01b009" + "04af" + "060000" + "0000" + "0c00"
    body = "0000" + "0000" + "0400000050" + "0c00" + "00"
    assert talk.says(crc(af)) == crc(
        f"01b0{3 + len(body) // 2:02x}" + "04af" + f"{len(body) // 2:02x}" + body
    )


@pytest.mark.parametrize(
    ("wrapped", "error"),
    [
        ("016e", "0101"),  # no machine supports it
        ("011a", "0103"),  # supported, but not for a denomination
        ("0611", "0604"),  # the machine has no dollars
        ("062f03000100", "0604"),
        ("012f03000100", "0102"),  # the game number must be 0000
        ("0411", None),
    ],
)
def test_b0_says_why_it_does_not_answer(talk, crc, wrapped, error):
    answer = talk.says(crc(f"01b0{len(wrapped) // 2:02x}" + wrapped))
    if error is None:
        assert answer == crc("01b006" + "0411" + "00000000")
    else:
        assert answer == crc("01b003" + error[:2] + "00" + error[2:])


def test_b0_for_the_accounting_denomination_that_no_guest_can_choose_is_error_5(
    conversation, several, crc
):
    talk = conversation(replace(several, denominations=(0x04,)))
    talk.sync()
    assert talk.says(crc("01b0020111")) == crc("01b003" + "01" + "00" + "05")


def test_09_switches_a_game_off_and_in_b0_at_one_denomination(talk, crc):
    assert talk.says(crc("0109000200")) == "01"
    assert talk.says("0156") == crc("015603" + "01" + "0001")
    assert not choice.select_game(talk.machine, 2, talk.now)
    assert talk.says(crc("0109000201")) == "01"
    assert talk.says(crc("01b005" + "0409" + "000200")) == crc("01b003" + "0409" + "01")
    assert talk.says(crc("01b002" + "0456")) == crc("01b006" + "0456" + "03" + "01" + "0001")
    assert talk.says(crc("01b002" + "0156")) == crc(
        "01b008" + "0156" + "05" + "02" + "0001" + "0002"
    )
    again = talk.reboot()
    again.sync()
    assert again.says(crc("01b002" + "0456")) == crc("01b006" + "0456" + "03" + "01" + "0001")


def test_09_with_a_flag_or_game_that_makes_no_sense_gets_a_nack_in_b0_a_wrapped_one(talk, crc):
    assert talk.says(crc("0109000202")) == "81"
    assert talk.says(crc("0109000001")) == "81"
    assert talk.says(crc("01b005" + "0409" + "000207")) == crc("01b003" + "0409" + "81")


def test_6_03_tells_that_the_enabled_games_changed(conversation, several, crc):
    talk = conversation(replace(several, sas_version="603"))
    talk.sync()
    assert talk.says(crc("0109000200")) == "01"
    assert talk.drain() == ["a2"]


def test_b4_meters_each_bet_of_a_game(conversation, several, crc):
    talk = conversation(replace(several, wager_categories=True))
    talk.sync()
    play.bill_in(talk.machine, 20, talk.now)
    choose(talk, 2, 0x01)
    play_one(talk, 8)
    body = "0002" + "0002" + b"9100".hex() + "04" + "00000008"
    assert talk.says(crc("01b400020002")) == crc(f"01b4{len(body) // 2:02x}" + body)
    talk.sync()
    assert talk.says(crc("01b400020003")) == "81"


def test_a0_tells_of_denominations(talk, crc):
    assert talk.says(crc("01a00000")) == crc("01a00000" + "008d00" + "00" + "0000")


def test_two_b0_polls_for_two_denominations_are_not_the_same_poll(talk, crc):
    choose(talk, 2, 0x04)
    play_one(talk, 2)
    cents = talk.says(crc("01b0020111"))
    assert talk.says(crc("01b0020411")) != cents
    assert talk.says(crc("01b0020411"))[6:10] == "0411"
