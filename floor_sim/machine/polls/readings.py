"""Polls that read meters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from floor_sim.machine.meters import BILLS, GAME_METERS, Cell, kept_meters
from floor_sim.machine.polls.row import Asked, Result, Row, Values, reads
from protocols.sas.fields import Meter
from protocols.sas.tables.meters import METERS
from protocols.sas.tables.polls import POLLS


def fixed_meters(asked: Asked) -> Values:
    """Answer a poll that is nothing but meters, perhaps of one game or denomination."""
    reply = POLLS[asked.command].reply
    assert reply is not None, "a poll for meters has an answer"
    book, cells = asked.cabinet.meters, asked.cells()
    meters = {
        field.name: book.shown(field.name, 2 * field.width, cells)
        for field in reply.fields
        if isinstance(field, Meter)
    }
    return {**asked.echo, **meters}


def _kept(asked: Asked, cells: Iterable[Cell] | None) -> frozenset[str]:
    """Return the meters that the machine keeps, for the game and denomination asked for."""
    kept = kept_meters(asked.settings)
    return kept if cells is None else kept & GAME_METERS


def _selected_meters(asked: Asked) -> Values:
    """2F: the meters that the machine keeps; the poll cannot say that one is missing."""
    book, cells = asked.cabinet.meters, asked.cells()
    kept = _kept(asked, cells)
    rows = [METERS[int(code)] for code in asked.values["codes"] if code in METERS]
    meters = [
        (row.code, book.shown(row.name, row.digits, cells)) for row in rows if row.name in kept
    ]
    return {"game": asked.game, "meters": meters}


def _extended_meters(asked: Asked) -> Values:
    """6F and AF: a size of 0 says that the machine does not keep the meter."""
    book, cells = asked.cabinet.meters, asked.cells()
    kept = _kept(asked, cells)
    meters: list[tuple[int, int | None, int]] = []
    for code in asked.values["codes"]:
        row = METERS.get(int(code))
        if row is None or row.name not in kept:
            meters.append((code, None, 0))
        else:
            value = book.shown(row.name, cells=cells)
            meters.append((code, value, book.digits(row.name) // 2))
    return {"game": asked.game, "meters": meters}


def _last_bill(asked: Asked) -> Result:
    country, bill, count = asked.cabinet.last_bill
    return {"country": country, "bill": bill, "bill_count": count}


def _plain(command: int) -> Row:
    row = POLLS[command]
    assert row.reply is not None, "a poll for meters has an answer"
    names = [field.name for field in row.reply.fields if isinstance(field, Meter)]
    bills = [face for face, word in BILLS.items() if f"bills_{word}" in names]
    if bills and command != 0x1E:
        return reads(fixed_meters, row.meaning, lambda s: bills[0] in s.bills,
                     "its acceptor does not take this bill")  # fmt: skip
    return reads(fixed_meters, row.meaning)


_LEGACY: Final = frozenset({0x1D})
_OF_OTHERS: Final = frozenset({0x83, *range(0x95, 0x9B)})

_PLAIN: Final = {
    row.command: _plain(row.command)
    for row in POLLS.values()
    if row.reply is not None
    and row.reply.fields
    and all(isinstance(field, Meter) or field.name == "game" for field in row.reply.fields)
    and row.reply.names != {"game"}
    and row.command not in _LEGACY | _OF_OTHERS
}
"""Polls whose answers are nothing but meters."""


READINGS: Final[dict[int, Row]] = {
    **_PLAIN,
    0x2F: reads(_selected_meters, "up to ten meters; what it does not keep is left out"),
    0x48: reads(_last_bill, "country, value and count of the last bill"),
    0x6F: reads(_extended_meters, "meters with their sizes; size 0 is not kept"),
    0xAF: reads(_extended_meters, "meters with their sizes; size 0 is not kept"),
}
