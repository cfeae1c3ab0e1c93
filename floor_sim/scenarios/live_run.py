"""Plays scenarios in real time: machines wait on ptys or a bridge for whoever is the host."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from floor_sim.floor import Floor
from floor_sim.ledger import LEDGER, STATE, old_files, write_atomically
from floor_sim.run_folder import RunError
from floor_sim.scenarios.company import Company
from floor_sim.scenarios.plan import SEED, Plan, Played, plan
from floor_sim.scenarios.shape import Shape
from floor_sim.scenarios.sources import Source
from floor_sim.scenarios.verdict import Result, StepResult, Verdict
from floor_sim.scenarios.virtual_run import begins
from floor_sim.shell import RunOptions, run_floor

log = logging.getLogger("slotsim")

MARK: Final = "scenarios.json"
"""A file that says that the run folder was made for scenarios, and holds their machines."""
TELL_S: Final = 5.0
"""How often a person is told what the run waits for."""
CLOCK_S: Final = 60.0
"""How far the clock on the wall may be from what a scenario wants."""


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """How scenarios are played in real time.

    Attributes:
        folder: run folder.
        sources: where events come from; none: there is no event stream.
        shape: how a stranger's events are read.
        bridge: HOST:PORT of a bridge, instead of ptys.
        faster: how many times shorter people's pauses are.
        host_wait_s: seconds that a host has to poll a scenario's machines.
        at_once: scenarios that are played at the same time, at the most.
        seed: of the floor.
    """

    folder: Path
    sources: tuple[Source, ...] = ()
    shape: Shape | None = None
    bridge: str | None = None
    faster: float = 1.0
    host_wait_s: float = 30.0
    at_once: int = 1_000
    seed: int = SEED


def run_live(played: Sequence[Played], options: LiveOptions) -> list[Result]:
    """Play scenarios in real time; return what they came to, in their order.

    Raises:
        ConfigError: two scenarios share a name or a machine.
        RunError: the run folder is somebody else's, or the floor could not go on.
        SourceError: events cannot be read.
        LedgerError: the ledger cannot be written.
        PtyError: a pty cannot be made.
    """
    now = datetime.now(UTC)
    out = {one.name: _not_now(one) for one in played if _untimely(one, now)}
    possible = [one for one in played if one.name not in out]
    if possible:
        on = plan(
            possible, seed=options.seed, bridge=options.bridge, run_folder=str(options.folder)
        )
        company = Company(
            on, events=bool(options.sources), shape=options.shape, faster=options.faster,
            host_wait_s=options.host_wait_s, at_once=options.at_once,
        )  # fmt: skip
        _prepare(options.folder, on)
        try:
            run_floor(
                on.floor,
                RunOptions(options.folder, playing=False, begun=_joins(company, options.sources)),
            )
        finally:
            for source in options.sources:
                source.close()
        out |= {result.name: result for result in company.results()}
    return [out[one.name] for one in played]


def _joins(
    company: Company, sources: Sequence[Source]
) -> Callable[[Floor, asyncio.AbstractEventLoop, Callable[[], object]], None]:
    def begun(floor: Floor, loop: asyncio.AbstractEventLoop, stop: Callable[[], object]) -> None:
        def take(event: Mapping[str, Any]) -> None:
            company.offer(event, loop.time())

        def offer(event: Mapping[str, Any]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(take, event)

        for source in sources:
            source.open(offer)
        company.join(floor, loop.time())
        told = ""
        tell_at = loop.time() + TELL_S

        def look(now: float) -> None:
            nonlocal told, tell_at
            if company.done:
                stop()
                return
            if now >= tell_at and company.waits != told:
                told, tell_at = company.waits, now + TELL_S
                log.info("%s", told)
            floor.agenda.at(now + 0.1, look)

        look(loop.time())

    return begun


def _prepare(folder: Path, on: Plan) -> None:
    """Clear the folder of an earlier run, and lay down what machines remember.

    Raises:
        RunError: it has the ledger of a floor that was no run of scenarios.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / LEDGER).exists() and not (folder / MARK).exists():
            raise RunError(f"{folder} has the ledger of another floor; choose another --run-folder")
        for path in (*old_files(folder), folder / LEDGER, folder / STATE):
            path.unlink(missing_ok=True)
        machines = {one.name: dict(one.assets) for one in on.played}
        write_atomically(folder / MARK, json.dumps(machines, indent=1) + "\n")
        kept = {asset: dict(memory) for asset, memory in on.memories.items()}
        state = {"n": 0, "offset": 0, "ended": "there was none", "machines": kept}
        write_atomically(folder / STATE, json.dumps(state))
    except OSError as error:
        raise RunError(f"{folder}: {error.strerror}; choose another --run-folder") from None


def _untimely(played: Played, now: datetime) -> bool:
    wanted = played.file.begins
    return wanted is not None and abs((begins(played) - now).total_seconds()) > CLOCK_S


def _not_now(played: Played) -> Result:
    why = f"it begins at {played.file.begins} on the wall, and only --virtual can set that"
    step = StepResult(0, Verdict.BLOCKED, "to begin", (why,))
    return Result(played.name, played.file.title, played.path, 0.0, (step,))
