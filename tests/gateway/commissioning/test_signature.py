"""A report is as it was signed, or it is refused with the reason; whoever made the file."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.commissioning.check import begin, hear, settle
from gateway.commissioning.report import report_of, text_of
from gateway.commissioning.sheet import begin_sheet, read_again, type_in
from gateway.commissioning.signature import (
    BadReportError,
    Statement,
    json_file,
    public_key,
    sign,
    text_file,
    verify,
)
from gateway.commissioning.step import Verdict
from gateway.commissioning.told import Count, Frame, Line, Reading
from tests.gateway.commissioning.little_floor import target

START = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
SEED = bytes(range(32))


def some_report():
    check = begin("comms", target(maker="Acme"), "tech17", START)
    frame = Frame(at=START, who="EGM", text="05 58 ** ** **", means="a secret")
    check = hear(check, [Line(at=START, state="polling", port="lines/L1")], [frame])
    check = settle(check, START + timedelta(seconds=2))
    check = settle(check, START + timedelta(seconds=9), Verdict.FAIL, "plug 3 is bent — replaced")
    return report_of(check, START + timedelta(minutes=5), {"console": "0.1.0"})


def signed(report, **more):
    text = text_of(report)
    statement = Statement(**{
        "site": "demo", "gateway": "edge1", "birthid": "b1", "version": "0.1.0",
        "asset": report.target.asset, "kind": report.kind, "verdict": report.verdict,
        "person": "tech17", "at": "2026-03-14T21:05:00Z", "event": "edge1.b1.7",
        "report": report.digest, "text": hashlib.sha256(text.encode()).hexdigest(),
        "key": public_key(SEED), **more,
    })  # fmt: skip
    return text, sign(statement, SEED)


@pytest.fixture(scope="module")
def files():
    report = some_report()
    text, made = signed(report)
    return {"json": json_file(report, made), "text": text_file(text, made)}


@pytest.mark.parametrize("kind", ["json", "text"])
def test_both_files_of_a_report_hold_with_the_key_that_signed_them(files, kind):
    found = verify(files[kind].encode(), frozenset({public_key(SEED)}))
    assert found.trusted
    assert (found.statement.asset, found.statement.verdict) == ("10101", Verdict.FAIL)
    assert verify(files[kind].encode()).trusted is None
    assert verify(files[kind].encode(), frozenset({"0" * 64})).trusted is False


@pytest.mark.parametrize(
    ("before", "after"),
    [('"verdict": "FAIL"', '"verdict": "PASS"'), ("tech17", "tech18"), ("plug 3", "plug 4"),
     ("2026-03-14T21:05", "2026-03-15T21:05"), ("05 58", "05 57"), ("1 NOT DONE", "0 NOT DONE"),
     ("COMMS TEST: FAIL", "COMMS TEST: PASS"), ("FAIL     SAS", "PASS     SAS")],
)  # fmt: skip
def test_what_was_changed_anywhere_is_seen(files, before, after):
    touched = [text for text in files.values() if before in text]
    for text in touched:
        with pytest.raises(BadReportError, match=r"changed|cannot be read"):
            verify(text.replace(before, after, 1).encode())
    assert touched or before.startswith("1 NOT")


@given(st.data())
def test_no_flipped_character_goes_through(files, data):
    text = files[data.draw(st.sampled_from(["json", "text"]))]
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(codec="utf-8"))
    changed = f"{text[:at]}{letter}{text[at + 1 :]}"
    try:
        found = verify(changed.encode())
    except BadReportError:
        return
    # white space of the JSON file says nothing; all that it says is as it was
    assert found == verify(text.encode())
    assert json.loads(changed) == json.loads(text) if text[0] == "{" else changed == text


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_file_at_all_is_refused_in_words(data):
    with pytest.raises(BadReportError) as found:
        verify(data)
    assert str(found.value)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole: whole | {"signature": base64.b64encode(bytes(64)).decode()},
        lambda whole: whole | {"signature": "***"},
        lambda whole: whole | {"statement": "{}"},
        lambda whole: whole | {"statement": None},
        lambda whole: {key: value for key, value in whole.items() if key != "report"},
        lambda whole: whole | {"report": whole["report"] | {"more": 1}},
        lambda whole: [whole],
    ],
)
def test_what_is_no_signed_report_says_so(files, spoil):
    with pytest.raises(BadReportError):
        verify(json.dumps(spoil(json.loads(files["json"]))).encode())


def test_a_report_under_the_statement_of_another_one_is_refused(files):
    other = some_report().model_copy(update={"person": "somebody else"})
    mixed = json.loads(files["json"]) | {"report": json.loads(other.body())}
    with pytest.raises(BadReportError, match="changed after"):
        verify(json.dumps(mixed).encode())


def test_a_statement_about_another_machine_does_not_fit_its_report():
    report = some_report()
    _, made = signed(report, asset="99999")
    with pytest.raises(BadReportError, match="changed after"):
        verify(json_file(report, made).encode())


def test_a_key_that_stands_twice_is_no_report(files):
    twice = files["json"].replace('"verdict": "FAIL"', '"verdict": "PASS", "verdict": "FAIL"', 1)
    with pytest.raises(BadReportError, match="neither"):
        verify(twice.encode())


def test_the_text_says_who_what_when_with_the_frames_and_fits_a_terminal():
    text = text_of(some_report())
    assert text.startswith("COMMS TEST: FAIL\n1 PASS, 1 FAIL, 6 NOT DONE\n")
    for words in ("asset 10101 at 01-01-01 Acme", "L1, SAS address 5, mode host", "tech17",
                  "2026-03-14T21:00:00+00:00 to 2026-03-14T21:05:00+00:00", "console 0.1.0",
                  "said: plug 3 is bent — replaced", "EGM  05 58 ** ** **"):  # fmt: skip
        assert words in text, text
    assert max(map(len, text.splitlines())) <= 78


def test_numbers_that_may_be_a_card_or_a_ticket_stay_out_of_a_report():
    check = begin("comms", target(), "tech17", START)
    check = settle(
        check, START, Verdict.FAIL, "card 5500 0000 0000 0004, ticket 123456789012345678"
    )
    assert check.records["port"].said == "card ** , ticket **"


def test_a_meter_check_ends_in_a_report_with_a_row_a_meter():
    sheet = begin_sheet(target(), "tech17", START)
    meters = {name: Count(value=value, digits=8) for name, value in
              (("coin_in", 120), ("games_played", 3), ("jackpot", 0))}  # fmt: skip
    sheet = read_again(sheet, [Reading(at=START, meters=meters)], [])
    sheet = type_in(type_in(sheet, "coin_in", "1.20"), "games_played", "4")
    report = report_of(sheet, START, {})
    assert {row.name: str(row.verdict) for row in report.rows} == {
        "coin_in": "PASS", "games_played": "FAIL", "jackpot": "NOT DONE",
    }  # fmt: skip
    assert "difference +1" in text_of(report)
    text, made = signed(report)
    assert verify(text_file(text, made).encode()).statement.kind == "meters"
