"""The page on scenarios, written from the files and from what the fields say of themselves."""

from __future__ import annotations

from collections.abc import Iterator

from edge_config.meanings import meaning
from edge_config.table import Table
from floor_sim.scenarios.file import HAPPENS, SEEN, MachineInfo, ScenarioFile, Step
from floor_sim.scenarios.library import scenarios
from floor_sim.scenarios.matching import words_of
from floor_sim.scenarios.plan import Played

_HEAD = """# Scenarios with a verdict

Written by `slotsim scenario list --markdown` from the scenarios and the fields of their files; do
not edit it by hand.

A scenario says what happens (to machines, people, lines), and what must be seen of it by when: on
the wire of either SAS port as the machine itself sees it, in the ledger of the truth, and in an
event stream. It can be played against any host.

    slotsim scenario list --tag doors        what there is
    slotsim scenario show door-slot          a file to copy and change
    slotsim scenario site --out site.toml    which machine is where; our gateway's site file
    slotsim scenario run                     all, in real time: machines wait on run/scenarios/lines
    slotsim scenario run my.toml --events nats://127.0.0.1:4222 --junit scenarios.xml
    slotgw tail site.toml --json | slotsim scenario run --events -
    slotsim scenario run --virtual --only-wire    in seconds, against slotsim's own plain host

* **PASS**: all was seen. **FAIL**: something was not, came late, too often, or was something else:
  the report says what was expected, by when, what was nearest to it, and what passed on the wire.
  **BLOCKED**: it could not come about (no host polls, no event stream was named, a machine was not
  in a state for it). Exit status 0: all PASS; 1: FAIL or BLOCKED; 2: wrong usage or file.
* All scenarios of a run are played at once, each at machines and lines of its own (`--at-once 1`:
  one after the other). What happens waits until what must be seen above it was seen or is overdue.
* `--faster 5` makes people's pauses five times shorter; times of the protocol (`exactly_s`,
  `within_s`, seconds of a fault) stay, because the host's clock is no faster.
* Events of another make are read with `--shape FILE`: where name, machine, data and exception code
  stand, and what their names are called here. `--only-wire` leaves the event stream out.

      type = "head.kind"            # paths in their JSON, keys with dots between
      asset = "machine.number"
      data = "body"                 # what a step's data is compared with; "." is all of it
      code = "body.sas"             # without it an account of events is BLOCKED
      [names]
      DOOR_OPEN = "door.opened"

* What is left to chance depends on `--seed` alone; endless play is `slotsim run`.

"""


def markdown() -> str:
    """Return the page."""
    return "".join([
        _HEAD,
        "## The file\n\n",
        *_fields(ScenarioFile, "steps", "machines"),
        "\n## `[machines.NAME]`\n\n",
        *_fields(MachineInfo),
        "\n## `[[steps]]`\n\n",
        f"Something that happens has one of {_names(HAPPENS)}; ",
        f"something that must be seen one of {_names(SEEN)}.\n\n",
        *_fields(Step),
        "\n## Those that come with slotsim\n\n",
        *(part for played in scenarios() for part in _scenario(played)),
    ])  # fmt: skip


def _names(keys: tuple[str, ...]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


def _fields(model: type[Table], *left_out: str) -> Iterator[str]:
    for name in model.model_fields:
        if name not in left_out:
            yield f"* `{name}`: {meaning(model, name)}\n"


def _scenario(played: Played) -> Iterator[str]:
    file = played.file
    yield f"### {played.name}\n\n{file.title}. {file.about}\n\n"
    machines = ", ".join(f"{word} {info.profile}" for word, info in file.machines.items())
    yield f"Tags: {', '.join(file.tags)}. Machines: {machines}.\n\n"
    for step in file.steps:
        why = f" ({step.why})" if step.why else ""
        mark = "**" if step.happens else ""
        yield f"1. {mark}{words_of(step, played)}{mark}{why}\n"
    yield "\n"
