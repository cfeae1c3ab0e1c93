"""What is left of a run that failed."""

from datetime import UTC, datetime, timedelta

from floor_sim.black_box import BlackBox
from floor_sim.machine import play
from protocols.sas.capture import Speaker
from protocols.sas.capture_reader import read_capture

ZERO = datetime(2026, 1, 1, tzinfo=UTC)


def wall(now):
    return ZERO + timedelta(seconds=now)


def bursts(box):
    captures, problems = read_capture(box.text(wall).splitlines(keepends=True))
    assert problems == []
    return captures


def test_what_passed_last_is_a_capture_that_can_be_read_again(talk):
    box = BlackBox([talk.line], bursts_max=8)
    for poll in ("80", "81", "82", "80", "83", "84", "85", "81", "011a"):
        talk.says(poll)
    (capture,) = bursts(box)
    assert (capture.header.line, capture.header.ninth_bits) == ("L1", False)
    assert len(capture.bursts) == 8
    assert capture.header.started == wall(talk.now - 5 * 0.2)
    host, egm = capture.bursts[-2:]
    assert (host.speaker, egm.speaker) == (Speaker.HOST, Speaker.EGM)
    assert (host.data.hex(), egm.data.hex()) == ("011a", "011a00000000c3fc")


def test_ninth_bits_that_a_line_carries_are_kept(talk):
    box = BlackBox([talk.line])
    for poll, bits in ((b"\x80", [True]), (b"\x01\x1a", [True, False])):
        talk.wait(1)
        talk.end.host_write(poll, talk.now, bits)
        talk.end.host_read(talk.now + 0.1)
    (capture,) = bursts(box)
    assert capture.header.ninth_bits
    assert [burst.wakeup for burst in capture.bursts] == [(True,), (True, False), (False,) * 8]


def test_a_ticket_number_is_not_written(talk):
    play.bill_in(talk.machine, 20, talk.now)
    play.cash_out(talk.machine, talk.now)
    box = BlackBox([talk.line])
    talk.wait(2)
    talk.says("80")
    talk.wait(2)
    answer = talk.says("013d")
    assert int(answer[4:12]) > 0
    (capture,) = bursts(box)
    assert capture.bursts[-1].hidden
    assert answer[4:12] not in capture.bursts[-1].data.hex()
