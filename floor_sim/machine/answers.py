"""What a machine answers to each long poll, and what it does when a host gives an order.

A type R poll whose answer is nothing but meters needs no row here: the machine answers if it keeps
them all. Every other poll of the codec's table is a row of ``_ANSWERS``, or stands with a reason in
``NOT_SUPPORTED``, and then gets silence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from floor_sim.chance import draw
from floor_sim.machine import orders
from floor_sim.machine.features import feature_bytes
from floor_sim.machine.meters import kept_meters
from floor_sim.machine.port import Answer, HandpayRead, SasPort
from floor_sim.machine.settings import MachineSettings
from protocols.sas.fields import Meter
from protocols.sas.machine import Request, ack, build_reply, nack
from protocols.sas.tables.meters import METERS
from protocols.sas.tables.polls import POLLS

if TYPE_CHECKING:
    from floor_sim.machine.machine import Machine

SINGLE_GAME: Final = frozenset({0, 1})
"""Game numbers that mean the whole of a machine with one game."""

Values = dict[str, Any]
AnswerFunction = Callable[["Machine", Request, float], Values]


def answer_long_poll(
    machine: Machine, port: SasPort, request: Request, now: float
) -> Answer | None:
    """Return the answer to ``request``, or None for silence: the machine does not support it."""
    command = request.command
    assert command is not None, "a long poll has a command"
    if request.denomination is not None:
        return None
    if command == 0x1B:
        return _handpay(machine, port)
    if command in orders.ORDERS:
        return _obeyed(machine, port, request, now)
    function = _ANSWERS.get(command) or _METER_ANSWERS.get(command)
    if function is None:
        return None
    address = port.address
    if request.values.get("game", 0) not in SINGLE_GAME:
        return Answer(nack(address), kept=False)
    return Answer(build_reply(address, command, **function(machine, request, now)))


def obey_global(machine: Machine, request: Request, now: float) -> None:
    """Take an order that went to all machines; nobody answers one."""
    row = POLLS.get(request.command or 0)
    if row is not None and row.may_be_global and request.command in orders.ORDERS:
        orders.ORDERS[request.command](machine, request, now)


def supported(command: int) -> bool:
    """Say whether a simulated machine answers the long poll."""
    return command in {0x1B, *orders.ORDERS, *_ANSWERS, *_METER_ANSWERS}


def _obeyed(machine: Machine, port: SasPort, request: Request, now: float) -> Answer:
    command = request.command
    assert command is not None, "a long poll has a command"
    result = orders.ORDERS[command](machine, request, now)
    address = port.address
    if result is orders.Refused:
        return Answer(nack(address), kept=False)
    if isinstance(result, dict):
        return Answer(build_reply(address, command, **result))
    return Answer(ack(address))


def _handpay(machine: Machine, port: SasPort) -> Answer:
    """1B: the oldest handpay that this host has not read, else the one that is pending."""
    unread = machine.unread_handpay(port)
    pending = next((pay for pay in machine.cabinet.handpays if not pay.reset), None)
    pay = unread or pending
    reply = build_reply(
        port.address,
        0x1B,
        progressive_group=0,
        level=pay.level if pay else 0,
        amount_cents=pay.cents if pay else 0,
    )
    return Answer(reply, HandpayRead(unread.n) if unread else None)


def _identity(machine: Machine, request: Request, now: float) -> Values:
    del now
    settings = machine.settings
    most = max(settings.bets)
    game = {"game": request.values["game"]} if "game" in request.values else {}
    return {
        **game,
        "game_id": settings.game_id,
        "additional_id": settings.additional_id,
        "denomination_code": settings.denomination_code,
        "max_bet": min(255, most),
        "progressive_group": settings.progressive_group,
        "game_options": settings.game_options,
        "paytable": settings.paytable_id,
        "base_percent": f"{int(10_000 - settings.par_percent * 100):04d}",
    }


def _selected_meters(machine: Machine, request: Request, now: float) -> Values:
    """2F: the meters that the machine keeps; the poll cannot say that one is missing."""
    del now
    names = [(code, METERS[code].name) for code in _codes(request) if code in METERS]
    book = machine.cabinet.meters
    meters = [
        (code, book.shown(name, METERS[code].digits))
        for code, name in names
        if name in kept_meters(machine.settings)
    ]
    return {"game": request.values["game"], "meters": meters}


def _extended_meters(machine: Machine, request: Request, now: float) -> Values:
    """6F and AF: a size of 0 says that the machine does not keep the meter."""
    del now
    book = machine.cabinet.meters
    meters: list[tuple[int, int | None, int]] = []
    for code in _codes(request):
        row = METERS.get(code)
        if row is None or row.name not in kept_meters(machine.settings):
            meters.append((code, None, 0))
        else:
            meters.append((code, book.shown(row.name), book.digits(row.name) // 2))
    return {"game": request.values["game"], "meters": meters}


def _codes(request: Request) -> list[int]:
    codes = request.values["codes"]
    assert isinstance(codes, tuple | list), "the codec gives meter codes as a sequence"
    return [int(code) for code in codes]


def _last_ticket(machine: Machine, request: Request, now: float) -> Values:
    """3D. The number is bearer money on a real floor: it is made here and kept nowhere."""
    del request, now
    number, cents = machine.cabinet.last_ticket
    chance = draw(machine.seed, machine.asset, "ticket", number)
    return {
        "validation_number": chance.randrange(1, 10**8) if number else 0,
        "amount_cents": cents,
    }


def _date_time(machine: Machine, request: Request, now: float) -> Values:
    del request
    shown = machine.clock(now)
    return {"date": f"{shown:%m%d%Y}", "time": f"{shown:%H%M%S}"}


def _features(machine: Machine, request: Request, now: float) -> Values:
    del now
    return {"game": request.values["game"], "features": feature_bytes(machine.settings)}


def _last_bill(machine: Machine, request: Request, now: float) -> Values:
    del request, now
    country, bill, count = machine.cabinet.last_bill
    return {"country": country, "bill": bill, "bill_count": count}


def _extended_identity(machine: Machine, request: Request, now: float) -> Values:
    del now
    return {
        "game": request.values["game"],
        "max_bet": max(machine.settings.bets),
        "progressive_group": machine.settings.progressive_group,
        "level_mask": 0,
        "game_name": "",
        "paytable_name": machine.settings.paytable_id,
        "wager_categories": 0,
    }


def _game_meters(machine: Machine, request: Request, now: float) -> Values:
    del now
    row = POLLS[request.command or 0]
    assert row.reply is not None, "a poll for meters has an answer"
    book = machine.cabinet.meters
    meters = {
        field.name: book.shown(field.name, 2 * field.width)
        for field in row.reply.fields
        if isinstance(field, Meter)
    }
    game = {"game": request.values["game"]} if "game" in request.values else {}
    return {**game, **meters}


def _fixed(**values: Any) -> AnswerFunction:
    def answer(machine: Machine, request: Request, now: float) -> Values:
        del machine, request, now
        return values

    return answer


_ANSWERS: Final[dict[int, AnswerFunction]] = {
    0x1F: _identity,
    0x2D: _game_meters,
    0x2F: _selected_meters,
    0x3D: _last_ticket,
    0x48: _last_bill,
    0x51: _fixed(games=0),
    0x52: _game_meters,
    0x53: _identity,
    0x54: lambda machine, *_: {
        "version": machine.settings.sas_version, "serial": machine.settings.serial},
    0x55: _fixed(game=1),
    0x56: _fixed(games=(1,)),
    0x57: _fixed(cash_out_type=0x80, amount_cents=0),
    0x6F: _extended_meters,
    0x70: _fixed(status=0xFF),
    0x7E: _date_time,
    0x84: _fixed(progressive_group=0, level=0, amount_cents=0),
    0x85: _fixed(progressive_group=0, level=0, amount_cents=0),
    0x87: _fixed(progressive_group=0, levels=()),
    0xA0: _features,
    0xAF: _extended_meters,
    0xB1: lambda machine, *_: {"denomination_code": machine.settings.denomination_code},
    0xB2: lambda machine, *_: {"denomination_codes": (machine.settings.denomination_code,)},
    0xB3: _fixed(denomination_code=0),
    0xB5: _extended_identity,
}  # fmt: skip
"""Command to the function that gives the values of its answer."""

_METER_ANSWERS: Final[dict[int, AnswerFunction]] = {
    row.command: _game_meters
    for row in POLLS.values()
    if row.kind == "R"
    and row.reply is not None
    and row.reply.fields
    and all(isinstance(field, Meter) for field in row.reply.fields)
    and row.reply.names <= kept_meters(MachineSettings("", 1))
}
"""Polls that ask for meters which the machine keeps."""

_NO_SOUND = "has no sound that could be switched"
_NO_EFT = "the old electronic funds transfer is not offered"
_NO_AFT = "moves no money by transfer (A0 says so)"
_NO_PROGRESSIVE = "is not linked to a progressive (1F says so)"
_NO_TOURNAMENT = "plays no tournaments (A0 says so)"
_NO_BONUS = "takes no legacy bonus (A0 says so)"
_NO_DENOMINATIONS = "has one denomination (A0 says so)"
_NO_BILL = "its acceptor does not take this bill"
_NO_VALIDATION = "validates tickets in the standard way (A0 says so)"
_LATER = "answers in the old one-byte way alone"

NOT_SUPPORTED: Final[dict[int, str]] = {
    **dict.fromkeys((0x03, 0x04, 0x05), _NO_SOUND),
    0x08: "takes all bills that it knows",
    0x09: "has one game, which stays enabled",
    0x0A: "has no maintenance mode",
    0x0B: "has no maintenance mode",
    0x0E: _LATER,
    **dict.fromkeys((0x1D, *range(0x22, 0x29), *range(0x62, 0x6C)), _NO_EFT),
    0x21: "works out no ROM signature",
    0x2E: "lets no host hold back a game",
    **dict.fromkeys((0x39, 0x3B, 0x3C, 0x3E, 0x3F, *range(0x40, 0x46)), _NO_BILL),
    **dict.fromkeys((0x4C, 0x4D, 0x50, 0x58, 0x71, 0x75, 0x76, 0x7B, 0x7C, 0x7D), _NO_VALIDATION),
    0x4F: "has no hopper",
    **dict.fromkeys((0x5D, 0x7A, 0x80, 0x83, 0x86), _NO_PROGRESSIVE),
    0x6E: "authenticates no components (A0 says so)",
    **dict.fromkeys((0x72, 0x73, 0x74), _NO_AFT),
    **dict.fromkeys((0x8A, 0x8B, 0x90, 0x9A), _NO_BONUS),
    **dict.fromkeys((0x8C, *range(0x95, 0x9A)), _NO_TOURNAMENT),
    0x8E: "is no card game",
    0x8F: "tells no reel stops",
    0xA4: "has no cash-out limit of a game",
    0xA8: "resets handpays in the standard way alone",
    0xAA: "has no automatic rebet",
    0xB0: _NO_DENOMINATIONS,
    0xB4: "has no wager categories (B5 says so)",
    0xB6: "changes no meters while it runs",
    0xB7: "its number is set in its own menus",
}
"""Long polls that get silence, and why."""
