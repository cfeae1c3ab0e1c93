"""Each fault, seen on the wire."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from floor_sim.faults import FAULTS, Direction, Fault, FaultSet, Place
from floor_sim.faults.messages import superposed
from floor_sim.line import Line, LineSettings
from floor_sim.machine import play
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.machine import Machine
from floor_sim.memory_line import MemoryLine
from protocols.sas.parmrk import ParmrkDecoder
from protocols.sas.symbols import from_machine

WHOLE = "011a00000000c3fc"


def answers(talk, polls, fault):
    talk.line.faults.add(Fault(**fault), talk.now)
    heard = []
    for _ in range(polls):
        heard.append(talk.says("011a"))
        talk.sync()
    return heard


def test_a_dropped_byte_is_one_byte_less(talk):
    for answer in answers(talk, 20, {"kind": "drop"}):
        assert len(answer) == len(WHOLE) - 2


def test_a_flipped_bit_is_one_bit(talk):
    for answer in answers(talk, 20, {"kind": "flip"}):
        assert (int(answer, 16) ^ int(WHOLE, 16)).bit_count() == 1


def test_a_truncated_answer_is_its_beginning(talk):
    for answer in answers(talk, 20, {"kind": "truncate"}):
        assert WHOLE.startswith(answer)
        assert answer != WHOLE


def test_silence_is_silence(talk):
    assert answers(talk, 3, {"kind": "silence"}) == [""] * 3


def test_a_delayed_answer_comes_late_and_whole(talk):
    talk.line.faults.add(Fault(kind="delay", delay_s=0.3), talk.now)
    talk.end.host_write(bytes.fromhex("011a"), talk.now)
    ((late, data),) = talk.end.host_read(talk.now + 1)
    assert 0.302 <= late - talk.now <= 0.305
    assert data.hex() == WHOLE


def test_a_fault_towards_the_machine_spoils_polls(talk):
    talk.line.faults.add(Fault(kind="silence", direction="to_egm", count=1), talk.now)
    assert talk.says("011a") == ""
    assert talk.says("011a") == WHOLE


def test_a_delayed_poll_is_answered_late(talk):
    talk.line.faults.add(Fault(kind="delay", direction="to_egm", delay_s=0.3), talk.now)
    talk.end.host_write(bytes.fromhex("011a"), talk.now)
    ((late, data),) = talk.end.host_read(talk.now + 1)
    assert 0.302 <= late - talk.now <= 0.305
    assert data.hex() == WHOLE


def test_a_fault_ends_after_its_count_and_by_itself(talk):
    assert answers(talk, 4, {"kind": "silence", "count": 2}) == ["", "", WHOLE, WHOLE]
    assert talk.line.faults.active(talk.now) == {}


def test_a_fault_begins_and_ends_at_its_time(talk):
    heard = answers(talk, 5, {"kind": "silence", "start_s": 0.5, "seconds": 0.8})
    assert heard == [WHOLE, "", "", WHOLE, WHOLE]  # a poll each 0.4 s


def test_a_fault_of_one_address_leaves_the_others_alone(talk):
    assert answers(talk, 2, {"kind": "silence", "address": 2}) == [WHOLE] * 2
    assert answers(talk, 2, {"kind": "silence", "address": 1}) == [""] * 2


def test_a_pulled_cable_is_dead_both_ways(talk):
    talk.happens(0x11)
    assert talk.says("81") == "11"
    talk.line.pull(2.0, talk.now)
    assert talk.says("80") == ""
    assert talk.told("acked") == []
    talk.wait(2)
    assert talk.says("81") == "11"


def test_a_fault_can_be_removed(talk):
    number = talk.line.faults.add(Fault(kind="silence"), talk.now)
    assert talk.says("011a") == ""
    assert talk.line.faults.remove(number)
    assert not talk.line.faults.remove(number)
    assert talk.says("011a") == WHOLE


def test_one_seed_spoils_the_same_messages(talk):
    def spoiled(seed, name):
        faults = FaultSet(seed, name)
        faults.add(Fault(kind="flip", probability=0.3), 0.0)
        return [
            faults.apply(from_machine(b"\x00\x00"), Direction.TO_HOST, 1.0).data for _ in range(200)
        ]

    assert spoiled(1, "L1") == spoiled(1, "L1")
    assert spoiled(1, "L1") != spoiled(2, "L1")
    assert spoiled(1, "L1") != spoiled(1, "L2")
    assert 30 <= sum(data != b"\x00\x00" for data in spoiled(1, "L1")) <= 90


@pytest.mark.parametrize(
    "wrong", [{"kind": "melt"}, {"kind": "flip", "probability": 2}, {"kind": "drop", "count": 0}]
)
def test_a_fault_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        Fault(**wrong)


def arrivals(talk, hexes, wait_s=0.1):
    """Send a poll; return what comes with the seconds after the poll, as the host sees it."""
    talk.now += 0.2
    talk.end.host_read(talk.now)
    talk.end.host_write(bytes.fromhex(hexes), talk.now)
    came = []
    while (due := talk.end.next_due()) is not None and due <= talk.now + wait_s:
        came += [(at - talk.now, data.hex()) for at, data in talk.end.host_read(due)]
    return came


@pytest.fixture
def shown(settings):
    """A machine on a line that shows the ninth bit as PARMRK escapes, and the host's end."""
    machine = Machine(settings, MemoryJournal(), {}, now=0.0)
    line = Line("L1", machine.ports, LineSettings(ninth_bit="parmrk"))
    end = MemoryLine(line)
    end.host_write(b"\x80", 0.1)
    end.exchange(bytes.fromhex("011a"), 0.2)
    return line, end


