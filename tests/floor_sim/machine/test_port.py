"""Conversations in hand-written hex: who polls what, what comes back, what that acknowledges."""

from dataclasses import replace
from itertools import pairwise

import pytest

from floor_sim.faults import Fault
from floor_sim.machine import service

IDLE = "00"


def test_a_machine_with_nothing_to_tell_answers_00(talk):
    assert talk.says("81") == IDLE
    assert talk.says("81") == IDLE


def test_an_exception_stays_until_another_poll_acknowledges_it(talk):
    talk.happens(0x11, 0x12)
    assert talk.says("81") == "11"
    assert len(talk.port.queue) == 2
    talk.says("80")
    assert len(talk.port.queue) == 1
    assert talk.says("81") == "12"
    assert talk.told("acked") == ["11"]


@pytest.mark.parametrize(
    "other",
    ["80", "82", "0111", "011a", "01015108", "0202a210", "007f112120251200002423", "02 11"],
    ids=["80", "neighbour's general poll", "long poll", "another long poll", "order",
         "order to a neighbour", "global", "neighbour's long poll"],
)  # fmt: skip
def test_any_other_poll_acknowledges_an_exception(talk, other):
    talk.happens(0x11)
    assert talk.says("81") == "11"
    talk.says(other)
    assert talk.told("acked") == ["11"]
    talk.sync()
    assert talk.says("81") == IDLE


def test_the_same_general_poll_asks_for_the_same_exception_again(talk):
    talk.happens(0x11)
    assert talk.says("81") == "11"
    talk.happens(0x51)  # a priority exception that came meanwhile does not change the answer
    assert [talk.says("81") for _ in range(3)] == ["11"] * 3
    assert talk.told("acked") == []
    talk.sync()
    assert talk.says("81") == "51"


def test_a_careful_machine_is_silent_at_the_third_equal_poll_and_keeps_its_data(
    conversation, port_settings
):
    talk = conversation(port_settings(third_repeat="silence"))
    talk.sync()
    talk.happens(0x11)
    assert [talk.says("81") for _ in range(3)] == ["11", "11", ""]
    assert len(talk.port.queue) == 1


def test_a_long_poll_with_the_same_command_gets_the_stored_bytes(talk, crc):
    assert talk.says("011a") == "011a00000000c3fc"
    talk.cabinet.meters.add("current_credits", 500)
    assert talk.says("011a") == "011a00000000c3fc"
    talk.sync()
    assert talk.says("011a") == crc("011a00000500")


def test_the_same_command_with_other_data_is_still_the_same_poll(talk, crc):
    first = talk.says(crc("012f03000000"))
    assert first == crc("012f070000" + "0000000000")
    assert talk.says(crc("012f03000005")) == first
    assert talk.says(crc("016f0400000500")) == crc("016f090000" + "05000400000000")
    assert talk.says(crc("01af0400000000")) == crc("01af090000" + "00000400000000")


@pytest.mark.parametrize("other", ["81", "0111", "80", "82"])
def test_another_poll_acknowledges_a_long_poll(talk, other, crc):
    assert talk.says("011a") == "011a00000000c3fc"
    talk.says(other)
    talk.cabinet.meters.add("current_credits", 7)
    assert talk.says("011a") == crc("011a00000007")


def test_after_power_up_a_machine_answers_only_once_it_has_heard_another_poll(conversation):
    talk = conversation()
    assert talk.says("81") == ""
    assert talk.says("0111") == ""
    assert talk.says("82") == ""
    assert talk.says("81") == IDLE


@pytest.mark.parametrize("other", ["80", "82", "007f112120251200002423"])
def test_a_sync_a_neighbours_poll_and_a_global_all_let_it_answer(other, conversation):
    talk = conversation()
    assert talk.says(other) == ""
    assert talk.says("81") == IDLE


def test_after_5_s_without_its_address_the_link_is_down_and_the_data_is_sent_again(talk):
    talk.happens(0x11)
    assert talk.says("81") == "11"
    talk.wait(5.1)
    assert talk.says("80") == ""  # this is no acknowledgement of what was said before
    assert talk.told("acked") == []
    assert talk.says("81") == "11"


def test_a_link_that_was_down_needs_a_sync_again(talk):
    assert talk.says("81") == IDLE
    talk.wait(5.1)
    assert talk.says("81") == ""
    talk.sync()
    assert talk.says("81") == IDLE


