"""The newest events of some kinds, from the streams."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import nats.errors
from nats.aio.client import Client

from gateway.bus.reading import From, read_there
from gateway.bus.visit import LostError, Visitor, once
from gateway.events.envelope import Envelope, decode
from gateway.events.errors import SchemaError
from gateway.events.lookup import Found, Lookup
from gateway.events.streams import STREAM_OF_FAMILY

READ_MOST: Final = 20_000
"""Messages of a subject that are read for one answer at most."""


async def latest(who: Visitor, site: str, wanted: Lookup) -> Found:
    """Return the newest events of ``site`` that are wanted.

    Raises:
        LostError: the server does not answer or refuses; says why.
    """

    async def look(client: Client) -> Found:
        events: dict[str, Envelope] = {}
        for kind in wanted.kinds:
            for event in await _of(client, site, kind, wanted):
                events[event.id] = event
        found = sorted(events.values(), key=lambda one: (one.time, one.sequence), reverse=True)
        return Found(tuple(found[: wanted.most]), wanted.after)

    return await once(who, look)


async def _of(client: Client, site: str, kind: str, wanted: Lookup) -> list[Envelope]:
    family, _, event = kind.partition(".")
    stream = STREAM_OF_FAMILY[family].name
    about = wanted.asset or "*"
    subject = f"slot.v1.{site}.*.{family}.{event or '*'}.{about}"
    begin = From(time=_text(wanted.after))
    try:
        messages = await read_there(client, stream, subject, begin, most=READ_MOST)
    except nats.errors.Error as error:
        raise LostError(f"{stream} cannot be read: {error}"[:200]) from error
    events = []
    for message in messages:
        try:
            one = decode(message.data)
        except SchemaError:  # another version's: its own readers say so
            continue
        if wanted.fits(one):
            events.append(one)
    return events


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