@pytest.mark.parametrize(("gap_s", "whole"), [(0.003, True), (0.008, False)])
def test_a_split_answer_comes_in_two_pieces_and_is_whole_up_to_5_ms(talk, gap_s, whole):
    talk.happens(0x11)
    talk.line.faults.add(Fault(kind="split", gap_s=gap_s), talk.now)
    (first, head), (second, tail) = arrivals(talk, "011a")
    assert second - first == pytest.approx(gap_s)
    assert head + tail == WHOLE
    assert talk.port._outstanding.whole is whole


def test_a_stale_answer_comes_before_that_of_a_later_poll(talk):
    talk.line.faults.add(Fault(kind="stale", count=1), talk.now)
    assert talk.says("011a") == ""
    assert talk.says("011a") == WHOLE
    (first, stale), (second, right) = arrivals(talk, "0110")
    assert stale == WHOLE
    assert right.startswith("0110")
    assert second - first == pytest.approx(0.01)
    assert talk.says("011a") == WHOLE
    assert talk.line.faults.active(talk.now) == {}


def test_noise_changes_bits_within_a_run_of_sixteen(talk):
    seen = set()
    for answer in answers(talk, 40, {"kind": "noise"}):
        wrong = int(answer, 16) ^ int(WHOLE, 16)
        bits = [at for at in range(64) if wrong >> (63 - at) & 1]
        seen.add(len(bits))
        if bits:  # none: only a ninth bit, which this line does not show
            assert bits[-1] // 8 - bits[0] // 8 <= 2
    assert len(seen) > 3


def test_noise_is_seen_as_parity_errors_where_the_line_shows_them(shown):
    line, end = shown
    line.faults.add(Fault(kind="noise"), 0.1)
    marks = 0
    for number in range(40):
        heard = ParmrkDecoder().feed(end.exchange(bytes.fromhex("011a"), 1.0 + number / 5))
        marks += any(heard.wakeup)
        end.exchange(b"\x80", 1.1 + number / 5)
    assert 5 <= marks <= 39


def test_a_collision_leaves_a_bit_set_only_where_both_set_it(talk):
    answer = talk.says("0110")
    talk.sync()
    spoiled = 0
    talk.line.faults.add(Fault(kind="collision"), talk.now)
    for _ in range(10):
        heard = talk.says("0110")
        talk.sync()
        assert len(heard) in {len(answer), len(answer) + 2}
        assert int(heard[: len(answer)], 16) & ~int(answer, 16) == 0
        spoiled += heard != answer
    assert spoiled >= 9


