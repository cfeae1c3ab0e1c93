"""What a judge reads out of a ledger."""

from datetime import UTC, datetime, timedelta

from floor_sim.faults import Fault
from floor_sim.ledger import Ledger
from floor_sim.ledger_reader import Truth
from floor_sim.machine import play, service
from floor_sim.machine.machine import Machine

ZERO = datetime(2025, 11, 21, 9, 0, tzinfo=UTC)


def test_what_happened_what_was_handed_over_what_is_lost_and_what_waits(talk):
    talk.happens(0x11, 0x12, 0x13)
    assert talk.says("81") == "11"
    talk.line.faults.add(Fault(kind="silence", count=1), talk.now)
    talk.sync()
    assert talk.says("81") == ""
    talk.sync()
    truth = Truth(talk.journal.records)
    assert [(event.code, event.asset) for event in truth.events("10101", 0)] == [
        (0x11, "10101"), (0x12, "10101"), (0x13, "10101"),
    ]  # fmt: skip
    assert truth.handed_over("10101") == [0x11]
    (lost,) = truth.lost(port=0)
    assert (lost.code, lost.of) == (0x12, truth.events()[1].n)
    assert lost.reason == "acknowledged, but no answer arrived whole"
    assert [event.code for event in truth.waiting("10101")] == [0x13]
    assert truth.events("10102") == truth.lost("10102") == truth.lost(port=1) == []


def test_a_port_is_judged_by_what_it_had_to_report():
    record = {"n": 1, "t": 0.0, "egm": "1", "what": "exception", "code": "7E", "ports": [1]}
    truth = Truth([record])
    assert truth.events("1", 0) == []
    assert [event.ports for event in truth.events("1", 1)] == [(1,)]


def test_faults_have_a_begin_an_end_and_a_reason_also_when_the_floor_was_killed():
    def fault(n, number, **facts):
        return {"n": n, "t": float(n), "what": "fault", "number": number, **facts}

    truth = Truth([
        {"n": 1, "t": 1.0, "what": "start"},
        fault(2, 1, on=True, fault={"kind": "drop", "line": "L1"}),
        fault(3, 2, on=True, fault={"kind": "power_cut", "asset": "7"}),
        fault(4, 1, on=False, reason="count", spoiled=3),
        {"n": 5, "t": 5.0, "what": "start"},
        fault(6, 1, on=True, fault={"kind": "flip", "line": "L1"}),
    ])  # fmt: skip
    drop, flip = truth.faults(line="L1")
    assert (drop.began, drop.ended, drop.reason, drop.spoiled) == (2.0, 4.0, "count", 3)
    assert (flip.began, flip.ended) == (6.0, None)
    (cut,) = truth.faults(asset="7")
    assert (cut.ended, cut.reason) == (5.0, "power cut")


def test_meters_are_the_true_ones_read_from_a_run_folder(settings, tmp_path):
    ledger = Ledger(tmp_path, lambda now: ZERO + timedelta(seconds=now), file_bytes_max=1_000)
    machine = Machine(settings, ledger, {})
    play.bill_in(machine, 20, 1.0)
    service.open_door(machine, "slot", 2.0)
    truth = Truth.of(tmp_path)
    assert truth.meters("10101")["current_credits"] == 2000
    assert [event.t for event in truth.events()] == [
        "2025-11-21T09:00:01.000Z", "2025-11-21T09:00:02.000Z",
    ]  # fmt: skip
    assert truth.meters("10102") == {}
    ledger.close()
