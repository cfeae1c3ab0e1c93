"""What surveillance publishes: one record for each security event, with its bookmark."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from gateway.central.derived import DerivedType, MomentText, moment_text
from gateway.central.surveillance.record import CAMERAS_MAX, Record
from gateway.events.shapes import Data


class RecordedData(Data):
    """One security event with the video that shows it."""

    event: str = Field(description="Id of the security event.")
    event_type: str = Field(max_length=64, description="Its short type.")
    severity: Literal["notice", "warning", "critical"]
    asset: str = Field("", max_length=64, description="Empty where it is about no single machine.")
    location: str = Field("", max_length=64)
    text: str = Field(max_length=160, description="The event in one line for people.")
    why: str = Field(max_length=120, description="What surveillance looks for.")
    cameras: list[str] = Field(max_length=CAMERAS_MAX, description="Cameras that see it.")
    camera_note: str = Field("", max_length=120, description="Says so where no camera sees it.")
    observed: MomentText
    bookmark_from: MomentText
    bookmark_until: MomentText
    possible_repeat: bool = Field(
        default=False, description="The machine may have told this before."
    )


ROWS: Final = (
    DerivedType(
        "surveillance.recorded", RecordedData, "asset",
        "A security event is on record, with cameras and the stretch of video to keep.",
        "Once for each event that the security table has a row for.",
        "Not for a message delivered again. It does not say that anybody has looked.",
        {
            "event": "edge1.b1.7", "event_type": "door.opened", "severity": "critical",
            "asset": "10101", "location": "01-01-01", "text": "card cage door opened",
            "why": "who is at the logic area, on whose order", "cameras": ["C-0101"],
            "observed": "2026-03-01T04:00:00.000000Z",
            "bookmark_from": "2026-03-01T03:59:30.000000Z",
            "bookmark_until": "2026-03-01T04:05:00.000000Z",
        },
        "{text}: {cameras}{camera_note}",
    ),
)  # fmt: skip
RECORDED: Final = ROWS[0]


def recorded_data(record: Record) -> dict[str, object]:
    """Return the data of the message that tells ``record``."""
    return {
        "event": record.event_id,
        "event_type": record.type,
        "severity": record.severity,
        "asset": record.asset,
        "location": record.location,
        "text": record.text,
        "why": record.why,
        "cameras": list(record.cameras),
        "camera_note": record.camera_note,
        "observed": moment_text(record.observed_ns),
        "bookmark_from": moment_text(record.from_ns),
        "bookmark_until": moment_text(record.until_ns),
        "possible_repeat": record.possible_repeat,
    }
