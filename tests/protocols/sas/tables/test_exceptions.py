"""The exception table: names, words, flags, and the data of events."""

import json
from pathlib import Path

import pytest

from protocols.sas.tables.evidence import Confidence
from protocols.sas.tables.exceptions import (
    EXCEPTIONS,
    IDLE_CODES,
    PRIORITY_ORDER,
    QUEUED_IN_STANDARD_VALIDATION,
    exception_text,
)

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/exceptions.json").read_text())


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["name"])
def test_a_code_has_its_name(row):
    assert EXCEPTIONS[int(row["code"], 16)].name == row["name"]


def test_a_code_in_no_table_is_shown_as_hex_and_gets_no_name():
    unknown = set(range(256)) - EXCEPTIONS.keys()
    assert len(unknown) == 256 - 123
    assert {exception_text(code) for code in unknown} == {f"exception {c:02X}" for c in unknown}


def test_what_the_floor_says_is_said():
    assert exception_text(0x11) == "slot door opened"
    assert exception_text(0x51) == "handpay pending"
    assert exception_text(0x99) == "power-off slot door access"


def test_flags_go_before_the_queue_in_their_order():
    flags = sorted((row for row in EXCEPTIONS.values() if row.priority), key=lambda r: r.priority)
    assert tuple(row.code for row in flags) == PRIORITY_ORDER
    assert [row.priority for row in flags] == list(range(1, 18))
    assert flags[0].code == 0x57
    assert flags[-1].code == 0x70
    assert set(PRIORITY_ORDER) > QUEUED_IN_STANDARD_VALIDATION


def test_only_no_activity_is_idle():
    assert sorted(IDLE_CODES) == [0x00, 0x1F]


def test_bills_by_value_are_not_sent_as_events():
    assert {row.code for row in EXCEPTIONS.values() if row.never_real_time} == {
        *range(0x47, 0x4F), 0x50,
    }  # fmt: skip
    assert not EXCEPTIONS[0x4F].never_real_time


def test_events_carry_as_many_bytes_as_is_known():
    sizes = {row.code: row.data.low for row in EXCEPTIONS.values() if row.data.low}
    assert sizes == {0x4F: 6, 0x7C: 10, 0x7E: 8, 0x7F: 4, 0x88: 2, 0x8A: 4, 0x8B: 1, 0x8C: 2}
    assert all(row.data.fixed for row in EXCEPTIONS.values())


def test_what_is_less_sure_says_so():
    medium = {row.code for row in EXCEPTIONS.values() if row.confidence is Confidence.MEDIUM}
    assert medium == {0x2F, 0x59, 0x5A, 0x5F, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2}
    unsure = {row.code for row in EXCEPTIONS.values() if row.data_confidence is Confidence.MEDIUM}
    assert unsure == {0x7C, 0x89, 0x8B}
