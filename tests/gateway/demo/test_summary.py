"""What is printed at the end, and what keeps a demo from being called well."""

from dataclasses import replace

import pytest

from gateway.demo.judge import Disagreement, Verdict
from gateway.demo.summary import SHOWN_MAX, Derived, Summary, shortcomings, text_of
from gateway.outbox.types import Counts
from gateway.status.model import LineStatus

LINE = LineStatus(
    name="L1", port="lines/L1", mode="host", state="polling", polls=412, answers=410,
    timeouts=2, crc_errors=1, egms_up=4, egms=4,
)  # fmt: skip
VERDICT = Verdict(
    happened=120, lost=3, stored=200, with_code=121, repeats=1, delivered_again=0,
    disagreements=(),
)  # fmt: skip
GOOD = Summary(
    lines=(LINE,),
    outbox=Counts(0, {}, None, 200, 0, 200),
    events={"door.opened": 2, "door.closed": 1},
    derived=Derived(calls_opened=5, calls_closed=4, points=37, security_events=7, dead=0),
    restarts={"gateway": 2, "slotsim": 0},
    verdict=VERDICT,
    faults=(),
    unsettled=(),
)


LINE_TEXT = (
    "line L1       412 polls, 410 answers, 2 silences, 1 CRC errors, 0 other errors, 4 of 4 EGMs up"
)
WELL_TEXT = (
    "verdict       floor and stream agree event for event: 120 exceptions, "
    "1 told twice and marked so"
)


def test_a_good_run_is_called_well_and_shows_its_figures():
    assert shortcomings(GOOD) == []
    assert text_of(GOOD).splitlines() == [
        LINE_TEXT,
        "floor         120 exceptions, 3 lost by machines",
        "events        3: door.closed 1, door.opened 2",
        "outbox        depth 0, 200 acknowledged, 0 refused",
        "dispatch      5 calls opened, 4 closed",
        "loyalty       37 points credited",
        "surveillance  7 security events recorded",
        "restarts      gateway 2",
        WELL_TEXT,
    ]


@pytest.mark.parametrize(
    ("spoiled", "words"),
    [
        ({"lines": (LINE.model_copy(update={"polls": 0}),)}, "L1 was not polled"),
        ({"lines": (LINE.model_copy(update={"answers": 0}),)}, "L1 never answered"),
        ({"verdict": replace(VERDICT, happened=0)}, "no exception happened"),
        ({"verdict": replace(VERDICT, stored=0)}, "no event is in the streams"),
        ({"outbox": Counts(0, {}, None, 0, 0, 0)}, "no event was acknowledged"),
        ({"outbox": Counts(0, {}, None, 200, 3, 203)}, "3 events were refused"),
        ({"derived": replace(GOOD.derived, calls_opened=0)}, "dispatch opened no call"),
        ({"derived": replace(GOOD.derived, calls_closed=0)}, "dispatch closed no call"),
        ({"derived": replace(GOOD.derived, points=0)}, "loyalty credited no points"),
        ({"derived": replace(GOOD.derived, security_events=0)}, "surveillance recorded nothing"),
        ({"derived": replace(GOOD.derived, dead=2)}, "2 messages are dead letters"),
        ({"faults": ("the chain breaks at 7",)}, "the chain breaks at 7"),
        ({"unsettled": ("outbox: 4 events not acknowledged",)}, "did not come to rest: outbox"),
    ],
)  # fmt: skip
def test_each_stage_that_saw_nothing_or_went_wrong_is_told(spoiled, words):
    summary = replace(GOOD, **spoiled)
    assert len(shortcomings(summary)) == 1
    assert words in shortcomings(summary)[0]
    assert "NOT WELL" in text_of(summary)


def test_disagreements_are_listed_up_to_a_bound():
    wrong = tuple(Disagreement("missing", "10101", index, 0x11) for index in range(SHOWN_MAX + 5))
    summary = replace(GOOD, verdict=replace(VERDICT, disagreements=wrong))
    told = shortcomings(summary)
    assert told[0] == f"floor and stream disagree in {SHOWN_MAX + 5} places:"
    assert told[1] == "  missing: 10101 #0 code 11"
    assert told[-1] == "  and 5 more"
