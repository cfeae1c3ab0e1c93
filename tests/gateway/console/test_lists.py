"""What the lists say of an EGM, an event and a call."""

from datetime import UTC

import pytest

from gateway.console.calls import Call
from gateway.console.columns import cells, fit
from gateway.console.glyphs import UNICODE
from gateway.console.lists import CALL_COLUMNS, EVENT_COLUMNS, floor_columns, why
from gateway.console.sight import Sight
from gateway.status.model import EgmWord, LinkWord
from tests.gateway.console import sample_floors

SIGHT = Sight(sample_floors.NOW, UTC, UNICODE)
OLD = Sight(sample_floors.NOW, UTC, UNICODE, stale=True)
EGMS = {egm.asset: egm for egm in sample_floors.troubled().egms}


def row(asset, sight=SIGHT, width=120, **changes):
    egm = EGMS[asset].model_copy(update=changes)
    fitted = fit(floor_columns(), width)
    return {
        one.column.heading: cell.text.strip()
        for one, cell in zip(fitted, cells(egm, fitted, sight), strict=True)
    }


def test_a_handpay_row_tells_where_what_how_long_and_how_much():
    assert row("10102", width=140) == {
        "location": "01-01-02", "asset": "10102", "state": "$ handpay", "for": "3:12",
        "because": "1,250.00 USD jackpot", "credits": "15,838", "coin in": "1,478,551",
        "last event": "handpay pending 1,250.00 US…", "ago": "0:12", "link": "100%",
        "lately": "▇▇▇▇▇▇▇▇",
        "line": "L1/2",
    }  # fmt: skip


@pytest.mark.parametrize("word", EgmWord)
def test_every_state_shows_as_a_mark_and_its_whole_word_at_80_cells(word):
    shown = row("10101", width=80, state=word)["state"]
    assert shown == f"{UNICODE.state(word)} {word}"


def test_an_old_row_keeps_its_word_but_has_the_mark_of_not_knowing():
    assert row("10101", sight=OLD)["state"] == "? in play"


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"link": LinkWord.UP, "link_quality": 0.99}, "99%"),
        ({"link": LinkWord.UP, "link_quality": None}, "up"),
        ({"link": LinkWord.DEGRADED, "link_quality": 0.5}, "50%!"),
        ({"link": LinkWord.DOWN, "link_quality": 0.5}, "down"),
        ({"link": LinkWord.UNKNOWN}, "?"),
    ],
)
def test_the_link_is_a_figure_or_a_word(changes, shown):
    assert row("10101", **changes)["link"] == shown


def test_the_states_own_reason_comes_first_and_what_else_is_wrong_follows():
    egm = EGMS["10304"].model_copy(update={"tilts": ("printer",), "link_reason": ""})
    assert why(egm) == "slot, drop, printer"
    assert why(egm.model_copy(update={"state": EgmWord.TILT})) == "printer, slot, drop"
    assert why(EGMS["10101"]) == ""


def test_an_event_that_may_be_a_repeat_says_so():
    event = sample_floors.healthy().events[0].model_copy(update={"possible_repeat": True})
    text = "".join(cell.text for cell in cells(event, fit(EVENT_COLUMNS, 80), SIGHT))
    assert f"repeat? {event.text}" in text


def test_a_call_tells_how_long_it_waits_and_what_for():
    call = Call.model_validate_json(sample_floors.calls("troubled")["demo.handpay-1"])
    drawn = [cell.text.strip() for cell in cells(call, fit(CALL_COLUMNS, 60), SIGHT)]
    assert drawn == ["3:11", "$ handpay", "01-01-02", "10102", "1,250.00 USD jackpot"]


def test_a_call_of_a_kind_that_is_not_known_yet_is_listed_all_the_same():
    value = sample_floors.calls("troubled")["demo.tilt-1"].replace(b'"tilt"', b'"escort"')
    call = Call.model_validate_json(value)
    assert cells(call, fit(CALL_COLUMNS, 60), SIGHT)[1].text.strip() == "? escort"


def test_in_faults_every_machine_says_since_when_and_why_at_80_columns():
    there = [one.column.heading for one in fit(floor_columns(faults=True), 80)]
    assert there == ["location", "asset", "state", "for", "because", "ago", "link"]
    because = next(one for one in floor_columns(faults=True) if one.heading == "because")
    floor = {egm.asset: egm for egm in sample_floors.troubled().egms}
    sight = Sight(sample_floors.NOW, UTC, UNICODE)
    assert because.cell(floor["10601"], sight, 30).text == "no answer to 5 polls"
    assert because.cell(floor["10402"], sight, 30).text.startswith("last: ")
