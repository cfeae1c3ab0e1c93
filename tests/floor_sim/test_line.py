"""What a line does beside carrying bytes."""

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
