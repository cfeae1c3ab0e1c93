"""Where a console looks up the events of the past: the outbox's file, or the streams."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.events.lookup import Found, Lookup


async def from_outbox(path: Path, wanted: Lookup) -> Found:
    """Look into the outbox at ``path``, in a thread: the screen goes on meanwhile."""
    # imported late: a console pays for it when something is looked up first
    from gateway.events.lookup import Found  # noqa: PLC0415
    from gateway.outbox.latest import latest  # noqa: PLC0415
    from gateway.outbox.types import ReadError  # noqa: PLC0415

    try:
        return await asyncio.to_thread(latest, path, wanted)
    except ReadError as error:
        return Found((), wanted.after, str(error))


async def from_streams(url: str, user: str, password: str, site: str, wanted: Lookup) -> Found:
    """Look into the streams of the server at ``url``."""
    from gateway.bus.latest import latest  # noqa: PLC0415 (as above)
    from gateway.bus.visit import LostError, Visitor  # noqa: PLC0415
    from gateway.events.lookup import Found  # noqa: PLC0415

    try:
        return await latest(Visitor(url, user, password, "the streams", "no streams"), site, wanted)
    except LostError as error:
        return Found((), wanted.after, str(error))
