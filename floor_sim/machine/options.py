"""What an operator can change in a machine's menus; remembered, and reported as 3C."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from floor_sim.machine import links, pots
from floor_sim.machine.parts import Progressives
from floor_sim.machine.queue import Lost
from floor_sim.machine.settings import MachineSettings
from protocols.sas.tables.denominations import DENOMINATIONS

if TYPE_CHECKING:
    from floor_sim.machine.machine import Machine

OPTIONS_CHANGED, METERS_RESET = 0x3C, 0x7A

CHANGEABLE: Final = ("denomination_code", "par_percent", "paytable_id", "lockup_cents",
                     "ticket_limit_cents", "denominations")  # fmt: skip
"""Names of the settings that a menu offers."""


def with_options(settings: MachineSettings, options: Mapping[str, Any]) -> MachineSettings:
    """Return the settings as an operator left them; ``options`` is as it is remembered."""
    wanted = {name: value for name, value in options.items() if name in CHANGEABLE}
    if not wanted:
        return settings
    if "denomination_code" in wanted:
        worth = DENOMINATIONS[wanted["denomination_code"]]
        wanted["cents_per_credit"] = int(worth * 100)
    if "par_percent" in wanted:
        wanted["par_percent"] = Decimal(wanted["par_percent"])
    if "denominations" in wanted:
        wanted["denominations"] = tuple(wanted["denominations"])
    return replace(settings, **wanted)


def change_options(machine: Machine, now: float, **options: Any) -> bool:
    """Change options in the operator's menu; say whether that could be done.

    Only with no credits, game or handpay on the machine. Another accounting denomination begins a
    new life of the meters: they are set to 0.
    """
    cabinet = machine.cabinet
    busy = cabinet.game is not None or cabinet.credits or cabinet.locked
    unknown = options.keys() - set(CHANGEABLE)
    worth = DENOMINATIONS.get(options.get("denomination_code", 0x01))
    if busy or unknown or not options or worth is None or int(worth * 100) != worth * 100:
        return False
    with machine.happening(now) as happening:
        code, kept = machine.settings.denomination_code, _kept(machine)
        cabinet.options = {**cabinet.options, **options}
        machine.settings = with_options(machine.settings, cabinet.options)
        happening.exception(OPTIONS_CHANGED, options=sorted(options))
        if machine.settings.denomination_code != code:
            cabinet.meters.clear()
            cabinet.epoch += 1
            cabinet.progressives = replace(cabinet.progressives, pots=kept.pots, links=kept.links)
            happening.exception(METERS_RESET)
    return True


def ram_clear(machine: Machine, now: float) -> bool:
    """Clear the machine's memory: meters, credits, handpays, tickets, transfers, queues, options.

    What survives: who the machine is and how it was built, its clock, its doors and tilts, and what
    the controller of its link has of it. What waited for hosts is lost, and written down as lost.
    """
    cabinet = machine.cabinet
    with machine.happening(now) as happening:
        for port in machine.ports:
            for entry in list(port.queue.waiting()):
                port.queue.remove(entry)
                happening.lost(port, Lost(entry, "RAM clear"))
        fed = _kept(machine).links
        cabinet.forget()
        cabinet.progressives = replace(cabinet.progressives, links=fed)
        machine.settings = machine.built
        happening.note("ram clear", epoch=cabinet.epoch)
        happening.exception(0x3A)
        happening.exception(METERS_RESET)
    machine.power_up(now)
    return True


def _kept(machine: Machine) -> Progressives:
    """Return what progressives hold, for when the meters begin again at 0."""
    return Progressives(
        pots=pots.kept_over_reset(machine), links=links.kept_over_reset(machine)
    )  # fmt: skip
