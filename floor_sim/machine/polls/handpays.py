"""Handpays: the one that waits (1B), its reset from afar (94), and how that pays (A8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from floor_sim.machine import play
from floor_sim.machine.polls.row import Asked, Result, Row, Values, obeys, reads
from floor_sim.machine.port import Answer, HandpayRead
from protocols.sas.machine import build_reply

_DONE, _COULD_NOT, _NO_HANDPAY = 0x00, 0x01, 0x02
_TO_CREDITS: Final = 0x01
CENTS_MAX: Final = 10**10 - 1
"""Largest amount that five BCD bytes hold."""


def _handpay(asked: Asked) -> Result:
    """1B: the oldest handpay that this host has not read, else the one that is pending."""
    machine, port = asked.machine, asked.port
    assert port is not None, "1B never goes to all machines"
    unread = machine.unread_handpay(port)
    pay = unread or play.pending_handpay(machine)
    reply = build_reply(
        port.address,
        0x1B,
        progressive_group=pay.group if pay else 0,
        level=pay.level if pay else 0,
        amount_cents=min(pay.cents, CENTS_MAX) if pay else 0,
        reset_id=int(pay is not None and play.may_go_to_credits(machine, pay)),
    )
    return Answer(reply, HandpayRead(unread.n) if unread else None)


def _reset(asked: Asked) -> Values:
    done = play.reset_handpay(asked.machine, asked.now, by="host")
    return {"result": _DONE if done else _NO_HANDPAY}


def _method(asked: Asked) -> Values:
    """A8: how the handpay that is pending will be paid when it is reset."""
    pay = play.pending_handpay(asked.machine)
    method = int(asked.values["method"])
    if pay is None:
        return {"result": _NO_HANDPAY}
    able = method == 0 or (method == _TO_CREDITS and play.may_go_to_credits(asked.machine, pay))
    if not able:
        return {"result": _COULD_NOT}
    with asked.machine.happening(asked.now) as happening:
        to_credits = method == _TO_CREDITS
        asked.cabinet.switches = replace(asked.cabinet.switches, pays_to_credits=to_credits)
        happening.note("order", **asked.key(), method=method)
    return {"result": _DONE}


HANDPAYS: Final[dict[int, Row]] = {
    0x1B: reads(_handpay, "the handpay that waits; read once its answer is acknowledged"),
    0x94: obeys(_reset, "resets the oldest handpay that is pending"),
    0xA8: obeys(_method, "a handpay of a win may be reset to the credit meter, if so built"),
}
