"""Machine profiles: those that come with slotsim, and what each key changes on the wire."""

from dataclasses import replace

import pytest

from edge_config.loader import ConfigError, parse_toml
from floor_sim.floor_file import FloorFile
from floor_sim.machine import play
from floor_sim.machine.settings import MachineSettings, PortSettings
from floor_sim.profile import Profile
from floor_sim.profile_library import shipped_names, shipped_profiles
from tests.floor_sim.conftest import Conversation, crc

FLOOR = """
[floor]
name = "f"
seed = 1
run_folder = "r"

[[lines]]
name = "L1"
port = "lines/L1"

[[egms]]
asset = "1"
line = "L1"
address = 1
profile = "{name}"
"""


def machine_of(name):
    file = parse_toml(FLOOR.format(name=name), FloorFile, "floor.toml")
    return file.machine(file.egms[0])


@pytest.mark.parametrize("name", shipped_names())
def test_a_machine_of_every_shipped_profile_is_polled_and_plays(name):
    talk = Conversation(machine_of(name))
    talk.sync()
    idle = shipped_profiles()[name].wire.idle.lower()
    assert talk.says("81") == idle
    assert talk.says("0154")[:2] == "01"
    assert talk.says("011f")[:2] == "01"
    assert play.bill_in(talk.machine, 20, talk.now)
    bet = min(talk.machine.settings.game(1).bets)
    assert play.start_game(talk.machine, bet, talk.now)
    assert play.end_game(talk.machine, talk.now) is not None


def test_at_least_eight_profiles_come_with_it_and_each_says_what_it_is_like():
    assert len(shipped_names()) >= 8
    assert all(profile.about for profile in shipped_profiles().values())


def test_a_profile_of_the_file_goes_before_one_that_is_shipped():
    text = FLOOR.format(name="idle_1f") + '\n[profiles.idle_1f]\npaytable = "OWN001"\n'
    file = parse_toml(text, FloorFile, "floor.toml")
    assert file.machine(file.egms[0]).paytable_id == "OWN001"


def test_a_profile_that_nobody_ships_is_told_with_those_that_are():
    with pytest.raises(ConfigError, match="penny_video"):
        machine_of("peny_video")


def settings(**port):
    return MachineSettings("10101", 1, port=PortSettings(**port))


def test_an_idle_board_may_say_1f():
    talk = Conversation(settings(idle_code=0x1F))
    talk.sync()
    assert talk.says("81") == "1f"


def test_polls_that_are_off_get_silence_though_the_machine_could_answer():
    built = MachineSettings("10101", 1, polls_off=frozenset({0x1A}))
    talk = Conversation(built)
    talk.sync()
    assert talk.says("011a") == ""
    assert talk.says("0111") == crc("0111" + "00" * 4)


def test_what_a_wrapped_poll_is_for_may_be_off_too():
    built = MachineSettings("10101", 1, denominations=(0x01, 0x02), polls_off=frozenset({0x11}))
    talk = Conversation(built)
    talk.sync()
    assert talk.says(crc("01b0020111")) == ""
    assert talk.says(crc("01b0020112")) != ""


def test_a_machine_may_sulk_after_a_nack():
    talk = Conversation(settings(silent_after_nack_s=2.0))
    talk.sync()
    assert talk.says("0172020000ff") == "81"  # a spoiled CRC
    assert talk.says("81") == ""
    talk.wait(2.0)
    assert talk.says("81") == "00"


def test_feature_bytes_may_be_those_of_a_machine_that_was_recorded():
    built = replace(settings(), feature_override=bytes.fromhex("a1b2c3d4"))
    talk = Conversation(built)
    talk.sync()
    assert talk.says(crc("01a00000")) == crc("01a00000" + "a1b2c3d4" + "0000")


def test_single_meters_may_be_longer():
    built = MachineSettings("10101", 1, meter_sizes=(("coin_in", 12),))
    talk = Conversation(built)
    talk.sync()
    answer = bytes.fromhex(talk.says(crc("016f06000000000100")))
    assert answer[5:8] == bytes.fromhex("000006")  # code 0000, six bytes
    assert answer[14:17] == bytes.fromhex("010004")


def test_a_board_that_left_sas_mode_sends_even_parity():
    talk = Conversation(settings(ninth_bit="even parity"))
    talk.sync()
    talk.now += 0.2
    talk.line.host_write(bytes.fromhex("0154"), talk.now)
    said = [symbols for _, symbols in talk.line.take_symbols(talk.now + 0.02)]
    assert said
    assert all(
        bit is (byte.bit_count() % 2 == 1)
        for symbols in said
        for byte, bit in zip(symbols.data, symbols.wakeup, strict=True)
    )


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('a0 = "01 02"', "four bytes"),
        ('polls_off = ["2f"]', "long polls in hex"),
        ("meter_sizes = { coin_in = 9 }", "names of meters"),
        ('roles = ["doors", "windows"]', "a list of doors"),
        ('[[abilities.pots]]\nstart = "1000.00"\nincrement_percent = "0.5"\ncycle = "7.00"', ""),
    ],
)
def test_what_a_profile_cannot_be_is_told(text, hint):
    model, report = (Profile, text)
    if "pots" in text:
        model = FloorFile
        report = FLOOR.format(name="p") + "[profiles.p]\n" + text.replace("[[", "[[profiles.p.")
        hint = "a round amount"
    with pytest.raises(ConfigError, match=hint):
        parse_toml(report, model, "p.toml")
