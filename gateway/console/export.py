"""Writes what is on the screen into a file: a list as CSV, every row of it; the screen as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from gateway.console.columns import Column, Row
from gateway.console.sight import Sight

ALL_OF_IT = 10_000
"""Cells that a cell of an export may have: nothing is cut off for want of room."""


def csv_text(columns: Sequence[Column[Row]], rows: Sequence[Row], sight: Sight) -> str:
    """Return ``rows`` as CSV with a heading, every column of the widest screen, nothing cut.

    A cell that a spreadsheet would take for a formula is led by an apostrophe; a number has no
    commas, which half of the world's spreadsheets take for the decimal point.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([column.heading for column in columns])
    for row in rows:
        cells = (column.cell(row, sight, ALL_OF_IT).text for column in columns)
        writer.writerow([_harmless(sight.glyphs.plain(cell)) for cell in cells])
    return text.getvalue()


def row_text(columns: Sequence[Column[Row]], row: Row, sight: Sight) -> str:
    """Return one row as text, its cells apart by two spaces, nothing cut, nothing empty."""
    cells = (sight.glyphs.plain(column.cell(row, sight, ALL_OF_IT).text) for column in columns)
    return "  ".join(cell.strip() for cell in cells if cell.strip())


def write_new(folder: Path, stem: str, suffix: str, text: str, now: datetime) -> Path:
    """Write ``text`` into a new file of ``folder`` that is named by what and when.

    Raises:
        OSError: the folder cannot be written to.
    """
    name = f"{stem}-{now.strftime('%Y%m%dT%H%M%S')}"
    for number in range(1, 1_000):
        path = folder / f"{name}{'' if number == 1 else f'-{number}'}{suffix}"
        try:
            with path.open("x", encoding="utf-8", newline="") as file:
                file.write(text)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"{folder} holds 999 files of this second")


def _harmless(cell: str) -> str:
    if _is_number(cell):
        return cell.replace(",", "")
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@"} else cell


def _is_number(cell: str) -> bool:
    return cell.lstrip("+-").replace(",", "").replace(".", "").isdigit()
