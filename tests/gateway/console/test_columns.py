"""Columns on every width of terminal."""

from datetime import UTC

import pytest
from rich.cells import cell_len

from gateway.console.columns import Column, cells, cut, fit, headings
from gateway.console.glyphs import ASCII, UNICODE
from gateway.console.lists import EVENT_COLUMNS, floor_columns
from gateway.console.sight import Said, Sight, Tone
from tests.gateway.console import sample_floors

SIGHT = Sight(sample_floors.NOW, UTC, UNICODE)
ROWS = sample_floors.troubled().egms


@pytest.mark.parametrize("width", range(10, 250, 7))
def test_a_row_never_is_wider_than_the_terminal(width):
    fitted = fit(floor_columns(), width)
    assert len(headings(fitted, SIGHT)) <= width or len(fitted) == 1
    for row in ROWS:
        drawn = cells(row, fitted, SIGHT)
        assert sum(cell_len(cell.text) for cell in drawn) <= width or len(fitted) == 1


def test_at_80_cells_every_column_that_matters_is_there():
    there = [one.column.heading for one in fit(floor_columns(), 80)]
    assert there == [
        "location", "asset", "state", "credits", "last event", "ago", "lately", "link",
    ]  # fmt: skip


def test_at_120_cells_it_also_says_since_when_and_why():
    there = {one.column.heading for one in fit(floor_columns(), 120)}
    assert {"for", "because", "coin in", "lately", "line"} <= there


@pytest.mark.parametrize(("glyphs", "drawn"), [(UNICODE, "▇▇▆▄▃▃▂▁"), (ASCII, "##*:,,._")])
def test_the_last_minutes_of_a_link_are_drawn_a_cell_a_minute(glyphs, drawn):
    egm = ROWS[0].model_copy(update={"link_lately": "77632210"})
    fitted = fit(floor_columns(), 80)
    at = [one.column.heading for one in fitted].index("lately")
    cell = cells(egm, fitted, Sight(sample_floors.NOW, UTC, glyphs))[at]
    assert cell.text == drawn + " "
    assert cell.tone is Tone.WARN


def test_cells_that_are_left_over_are_all_given_to_the_columns_that_grow():
    fitted = fit(floor_columns(), 120)
    assert sum(one.width + 1 for one in fitted) == 120


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("handpay", 7, "handpay"), ("handpay", 6, "handp…"), ("handpay", 1, "…"), ("handpay", 0, ""),
     ("贏了贏了", 5, "贏了…"), ("a door opened", 7, "a door…")],
)  # fmt: skip
def test_what_is_cut_off_shows(text, width, shown):
    assert cut(text, width, "…") == shown
    assert cell_len(shown) <= width


def test_wide_letters_do_not_push_the_columns_aside():
    event = sample_floors.healthy().events[0].model_copy(update={"text": "贏" * 60})
    drawn = cells(event, fit(EVENT_COLUMNS, 60), SIGHT)
    assert sum(cell_len(cell.text) for cell in drawn) == 60


def test_a_hostile_event_text_reaches_the_terminal_tame():
    event = sample_floors.healthy().events[0].model_copy(update={"text": "\x1b]0;owned\x07é"})
    drawn = "".join(
        cell.text for cell in cells(event, fit(EVENT_COLUMNS, 60), Sight(SIGHT.now, UTC, ASCII))
    )
    assert "?]0;owned??" in drawn
    assert drawn.isprintable()
    assert drawn.isascii()


def test_old_rows_are_drawn_quietly_whatever_their_state():
    column = Column("", 5, lambda _row, _s, _w: Said("tilt", Tone.BAD))
    old = Sight(SIGHT.now, UTC, UNICODE, stale=True)
    assert cells(None, fit([column], 6), old)[0].tone is Tone.QUIET
