"""Doors: what was known, what is told, and how long they stay open."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from gateway.meaning.exceptions import Meant
from gateway.meaning.since import Since, remembered
from gateway.meaning.telling import Telling


@remembered
class DoorKnown:
    """One door.

    Attributes:
        state: as last told; unknown at the beginning and after a gap.
        since: when it opened, while it is open.
        told_long: whether ``door.opentoolong`` was told for this opening.
    """

    state: Literal["open", "closed", "unknown"] = "unknown"
    since: Since | None = None
    told_long: bool = False


@remembered
class Doors:
    """All doors of one EGM, by name."""

    doors: dict[str, DoorKnown] = field(default_factory=dict)

    def open_names(self) -> tuple[str, ...]:
        """Return the doors known to be open."""
        return tuple(name for name, door in self.doors.items() if door.state == "open")

    def doubt(self) -> None:
        """Forget that doors are closed: an opening may have been missed.

        A door that was open stays so: people would rather look at it once too often.
        """
        for door in self.doors.values():
            if door.state == "closed":
                door.state = "unknown"


def opened(doors: Doors, meant: Meant, telling: Telling) -> None:
    """A door was opened, or says so again."""
    name = str(meant.data["door"])
    door = doors.doors.setdefault(name, DoorKnown())
    before = door.state
    if before != "open":
        door.state, door.since, door.told_long = "open", telling.kept(), False
    data = {"door": name, "before": before, "after": "open"}
    telling.main("door.opened", data)


def closed(doors: Doors, meant: Meant, telling: Telling) -> None:
    """A door was closed."""
    name = str(meant.data["door"])
    door = doors.doors.setdefault(name, DoorKnown())
    before = door.state
    data: dict[str, object] = {"door": name, "before": before, "after": "closed"}
    if before == "open":
        data["open_s"] = telling.seconds_since(door.since)
    event = "door.closedwithoutopen" if before == "closed" and telling.sure else "door.closed"
    door.state, door.since, door.told_long = "closed", None, False
    telling.main(event, data)


def overdue(doors: Doors, telling: Telling) -> None:
    """Tell once of each door that has been open for longer than the site's limit."""
    limit_s = telling.egm.door_open_limit_s
    for name, door in doors.doors.items():
        if door.state != "open" or door.told_long:
            continue
        open_s = telling.seconds_since(door.since)
        if open_s is not None and open_s >= limit_s:
            door.told_long = True
            data = {"door": name, "open_s": open_s, "limit_s": limit_s}
            telling.follow("door.opentoolong", data, since=door.since, caused=False)
