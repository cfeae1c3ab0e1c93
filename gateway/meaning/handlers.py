"""Which part of an engine takes which event: one row an event that has more to it than its code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from gateway.meaning import (
    cabinet,
    coverage,
    doors,
    handpay_people,
    handpays,
    link,
    machine_clock,
    money,
    people,
    play,
    sessions,
    tickets,
    tilts,
)
from gateway.meaning.exceptions import Meant
from gateway.meaning.observation import Said
from gateway.meaning.state import EgmState
from gateway.meaning.telling import Telling

Handler = Callable[[EgmState, Meant, Mapping[str, object], Telling], None]


def as_it_is(state: EgmState, meant: Meant, values: Mapping[str, object], telling: Telling) -> None:
    """Tell what the code itself says."""
    del state, values
    telling.main(meant.event, meant.data)


def _turned(state: EgmState, meant: Meant, values: Mapping[str, object], telling: Telling) -> None:
    del values
    cabinet.turned(state.cabinet, state.names, meant, telling)
    if meant.event == "power.lost":
        play.interrupted(state.play)


def _game(state: EgmState, meant: Meant, values: Mapping[str, object], telling: Telling) -> None:
    play.game_told(state.play, meant, values, telling)
    if meant.event == "game.started" and telling.sure:
        handpays.played(state.handpays, telling)
        cabinet.played(state.cabinet, "gamestarted", telling)


def _ticket(state: EgmState, meant: Meant, values: Mapping[str, object], telling: Telling) -> None:
    tickets.inserted(state.tickets)
    as_it_is(state, meant, values, telling)


def _overflow(
    state: EgmState, meant: Meant, values: Mapping[str, object], telling: Telling
) -> None:
    del values
    link.overflowed(state.meters, state.names, meant, telling)
    state.doors.doubt()
    coverage.doubt(state.coverage)
    state.handpays.doubt()


def _zeroed(state: EgmState, meant: Meant, values: Mapping[str, object], telling: Telling) -> None:
    del values
    telling.main(meant.event, {**meant.data, "epoch": state.meters.epoch})


HANDLERS: Final[Mapping[str, Handler]] = {
    "door.opened":       lambda state, meant, _, telling: doors.opened(state.doors, meant, telling),
    "door.closed":       lambda state, meant, _, telling: doors.closed(state.doors, meant, telling),
    **dict.fromkeys(cabinet.TURNS, _turned),
    "tilt.raised":       lambda state, meant, _, telling: tilts.raised(
        state.tilts, state.names, meant, telling),
    "tilt.cleared":      lambda state, meant, _, telling: tilts.printer_on(
        state.tilts, meant, telling),
    "bill.accepted":     lambda _, meant, values, telling: money.bill_accepted(
        meant, values, telling),
    "ticket.inserted":   _ticket,
    "transfer.bonuspaid": lambda _, meant, values, telling: money.bonus_paid(
        meant, values, telling),
    "handpay.pending":   lambda state, meant, _, telling: handpays.pending(
        state.handpays, state.names, meant, telling),
    **dict.fromkeys(("handpay.reset", "handpay.cancelled"),
                    lambda state, meant, _, telling: handpays.ended(
                        state.handpays, meant, telling,
                        tells_key_off=state.known.tells_key_off)),
    **dict.fromkeys(("handpay.validated", "handpay.keyedoff"),
                    lambda state, meant, _, telling: handpays.marked(
                        state.handpays, meant, telling)),
    **dict.fromkeys(("game.started", "game.ended", "game.selected", "game.step",
                     "menu.recallshown"), _game),
    "meter.zeroed":      _zeroed,
    "link.gap":          _overflow,
}  # fmt: skip
"""Events that more belongs to than what the code itself says."""


def _amount_read(state: EgmState, values: Mapping[str, object], telling: Telling) -> None:
    handpays.amount_read(state.handpays, state.names, values, telling)
    coverage.told(state.coverage, "handpay.amountknown", family="handpay.amountknown")


def _last_bill(state: EgmState, values: Mapping[str, object], telling: Telling) -> None:
    money.last_bill(values, telling)
    coverage.told(state.coverage, "bill.identified", family="bill.identified")


def _clock_read(state: EgmState, values: Mapping[str, object], telling: Telling) -> None:
    machine_clock.read(state.clock, values, telling)
    coverage.told(state.coverage, "egm.clockread", family="egm.clockread")


ANSWERS: Final[Mapping[int, Callable[[EgmState, Mapping[str, object], Telling], None]]] = {
    0x1B: _amount_read,
    0x48: _last_bill,
    0x71: lambda state, values, telling: tickets.answered(state.tickets, values, telling),
    0x7E: _clock_read,
}
"""Long polls, by command, whose answers have a meaning of their own."""

SAID: Final[Mapping[str, Callable[[EgmState, Said, Telling], None]]] = {
    "amount":  lambda state, said, telling: handpay_people.amount_typed(
        state.handpays, said, telling),
    "checked": people.checked,
    "manual":  people.meters_typed,
    "mended":  lambda state, said, telling: tilts.mended(state.tilts, said, telling),
    "paid":    lambda state, said, telling: handpay_people.paid(state.handpays, said, telling),
    "session": lambda state, said, telling: sessions.corrected(
        state.sessions, said, telling),
}  # fmt: skip
"""What people may say of an EGM."""

RESET_HANDPAY: Final = 0x94
"""Command with which a host resets a handpay from afar."""

EVIDENCE: Final = {
    "bill.accepted":   "billaccepted",
    "ticket.inserted": "ticketinserted",
    "ticket.printed":  "ticketprinted",
    "game.started":    "gamestarted",
    "power.applied":   "powerapplied",
}  # fmt: skip
"""Events that show that a tilt or fault is over."""
