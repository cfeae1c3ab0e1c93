"""A fact that does not fit its schema, as a dead letter: what it was, and why it was not published.

It goes through the outbox like an event, with numbers of its own in the family ``dead``, to
``dead.v1.<site>.<gateway>``. The values that did not fit stay out of it: nobody has looked whether
one of them is a secret.
"""

from __future__ import annotations

import json

from gateway.events.encode import EncodedEvent, Stamp, event_id, time_text
from gateway.events.fact import Fact
from gateway.events.streams import is_token
from gateway.outbox.types import Row

FAMILY = "dead"
TYPE = "dead.letter"
STREAM = "DEAD"
FIELDS_MOST = 64


def letter_of(fact: Fact, reason: str, stands_for_it: EncodedEvent, stamp: Stamp, site: str) -> Row:
    """Return the letter of a fact that was not published.

    Args:
        fact: the fact.
        reason: which fields are wrong, and how; without their values.
        stands_for_it: the ``gateway.defect`` that was published in its place.
        stamp: numbers of the letter.
        site: token of the site.
    """
    identity = event_id(stamp.gateway, stamp.birthid, stamp.sequence)
    letter = {
        "service": stamp.gateway,
        "reason": reason[:1000],
        "event": stands_for_it.id,
        "type": fact.type[:80],
        "asset": fact.asset if fact.asset is not None and is_token(fact.asset) else None,
        "time": time_text(fact.observed.wall_ns),
        "sascode": None if fact.sas_code is None else f"{fact.sas_code:02X}",
        "rawframe": fact.raw,
        "fields": {str(name)[:64]: type(value).__name__
                   for name, value in list(fact.data.items())[:FIELDS_MOST]},
        "sequence": stamp.sequence,
    }  # fmt: skip
    return Row(
        sequence=stamp.sequence,
        id=identity,
        type=TYPE,
        family=FAMILY,
        familysequence=stamp.familysequence,
        subject=f"dead.v1.{site}.{stamp.gateway}",
        asset=None,
        stream=STREAM,
        time_ns=fact.observed.wall_ns,
        body=json.dumps(letter, ensure_ascii=False, separators=(",", ":")).encode(),
    )
