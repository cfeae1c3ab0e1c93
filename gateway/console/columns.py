"""Columns: how a row becomes cells, and how wide each is on a given screen.

A list on the screen is a table of columns; the same columns serve every width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.cells import cell_len, set_cell_size

from gateway.console.sight import Said, Sight, Tone

Row = TypeVar("Row")

GAP = 1
"""Cells between two columns."""


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column.

    Attributes:
        heading: over the column.
        width: cells it takes at least.
        cell: what stands in it for a row; it is told how many cells it has.
        right: it ends at its right edge.
        grow: its part of the cells that are left over; 0 never grows.
        from_width: cells that the whole row must have for the column to be there.
    """

    heading: str
    width: int
    cell: Callable[[Row, Sight, int], Said]
    right: bool = False
    grow: int = 0
    from_width: int = 0


@dataclass(frozen=True, slots=True)
class Fitted(Generic[Row]):
    """A column with its width on this screen."""

    column: Column[Row]
    width: int


def fit(columns: Sequence[Column[Row]], width: int) -> tuple[Fitted[Row], ...]:
    """Return the columns that a row of ``width`` cells has, and how wide each is.

    Where even those that must be there do not fit, the last ones are left out.
    """
    there = [column for column in columns if column.from_width <= width]
    while len(there) > 1 and _least(there) > width:
        there.pop()
    spare = max(0, width - _least(there))
    shares = sum(column.grow for column in there)
    fitted: list[Fitted[Row]] = []
    for column in there:
        more = spare * column.grow // shares if shares else 0
        spare -= more
        shares -= column.grow
        fitted.append(Fitted(column, column.width + more))
    return tuple(fitted)


def cells(row: Row, fitted: Sequence[Fitted[Row]], sight: Sight) -> tuple[Said, ...]:
    """Return the cells of ``row``, each as wide as its column and its gap."""
    drawn: list[Said] = []
    for one in fitted:
        said = one.column.cell(row, sight, one.width)
        text = cut(sight.glyphs.plain(said.text), one.width, sight.glyphs.ellipsis)
        tone = Tone.QUIET if sight.stale else said.tone
        drawn.append(Said(_placed(text, one.width, right=one.column.right) + " " * GAP, tone))
    return tuple(drawn)


def headings(fitted: Sequence[Fitted[Row]], sight: Sight) -> str:
    """Return the row of headings."""
    return "".join(
        _placed(cut(one.column.heading, one.width, sight.glyphs.ellipsis), one.width,
                right=one.column.right) + " " * GAP
        for one in fitted
    )  # fmt: skip


def cut(text: str, width: int, ellipsis: str) -> str:
    """Return ``text`` in at most ``width`` cells; what is cut off shows as ``ellipsis``."""
    if cell_len(text) <= width:
        return text
    if width <= cell_len(ellipsis):
        return ellipsis[:width]
    return set_cell_size(text, width - cell_len(ellipsis)).rstrip() + ellipsis


def _placed(text: str, width: int, *, right: bool) -> str:
    return " " * (width - cell_len(text)) + text if right else set_cell_size(text, width)


def _least(columns: Sequence[Column[Row]]) -> int:
    return sum(column.width + GAP for column in columns)