def test_a_neighbours_polls_do_not_keep_the_link_up(talk):
    assert talk.says("81") == IDLE
    talk.happens(0x11)
    assert talk.says("81") == "11"
    talk.line.faults.add(Fault(kind="silence", direction="to_egm", seconds=5.5), talk.now)
    talk.wait(5.6)
    talk.says("82")
    assert talk.told("acked") == []


def test_30_s_without_an_acknowledgement_is_a_link_down_and_the_data_is_kept(talk):
    talk.happens(0x11)
    answers = [talk.says("81", after=1.0) for _ in range(33)]
    assert answers[:30] == ["11"] * 30
    assert answers[31:] == ["", ""]
    assert talk.told("acked") == []
    talk.sync()
    assert talk.says("81") == "11"


def test_what_was_sent_before_a_link_down_goes_out_first_after_it(talk):
    talk.happens(0x11)
    assert talk.says("81") == "11"
    talk.happens(0x51)
    talk.wait(6)
    assert talk.drain() == ["11", "51"]


def test_a_machine_that_is_not_polled_chirps_its_address_every_200_ms(conversation):
    talk = conversation(chirp=True)
    chirps = talk.end.host_read(talk.now + 1.05)
    assert [data for _, data in chirps] == [b"\x01"] * 6
    times = [at for at, _ in chirps]
    assert [round(b - a, 6) for a, b in pairwise(times)] == [0.2] * 5


def test_chirps_end_when_the_machine_is_addressed_and_begin_5_s_after_the_last_time(conversation):
    talk = conversation(chirp=True)
    talk.end.host_read(talk.now)
    talk.end.host_write(b"\x81", talk.now)
    assert talk.end.host_read(talk.now + 4.9) == []
    talk.line.tick(talk.now + 5.1)
    assert [data for _, data in talk.end.host_read(talk.now + 5.1)] == [b"\x01"]


def test_a_poll_that_the_machine_does_not_support_gets_silence_and_still_acknowledges(talk):
    talk.happens(0x11)
    assert talk.says("81") == "11"
    assert talk.says("018e") == ""
    assert talk.told("acked") == ["11"]


def test_a_command_nobody_knows_gets_silence_and_acknowledges_after_the_gap(talk):
    talk.happens(0x11)
    assert talk.says("81") == "11"
    assert talk.says("01c3") == ""
    assert talk.told("acked") == ["11"]


def test_a_wrong_crc_gets_a_nack_and_acknowledges_nothing(talk):
    talk.happens(0x11)
    assert talk.says("81") == "11"
    assert talk.says("0101ffff") == "81"
    assert talk.told("acked") == []
    assert talk.cabinet.playable


def test_a_nack_is_not_kept_so_the_same_order_works_once_it_is_right(talk):
    assert talk.says("0101ffff") == "81"
    assert talk.says("01015108") == "01"
    assert not talk.cabinet.playable


def test_a_global_with_a_wrong_crc_is_dropped(talk):
    assert talk.says("007f11212025120000ffff") == ""
    assert talk.line.counts.bad == 1


def test_an_order_that_is_repeated_is_obeyed_once(talk):
    assert talk.says("01015108") == "01"
    assert talk.says("01015108") == "01"
    assert [r["poll"] for r in talk.journal.records if r["what"] == "order"] == ["01"]


def test_a_busy_machine_says_so_and_answers_the_same_poll_later(talk):
    talk.machine.busy_until = talk.now + 1
    assert talk.says("011a") == "0100"
    assert talk.says("011a", after=2) == "011a00000000c3fc"


def test_an_answer_begins_within_20_ms(talk):
    for _ in range(50):
        talk.wait(0.2)
        talk.end.host_write(b"\x81", talk.now)
        ((due, answer),) = talk.end.host_read(talk.now + 0.02)
        assert answer == b"\x00"
        assert talk.now + 0.002 <= due <= talk.now + 0.005


def test_a_host_that_speaks_before_the_answer_silences_it_and_acknowledges_nothing(talk):
    talk.happens(0x11)
    talk.end.host_write(b"\x81", talk.now)
    assert talk.says("82", after=0.001) == ""
    assert talk.told("acked") == []
    assert talk.says("81") == "11"


