"""How many days of events the disk of a site gives: from the real encoding, at a floor's rates."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from edge_config.places import Places
from edge_config.site import Site
from gateway.edge.cadence import FULL_EVERY
from gateway.edge.reading import FULL
from gateway.events.catalogue import CATALOGUE
from gateway.events.encode import Place, Stamp, encode
from gateway.events.fact import Fact
from gateway.events.moment import Moment
from gateway.outbox.space import MIB, Statvfs
from gateway.outbox.store import Store
from gateway.outbox.types import Commit, Row

OCCUPANCY: Final = 0.30
"""Share of the day that an EGM is played, on a mean floor."""
PLAY_EVENTS_AN_HOUR: Final = 1200.0
"""Game starts and ends of an EGM that is played."""
OTHER_EVENTS_AN_HOUR: Final = 4.3
"""Bills, tickets, doors and the like of an EGM that is played."""
HEARTBEATS_A_DAY: Final = 8640.0
METERS: Final = 10
"""Meters in one reading."""
SAMPLE_ROWS: Final = 400


@dataclass(frozen=True, slots=True)
class Sizing:
    """What the outbox of a site needs and has.

    Attributes:
        events_a_day: of all EGMs and the gateway.
        bytes_an_event: on disk, all tables and unused parts of pages included; of the mix.
        bytes_a_day: the product.
        room_bytes: what events may take: free disk or greatest size, less the reserve.
        days: how long that lasts while no server takes events.
        wanted_days: what the site file asks for.
    """

    events_a_day: float
    bytes_an_event: float
    bytes_a_day: float
    room_bytes: int
    days: float
    wanted_days: float

    @property
    def enough(self) -> bool:
        """Whether it lasts as long as the site file asks for."""
        return self.days >= self.wanted_days

    def words(self) -> str:
        """Say it in one line."""
        return (
            f"outbox: room for {self.room_bytes / MIB / 1024:.1f} GiB of events, "
            f"{self.events_a_day:,.0f} a day of {self.bytes_an_event:.0f} bytes: {self.days:.1f} "
            f"days without a server, {self.wanted_days:g} wanted"
        )


def size(places: Places, statvfs: Statvfs = os.statvfs) -> Sizing:
    """Return how long the disk of a site lasts; nothing is made there.

    Raises:
        OSError: the disk cannot be asked.
    """
    site = places.site
    mix = _mix(site)
    events = sum(mix.values())
    day_bytes = sum(count * _row_bytes(name) for name, count in mix.items())
    room = _room_bytes(places, statvfs)
    wanted = max(site.outbox.unsent_days, site.outbox.acknowledged_days)
    return Sizing(events, day_bytes / events, day_bytes, room, room / day_bytes, wanted)


def _mix(site: Site) -> dict[str, float]:
    """Return events a day by a type that stands for its like."""
    played_h = 24 * OCCUPANCY * len(site.egms)
    paced = sum(86_400 / site.line(egm.line).meter_interval_s for egm in site.egms)
    readings = paced * (1 + len(FULL) / FULL_EVERY)
    return {
        "game.ended": played_h * PLAY_EVENTS_AN_HOUR,
        "bill.accepted": played_h * OTHER_EVENTS_AN_HOUR,
        "meter.read": readings,
        "gateway.heartbeat": HEARTBEATS_A_DAY,
    }


def _room_bytes(places: Places, statvfs: Statvfs) -> int:
    folder = places.outbox.parent
    while not folder.exists():
        folder = folder.parent
    disk = statvfs(folder)
    used = sum(one.stat().st_size for one in _own_files(places.outbox))
    room = disk.f_bavail * disk.f_frsize + used
    info = places.site.outbox
    if info.max_mib is not None:
        room = min(room, info.max_mib * MIB)
    return max(0, room - info.reserve_mib * MIB)


def _own_files(path: Path) -> list[Path]:
    both = (path, path.with_name(path.name + "-wal"))
    return [one for one in both if one.exists()]


@lru_cache(maxsize=16)
def _row_bytes(name: str) -> float:
    """Return what one event of a type takes on disk, by storing some of them."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "outbox.sqlite"
        store = Store.open(path, synchronous="OFF")
        try:
            before = store.measure().used_bytes
            rows = tuple(sample_row(name, number) for number in range(1, SAMPLE_ROWS + 1))
            store.apply([Commit(rows)], (), 0)
            return (store.measure().used_bytes - before) / SAMPLE_ROWS
        finally:
            store.close()


def sample_row(name: str, number: int) -> Row:
    """Return an event of a type with names of usual length, as it would be stored."""
    event_type = CATALOGUE[name]
    example: dict[str, Any] = dict(event_type.example)
    if name == "meter.read":
        one = next(iter(example["meters"].values()))
        example["meters"] = {f"a_meter_of_usual_length_{n}": one for n in range(METERS)}
    now = Moment(0.0, 1_800_000_000_000_000_000 + number)
    place = Place(
        "casino", "edge1", "US-NV", line="line1", address=1, bank="0104", zone="main",
        location="01-04-02", linemode="host",
    )  # fmt: skip
    fact = Fact(
        name, "10101" if event_type.asset_required else None, example, now, occurred_after=now,
        occurred_before=now, sas_code=0x7F, raw="017F" * 8,
    )  # fmt: skip
    event = encode(fact, place, Stamp("edge1", "6de2939910ae", number, number), "2026-11-21")
    return Row(
        event.sequence, event.id, event.type, event.family, event.familysequence, event.subject,
        event.asset, event.stream, event.time_ns, event.body,
    )  # fmt: skip