def test_superposed_bytes_are_those_of_both_where_both_speak():
    both = superposed(from_machine(b"\xf0\x0f\xff"), from_machine(b"\x3c\xaa"), 1)
    assert both.data == b"\xf0\x0c\xaa"


def test_a_host_may_hear_its_own_bytes_before_the_answer(talk):
    talk.line.faults.add(Fault(kind="echo", count=1), talk.now)
    (own_s, own), (_, answer) = arrivals(talk, "011a")
    assert (own_s, own, answer) == (0.0, "011a", WHOLE)
    assert talk.says("0110").startswith("0110")


def test_an_echo_has_the_ninth_bits_that_the_host_has_set(shown):
    line, end = shown
    line.faults.add(Fault(kind="echo"), 0.1)
    assert end.exchange(bytes.fromhex("011a"), 1.0).hex() == f"ff00011a{WHOLE}"


def test_junk_comes_at_its_pace_and_nobody_has_asked(talk):
    talk.line.faults.add(Fault(kind="junk", every_s=0.5, bytes_max=4, count=6), talk.now)
    came = []
    while (due := talk.end.next_due()) is not None:
        came += [(at - talk.now, data) for at, data in talk.end.host_read(due)]
    assert [at for at, _ in came] == pytest.approx([0, 0.5, 1, 1.5, 2, 2.5])
    assert all(1 <= len(data) <= 4 for _, data in came)
    assert len({data for _, data in came}) > 1
    assert talk.says("011a") == WHOLE


def test_an_exception_that_junk_came_before_was_never_heard_whole(talk):
    talk.happens(0x11)
    talk.line.faults.add(Fault(kind="junk", start_s=0.201, count=1), talk.now)
    assert talk.says("81") != "11"
    talk.sync()
    assert talk.told("lost") == ["11"]


def test_without_its_ninth_bit_a_poll_is_no_poll(talk):
    number = talk.line.faults.add(
        Fault(kind="ninth_missing", direction="to_egm", count=1), talk.now
    )
    assert talk.says("011a") == ""
    assert talk.line.counts.bad == 1
    assert talk.says("011a") == WHOLE
    assert number not in talk.line.faults.active(talk.now)


def test_a_ninth_bit_in_the_middle_cuts_a_poll_short(talk, crc):
    talk.line.faults.add(Fault(kind="ninth_extra", direction="to_egm", count=1), talk.now)
    assert talk.says(crc("0101")) != "01"
    assert talk.cabinet.playable
    assert talk.says(crc("0101")) == "01"
    assert not talk.cabinet.playable


def test_a_host_sees_a_chirp_without_and_an_answer_with_a_ninth_bit(shown):
    line, end = shown
    line.faults.add(Fault(kind="ninth_extra", count=1), 1.0)
    heard = ParmrkDecoder().feed(end.exchange(bytes.fromhex("011a"), 1.0))
    assert (heard.data.hex(), sum(heard.wakeup)) == (WHOLE, 1)
    line.faults.add(Fault(kind="ninth_missing"), 1.0)
    line.tick(7.0)
    chirps = [data for _, data in end.host_read(8.0)]
    assert len(chirps) > 5
    assert set(chirps) == {b"\x01"}


def test_a_stuck_machine_chirps_for_ever_and_hears_nothing(shown):
    line, end = shown
    line.faults.add(Fault(kind="stuck_chirp", address=1, seconds=1.1), 1.0)
    for number in range(10):
        end.host_write(bytes.fromhex("80"), 1.05 + number / 10)
        end.host_write(bytes.fromhex("81"), 1.06 + number / 10)
    heard = [(round(at, 3), data.hex()) for at, data in end.host_read(2.2)]
    assert heard == [(round(1.0 + number / 5, 3), "ff0001") for number in range(6)]
    end.host_write(bytes.fromhex("80"), 3.0)
    assert end.exchange(bytes.fromhex("011a"), 3.1).hex() == WHOLE


