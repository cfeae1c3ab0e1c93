"""Draws the picture of the README: ``python -m tests.gateway.console.draw_picture``."""

import asyncio
from pathlib import Path

from tests.gateway.console.open_console import picture

PICTURE = Path(__file__).parents[3] / "gateway" / "console" / "picture.svg"


def drawn():
    """Return the troubled floor on a terminal of 120 x 40, as SVG."""
    return asyncio.run(picture("troubled", (120, 40)))


if __name__ == "__main__":
    PICTURE.write_text(drawn(), "utf-8")
