"""Draws the panel's picture: ``python -m tests.floor_sim.panel.draw_picture``."""

import asyncio
from pathlib import Path

from tests.floor_sim.panel.open_panel import Bench

PICTURE = Path(__file__).parents[3] / "floor_sim" / "panel" / "picture.svg"

DONE = (
    ("10101", "bill 20"), ("10101", "game start 40"), ("10102", "card in 7"),
    ("10102", "bill 100"), ("10104", "tilt reel"), ("10201", "jackpot 1250.00"),
    ("10203", "lamp on"), ("10302", "door open slot"), ("10304", "power off"),
)  # fmt: skip
"""What was done before somebody looks."""


async def busy(bench):
    """Let the floor be in some trouble, half of it polled."""
    for asset, words in DONE:
        bench.now_s += 7.0
        told = await bench.api.ask("POST", f"/machines/{asset}/do", {"action": words})
        assert told.json()["done"], (asset, words)
    for name in ("L1", "L2"):
        line = bench.sim.lines[name]
        for port in line.ports:
            line.host_write(bytes([0x80]), bench.now_s)
            line.host_write(bytes([0x80 | port.address]), bench.now_s)
            list(line.take_symbols(bench.now_s + 0.02))
            bench.now_s += 0.2
    await bench.api.ask("POST", "/faults", {"kind": "drop", "line": "L2", "probability": 0.01})


async def _shot(size):
    bench = Bench()
    await busy(bench)
    async with bench.open(size) as pilot:
        await bench.press(pilot, *["down"] * 9, "d", "1")
        return bench.app.export_screenshot(title="slotsim panel")


def drawn():
    """Return the panel on a terminal of 80 x 24, as SVG."""
    return asyncio.run(_shot((80, 24)))


if __name__ == "__main__":
    PICTURE.write_text(drawn(), "utf-8")
