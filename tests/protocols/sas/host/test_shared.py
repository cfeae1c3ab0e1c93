"""Two machines at one address: what makes a suspicion, and what does not."""

from __future__ import annotations

import pytest

from protocols.sas.errors import CrcError
from protocols.sas.host.shared import (
    LATE_S,
    LOOKS_BACK,
    SERIALS_WITHIN_S,
    TOLD_EVERY_S,
    SharedWatch,
    two_answers,
)
from protocols.sas.host.steps import Send
from protocols.sas.replies import IdleReply, LongPollReply, SilenceReply
from tests.protocols.sas.host.bench import Bench
from tests.protocols.sas.host.wire_oracle import signed

TIMEOUT_S = 0.05


class Line:
    """A line that is told what came of each poll."""

    def __init__(self, *addresses: int) -> None:
        self.watch = SharedWatch(addresses, TIMEOUT_S)
        self.now = 1000.0
        self.found = []

    def polled(self, address: int, reply, error=None, *, repeat: bool = False, after_s=0.2):
        self.now += after_s
        poll = b"\x00" if isinstance(reply, LongPollReply) else bytes([address | 0x80])
        step = Send(bytes([address]) + b"\x54" if poll == b"\x00" else poll, 1, address, repeat)
        found = self.watch.polled(self.now + 0.01, step, self.now, reply, error)
        self.now += 0.01
        if found is not None:
            self.found.append(found)

    def good(self, address: int, times: int = 1, **more):
        for _ in range(times):
            self.polled(address, IdleReply(address), **more)

    def garbled(self, address: int, times: int = 1, **more):
        for _ in range(times):
            self.polled(address, None, CrcError("the CRC does not fit", b"\x01\x02"), **more)

    def silent(self, address: int, times: int = 1):
        for _ in range(times):
            self.polled(address, SilenceReply(address))

    def twice(self, address: int, times: int = 1):
        for _ in range(times):
            self.good(address)
            self.watch.stray(self.now + TIMEOUT_S)

    def says_serial(self, address: int, serial: str):
        self.polled(address, LongPollReply(address, 0x54, {"serial": serial}, raw=b"x"))


class ExactLine:
    """A line whose times are sums of powers of two, so that a bound is met to the last bit."""

    timeout_s = 0.0625

    def __init__(self, *addresses: int) -> None:
        self.watch = SharedWatch(addresses, self.timeout_s)

    def good(self, address: int, at: float):
        step = Send(bytes([address | 0x80]), 1, address)
        return self.watch.polled(at, step, at, IdleReply(address), None)

    def silent(self, address: int, at: float):
        step = Send(bytes([address | 0x80]), 1, address)
        return self.watch.polled(at, step, at, SilenceReply(address), None)

    def wrong(self, address: int, raw: bytes, at: float):
        step = Send(bytes([address | 0x80]), 1, address)
        return self.watch.polled(at, step, at, None, CrcError("the CRC does not fit", raw))

    def serial(self, address: int, serial: str, at: float):
        reply = LongPollReply(address, 0x54, {"serial": serial}, raw=b"x")
        return self.watch.polled(at, Send(bytes([address, 0x54]), 1, address), at, reply, None)


def test_the_bounds_are_what_they_were_agreed_to_be():
    assert (LOOKS_BACK, SERIALS_WITHIN_S, TOLD_EVERY_S, LATE_S) == (50, 3600.0, 3600.0, 1.0)


def test_only_the_last_polls_are_looked_back_on():
    line = Line(1, 2)
    line.good(2, 50)
    line.garbled(1, 9)
    line.good(1, 42)
    line.garbled(1)
    assert line.found == []  # nine of the last fifty
    line.garbled(1)
    assert line.found == []
    line.garbled(1, 8)
    assert line.found[0].figures["polls"] == 50


@pytest.mark.parametrize("lost", [Line.silent, Line.garbled])
def test_a_stray_is_counted_again_once_the_late_answers_have_passed(lost):
    for pause_s, told in ((0.5, 0), (LATE_S, 1)):
        line = Line(1)
        for _ in range(6):
            lost(line, 1)
            line.good(1, after_s=pause_s)
            line.watch.stray(line.now + 0.01)
        line.good(1)
        assert len(line.found) == told


def test_garbled_answers_of_one_among_clean_neighbours_are_told_with_their_figures():
    line = Line(1, 2, 3)
    line.good(2, 30)
    line.good(3, 20)
    line.good(1, 5)
    line.silent(1, 2)
    line.garbled(1, 9)
    assert line.found == []
    line.garbled(1)
    (found,) = line.found
    assert (found.address, found.evidence, found.serials) == (1, "collisions", ())
    assert found.reason == "10 of its last 17 answers were garbled, 0 of 50 of its neighbours'"
    assert found.figures == {
        "polls": 17, "two_answers": 0, "garbled": 10, "silent": 2,
        "neighbours_answers": 50, "neighbours_garbled": 0,
    }  # fmt: skip


def test_a_bad_plug_is_silent_as_well_and_is_no_second_machine():
    line = Line(1, 2)
    line.good(2, 50)
    line.silent(1, 3)
    line.garbled(1, 14)
    assert line.found == []
    line.garbled(1)
    assert len(line.found) == 1  # three of fifteen: hardly silent


