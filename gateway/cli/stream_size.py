"""How much room the streams of a site need: from the real encoding, at a floor's rates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from edge_config.retention import StreamsInfo
from edge_config.site import Site
from gateway.bus.message import headers_of
from gateway.bus.streams import StreamLimits
from gateway.cli.outbox_size import (
    HEARTBEATS_A_DAY,
    OCCUPANCY,
    PLAY_EVENTS_AN_HOUR,
    sample_row,
)
from gateway.edge.cadence import FULL_EVERY
from gateway.edge.reading import FULL
from gateway.events.streams import STREAMS, StreamRow
from gateway.outbox.types import Row

MIB: Final = 1024 * 1024
GIB: Final = 1024 * MIB
RECORD_BYTES: Final = 34
"""What the server's file store puts around a message: lengths, number, time, check sum."""
DAY_S: Final = 86_400

# Events of one EGM a day, of an EGM on a mean floor; a type that stands for its like.
_PLAYED_H: Final = 24 * OCCUPANCY
_RATES: Final[tuple[tuple[str, str, float], ...]] = (
    ("SLOT_PLAY", "game.ended", _PLAYED_H * PLAY_EVENTS_AN_HOUR),
    ("SLOT_SIGNIFICANT", "door.opened", 12.0),  # doors, drop, power, tilts, lamp, menus
    ("SLOT_MONEY", "bill.accepted", 25.0),
    ("SLOT_MONEY", "ticket.printed", 30.0),
    ("SLOT_MONEY", "handpay.pending", 1.0),
    ("SLOT_LINK", "link.gap", 2.0),
    ("SLOT_CARD", "session.closed", 60.0),
    ("FLOOR", "door.opened", 25.0),  # calls, points, surveillance records
    ("DEAD", "gateway.defect", 0.1),
)
READINGS_BESIDE_CADENCE: Final = 60.0
"""Readings of an EGM a day that doors, cards, handpays and drops ask for."""
SMALLEST: Final = 64 * MIB
"""No stream is smaller: a block of the server's file store, and room for a bad day."""


@dataclass(frozen=True, slots=True)
class StreamSize:
    """What one stream needs, with the figures it is made of.

    Attributes:
        name: the stream.
        machines: EGMs whose events it keeps.
        events_a_day: of all of them and the gateways.
        bytes_an_event: message, subject, headers and the server's own record; the mean.
        days: how long it keeps them.
        margin: room over that.
        max_bytes: the product, in whole MiB; at least 64 MiB.
    """

    name: str
    machines: int
    events_a_day: float
    bytes_an_event: float
    days: float
    margin: float
    max_bytes: int

    def words(self) -> str:
        """Say it in one line."""
        return (
            f"{self.name:<16} {self.events_a_day:>12,.0f} a day x {self.bytes_an_event:5.0f} bytes "
            f"x {self.days:4g} days x {self.margin:g} = {gib(self.max_bytes)}"
        )


def stream_sizes(site: Site) -> tuple[StreamSize, ...]:
    """Return what each stream of a site's server needs."""
    return tuple(_size(site, row) for row in STREAMS)


def stream_limits(sizes: tuple[StreamSize, ...]) -> dict[str, StreamLimits]:
    """Return the same as the server's limits."""
    return {one.name: StreamLimits(one.days * DAY_S, one.max_bytes) for one in sizes}


def gib(size: float) -> str:
    """Return bytes in GiB or MiB for people."""
    return f"{size / GIB:,.1f} GiB" if size >= GIB else f"{size / MIB:,.0f} MiB"


def _size(site: Site, row: StreamRow) -> StreamSize:
    info = site.streams
    machines = info.machines or len(site.egms)
    mix = [(name, rate * machines) for stream, name, rate in _RATES if stream == row.name]
    if row.name == "SLOT_METERS":
        mix = [("meter.read", _readings_a_day(site) * machines)]
    if row.name == "SLOT_LINK":
        mix.append(("gateway.heartbeat", HEARTBEATS_A_DAY * _gateways(site, machines)))
    events = sum(rate for _, rate in mix)
    day_bytes = sum(rate * stored_bytes(name) for name, rate in mix)
    days = _days(info)[row.name]
    need = max(SMALLEST, day_bytes * days * info.margin)
    return StreamSize(
        row.name,
        machines,
        events,
        day_bytes / events,
        days,
        info.margin,
        -(-int(need) // MIB) * MIB,
    )


def _days(info: StreamsInfo) -> dict[str, float]:
    return {
        "SLOT_PLAY": info.play_days,
        "SLOT_SIGNIFICANT": info.significant_days,
        "SLOT_MONEY": info.money_days,
        "SLOT_METERS": info.meters_days,
        "SLOT_LINK": info.link_days,
        "SLOT_CARD": info.card_days,
        "FLOOR": info.derived_days,
        "DEAD": info.dead_days,
    }


def _readings_a_day(site: Site) -> float:
    """Return readings of one EGM a day, the mean over this file's."""
    cadence = [DAY_S / site.line(egm.line).meter_interval_s for egm in site.egms]
    paced = sum(cadence) / len(cadence) if cadence else 0.0
    return READINGS_BESIDE_CADENCE + paced * (1 + len(FULL) / FULL_EVERY)


def _gateways(site: Site, machines: int) -> float:
    """Return how many gateways there are, if the others have as many EGMs as this one."""
    return max(1.0, machines / max(1, len(site.egms)))


@lru_cache(maxsize=32)
def stored_bytes(name: str) -> float:
    """Return what one event of a type takes in a stream's file."""
    return float(message_bytes(sample_row(name, 1_000_000)))


def message_bytes(row: Row) -> int:
    """Return what the server's file store writes for one row."""
    headers = sum(len(f"{key}: {value}\r\n") for key, value in headers_of(row, row.id).items())
    block = len("NATS/1.0\r\n") + headers + len("\r\n")
    return RECORD_BYTES + len(row.subject) + block + len(row.body)
