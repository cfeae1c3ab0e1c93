"""The certified system's extracts as CSV, in two shapes that have little in common.

``columns``: one file a table for all days, commas, ISO moments, money in decimals, a column a
meter. ``lines``: one file a table and gaming day, semicolons, American dates and times in two
columns, money in cents, a line a meter or bill, machines as seven digits, other words throughout.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from floor_sim.certified.books import FACES, METERS, Books

Table = tuple[Sequence[str], Iterable[Sequence[object]]]


def extracts(books: Books, shape: str) -> dict[str, str]:
    """Return the files of one shape: name to text.

    Raises:
        KeyError: there is no such shape.
    """
    return SHAPES[shape](books)


def _columns(books: Books) -> dict[str, str]:
    tables: dict[str, Table] = {
        "meters.csv": (
            ("gaming_day", "asset", "read_at", "denomination", *METERS),
            [(row.gaming_day, row.asset, _iso(row.at), _money(row.cents_per_credit),
              *(row.meters.get(name, "") for name in METERS)) for row in books.meters],
        ),
        "handpays.csv": (
            ("slip", "gaming_day", "asset", "pending_at", "reset_at", "amount", "level", "kind"),
            [(row.slip, row.gaming_day, row.asset, _iso(row.pending_at), _iso(row.reset_at),
              _money(row.cents), f"{row.level:02X}", row.kind) for row in books.slips],
        ),
        "tickets.csv": (
            ("ticket", "gaming_day", "asset", "at", "amount", "kind"),
            [(row.ticket, row.gaming_day, row.asset, _iso(row.at), _money(row.cents),
              "issued" if row.issued else "redeemed") for row in books.tickets],
        ),
        "ratings.csv": (
            ("rating", "gaming_day", "account", "asset", "began", "ended", "coin_in", "coin_out",
             "games", "theo"),
            [(row.rating, row.gaming_day, row.account, row.asset, _iso(row.began),
              _iso(row.ended), _money(row.coin_in_cents), _money(row.coin_out_cents), row.games,
              _money(row.theo_cents)) for row in books.ratings],
        ),
        "drop.csv": (
            ("gaming_day", "asset", "dropped_at",
             *(f"metered_{face}" for face in FACES), *(f"counted_{face}" for face in FACES)),
            [(row.gaming_day, row.asset, _iso(row.at),
              *(row.metered.get(face, 0) for face in FACES),
              *(row.counted.get(face, 0) for face in FACES)) for row in books.drops],
        ),
    }  # fmt: skip
    return {name: _csv(*table, ",") for name, table in tables.items()}


def _lines(books: Books) -> dict[str, str]:
    tables: tuple[tuple[str, Sequence[Any], Sequence[str], _Lines], ...] = (
        ("SLTMTR", books.meters, ("MACH", "DATE", "TIME", "MTR", "VALUE", "UNIT"), _meter_lines),
        ("SLTJPT", books.slips, ("SLIPNO", "MACH", "DATE", "TIME", "TYPE", "CENTS"), _slip_lines),
        ("SLTTKT", books.tickets, ("MACH", "DATE", "TIME", "IO", "CENTS"), _ticket_lines),
        ("SLTRAT", books.ratings, _RATING_HEADER, _rating_lines),
        ("SLTDRP", books.drops, ("MACH", "DATE", "BILL", "METERED", "COUNTED"), _drop_lines),
    )
    files: dict[str, str] = {}
    for stem, rows, header, lines_of in tables:
        by_day = sorted(rows, key=lambda row: str(row.gaming_day))
        for day, of_day in groupby(by_day, key=lambda row: str(row.gaming_day)):
            lines = [line for row in of_day for line in lines_of(row)]
            files[f"{stem}_{day.replace('-', '')}.TXT"] = _csv(header, lines, ";")
    return files


_Lines = Callable[[Any], list[tuple[object, ...]]]
_RATING_HEADER: Final = (
    "ACCT", "MACH", "DATE", "TIMEIN", "TIMEOUT", "PLAYED", "WON", "GAMES", "THEO",
)  # fmt: skip
_WORDS: Final = {
    "coin_in": "TURNOVER", "coin_out": "MPAID", "total_drop": "DROP", "jackpot": "HPAID",
    "cancelled_credits": "CANC", "games_played": "GAMES",
    "hand_paid_cancelled_credits": "HCANC", "ticket_in_credits": "TKTIN",
    "ticket_out_credits": "TKTOUT", "bills_accepted_credits": "BILLIN",
    "current_credits": "ONMACH",
}  # fmt: skip


def _meter_lines(row: Any) -> list[tuple[object, ...]]:
    date, time = _american(row.at)
    lines: list[tuple[object, ...]] = []
    for name in METERS:
        if name in row.meters:
            count, unit = row.meters[name], "N"
            if name != "games_played":
                count, unit = count * row.cents_per_credit, "C"
            lines.append((_machine(row.asset), date, time, _WORDS[name], count, unit))
    return lines


def _slip_lines(row: Any) -> list[tuple[object, ...]]:
    date, time = _american(row.reset_at)
    kind = {"jackpot": "JP", "progressive": "PJ", "cancelled credits": "CC"}[row.kind]
    return [(row.slip, _machine(row.asset), date, time, kind, row.cents)]


def _ticket_lines(row: Any) -> list[tuple[object, ...]]:
    date, time = _american(row.at)
    return [(_machine(row.asset), date, time, "O" if row.issued else "I", row.cents)]


def _rating_lines(row: Any) -> list[tuple[object, ...]]:
    date, time = _american(row.began)
    return [
        (row.account, _machine(row.asset), date, time, _american(row.ended)[1],
         row.coin_in_cents, row.coin_out_cents, row.games, row.theo_cents)
    ]  # fmt: skip


def _drop_lines(row: Any) -> list[tuple[object, ...]]:
    date, _ = _american(row.at)
    return [
        (_machine(row.asset), date, face, row.metered.get(face, 0), row.counted.get(face, 0))
        for face in FACES
        if row.metered.get(face) or row.counted.get(face)
    ]


SHAPES: Final[dict[str, Callable[[Books], dict[str, str]]]] = {
    "columns": _columns, "lines": _lines,
}  # fmt: skip
"""Name of a shape to what makes its files."""


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]], delimiter: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _american(at: datetime) -> tuple[str, str]:
    return f"{at:%m/%d/%Y}", f"{at:%I:%M:%S %p}"


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _machine(asset: str) -> str:
    return asset.rjust(7, "0")