def test_of_several_polls_in_one_burst_only_the_last_is_answered(talk):
    talk.happens(0x11)
    assert talk.says("80 81") == "11"
    talk.sync()
    talk.happens(0x12)
    assert talk.says("81 81 82") == ""
    assert talk.told("acked") == ["11"]
    assert talk.says("81") == "12"


def test_an_answer_that_the_line_spoiled_and_a_host_acknowledged_is_lost_and_said_to_be(talk):
    talk.happens(0x11)
    talk.line.faults.add(Fault(kind="silence", count=1), talk.now)
    assert talk.says("81") == ""
    talk.sync()
    assert talk.told("acked") == ["11"]
    assert talk.told("lost") == ["11"]


def test_an_answer_that_came_whole_at_the_second_try_is_not_lost(talk):
    talk.happens(0x11)
    talk.line.faults.add(Fault(kind="flip", count=1), talk.now)
    assert talk.says("81") != "11"
    assert talk.says("81") == "11"
    talk.sync()
    assert talk.told("lost") == []


def test_four_machines_share_a_line_and_every_poll_acknowledges_for_all_others(
    conversation, settings
):
    others = [replace(settings, asset=f"1010{n}", address=n) for n in (2, 3, 4)]
    talk = conversation(others=others)
    talk.says("80")
    talk.happens(0x11)
    assert [talk.says(poll) for poll in ("81", "82", "83", "84")] == ["11", "00", "00", "00"]
    assert talk.told("acked") == ["11"]
    assert talk.says("85") == ""


def test_a_poll_that_comes_in_pieces_is_one_poll_and_one_with_a_gap_is_none(talk):
    talk.end.host_write(b"\x01", talk.now)
    assert talk.says("1a", after=0.004) == "011a00000000c3fc"
    talk.wait(1)
    talk.end.host_write(b"\x01", talk.now)
    assert talk.says("11", after=0.006) == ""


@pytest.mark.parametrize("poll", ["80 81", "80 011a", "80 01015108"])
def test_an_80_in_one_burst_with_the_poll_lets_a_machine_answer_that_was_not_in_sync(
    conversation, poll
):
    talk = conversation()
    assert talk.says(poll) == {"81": "00", "1a": "011a00000000c3fc", "08": "01"}[poll[-2:]]


@pytest.mark.parametrize("stray", ["00", "55", "7f"])
def test_a_stray_byte_in_one_burst_with_an_r_poll_costs_nothing(talk, stray):
    talk.happens(0x11)
    assert talk.says("81") == "11"
    assert talk.says("011a" + stray) == "011a00000000c3fc"
    assert talk.says("81") == "00"
    assert talk.told("acked") == ["11"]


@pytest.mark.parametrize(("pause", "tail"), [(0.0, "55"), (0.001, "55"), (0.001, "510855")])
def test_with_the_ninth_bit_whatever_follows_an_r_poll_without_it_costs_nothing(talk, pause, tail):
    talk.end.host_write(bytes.fromhex("011a"), talk.now, [True, False])
    data = bytes.fromhex(tail)
    talk.end.host_write(data, talk.now + pause, [False] * len(data))
    answer = b"".join(part for _, part in talk.end.host_read(talk.now + 0.1))
    assert answer.hex() == "011a00000000c3fc"


def test_a_stray_byte_after_a_long_silence_is_no_poll_and_acknowledges_nothing(talk):
    talk.happens(0x11)
    assert talk.says("81") == "11"
    assert talk.says("01") == ""
    assert talk.told("acked") == []
    assert talk.says("81") == "11"


@pytest.mark.parametrize("away", ["the host", "the power"])
def test_what_went_out_whole_before_the_link_went_down_is_not_lost_when_its_copy_is(talk, away):
    talk.happens(0x52)
    assert talk.says("81") == "52"
    talk.wait(5.1)
    if away == "the host":
        talk.line.tick(talk.now)
    else:
        service.power_off(talk.machine, talk.now)
        service.power_on(talk.machine, talk.now)
    talk.sync()
    talk.line.faults.add(Fault(kind="silence", direction="to_host", count=1), talk.now)
    assert [talk.says("81"), talk.says("80")] == ["", ""]
    assert talk.told("acked") == ["52"]
    assert talk.told("lost") == []
