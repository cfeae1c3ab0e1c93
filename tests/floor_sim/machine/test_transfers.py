"""AFT, byte for byte."""

from dataclasses import replace

import pytest

from floor_sim.machine import play, registration, service

ALL = frozenset({"in-house", "bonus", "debit", "ticket", "to host", "win to host"})
ASSET = "75270000"  # 10101, least significant byte first
KEY = "0102030405060708090a0b0c0d0e0f1011121314"
NO_KEY = "00" * 20


@pytest.fixture
def built(conversation, settings):
    """Make a conversation with a machine that is built in some way, and polled already."""

    def make(**changes):
        one = conversation(replace(settings, transfers=ALL, **changes))
        one.sync()
        assert one.says("81") == "00"
        one.sync()
        return one

    return make


@pytest.fixture
def talk(built):
    return built()


def amounts(cashable=0, restricted=0, free=0):
    return f"{cashable:010d}{restricted:010d}{free:010d}"


def transfer(
    talk, crc, kind="00", money=(500,), name="A1", code="00", flags="00", asset=ASSET, key=NO_KEY,
    pool="0000", tail="",
):  # fmt: skip
    """Ask for a transfer; return the answer."""
    body = code + "00" + kind + amounts(*money) + flags + asset + key
    body += f"{len(name):02x}" + name.encode().hex() + "00000000" + pool + "00" + tail
    return talk.says(crc(f"0172{len(body) // 2:02x}" + body))


def ended(talk, crc):
    """Ask what became of the last transfer; return its status."""
    talk.sync()
    answer = talk.says(crc("017202ff00"))
    talk.sync()
    return answer[8:10]


def test_no_transfer_yet(talk, crc):
    assert talk.says("017202ff000f22") == crc("017202" + "00" + "ff")


def test_credits_are_moved_to_the_machine_told_and_asked_about(talk, crc):
    answer = transfer(talk, crc, money=(500, 200, 100), pool="3412")
    assert answer[6:10] == "0040"
    assert talk.drain() == ["69"]
    shown = talk.machine.clock(talk.now)
    told = talk.says(crc("017202ff00"))
    front = "01" + "00" + "ff" + "00" + amounts(500, 200, 100) + "00" + ASSET + "02" + b"A1".hex()
    assert told[6:].startswith(front + f"{shown:%m%d%Y}")
    totals = "05" + "0000000500" + "05" + "0000000200" + "05" + "0000000100"
    assert told[:-4].endswith("00000000" + "3412" + totals)
    assert told == crc(told[:-4])
    assert talk.says("011a") == crc("011a00000800")
    body = "0000" + "a000" + "05" + "0000000500" + "1700" + "04" + "00000800" + "1b00" + "04"
    body += "00000200"
    assert talk.says(crc("016f08" + "0000" + "a0001700" + "1b00")) == crc(
        f"016f{len(body) // 2:02x}" + body
    )


def test_no_second_transfer_before_the_end_of_the_first_was_read(talk, crc):
    transfer(talk, crc)
    talk.sync()
    assert transfer(talk, crc, name="A2") == crc("017202" + "00" + "c0")
    assert ended(talk, crc) == "00"
    assert transfer(talk, crc, name="A1")[8:10] == "40"
    assert ended(talk, crc) == "81"  # the id was used before
    assert talk.cabinet.credits == 500


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"asset": "01000000"}, "93"),
        ({"name": ""}, "95"),
        ({"kind": "30"}, "82"),
        ({"money": (0,)}, "83"),
        ({"kind": "10", "money": (0, 100)}, "82"),
        ({"kind": "40"}, "88"),
        ({"money": (1_000_001,)}, "84"),
        ({"flags": "80"}, "90"),
        ({"flags": "40"}, "94"),
        ({"kind": "80", "money": (100,)}, "83"),
        ({"kind": "90"}, "8b"),
        ({"money": (1_000_001,), "code": "01"}, "01"),
    ],
)
def test_a_transfer_that_cannot_be_done_says_why(talk, crc, changes, status):
    transfer(talk, crc, **changes)
    assert ended(talk, crc) == status
    assert talk.cabinet.credits == (1_000_000 if status == "01" else 0)


def test_nothing_moves_while_a_door_is_open_or_a_game_is_played(talk, crc):
    service.open_door(talk.machine, "slot", talk.now)
    transfer(talk, crc)
    assert ended(talk, crc) == "87"
    service.close_door(talk.machine, "slot", talk.now)
    play.bill_in(talk.machine, 5, talk.now)
    play.start_game(talk.machine, 40, talk.now)
    transfer(talk, crc, name="A2")
    assert ended(talk, crc) == "87"


def test_amounts_must_be_whole_credits(built, crc):
    quarters = built(cents_per_credit=25, denomination_code=0x04)
    transfer(quarters, crc, money=(510,))
    assert ended(quarters, crc) == "85"


def test_credits_go_back_to_the_host_in_part_if_it_asks_for_more_than_there_is(talk, crc):
    transfer(talk, crc, money=(500, 200, 0))
    ended(talk, crc)
    transfer(talk, crc, kind="80", money=(9_000, 50, 0), code="01", name="A2")
    assert ended(talk, crc) == "01"
    count = talk.cabinet.meters.true
    assert (talk.cabinet.credits, count("current_restricted_credits")) == (150, 150)
    assert count("in_house_cashable_to_host_cents") == 500
    assert count("electronic_to_host_credits") == 550


