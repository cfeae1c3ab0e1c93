"""Ends a job that is cancelled, even where the cancellation gets lost on its way.

nats-py waits by ``asyncio.wait_for`` and here and there passes over a cancellation; Python 3.11's
``wait_for`` drops one that comes in the same turn as the result. A stop would then wait for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

ASK_AGAIN_S = 0.5
"""Seconds until a job that has not ended is cancelled again."""


async def firmly(job: Coroutine[Any, Any, None]) -> None:
    """Run ``job``; when cancelled, cancel it until it has ended."""
    task = asyncio.create_task(job)
    try:
        await asyncio.shield(task)
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=ASK_AGAIN_S)