def test_a_bad_line_is_no_second_machine():
    line = Line(1, 2, 3)
    line.good(2, 40)
    line.garbled(3, 2)
    line.good(3, 40)
    line.garbled(1, 40)
    assert line.found == []


@pytest.mark.parametrize("neighbours", [0, 49])
def test_without_enough_neighbours_to_compare_with_nothing_is_concluded(neighbours):
    line = Line(1, 2)
    line.good(2, neighbours)
    line.garbled(1, 50)
    assert line.found == []
    line.good(2, 50)
    line.garbled(1)
    assert len(line.found) == 1


def test_silence_of_a_neighbour_is_nothing_to_compare_with():
    line = Line(1, 2)
    line.good(2, 30)
    line.silent(2, 20)
    line.garbled(1, 50)
    assert line.found == []


def test_who_was_polled_just_before_may_be_the_one_and_is_named():
    line = Line(1, 2)
    line.good(2, 50)
    for _ in range(10):
        line.good(2)
        line.garbled(1, after_s=0.001)
    (found,) = line.found
    assert found.figures["polled_before"] == 2
    assert found.reason.endswith("; or at address 2, which is polled just before")
    line = Line(1, 2)
    line.good(2, 50)
    for pause_s in [0.001] * 9 + [0.1]:
        line.good(2)
        line.garbled(1, after_s=pause_s)
    assert "polled_before" not in line.found[0].figures


def test_an_answer_right_behind_an_answer_five_times_is_told():
    line = Line(1)
    line.twice(1, 5)
    assert line.found == []
    line.good(1)
    (found,) = line.found
    assert (found.address, found.evidence) == (1, "answers")
    assert found.reason == "5 of its last 6 polls had two answers"
    assert (found.figures["two_answers"], found.figures["garbled"]) == (5, 5)


def test_two_answers_in_one_piece_are_told():
    bench = Bench(1).up()
    found = []
    while not found:
        bench.asked()
        turn = bench.says("00 00")
        found += [turn.shared] if turn.shared else []
        if not turn.final:
            bench.poll()
            bench.says("00")
    assert (found[0].address, found[0].evidence) == (1, "answers")
    asked = [poll for _, poll in bench.sent if poll == b"\x81"]
    assert len(asked) == 1 + 5 * 2  # up, then five polls and their repeats


def test_strays_right_behind_the_answers_of_a_session_are_told():
    bench = Bench(1).up()
    turns = []
    for _ in range(8):
        bench.asked()
        turns.append(bench.says("00"))
        bench.session.overheard(bench.now + 0.01, b"\x00")
    assert [turn.shared.evidence for turn in turns if turn.shared] == ["answers"]


def test_a_stray_byte_much_later_is_no_second_answer():
    line = Line(1)
    for _ in range(20):
        line.good(1)
        line.watch.stray(line.now + TIMEOUT_S + 0.001)
    assert line.found == []


def test_one_answer_has_one_second_answer_in_however_many_pieces_it_comes():
    line = Line(1)
    line.twice(1, 4)
    line.watch.stray(line.now + 0.01)
    line.good(1)
    assert line.found == []


def test_a_late_answer_after_a_repeat_or_a_time_out_is_no_second_answer():
    line = Line(1)
    for _ in range(20):
        line.good(1, repeat=True)
        line.watch.stray(line.now + 0.01)
    for _ in range(20):
        line.silent(1)
        line.good(1)
        line.watch.stray(line.now + 0.01)
    assert line.found == []


def test_strays_behind_everybodys_answers_are_a_bad_line():
    line = Line(1, 2)
    for _ in range(10):
        line.twice(1)
        line.twice(2)
    assert line.found == []


def test_serial_numbers_that_take_turns_are_told_and_a_swap_is_not():
    line = Line(1)
    for serial in ("A", "A", "B", "B", "", "C"):
        line.says_serial(1, serial)
    assert line.found == []
    line.says_serial(1, "B")
    (found,) = line.found
    assert (found.evidence, found.serials) == ("serials", ("B", "C", "B"))
    assert found.reason.startswith("serial numbers take turns: B, C, B in ")
    assert found.figures["serials"] == 2


def test_a_machine_that_comes_back_after_more_than_an_hour_was_away():
    for away_s, told in ((SERIALS_WITHIN_S - 2, 1), (SERIALS_WITHIN_S + 1, 0)):
        line = Line(1)
        line.says_serial(1, "A")
        line.says_serial(1, "B")
        line.now += away_s
        line.says_serial(1, "A")
        assert len(line.found) == told


def test_it_is_told_once_an_hour():
    line = Line(1, 2)
    for pause_s in (0.0, 0.0, TOLD_EVERY_S):
        line.now += pause_s
        line.good(2, 50)
        line.garbled(1, 10)
    assert len(line.found) == 2


