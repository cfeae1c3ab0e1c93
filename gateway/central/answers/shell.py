"""Runs the service that answers as a process: the bus on one side, the memory on the other."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping
from typing import Any, Final

from gateway.bus.asking import Answer, Asked
from gateway.bus.link import NatsLink
from gateway.bus.users import inbox_prefix
from gateway.central.answers.memory import NOTICE, Memory, UnknownError
from gateway.central.shell import Connection

TELL_EVERY_S: Final = 0.5


def answers(memory: Memory, site: str, ready: Callable[[], bool]) -> dict[str, Answer]:
    """Return what may be asked: ``state``, ``meters`` and ``ping``."""

    def of(told: Callable[[str], Mapping[str, Any]]) -> Answer:
        def answer(words: str) -> Mapping[str, Any]:
            try:
                return told(words)
            except UnknownError as error:
                raise ValueError(str(error)) from error

        return answer

    def ping(words: str) -> Mapping[str, Any]:
        del words
        return {"site": site, "machines": memory.machines, "ready": ready(), "notice": NOTICE}

    return {"state": of(memory.state_of), "meters": of(memory.meters_of), "ping": ping}


async def run(
    site: str, version: str, connection: Connection, tell: Callable[[str], None]
) -> Mapping[str, object]:
    """Answer until SIGTERM or SIGINT; return what was done.

    Args:
        site: token of the site.
        version: of the program.
        connection: where and as whom it connects.
        tell: told in words how it stands, whenever that changes.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    memory = Memory()
    link = NatsLink(
        connection.url, user=connection.user, password=connection.password,
        inbox_prefix=inbox_prefix(connection.user), name="slotgw central answers",
    )  # fmt: skip
    made = answers(memory, site, lambda: asked.ready)
    asked = Asked(link, site, version, made, memory.take_state, memory.take_reading)
    job = asyncio.ensure_future(asked.run())
    told = ""
    while not stopping.is_set() and not job.done():
        words = f"answering for {memory.machines} machines" if asked.ready else link.words
        if words != told:
            tell(words)
        told = words
        try:
            await asyncio.wait_for(stopping.wait(), TELL_EVERY_S)
        except TimeoutError:
            continue
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)
    return {"service": "answers", "machines": memory.machines, "answered": asked.answered}
