"""``slotsim panel``: a terminal screen to act on a floor that runs by hand."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from floor_sim.cli.running_floor import RunningFloor, run_folder_option
from floor_sim.panel.app import PanelApp
from floor_sim.panel.floor import Floor
from floor_sim.panel.source import Source

ANSWER_S = 3.0
"""Seconds that a floor has to answer; one that takes longer is away."""


@click.command()
@run_folder_option
def panel(run_folder: Path) -> None:
    """Act on a floor that runs, by hand: doors, bills, cards, jackpots, handpays, tilts, faults.

    A terminal of 80 x 24 will do, also over SSH; ? shows the keys. The floor may come and go.

    Example: slotsim panel --run-folder run/demo_floor
    """
    running = RunningFloor(run_folder, ANSWER_S)

    async def ask(method: str, path: str, body: object) -> Any:
        return await asyncio.to_thread(running.ask, method, path, body)

    floor = Floor()
    source = Source(ask, floor, time.monotonic)
    PanelApp(ask, floor, source, now=lambda: datetime.now(UTC), clock=time.monotonic).run()
