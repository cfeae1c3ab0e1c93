"""Orders that a machine obeys: what they do to it, each written down before it is answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from floor_sim.machine import play
from protocols.sas.machine import Request

if TYPE_CHECKING:
    from floor_sim.machine.machine import Machine


class Refused:
    """The data of the order make no sense: the machine answers NACK."""


Result = dict[str, Any] | type[Refused] | None
"""Values of the answer, or ``Refused``, or None where ACK is the answer."""

_NOT_IN_HANDPAY: Final = 0x02
_RESET: Final = 0x00


def _switch(name: str, *, on: bool) -> Callable[[Machine, Request, float], Result]:
    def obey(machine: Machine, request: Request, now: float) -> Result:
        with machine.happening(now) as happening:
            setattr(machine.cabinet, name, on)
            happening.note("order", poll=f"{request.command:02X}")
        return None

    return obey


def _set_clock(machine: Machine, request: Request, now: float) -> Result:
    text = f"{request.values['date']}{request.values['time']}"
    try:
        shown = datetime.strptime(text, "%m%d%Y%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return Refused
    with machine.happening(now) as happening:
        machine.set_clock(shown, now)
        happening.note("order", poll="7F")
    return None


def _reset_handpay(machine: Machine, request: Request, now: float) -> Result:
    del request
    done = play.reset_handpay(machine, now, by="host")
    return {"result": _RESET if done else _NOT_IN_HANDPAY}


ORDERS: Final[dict[int, Callable[[Machine, Request, float], Result]]] = {
    0x01: _switch("playable", on=False),
    0x02: _switch("playable", on=True),
    0x06: _switch("takes_bills", on=True),
    0x07: _switch("takes_bills", on=False),
    0x7F: _set_clock,
    0x94: _reset_handpay,
}
"""Command to what it does."""