@pytest.mark.parametrize(
    ("poll", "raw", "two"),
    [("81", b"\x00\x00", True), ("81", b"\x00\x11", True), ("81", b"\x51\x52", True),
     ("81", b"\x00\xd4", False),  # not in the table: noise
     ("81", b"\xd4\x00", False), ("81", b"\x00\x00\x00", False), ("81", b"\x00", False),
     ("81", b"", False),
     ("011a", signed("011a00000001") * 2, True),
     ("011a", signed("011a00000001") + signed("011a00000002"), True),
     ("011a", signed("011a00000001") + b"\x01", False),
     ("011a", b"\x02" + signed("011a00000001"), False),
     ("81", signed("01ff11") + signed("01ff11"), True)],
)  # fmt: skip
def test_two_whole_answers_to_one_poll_are_known_from_noise(poll, raw, two):
    assert two_answers(bytes.fromhex(poll), raw) is two


def test_a_stray_in_a_pause_belongs_to_nobody_polled_before():
    line = Line(1, 2)
    line.good(2)
    line.garbled(1, after_s=0.001)
    line.now += LATE_S
    line.twice(1, 5)
    line.good(1)
    (found,) = line.found
    assert found.figures["garbled"] == 6
    assert "polled_before" not in found.figures


@pytest.mark.parametrize(("behind_s", "told"), [(0.0625, True), (0.0626, False)])
def test_a_second_answer_comes_no_later_than_an_answer_may(behind_s, told):
    line = ExactLine(1)
    for at in range(5):
        line.good(1, float(at))
        line.watch.stray(at + behind_s)
    assert (line.good(1, 9.0) is not None) is told


@pytest.mark.parametrize(("at", "told"), [(LATE_S, True), (LATE_S - 0.001, False)])
def test_a_late_answer_may_come_until_its_time_is_over_and_no_longer(at, told):
    line = ExactLine(1)
    for begun in range(0, 10, 2):
        line.silent(1, float(begun))
        line.good(1, begun + at)
        line.watch.stray(begun + at)
    assert (line.good(1, 11.0) is not None) is told


@pytest.mark.parametrize(("behind_s", "named"), [(0.0625, True), (0.0626, False)])
def test_who_was_polled_before_is_named_only_if_its_answer_may_still_have_been_under_way(
    behind_s, named
):
    line, found = ExactLine(1, 2), None
    for at in range(50):
        line.good(2, float(at))
    for at in range(50, 60):
        line.good(2, float(at))
        found = line.wrong(1, b"\x01\x02", at + behind_s)
    assert found is not None
    assert ("polled_before" in found.figures) is named


def test_a_neighbour_that_is_garbled_once_in_fifty_answers_is_clean():
    line = Line(1, 2)
    line.good(2, 49)
    line.garbled(2)
    line.garbled(1, 10)
    assert line.found[0].figures["neighbours_garbled"] == 1
    line = Line(1, 2)
    line.good(2, 48)
    line.garbled(2, 2)
    line.garbled(1, 10)
    assert line.found == []


def test_the_same_serial_number_however_often_is_one_machine():
    line = Line(1)
    for _ in range(5):
        line.says_serial(1, "A")
    assert line.found == []


@pytest.mark.parametrize(("until", "told"), [(4600.0, True), (4601.0, False)])
def test_the_hour_of_three_serial_numbers_begins_with_the_first(until, told):
    line = ExactLine(1)
    line.serial(1, "A", 1000.0)
    line.serial(1, "B", 3000.0)
    assert (line.serial(1, "A", until) is not None) is told


def test_the_seconds_of_serial_numbers_are_told_to_the_millisecond():
    line = ExactLine(1)
    line.serial(1, "A", 1000.0)
    line.serial(1, "B", 1000.5)
    found = line.serial(1, "A", 1001.00049)
    assert found is not None
    assert found.figures == {"within_s": 1.0, "serials": 2}


def test_what_led_to_a_suspicion_is_spent_even_if_it_was_told_of_late():
    line = ExactLine(1)
    for at, serial in enumerate("ABA"):
        found = line.serial(1, serial, float(at))
    assert found is not None
    for at, serial in enumerate("BAB"):  # the A of the suspicion is spent: three more
        assert line.serial(1, serial, 1000.0 + at) is None
    assert line.serial(1, "A", 2 + TOLD_EVERY_S) is None
    assert line.serial(1, "B", 2 + TOLD_EVERY_S) is None
    assert line.serial(1, "A", 2 + TOLD_EVERY_S) is not None


def test_an_hour_after_a_suspicion_one_more_garbled_answer_is_none():
    line = Line(1, 2)
    line.good(2, 50)
    line.garbled(1, 10)
    line.now += TOLD_EVERY_S
    line.garbled(1, 9)
    assert len(line.found) == 1
    line.garbled(1)
    assert len(line.found) == 2


def test_who_else_it_may_be_is_judged_by_new_evidence_alone():
    line = Line(1, 2)
    line.good(2, 50)
    line.garbled(1, 10)
    assert "polled_before" not in line.found[0].figures
    line.now += TOLD_EVERY_S
    for _ in range(5):
        line.good(2)
        line.polled(1, None, CrcError("two", b"\x00\x11"), after_s=0.001)
    assert line.found[1].figures["polled_before"] == 2
