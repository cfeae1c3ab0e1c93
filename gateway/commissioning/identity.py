"""Steps about who answers: serial number, what the registry says of it, where it stands."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from gateway.commissioning.step import Case, Finding, failed, not_done, passed, waiting
from gateway.commissioning.told import Game, Identity
from gateway.commissioning.wiring import LONG_SILENT_MAX, silence

FRESH: Final = timedelta(seconds=20)
"""What was read so shortly before a step counts for it."""


def serial(case: Case) -> Finding:
    """The serial number that the machine says is the registry's for this asset."""
    read = case.since(Identity, case.began - FRESH)
    if not read:
        if case.tally.long_silent >= LONG_SILENT_MAX:
            return not_done(
                "poll 54 is not answered",
                "Read the number off the cabinet's plate and compare it with the registry.",
            )
        found = silence(case, "no serial number yet")
        return waiting(found.saw, found.look, "identity") if found.verdict is None else found
    return _held(case, read[-1])


def _held(case: Case, read: Identity) -> Finding:
    """Hold a serial number that was read to the registry."""
    said, registry = read.serial, case.target.serial
    saw = f"serial number {said!r}, SAS {read.version or '?'}"
    if not said:
        return not_done(
            "the machine says no serial number (poll 54)",
            "Operator menu: is it set? Else compare the cabinet's plate with the registry by hand.",
        )
    if not registry:
        return not_done(
            saw, f'The registry has none: write serial = "{said}" to {case.target.asset}.'
        )
    if said == registry:
        return passed(f"{saw}, as the registry has it")
    owner = case.target.owners.get(said)
    if owner is not None:
        return failed(
            f"{saw}; the registry has {registry!r} here",
            f"That number is asset {owner}: two machines or two harnesses are swapped. Trace the "
            "cable from our port; then the registry.",
        )
    return failed(
        f"{saw}; the registry has {registry!r} here",
        "Look at the cabinet's plate. If the plate agrees with the machine, the registry is wrong; "
        "if not, the board is from another machine.",
    )


def registry(case: Case) -> Finding:
    """The worth of a credit is what the registry says."""
    read, worth = case.since(Game, case.began - FRESH), case.target.worth
    if not read:
        return waiting("game and denomination are asked (poll 1F)", wants="identity")
    game = read[-1]
    saw = f"one credit is {game.denomination or 'not known'}, game {game.game_id or '?'}"
    if game.paytable:
        saw = f"{saw}, paytable {game.paytable}"
    if not game.denomination:
        return not_done(saw, "The machine sends no denomination of the table: compare by hand.")
    if worth is None:
        return not_done(
            saw,
            f'The registry has no denomination: write denomination = "{game.denomination}" there.',
        )
    if Decimal(game.denomination) == worth:
        return passed(f"{saw}, as the registry has it")
    return failed(
        f"{saw}; the registry has {worth}",
        "Operator menu: accounting denomination. If it is right there, change the registry: money "
        "is worked out with it.",
    )


def place(case: Case) -> Finding:
    """The machine stands where the registry has it, as the technician sees."""
    where = case.target.location
    if case.word is None:
        return waiting(f"the registry has it at {where}")
    if case.word:
        return passed(f"it stands at {where}")
    return failed(
        f"it does not stand at {where}",
        "Registry: write where it stands (location, bank, cameras), or move it back.",
    )