def test_a_bonus_is_a_win(talk, crc):
    transfer(talk, crc, kind="10")
    ended(talk, crc)
    transfer(talk, crc, kind="11", name="A2")
    ended(talk, crc)
    count = talk.cabinet.meters.true
    assert count("coin_out") == count("jackpot") == 500
    assert count("bonus_cashable_to_egm_cents") == talk.cabinet.credits == 1_000


def test_money_goes_to_a_ticket_without_touching_the_credits(built, crc):
    talk = built(validation="secure enhanced")
    talk.says(crc("014c" + "563412" + "010000"))
    transfer(talk, crc, kind="20")
    assert "3d" in talk.drain()
    assert talk.cabinet.credits == 0
    assert talk.says(crc("015002")) == crc("015002" + "00000001" + "0000000500")


def test_restricted_credits_of_another_pool_are_refused(talk, crc):
    transfer(talk, crc, money=(0, 100), pool="0100")
    ended(talk, crc)
    transfer(talk, crc, money=(0, 100), pool="0200", name="A2")
    assert ended(talk, crc) == "8f"


def test_74_tells_what_is_there_and_what_may_be_done(talk, crc):
    transfer(talk, crc, money=(500, 200, 100), pool="3412")
    ended(talk, crc)
    told = ASSET + "ff" + "97" + "01" + "f3" + "09" + amounts(500, 200, 100)
    told += "0001000000" + "00000000" + "3412"
    assert talk.says(crc("0174" + "ff" + "00" + "0000")) == crc("017423" + told)


def lock(talk, crc, code="00", condition="01", hundredths="0500"):
    talk.sync()
    return talk.says(crc("0174" + code + condition + hundredths))[14:16]


def test_74_locks_the_game_says_so_every_5_s_and_lets_it_go(talk, crc):
    play.bill_in(talk.machine, 5, talk.now)
    assert lock(talk, crc, condition="00") == "ff"
    assert lock(talk, crc, hundredths="1500") == "00"
    assert not play.start_game(talk.machine, 40, talk.now)
    assert talk.drain() == ["6f", "48"]
    talk.wait(5)
    assert talk.drain() == ["6f"]
    transfer(talk, crc, flags="40")
    assert ended(talk, crc) == "00"
    assert lock(talk, crc, code="80") == "ff"
    assert play.start_game(talk.machine, 40, talk.now)


def test_a_lock_ends_when_its_time_is_over(talk, crc):
    assert lock(talk, crc) == "00"
    talk.wait(5.1)
    talk.sync()
    assert lock(talk, crc, code="ff") == "ff"


def test_a_lock_waits_for_the_end_of_the_game(talk, crc):
    play.bill_in(talk.machine, 5, talk.now)
    play.start_game(talk.machine, 40, talk.now)
    assert lock(talk, crc) == "40"
    play.end_game(talk.machine, talk.now)
    assert lock(talk, crc, code="ff") == "00"


def register(talk, crc, code="01", asset=ASSET):
    talk.sync()
    return talk.says(crc("01731d" + code + asset + KEY + "01020304"))


def test_73_registers_and_a_debit_needs_the_same_key(talk, crc):
    none = "80" + ASSET + NO_KEY + "00000000"
    assert talk.says("017301ffa765") == crc("01731d" + none)
    assert register(talk, crc) == crc("01731d" + "01" + ASSET + KEY + "01020304")
    transfer(talk, crc, kind="40", key="ff" * 20)
    assert ended(talk, crc) == "89"
    transfer(talk, crc, kind="40", key=KEY, name="A2")
    assert ended(talk, crc) == "00"
    assert talk.cabinet.meters.true("electronic_debit_to_egm_credits") == 500
    assert KEY not in str(talk.journal.records)
    assert register(talk, crc, code="80") == crc("01731d" + none)
    assert register(talk, crc, asset="01000000") == "81"


def test_an_operator_agrees_or_refuses_and_a_power_cut_ends_a_registration(talk, crc):
    assert registration.ask(talk.machine, talk.now)
    assert register(talk, crc, code="40")[6:8] == "40"
    assert registration.decide(talk.machine, talk.now, agrees=True)
    assert talk.drain() == ["6c", "6d"]
    assert talk.cabinet.transfers.registration == 0x01
    assert register(talk, crc, code="40")[6:8] == "40"
    assert registration.decide(talk.machine, talk.now, agrees=False)
    assert talk.drain() == ["6e"]
    register(talk, crc)
    assert talk.reboot().cabinet.transfers.registration == 0x80


def test_a_host_that_takes_cash_outs_is_asked_first(talk, crc):
    transfer(talk, crc, flags="03")
    ended(talk, crc)
    talk.drain()
    assert play.cash_out(talk.machine, talk.now)
    assert talk.drain() == ["6a", "66"]
    assert not play.start_game(talk.machine, 40, talk.now)
    transfer(talk, crc, kind="80", name="A2")
    assert ended(talk, crc) == "00"
    assert talk.cabinet.credits == 0
    assert talk.cabinet.ready


def test_a_cash_out_that_no_host_takes_is_a_ticket_or_a_handpay_in_hard_mode(talk, crc):
    transfer(talk, crc, flags="03")
    ended(talk, crc)
    play.cash_out(talk.machine, talk.now)
    talk.wait(11)
    talk.drain()
    assert talk.told()[-1] == "3D"
    transfer(talk, crc, flags="07", name="A2")
    ended(talk, crc)
    play.cash_out(talk.machine, talk.now)
    talk.wait(11)
    talk.sync()
    talk.says("81")
    assert talk.cabinet.locked


def test_a_machine_without_aft_is_silent(conversation, crc):
    plain = conversation()
    plain.sync()
    assert plain.says("017202ff000f22") == ""
    assert plain.says(crc("0174" + "ff" + "00" + "0000")) == ""
