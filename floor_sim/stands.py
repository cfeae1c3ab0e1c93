"""How a machine stands, in words: whatever is not as on a machine that waits for a guest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from floor_sim.machine import paper
from floor_sim.machine.cabinet import TILTS, Cabinet
from floor_sim.machine.machine import Machine

_TILT_NAMES: Final = {code: name for name, code in TILTS.items()}

_FLAGS: Final[dict[str, Callable[[Cabinet], object]]] = {
    "cashbox out":             lambda cabinet: cabinet.cashbox_out,
    "bill jam":                lambda cabinet: cabinet.jammed,
    "paper out":               paper.is_out,
    "paper low":               lambda cabinet: paper.is_low(cabinet) and not paper.is_out(cabinet),
    "host lost":               lambda cabinet: cabinet.hosts_lost,
    "shut down by a host":     lambda cabinet: not cabinet.playable,
    "maintenance":             lambda cabinet: cabinet.switches.maintenance,
    "self-test":               lambda cabinet: cabinet.testing,
    "acceptor off":            lambda cabinet: not cabinet.takes_bills,
    "ticket waits for a host": lambda cabinet: cabinet.tickets.waiting or cabinet.tickets.escrow,
    "locked for a transfer":   lambda cabinet: (cabinet.transfers.lock
                                                or cabinet.transfers.cash_out_until),
    "lamp":                    lambda cabinet: cabinet.lamp,
    "game":                    lambda cabinet: cabinet.game is not None,
    "card":                    lambda cabinet: cabinet.card is not None,
}  # fmt: skip


def stands(machine: Machine) -> tuple[str, ...]:
    """Return the words, what weighs most first: ``handpay 1,250.00``, ``slot door open``."""
    cabinet = machine.cabinet
    return (
        *(() if machine.live else ("no power",)),
        *(
            f"handpay {pay.cents // 100:,}.{pay.cents % 100:02}"
            for pay in cabinet.handpays
            if not pay.reset
        ),
        *(f"{_TILT_NAMES.get(code, f'{code:02X}')} tilt" for code in sorted(cabinet.tilts)),
        *(f"{door} door open" for door in sorted(cabinet.doors)),
        *(word for word, holds in _FLAGS.items() if holds(cabinet)),
    )
