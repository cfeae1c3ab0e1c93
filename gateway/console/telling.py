"""How a console tells a gateway what somebody found or notes: over its socket, or over NATS."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from gateway.console.requests import Answer, ask

if TYPE_CHECKING:
    from gateway.bus.staff import Desk

Tell = Callable[[Mapping[str, object], str], Awaitable[Answer]]
"""Takes a remark as the request socket has it, and the gateway that it is for; never raises."""

TRIES: Final = 2
"""Times that a remark is sent until it is answered: it is taken once."""
_ACTS: Final = {"acknowledge": "act.event.lookedat", "note": "act.egm.noted"}


def over_socket(path: Path) -> Tell:
    """Return what tells the gateway on this computer, whose request socket is ``path``."""

    async def tell(remark: Mapping[str, object], _gateway: str) -> Answer:
        return await ask(path, remark)

    return tell


def over_nats(
    desk: Callable[[], Desk],
    person: Callable[[], str],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Tell:
    """Return what tells any gateway, as the user ``staff`` of the server.

    Args:
        desk: gives from where it is told.
        person: gives who does.
        now: the clock.
    """

    async def tell(remark: Mapping[str, object], gateway: str) -> Answer:
        # imported with the first remark: a first picture needs none of it
        from gateway.bus.staff import StaffError  # noqa: PLC0415
        from gateway.bus.staff import tell as send  # noqa: PLC0415
        from gateway.events.acts import NO_EGM  # noqa: PLC0415
        from gateway.events.families.remarks import fault_of  # noqa: PLC0415

        if fault := fault_of(str(remark.get("remark", ""))):
            return Answer(fault)
        said = {name: value for name, value in remark.items() if name != "do" and value is not None}
        said |= {"by": person()[:40], "asset": remark.get("asset") or NO_EGM}
        name, receipt, why = _ACTS[str(remark["do"])], uuid4().hex, ""
        for _ in range(TRIES):
            try:
                answer = await send(desk(), gateway, name, said, receipt, now().isoformat())
            except StaffError as error:
                why = str(error)
                continue
            if answer.accepted:
                return Answer(events=tuple(event.text for event in answer.events))
            return Answer(answer.reason or "the gateway refuses it")
        return Answer(why)

    return tell


def source_of(site: str) -> str:
    """Return how events name the console on this computer."""
    return f"/{site}/console@{socket.gethostname()}"[:128]
