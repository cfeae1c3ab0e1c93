"""What surveillance keeps of a security event: where, which cameras, which stretch of video."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge_config.site import Site
from gateway.central.derived import nanoseconds
from gateway.central.surveillance.table import row_for
from gateway.events.envelope import Envelope
from gateway.events.text import one_line

BEFORE_S: Final = 30
"""Seconds of video before the event that a bookmark takes in."""
AFTER_S: Final = 300
"""Seconds of video after the event that a bookmark takes in."""
REACH_BACK_S: Final = 900
"""A bookmark begins ``BEFORE_S`` before the earliest moment at which the event can have happened,
but at most this many seconds before it was observed."""
CAMERAS_MAX: Final = 64
"""Cameras that one record names; an outage of a bank has those of its first machines."""
NO_CAMERA: Final = "no camera mapped"
UNKNOWN_ASSET: Final = "no camera mapped: the asset number is not in the site file"
NO_EGM: Final = "no camera mapped: the event is about no machine"

_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Watched:
    """An EGM as surveillance knows it.

    Attributes:
        location: where it stands by the site file.
        cameras: cameras that see it, best first.
    """

    location: str
    cameras: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One security event, kept.

    Attributes:
        event_id: CloudEvents id of the event.
        type: its short type.
        severity: ``notice``, ``warning`` or ``critical``.
        asset: asset number, or empty.
        location: where the machine stood.
        text: the event in words.
        why: what surveillance looks for.
        cameras: cameras that see the machine.
        camera_note: says so where there is none; empty otherwise.
        observed_ns: when the gateway observed it, nanoseconds since 1970, UTC.
        from_ns: where the bookmark begins.
        until_ns: where it ends.
        possible_repeat: the machine may have told this before.
    """

    event_id: str
    type: str
    severity: str
    asset: str
    location: str
    text: str
    why: str
    cameras: tuple[str, ...]
    camera_note: str
    observed_ns: int
    from_ns: int
    until_ns: int
    possible_repeat: bool


def watched_by(site: Site) -> dict[str, Watched]:
    """Return every EGM of the site file by asset number."""
    return {egm.asset: Watched(egm.location, egm.cameras) for egm in site.egms}


def record_of(event: Envelope, floor: Mapping[str, Watched]) -> Record | None:
    """Return what to keep of ``event``, or None where it is no security event.

    Args:
        event: any event of the gateway.
        floor: the machines of the site by asset number.
    """
    row = row_for(event.name, event.data)
    if row is None:
        return None
    assets = _assets(event)
    here = [floor[asset] for asset in assets if asset in floor]
    cameras = tuple(dict.fromkeys(camera for egm in here for camera in egm.cameras))
    observed_ns = nanoseconds(event.time)
    return Record(
        event_id=event.id,
        type=event.name,
        severity=row.severity,
        asset=event.asset or "",
        location=event.location or (here[0].location if len(here) == 1 else ""),
        text=one_line(event),
        why=row.why,
        cameras=cameras[:CAMERAS_MAX],
        camera_note="" if cameras else _note(assets, here),
        observed_ns=observed_ns,
        from_ns=_begin(event, observed_ns),
        until_ns=observed_ns + AFTER_S * _S,
        possible_repeat=event.possiblerepeat,
    )


def _assets(event: Envelope) -> list[str]:
    """Return the machines that the event is about: its own, or those that its data lists."""
    if event.asset is not None:
        return [event.asset]
    listed = event.data.get("assets")
    return [str(asset) for asset in listed] if isinstance(listed, list) else []


def _note(assets: list[str], here: list[Watched]) -> str:
    if not assets:
        return NO_EGM
    return NO_CAMERA if here else UNKNOWN_ASSET


def _begin(event: Envelope, observed_ns: int) -> int:
    earliest_ns = observed_ns
    if event.occurredafter is not None:
        earliest_ns = min(earliest_ns, nanoseconds(event.occurredafter))
    return max(earliest_ns - BEFORE_S * _S, observed_ns - REACH_BACK_S * _S)
