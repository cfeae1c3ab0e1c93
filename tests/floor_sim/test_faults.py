"""Each fault, seen on the wire."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from floor_sim.faults import Direction, Fault, FaultSet
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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # it is a class
@given(data=st.binary(max_size=300), times=st.lists(st.floats(0, 3), max_size=5))
def test_no_bytes_from_a_host_ever_stop_a_machine(conversation, data, times):
    talk = conversation()
    talk.sync()
    talk.happens(0x11)
    for wait in times:
        talk.wait(wait)
        talk.says(data.hex(), after=0)
    talk.wait(6)
    talk.sync()
    assert talk.says("81") != ""
