"""How events of a stream are read: ours, or a stranger's by a file that says where things stand.

::

    type = "kind"                # path of the event's name in its JSON
    asset = "machine.number"     # path of the asset number
    data = "."                   # path of what steps compare as data; "." is all of it
    code = "sas"                 # path of the exception code in hex, if there is one
    [names]                      # their names to the names that scenarios use
    DOOR_OPEN = "door.opened"
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from edge_config.table import Table
from floor_sim.scenarios.evidence import Item


class Shape(Table):
    """Where things stand in a stranger's events; a file of its own."""

    type: str = Field(min_length=1, max_length=200)
    """Path of the event's name, such as "kind" or "head.type"."""
    asset: str = Field(min_length=1, max_length=200)
    """Path of the asset number."""
    data: str = Field(default=".", min_length=1, max_length=200)
    """Path of what steps compare as data; "." is all of it."""
    code: str | None = Field(default=None, min_length=1, max_length=200)
    """Path of the exception code in hex; without it account = "events" is BLOCKED."""
    names: dict[str, str] = Field(default_factory=dict)
    """Their names to the names that scenarios use, such as DOOR_OPEN = "door.opened"."""

    def item(self, event: Mapping[str, Any], at: float) -> Item | None:
        """Return an event as something seen at ``at``, or None where it has no name."""
        name = looked_up(event, self.type)
        if not isinstance(name, str):
            return None
        asset = looked_up(event, self.asset)
        data = event if self.data == "." else looked_up(event, self.data)
        return Item(
            "event", at, self.names.get(name, name), None if asset is None else str(asset),
            data=data if isinstance(data, Mapping) else {}, whole=event,
            code=None if self.code is None else _code(looked_up(event, self.code)),
        )  # fmt: skip


def own_item(event: Mapping[str, Any], at: float) -> Item | None:
    """Return a CloudEvents envelope of slot-floor-gateway as something seen, or None.

    Its type is ``slot.door.opened.v1``, or ``floor.dispatch.callopened.v1`` of a consumer, which
    has its machine in the data.
    """
    parts = str(event.get("type", "")).split(".")
    data = event.get("data")
    if len(parts) != 4 or not isinstance(data, Mapping):
        return None
    asset = event.get("subject") if parts[0] == "slot" else data.get("asset")
    return Item(
        "event", at, f"{parts[1]}.{parts[2]}", None if asset is None else str(asset), data=data,
        whole=event, code=_code(event.get("sascode")), repeat=event.get("possiblerepeat") is True,
    )  # fmt: skip


def looked_up(value: Any, path: str) -> Any:
    """Return what stands at a path of keys with dots between them, or None."""
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _code(text: object) -> int | None:
    try:
        return int(text, 16) if isinstance(text, str) else None
    except ValueError:
        return None