def test_two_machines_with_one_address_answer_at_once_or_one_after_the_other(talk):
    play.bill_in(talk.machine, 20, talk.now)
    right = talk.says("011a")
    talk.line.faults.add(Fault(kind="twin", address=1), talk.now)
    talk.sync()
    heard = set()
    for _ in range(20):
        heard.add(talk.says("011a"))
        talk.sync()
    assert right not in heard
    assert any(len(answer) > len(right) for answer in heard)
    for _ in range(5):
        talk.says("81")
        talk.sync()
    assert talk.told("exception") == ["4A"]


def test_a_vanished_port_is_dead_both_ways_and_comes_back(talk):
    talk.line.faults.add(Fault(kind="vanish", seconds=1.0), talk.now)
    assert talk.line.faults.gone(talk.now)
    assert talk.says("011a") == ""
    talk.wait(1.0)
    assert not talk.line.faults.gone(talk.now)
    assert talk.says("011a") == WHOLE


def test_a_late_answer_that_arrives_is_not_lost_and_one_that_never_does_is(talk):
    talk.happens(0x11, 0x12)
    talk.line.faults.add(Fault(kind="delay", delay_s=0.05, count=1), talk.now)
    assert [data for _, data in arrivals(talk, "81")] == ["11"]
    talk.sync()
    assert talk.told("lost") == []
    talk.line.faults.add(Fault(kind="delay", delay_s=5.0, count=1), talk.now)
    assert talk.says("81") == ""
    talk.sync()  # it acknowledges what it cannot have heard
    assert talk.told("lost") == ["12"]


SPOILS = [kind for kind, row in FAULTS.items() if row.place is Place.MESSAGE]


@pytest.mark.parametrize("kind", SPOILS)
@pytest.mark.parametrize("direction", [*Direction])
def test_whatever_spoils_messages_depends_on_seed_and_count_alone(kind, direction):
    def left(start_s):
        faults = FaultSet(5, "L1")
        faults.add(Fault(kind=kind, direction=direction, probability=0.5), 0.0)
        out = []
        for number in range(30):
            now = start_s + number * start_s
            out.append(faults.to_host(from_machine(bytes.fromhex(WHOLE)), now, 1))
            out.append(faults.from_host(bytes.fromhex("011a"), None, now))
        return out

    assert left(0.2) == left(3.0)


@settings(max_examples=60)
@given(
    faults=st.lists(
        st.fixed_dictionaries(
            {
                "kind": st.sampled_from(SPOILS),
                "direction": st.sampled_from([*Direction]),
                "probability": st.floats(0, 1),
            }
        ),
        max_size=4,
    ),
    message=st.binary(min_size=1, max_size=40),
)
def test_a_message_is_whole_only_if_all_its_bytes_came(faults, message):
    line = FaultSet(1, "L1")
    for fault in faults:
        line.add(Fault(**fault), 0.0)
    for number in range(4):
        passed = line.to_host(from_machine(message), 0.1 * number, 1)
        assert not passed.whole or passed.data == message


SYMBOLS = st.lists(st.tuples(st.integers(0, 255), st.booleans()), max_size=80)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # it is a class
@given(
    bursts=st.lists(st.tuples(SYMBOLS, st.booleans(), st.floats(0, 3)), max_size=6),
    wire_time=st.booleans(),
)
def test_no_bytes_and_no_ninth_bits_from_a_host_ever_stop_a_machine(
    conversation, bursts, wire_time
):
    talk = conversation()
    talk.line.settings = LineSettings(chirp=False, wire_time=wire_time)
    talk.sync()
    talk.happens(0x11)
    for symbols, known, wait in bursts:
        talk.wait(wait)
        data = bytes(value for value, _ in symbols)
        talk.end.host_write(data, talk.now, [bit for _, bit in symbols] if known else None)
        talk.end.host_read(talk.now + 0.01)
    talk.wait(6)
    talk.sync()
    assert talk.says("81") != ""


@given(junk=st.binary(min_size=1, max_size=20).filter(lambda data: max(data) < 0x80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_whatever_a_wrong_host_says_without_a_ninth_bit_is_counted(conversation, junk):
    talk = conversation()
    talk.end.host_write(junk, talk.now, [False] * len(junk))
    talk.end.host_read(talk.now + 1)
    assert talk.line.counts.bad >= 1
    assert talk.line.counts.polls == 0
