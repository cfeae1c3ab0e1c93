"""What a machine answers to each long poll, and what it does when a host gives an order.

Every poll of the codec's table is a row of one of the modules in ``polls``: it reads, it changes
the machine, or the machine is silent, and then the row says why. What a machine supports depends
on how it is built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from floor_sim.machine.polls.aft import AFT
from floor_sim.machine.polls.bonuses import BONUSES
from floor_sim.machine.polls.control import CONTROL
from floor_sim.machine.polls.handpays import HANDPAYS
from floor_sim.machine.polls.identity import IDENTITY
from floor_sim.machine.polls.readings import READINGS
from floor_sim.machine.polls.row import Asked, Refused, Result, Row, Silent
from floor_sim.machine.polls.ticketing import TICKETING
from floor_sim.machine.port import Answer, SasPort
from protocols.sas.crc import with_crc
from protocols.sas.machine import ack, build_multi_denomination_error, build_reply, nack
from protocols.sas.tables.polls import MULTI_DENOMINATION, POLLS

if TYPE_CHECKING:
    from floor_sim.machine.machine import Machine
    from protocols.sas.machine import Request

PLAIN: Final[dict[int, Row]] = {
    **AFT, **BONUSES, **CONTROL, **HANDPAYS, **IDENTITY, **READINGS, **TICKETING,
}  # fmt: skip
"""Command to what a machine does, for every poll but B0."""

assert len(PLAIN) == sum(
    len(part) for part in (AFT, BONUSES, CONTROL, HANDPAYS, IDENTITY, READINGS, TICKETING)
), "two rows for one poll"  # fmt: skip

NOT_SUPPORTED, IMPROPER, NOT_AWARE, NO_SUCH_DENOMINATION, NO_PLAYER_DENOMINATION = range(1, 6)
"""Errors of a B0 answer; Montana DOJ, SAS implementation guide."""

_WHOLE_MACHINE_IN_B0: Final = frozenset({0x2F, 0x6F, 0xAF})
"""Wrapped polls whose game number must be 0."""


def answer_long_poll(
    machine: Machine, port: SasPort, request: Request, now: float
) -> Answer | None:
    """Return the answer to ``request``, or None for silence: the machine does not support it."""
    if request.command == MULTI_DENOMINATION:
        return _wrapped(machine, port, request, now) if machine.settings.denominations else None
    command = request.command
    assert command is not None, "a long poll has a command"
    row = PLAIN.get(command)
    if row is None or not row.supported(machine.settings):
        return None
    asked = Asked(machine, port, command, dict(request.values), None, now)
    return _said(port.address, command, _result(row, asked))


def _said(address: int, command: int, result: Result) -> Answer | None:
    if isinstance(result, Answer):
        return result
    if result is Refused:
        return Answer(nack(address), kept=False)
    if isinstance(result, dict):
        return Answer(build_reply(address, command, **result))
    return None if result is Silent else Answer(ack(address))


def obey_global(machine: Machine, request: Request, now: float) -> None:
    """Take an order that went to all machines; nobody answers one."""
    command = request.command or 0
    row = PLAIN.get(command)
    if row is None or not row.order or not row.supported(machine.settings):
        return
    _result(row, Asked(machine, None, command, dict(request.values), None, now))


def _result(row: Row, asked: Asked) -> Result:
    assert row.function is not None, "a poll that no machine answers came this far"
    if asked.game and asked.game not in asked.settings.game_numbers:
        return Refused
    return row.function(asked)


def _wrapped(machine: Machine, port: SasPort, request: Request, now: float) -> Answer:
    """B0: another poll, for one denomination; the answer is wrapped in the same way."""
    denomination, base = request.denomination, request.base
    assert denomination is not None and base is not None, "a B0 has both"  # noqa: PT018
    error = _error(machine, request, denomination, base)
    result: Result = None
    if error is None:
        asked = Asked(machine, port, base, dict(request.values), denomination, now)
        result = _result(PLAIN[base], asked)
        if result is Refused and POLLS[base].reply is not None:
            error = IMPROPER
    address = port.address
    if error is not None:
        return Answer(build_multi_denomination_error(address, denomination, error))
    assert not isinstance(result, Answer), "no poll that may be wrapped makes its own bytes"
    if isinstance(result, dict):
        return Answer(build_reply(address, base, denomination=denomination, **result))
    return Answer(_short(address, denomination, base, refused=result is Refused))


def _short(address: int, denomination: int, base: int, *, refused: bool) -> bytes:
    """Return a wrapped ACK or NACK."""
    short = nack(address) if refused else ack(address)
    return with_crc(bytes([address, MULTI_DENOMINATION, 3, denomination, base]) + short)


def _error(machine: Machine, request: Request, denomination: int, base: int) -> int | None:
    """Return why a wrapped poll is not answered, or None."""
    settings = machine.settings
    row = PLAIN.get(base)
    if row is None or not row.supported(settings):
        return NOT_SUPPORTED
    if not POLLS[base].multi_denomination:
        return NOT_AWARE
    if denomination not in settings.denominations:
        known = denomination in {settings.denomination_code, settings.token_denomination}
        return NO_PLAYER_DENOMINATION if known else NO_SUCH_DENOMINATION
    if base in _WHOLE_MACHINE_IN_B0 and request.values.get("game"):
        return IMPROPER
    return None


def row_of(command: int) -> Row | None:
    """Return what a simulated machine does with a long poll; None outside the table."""
    return _B0 if command == MULTI_DENOMINATION else PLAIN.get(command)


_B0: Final = Row(
    lambda _asked: Silent,
    "wraps 09, 11, 12, 14-17, 2F, 56, 6F, AF and B5 for one denomination; errors 1 to 5",
    needs=lambda settings: bool(settings.denominations),
    without="has one denomination (A0 says so)",
)
