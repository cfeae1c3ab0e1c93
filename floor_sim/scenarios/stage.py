"""What can be done at a machine in a scenario: all that people can do, and what chance would do."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

from floor_sim import doings
from floor_sim.doings import DoingError
from floor_sim.machine import pots
from floor_sim.machine.choice import counted_apart
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.machine import Machine
from floor_sim.machine.settings import MachineSettings


def _pot_win(machine: Machine, now: float) -> bool:
    """Let the first progressive of the machine's own be won; say whether it has one."""
    if not machine.settings.pots or not machine.cabinet.ready:
        return False
    with machine.happening(now) as happening:
        pots.win(machine, happening, 0, counted_apart(machine))
    return True


BY_CHANCE: Final[dict[str, Callable[[Machine, float], bool]]] = {"pot win": _pot_win}
"""What no person can bring about: words to what they do."""


def do(machine: Machine, words: str, now: float) -> bool:
    """Do what ``words`` say; say whether the machine was in a state for it.

    Raises:
        DoingError: the words name nothing that can be done.
    """
    act = BY_CHANCE.get(" ".join(words.split()))
    if act is not None:
        return machine.live and act(machine, now)
    return doings.do(machine, words, now)


@cache
def checked(words: str) -> None:
    """See whether ``words`` name something that can be done, on a machine that nobody else has.

    Raises:
        DoingError: they do not; the message says what can be done.
    """
    do(Machine(MachineSettings("0", 1), MemoryJournal(), {}), words, 0.0)


__all__ = ["BY_CHANCE", "DoingError", "checked", "do"]
