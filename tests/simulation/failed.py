"""What a run in virtual time leaves behind when it has failed: its seed and the last exchanges."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.simulation.jumping import EPOCH_NS

CAPTURE = "failed.sas-capture"


def keep(world):
    """Save what passed on the lines; return words with the seed and where that is."""
    path = world.folder / CAPTURE
    path.write_text(world.box.text(lambda now: datetime.fromtimestamp(EPOCH_NS / 1e9 + now, UTC)))
    return f"seed {world.seed}; capture in {path}"
