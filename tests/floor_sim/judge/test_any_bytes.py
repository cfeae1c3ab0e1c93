"""Whatever passes on a line, a judge hears it to its end."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from floor_sim.judge.judge import KEPT_LINES, Judge
from floor_sim.judge.report import Report
from floor_sim.judge.rule import Settings
from floor_sim.judge.rules import RULES
from protocols.sas.crc import with_crc
from protocols.sas.message import MESSAGE_BYTES_MAX
from protocols.sas.symbols import Symbols
from protocols.sas.tables.polls import POLLS

FRAMES = st.builds(
    lambda address, command, data, sealed:
        with_crc(bytes([address, command]) + data) if sealed else bytes([address, command]) + data,
    st.sampled_from([0, 1, 2, 0x81]), st.sampled_from([*POLLS, 0x5E, 0xFF, 0x00]),
    st.binary(max_size=40), st.booleans(),
)  # fmt: skip
DATA = st.one_of(
    st.sampled_from([b"\x80", b"\x81", b"\x82", b"\x00", b"\x11", b"\x51", b"\x01", b"\x01\x00"]),
    FRAMES, st.binary(min_size=1, max_size=300),
)  # fmt: skip
MARKS = st.sampled_from(["unknown", "right", "wrong"])
BURSTS = st.lists(
    st.tuples(st.sampled_from(["host", "egm"]), DATA, MARKS,
              st.sampled_from([0.0, 0.002, 0.01, 0.2, 1.5, 8.0, 40.0])),
    max_size=25,
)  # fmt: skip


def symbols(data, marks):
    if marks == "unknown":
        return Symbols(data, (None,) * len(data))
    return Symbols(data, tuple((place == 0) == (marks == "right") for place in range(len(data))))


@settings(max_examples=40, deadline=None)
@given(BURSTS)
def test_any_bytes_at_any_time_are_judged_and_reported(bursts):
    judge, now = Judge("L1", RULES, Settings()), 0.0
    for side, data, marks, after_s in bursts:
        now += after_s
        judge.hear(side, symbols(data, marks), now)
        assert len(judge._lines) <= KEPT_LINES
    judge.pass_time(now + 60.0)
    report = Report(judge.end(), ("L1",), now, judge.messages)
    assert json.loads(report.json())["verdict"] in {"PASS", "FAIL"}
    assert report.text()
    assert report.junit()
    for tally in report.tallies:
        assert tally.chances >= tally.times >= len(tally.findings)


def test_an_egm_that_babbles_fills_no_memory():
    judge = Judge("L1", RULES, Settings())
    judge.hear("host", symbols(b"\x01\x1a", "right"), 0.0)
    for number in range(1, 3000):
        judge.hear("egm", symbols(b"\x55" * 10, "unknown"), number / 1000)
    waiting = judge.conversation._open
    assert waiting is None or len(waiting.data) <= MESSAGE_BYTES_MAX + 10
    assert {tally.row.id for tally in judge.end() if tally.findings} >= {"egm.unasked"}
