"""A fact: what a floor person would say happened, before it gets an id and an envelope."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.events.moment import Moment
from gateway.events.value import value

JsonObject = Mapping[str, object]
"""A JSON object as event data has it."""


@value
class Fact:
    """One event without its envelope; ``encode`` puts it into one.

    Attributes:
        type: name in the catalogue, ``door.opened``.
        asset: asset number, or None where the event is about no EGM.
        data: JSON values that fit the catalogue row's model; ``encode`` checks them.
        observed: when we learned it.
        occurred_after: it happened after this, or None if not known.
        occurred_before: it happened before this, or None if not known.
        possible_repeat: the EGM may have told this before: the poll that acknowledged the last
            equal one may not have arrived.
        late: it may have happened long before it was observed: it waited in the machine's queue
            while nobody listened, or nobody knows since when.
        sas_code: exception code 01-FF this fact was read from; None for everything derived.
        raw: the frame it was read from in hex, secrets already masked; None if there is none.
        correlation: one name for all events of one handpay, session or entry.
        caused_by: the id of the event that led to this one; or a negative number, that many
            events earlier in the gateway's sequence (the facts of one observation are stamped
            one after another).
        severity: overrides the catalogue's; None leaves it.
        time_quality: ``synced``, ``unsynced``, ``stepped`` or ``unknown``; None takes the stamp's.
    """

    type: str
    asset: str | None
    data: Mapping[str, object]
    observed: Moment
    occurred_after: Moment | None = None
    occurred_before: Moment | None = None
    possible_repeat: bool = False
    late: bool = False
    sas_code: int | None = None
    raw: str | None = None
    correlation: str | None = None
    caused_by: str | int | None = None
    severity: str | None = None
    time_quality: str | None = None
