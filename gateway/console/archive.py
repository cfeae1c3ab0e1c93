"""Where a console looks up the events of the past: never raises, says why there is nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gateway.events.lookup import Found, Lookup

Archive = Callable[["Lookup"], Awaitable["Found"]]


async def no_archive(wanted: Lookup) -> Found:
    """Find nothing: there is no archive within reach."""
    from gateway.events.lookup import Found  # noqa: PLC0415 (after the first picture)

    return Found((), wanted.after, NO_ARCHIVE)


NO_ARCHIVE: Final = "events of the past are not within reach of this console"
