"""What a row of the catalogue holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.events.shapes import Data

Severity = Literal["info", "notice", "warning", "critical"]
"""``info``: nothing to do. ``notice``: somebody may want to know. ``warning``: a visit is needed.
``critical``: look at once."""

EventClass = Literal[
    "significant", "critical", "fault", "security", "operational", "transactional", "dispatch",
    "play", "integrity", "access", "link", "meters", "system",
]  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)  # a row is itself
class EventType:
    """One type of event: the contract with everybody who reads it.

    Attributes:
        name: ``family.event``; never changes and never gets a second meaning.
        model: what ``data`` holds.
        severity: how urgent it is unless the fact says otherwise.
        kind: regulatory and operational class.
        route: who is told by default.
        meaning: what has happened, in one sentence of the floor.
        when: what makes it fire.
        not_when: what looks alike and does not make it fire.
        first_check: what a technician looks at first.
        example: valid ``data``.
        says: the event in words for a person; ``{field}`` takes from ``data``.
        version: major version; a change that breaks a consumer raises it.
        asset_required: whether the event is always about one EGM.
    """

    name: str
    model: type[Data]
    severity: Severity
    kind: EventClass
    route: tuple[str, ...]
    meaning: str
    when: str
    not_when: str
    first_check: str
    example: Mapping[str, object]
    says: str
    version: int = 1
    asset_required: bool = True

    @property
    def family(self) -> str:
        """The part before the dot."""
        return self.name.partition(".")[0]

    @property
    def full_name(self) -> str:
        """CloudEvents ``type``: ``slot.door.opened.v1``."""
        return f"slot.{self.name}.v{self.version}"

    @property
    def schema_id(self) -> str:
        """CloudEvents ``dataschema``, and ``$id`` of the JSON Schema."""
        return f"urn:slot-floor-gateway:{self.name}:{self.version}"
