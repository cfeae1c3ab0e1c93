"""What a line does beside carrying bytes."""

import pytest

from floor_sim.faults import Fault
from floor_sim.line import Line, LineSettings
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.machine import Machine
from floor_sim.memory_line import MemoryLine


def test_with_parmrk_a_chirp_shows_its_ninth_bit_and_an_answer_does_not(settings):
    machine = Machine(settings, MemoryJournal(), {}, now=0.0)
    line = MemoryLine(Line("L1", machine.ports, LineSettings(ninth_bit="parmrk")))
    assert line.host_read(0.0) == [(0.0, bytes.fromhex("ff0001"))]
    line.host_write(b"\x80", 1.0)
    line.host_read(1.0)
    assert line.exchange(bytes.fromhex("011a"), 1.1).hex() == "011a00000000c3fc"


def test_with_the_ninth_bit_a_wakeup_byte_cuts_a_message_short(talk, crc):
    order = bytes.fromhex(crc("0101"))
    talk.end.host_write(order[:2], talk.now, [True, False])
    talk.end.host_write(b"\x81", talk.now + 0.002, [True])
    assert [data for _, data in talk.end.host_read(talk.now + 0.1)] == [b"\x00"]
    assert talk.cabinet.playable


def test_polls_answers_and_what_was_no_poll_are_counted(talk):
    talk.says("81")
    talk.says("0101ffff")
    counts = talk.line.counts
    assert (counts.polls, counts.answers, counts.bad) == (2, 2, 1)


BYTE_S = 11 / 19_200  # 19,200 baud: start, eight bits, wakeup, stop


@pytest.fixture
def slow(talk):
    """The machine of ``talk`` on a line on which bytes take their time."""
    line = Line("L1", talk.machine.ports, LineSettings(chirp=False, wire_time=True))
    talk.line, talk.end = line, MemoryLine(line)
    return talk


def rounded(times):
    return [round(at, 9) for at in times]


def test_at_19200_baud_every_byte_takes_0_573_ms_either_way(slow):
    slow.end.host_write(bytes.fromhex("011a"), slow.now)
    heard = slow.end.host_read(slow.now + 1)
    assert b"".join(part for _, part in heard).hex() == "011a00000000c3fc"
    times = [at for at, _ in heard]
    begins = times[0] - BYTE_S
    assert 2 * BYTE_S + 0.002 <= begins - slow.now <= 2 * BYTE_S + 0.005
    assert rounded(times) == rounded(begins + number * BYTE_S for number in range(1, 9))


def test_a_poll_waits_on_the_wire_behind_the_one_before_it(slow):
    slow.happens(0x11)
    slow.end.host_write(bytes.fromhex("80" * 10), slow.now)
    slow.end.host_write(b"\x81", slow.now)
    ((at, data),) = slow.end.host_read(slow.now + 1)
    assert data == b"\x11"
    assert 12 * BYTE_S + 0.002 <= at - slow.now <= 12 * BYTE_S + 0.005


def test_a_machine_falls_silent_when_the_host_speaks_and_half_an_answer_is_none(slow, crc):
    slow.end.host_write(bytes.fromhex("011a"), slow.now)
    half = []
    while len(half) < 3:
        half += slow.end.host_read(slow.end.next_due())
    slow.cabinet.meters.add("current_credits", 5)
    slow.now = half[-1][0] + BYTE_S / 2
    slow.end.host_write(bytes.fromhex("011a"), slow.now)
    heard = slow.end.host_read(slow.now + 1)
    answer = b"".join(part for _, part in heard).hex()
    assert answer == "00" + crc("011a00000005")  # one byte more before it heard the host
    assert slow.line.counts.overtaken == 1


def test_an_exception_whose_only_byte_was_not_over_is_not_acknowledged(slow):
    slow.happens(0x11)
    slow.end.host_write(b"\x81", slow.now)
    due = slow.line.next_due()
    while slow.line.take(due) == [] and not slow.port.unacknowledged:
        due = slow.line.next_due()
    assert slow.port.unacknowledged
    slow.line.host_write(b"\x80", due - BYTE_S)
    slow.line.take(due)
    assert slow.told("acked") == []
    assert slow.says("81") == "11"


def test_a_message_with_a_fault_takes_its_time_too_and_is_lost_if_it_is_acknowledged(slow):
    slow.happens(0x11)
    slow.line.faults.add(Fault(kind="flip", count=1), slow.now)
    assert slow.says("81") not in {"", "11"}
    slow.sync()
    assert slow.told("lost") == ["11"]


def test_a_pause_of_5_ms_in_a_poll_is_allowed_and_a_longer_one_is_not(slow):
    for pause, answer in ((0.0049, "011a00000000c3fc"), (0.0052, "")):
        slow.wait(1)
        slow.end.host_write(b"\x01", slow.now)
        slow.end.host_write(b"\x1a", slow.now + BYTE_S + pause)
        heard = slow.end.host_read(slow.now + 0.1)
        assert b"".join(part for _, part in heard).hex() == answer


def test_a_tap_hears_both_sides_with_their_ninth_bits_and_what_a_fault_left(talk):
    heard = []
    talk.line.taps.append(lambda *one: heard.append(one))
    talk.line.faults.add(Fault(kind="truncate", count=1), talk.now)
    talk.end.host_write(bytes.fromhex("011a"), talk.now, [True, False])
    ((at, left),) = talk.end.host_read(talk.now + 1)
    assert heard[0] == ("host", (bytes.fromhex("011a"), (True, False)), talk.now)
    assert heard[1:] == [("egm", (left, (False,) * len(left)), at)]
    assert len(left) < 8


def turn_rounds(settings, seed, every_s):
    machine = Machine(settings, MemoryJournal(), {}, now=0.0)
    end = MemoryLine(Line("L1", machine.ports, LineSettings(chirp=False), seed))
    end.host_write(b"\x80", 1.0)
    found = []
    for number in range(20):
        now = 1.0 + (number + 1) * every_s
        end.host_write(b"\x81", now)
        ((at, _),) = end.host_read(now + 0.02)
        found.append(round(at - now, 9))
    return found


def test_how_long_a_machine_takes_depends_on_the_seed_and_the_number_of_the_poll_alone(settings):
    slowly = turn_rounds(settings, 7, 1.0)
    assert turn_rounds(settings, 7, 0.04) == slowly
    assert turn_rounds(settings, 8, 1.0) != slowly
    assert len(set(slowly)) == 20
