"""How the index keeps an event: its JSON, packed. Imports nothing heavy: a search is over soon."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from gateway.events.envelope import Envelope

PACK_LEVEL: Final = 3
DICTIONARY: Final = (
    b'"meters":{"count":,"unit":"credits","digits":8},"coin_in":{"coin_out":{"total_drop":{'
    b'"jackpot":{"games_played":{"cancelled_credits":{"unit":"count"},"unit":"cents"},'
    b'"trigger":"cadence","epoch":1,"game":0,"amount":{"amount":"1.00","currency":"USD"},'
    b'"denomination":"amountsource":"read","handpay_class":"nonprogressive","before":"closed",'
    b'"after":"open","door":"slot","bet_credits":,"win_credits":,'
    b'{"specversion":"1.0","id":"edge1.000000000000.","type":"slot..v1",'
    b'"source":"/demo/edge1/L1/1","subject":"10101","time":"2026-01-01T00:00:00.000000Z",'
    b'"datacontenttype":"application/json","dataschema":"urn:slot-floor-gateway::1",'
    b'"sequence":,"familysequence":,"occurredafter":"2026-","occurredbefore":"2026-",'
    b'"timequality":"synced","possiblerepeat":false,"late":false,"severity":"info",'
    b'"site":"demo","jurisdiction":"US-NV","gamingday":"2026-","bank":"01","zone":"main",'
    b'"location":"01-01-01","linemode":"host","authority":"observed","traceparent":"00-",'
    b'"causedby":"edge1.","correlation":","sascode":"","rawframe":"","data":{'
)
"""What most events have in common. Part of the file's format: another one needs another schema."""


def pack(event: Envelope) -> bytes:
    """Return an event as the index keeps it: JSON, packed with a dictionary of its type."""
    packer = zlib.compressobj(PACK_LEVEL, zdict=DICTIONARY)
    body = event.model_dump_json(exclude_none=True, exclude={"data"}).encode()
    data = json.dumps(event.data, ensure_ascii=False, separators=(",", ":")).encode()
    return packer.compress(body[:-1] + b',"data":' + data + b"}") + packer.flush()


def unpack(body: bytes) -> dict[str, Any]:
    """Return a kept event."""
    found: dict[str, Any] = json.loads(zlib.decompressobj(zdict=DICTIONARY).decompress(body))
    return found
