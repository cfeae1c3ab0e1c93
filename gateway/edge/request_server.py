"""The ``request`` socket: what people tell of a machine, and readings that they ask for.

A client sends one line of JSON and gets one line back. Who asks is what the kernel says of the
client's process: nobody can speak for somebody else. Nothing here can change a machine: a reading
is asked inside the line's allow-list and the machine's pace.
"""

from __future__ import annotations

import asyncio
import logging
import pwd
import socket
import struct
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from gateway.edge.checks import (
    MetersTyped,
    ReportSigner,
    SignReport,
    UnknownMeterError,
    said_of_meters,
)
from gateway.edge.clock import Clock, moment
from gateway.edge.egm import EgmWork
from gateway.edge.reading import Tag
from gateway.edge.recorder import Recorder
from gateway.edge.remarks import Acknowledge, Note, remark
from gateway.edge.saying import Heard, say
from gateway.edge.unix_server import unix_server
from gateway.events.envelope import decode
from gateway.events.text import one_line
from gateway.meaning.observation import Said

log = logging.getLogger(__name__)

ASK_BYTES_MAX: Final = 4096
"""Longest request."""
ASK_S: Final = 5.0
"""How long a client may take to ask."""
READ_EVERY_S: Final = 10.0
"""Seconds between two readings of one EGM that people ask for."""


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    asset: str = Field(min_length=1, max_length=64)


class AmountTyped(_Request):
    """What a handpay's display shows, as somebody typed it."""

    do: Literal["amount"]
    amount: str = Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,2})?$", description="Currency units.")
    handpay: str | None = Field(None, max_length=128, description="Its correlation; or the one.")


class Paid(_Request):
    """The guest of a handpay was paid."""

    do: Literal["paid"]
    handpay: str | None = Field(None, max_length=128, description="Its correlation; or the one.")


class SessionCorrection(_Request):
    """The coin in of a carded session that was closed is corrected."""

    do: Literal["session"]
    session: str = Field(min_length=1, max_length=128, description="Correlation of the session.")
    coin_in_credits: int = Field(ge=0, lt=10**12)
    reason: str = Field(min_length=1, max_length=160)


class Mended(_Request):
    """Tilts and faults are over, as somebody who was at the machine says."""

    do: Literal["mended"]
    kind: str | None = Field(None, pattern=r"^[a-z]{1,32}$", description="Which; or all.")


class ReadNow(_Request):
    """A reading that is planned is wanted now."""

    do: Literal["read"]
    what: Literal["meters", "full", "bills", "identity"] = "meters"


Told = AmountTyped | Paid | SessionCorrection | Mended | MetersTyped
Request = Annotated[
    AmountTyped
    | Paid
    | SessionCorrection
    | Mended
    | ReadNow
    | Acknowledge
    | Note
    | MetersTyped
    | SignReport,
    Field(discriminator="do"),
]
REQUEST: Final[TypeAdapter[Request]] = TypeAdapter(Request)


class RequestServer:
    """Serves requests on a unix socket.

    Args:
        path: the socket.
        works: the work for each EGM, by asset number.
        wish: asks an EGM for a reading: asset number, what, why.
        clock: both clocks.
        recorder: takes what people remark.
        signer: signs reports of checks, or None where there is none.
    """

    def __init__(
        self,
        path: Path,
        works: Mapping[str, EgmWork],
        wish: Callable[[str, str, Tag], None],
        clock: Clock,
        recorder: Recorder,
        signer: ReportSigner | None = None,
    ) -> None:
        self._recorder = recorder
        self._signer = signer
        self._read_at: dict[str, float] = {}
        self._path = path
        self._works = works
        self._wish = wish
        self._clock = clock

    async def run(self) -> None:
        """Serve until cancelled."""
        async with unix_server(self._path, self._serve, ask_bytes_max=ASK_BYTES_MAX) as server:
            await server.serve_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = await self._answer(reader, user_of(writer.get_extra_info("socket")))
        writer.write(TypeAdapter(dict[str, JsonValue]).dump_json(said) + b"\n")
        await writer.drain()

    async def _answer(self, reader: asyncio.StreamReader, user: str) -> dict[str, JsonValue]:
        try:
            asked = await asyncio.wait_for(reader.readline(), ASK_S)
            request = REQUEST.validate_json(asked)
        except (TimeoutError, ValueError) as error:  # ValueError: too long, or not as it should be
            first = error.errors()[0] if isinstance(error, ValidationError) else None
            why = "one line of JSON is expected" if first is None else first["msg"]
            where = "" if first is None else ".".join(str(part) for part in first["loc"])
            return {"error": f"{where}: {why}" if where else why}
        if request.asset is None:  # a remark on the gateway's own events
            log.warning("%s asked: %s", user, request.do)
            return _answered(await remark(request, user, None, self._recorder, self._clock))
        work = self._works.get(request.asset)
        if work is None:
            return {"error": f"this gateway has no EGM {request.asset}"}
        log.warning("%s asked: %s at EGM %s", user, request.do, request.asset)
        return await self._done(request, work, user)

    async def _done(self, request: Request, work: EgmWork, user: str) -> dict[str, JsonValue]:
        match request:
            case ReadNow():
                return self._read(request)
            case Acknowledge() | Note():
                told = remark(request, user, work.place, self._recorder, self._clock)
                return _answered(await told)
            case SignReport():
                if self._signer is None:
                    return {"error": "this gateway signs no reports"}
                return await self._signer.sign(work, request, user)
        try:
            return _answered(await say(work, said_of(request, user, self._clock)))
        except UnknownMeterError as error:
            return {"error": str(error)}

    def _read(self, request: ReadNow) -> dict[str, JsonValue]:
        now = self._clock.monotonic()
        wait_s = self._read_at.get(request.asset, now - READ_EVERY_S) + READ_EVERY_S - now
        if wait_s > 0:
            return {"error": f"it was read for somebody just now; again in {wait_s:.0f} s"}
        self._read_at[request.asset] = now
        self._wish(request.asset, request.what, Tag("asked"))
        return {"done": True, "events": []}


def _answered(heard: Heard) -> dict[str, JsonValue]:
    if heard.why:
        return {"error": heard.why}
    told: list[JsonValue] = [
        {"id": event.id, "type": event.type, "text": one_line(decode(event.body))}
        for event in heard.events
    ]
    return {"done": True, "events": told}


def said_of(request: Told, user: str, clock: Clock) -> Said:
    """Return what ``user`` says, as meaning takes it.

    Raises:
        UnknownMeterError: a meter was typed that there is not.
    """
    now = moment(clock)
    match request:
        case MetersTyped():
            return said_of_meters(request, user, now)
        case AmountTyped():
            cents = int(Decimal(request.amount) * 100)
            return Said(request.asset, "amount", user, now, cents, request.handpay)
        case Paid():
            return Said(request.asset, "paid", user, now, None, request.handpay)
        case Mended():
            return Said(request.asset, "mended", user, now, kind=request.kind)
        case SessionCorrection():
            return Said(
                request.asset, "session", user, now, None, request.session,
                request.coin_in_credits, request.reason,
            )  # fmt: skip


def user_of(peer: socket.socket) -> str:
    """Return the user at the other end, as the kernel knows it: a name, or ``uid 1000``."""
    size = struct.calcsize("3i")
    _, uid, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    try:
        return pwd.getpwuid(uid).pw_name[:64]
    except KeyError:
        return f"uid {uid}"
