"""One way to poll at a pace: its CPU a poll, its share of a core, and how late answers are."""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import resource
import statistics
import time
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

INTERVAL_S = 0.2
EGMS = 8
WARM_S = 1.0
TIMEOUT_S = 0.5
"""Longer than on a real line: where the computer is busy, the cost of repeats would be measured."""
PYMODBUS_LINES = 100
"""With some 200 ports it fails: its serial library waits by ``select``, which ends at 1,024."""


@dataclass
class Measured:
    """One round of one way."""

    cpu_us: float = 0.0
    core: float = 0.0
    polls: int = 0
    sent: int = 0
    late_s: list[float] = field(default_factory=list)

    def late_ms(self, share: float = 0.99) -> float:
        ordered = sorted(self.late_s)
        return 1000 * ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def measured(out: Measured, seconds: float) -> None:
    """Let what runs run warm, then take its figures for so long."""
    gc.collect()
    gc.freeze()  # as the daemon does before its lines run; it takes a tenth of a second
    await asyncio.sleep(WARM_S)
    out.late_s.clear()
    out.sent = 0
    before, began = cpu_s(), time.perf_counter()
    await asyncio.sleep(seconds)
    used, took = cpu_s() - before, time.perf_counter() - began
    out.polls = len(out.late_s)
    out.cpu_us = 1e6 * used / out.polls
    out.core = used / took


Way = Callable[[], Coroutine[Any, Any, Measured]]


def aside(way: Way) -> Measured:
    """Run one way in a process of its own, so that none pays for another's memory and ports."""
    near, far = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        try:
            os.close(near)
            with os.fdopen(far, "wb") as told:
                pickle.dump(asyncio.run(way()), told)
            status = 0
        except Exception:  # noqa: BLE001 - the parent is told by the status
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(far)
    with os.fdopen(near, "rb") as told:
        found = told.read()
    assert os.waitpid(child, 0)[1] == 0, "it failed"
    measured = pickle.loads(found)
    assert isinstance(measured, Measured)
    return measured


def rounds(ways: dict[str, Way], count: int) -> dict[str, Measured]:
    """Run all ways in turn, ``count`` times; return their medians."""
    found: dict[str, list[Measured]] = {name: [] for name in ways}
    for _ in range(count):
        for name, way in ways.items():
            found[name].append(aside(way))
    medians: dict[str, Measured] = {}
    for name, many in found.items():
        one = medians[name] = Measured(
            statistics.median(each.cpu_us for each in many),
            statistics.median(each.core for each in many),
            round(statistics.median(each.polls for each in many)),
            round(statistics.median(each.sent for each in many)),
        )
        one.late_s = [statistics.median(each.late_ms() for each in many) / 1000]
        print(
            f"  {name:28} {one.cpu_us:6.1f} us CPU a poll, {100 * one.core:5.1f} % of a core, "
            f"answers late p99 {one.late_ms():6.2f} ms ({one.polls} polls)"
        )
    return medians
