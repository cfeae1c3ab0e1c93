"""Whatever goes wrong on a line, the ledger never says that a host has what it cannot have."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from floor_sim.faults import FAULTS, Direction, Fault, FaultKind, Place
from floor_sim.ledger_reader import Truth
from floor_sim.line import LineSettings

ON_A_LINE = [
    kind for kind, row in FAULTS.items()
    if row.place in {Place.MESSAGE, Place.LINE} and kind is not FaultKind.TWIN
]  # fmt: skip
CODES = [0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x19, 0x1A, 0x1D, 0x1E, 0x71, 0x72]


@st.composite
def faults(draw):
    kind = draw(st.sampled_from(ON_A_LINE))
    chosen = {"kind": kind, "start_s": draw(st.floats(0, 3))}
    takes = FAULTS[kind].keys
    if "direction" in takes:
        chosen["direction"] = draw(st.sampled_from([*Direction]))
    if "probability" in takes:
        chosen["probability"] = draw(st.floats(0.2, 1))
    if "delay_s" in takes:
        chosen["delay_s"] = draw(st.floats(0.001, 0.5))
    if "every_s" in takes:
        chosen["every_s"] = draw(st.floats(0.01, 0.3))
    if "address" in FAULTS[kind].needs:
        chosen["address"] = 1
    return Fault(**chosen, seconds=draw(st.floats(0.5, 3)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(added=st.lists(faults(), min_size=1, max_size=3), wire_time=st.booleans())
@example(added=[Fault(kind="delay", delay_s=0.3, seconds=3)], wire_time=True)
@example(added=[Fault(kind="junk", every_s=0.05, seconds=3)], wire_time=False)
@example(added=[Fault(kind="stale", probability=0.5, seconds=3)], wire_time=True)
def test_every_exception_has_one_fate_and_a_host_heard_what_it_was_given(
    conversation, added, wire_time
):
    talk = conversation()
    talk.line.settings = LineSettings(wire_time=wire_time, chirp=False)
    for fault in added:
        talk.line.faults.add(fault, talk.now)
    heard = []

    def asks(hexes):
        talk.now += 0.1
        talk.end.host_write(bytes.fromhex(hexes), talk.now)
        heard.extend(b"".join(data for _, data in talk.end.host_read(talk.now + 0.05)))

    for number in range(40):
        if number < 30:
            talk.happens(CODES[number % len(CODES)])
        asks("80")
        asks("81")
    truth = Truth(talk.journal.records)
    bytes_heard = iter(heard)
    assert all(code in bytes_heard for code in truth.handed_over("10101"))
    happened = [event.n for event in truth.events()]
    lost = [one.of for one in truth.lost()]
    waiting = [event.n for event in truth.waiting("10101")]
    acked = {
        record["of"] for record in talk.journal.records
        if record["what"] == "acked" and record.get("whole", True)
    }  # fmt: skip
    assert len(truth.handed_over("10101")) == len(acked)
    assert sorted([*acked, *lost, *waiting]) == happened
