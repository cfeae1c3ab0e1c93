"""The generated page about polls and exceptions: what a simulated machine does with each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from floor_sim.machine.answers import row_of
from floor_sim.machine.settings import MachineSettings
from floor_sim.raised import BY_HAND, RAISED
from protocols.sas.tables.exceptions import exception_text
from protocols.sas.tables.polls import POLLS

PAGE: Final = Path(__file__).parent / "POLLS.md"
"""Where the page is kept."""

USUAL: Final = MachineSettings("1", 1)
"""The machine that is meant by "as built": one game, one denomination, standard validation."""

_HEAD: Final = """\
# What a simulated machine does with each poll

Written by `slotsim polls --write`; do not edit it.

Control polls are obeyed, read polls are answered, and what no machine supports gets silence, as the
protocol asks. "Optional" needs a setting of the machine; one without it is silent. Type R reads, S
sets, M carries a game number, G may go to all machines (address 00).

| poll | type | what it asks | a machine | what it does, or why it is silent |
|---|---|---|---|---|
"""

_EXCEPTIONS: Final = """
# What raises each exception

The words are those of `slotsim do ASSET WORDS`. Everything else is raised by hand, with
`exception CODE`: {by_hand}.

| code | meaning | raised by |
|---|---|---|
"""


def polls_page() -> str:
    """Return the whole page, as Markdown."""
    by_hand = ", ".join(f"{code:02X}" for code in BY_HAND)
    return "".join((
        _HEAD, *_poll_rows(), _EXCEPTIONS.format(by_hand=by_hand), *_exception_rows(),
    ))  # fmt: skip


def _poll_rows() -> Iterable[str]:
    for command, poll in POLLS.items():
        row = row_of(command)
        assert row is not None, f"no row for poll {command:02X}"
        if row.function is None:
            does, words = "silence", row.does
        else:
            does = "obeys" if row.order else "answers"
            words = row.does
            if not row.supported(USUAL):
                does = f"{does}, optional"
                words = f"{words}; else it {row.without}"
        yield f"| {command:02X} | {poll.kind} | {poll.meaning} | {does} | {words} |\n"


def _exception_rows() -> Iterable[str]:
    for code in sorted(RAISED):
        yield f"| {code:02X} | {exception_text(code)} | {RAISED[code].text} |\n"
