"""Tilts, which stop play, and faults, which need a visit while play goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from gateway.events.event_type import EventType
from gateway.events.shapes import Data, Seconds


@dataclass(frozen=True, slots=True)
class TiltKind:
    """One kind of tilt or fault.

    Attributes:
        name: value of ``kind``; never changes.
        words: for people.
        stops_play: True for a tilt, False for a fault.
        first_check: what a technician looks at first.
    """

    name: str
    words: str
    stops_play: bool
    first_check: str


def _tilt(name: str, words: str, first_check: str) -> TiltKind:
    return TiltKind(name, words, stops_play=True, first_check=first_check)


def _fault(name: str, words: str, first_check: str) -> TiltKind:
    return TiltKind(name, words, stops_play=False, first_check=first_check)


KINDS: tuple[TiltKind, ...] = (
    _tilt("general", "general tilt", "Read the machine's own screen: it names the part."),
    _tilt("coinin", "coin-in tilt", "Coin path: foreign coin, comparator, optics."),
    _tilt("coinout", "coin-out tilt", "Hopper: jam at the exit, coin-out optics."),
    _tilt("hopperempty", "hopper empty", "Fill the hopper; look for a jam if it is not."),
    _tilt("extracoinpaid", "extra coin paid", "Coin-out optics and the hopper brake."),
    _fault("diverter", "diverter malfunction", "Diverter's coil and free movement."),
    _fault("billjam", "bill jam", "Open the validator head, look for paper and tape."),
    _fault("billacceptorhardware", "bill acceptor failure",
          "Reseat the validator's plug, power it once, then swap it."),
    _tilt("reversebill", "reverse bill", "A bill was pulled back: string, surveillance."),
    _tilt("reversecoinin", "reverse coin in", "A coin moved backwards: stringing."),
    _tilt("reeltilt", "reel tilt", "Reel's opto flag and harness; turn it by hand."),
    _tilt("reeldisconnected", "reel mechanism disconnected", "Reel plug and its seat."),
    _fault("validationnotconfigured", "validation id not configured",
          "Tickets are not valid until the SMS configured the machine: call the SMS desk."),
    _fault("printercommunication", "printer communication error",
          "Printer's data plug and power; open and close its drawer."),
    _fault("printerpaperout", "printer out of paper", "Load paper, notch to the sensor."),
    _fault("printerpaperlow", "printer paper low", "Load paper at the next visit."),
    _fault("printerpoweroff", "printer power off", "Printer's power plug and switch."),
    _fault("printerribbon", "printer ribbon worn", "Replace the ribbon."),
    _fault("printerjam", "printer carriage jam", "Open the printer, clear the paper path."),
    _fault("coininlockout", "coin-in lockout malfunction", "Lockout coil and its driver."),
    _fault("hopperfull", "hopper full", "Check the diverter and the drop bucket."),
    _fault("hopperlow", "hopper low", "Fill the hopper."),
)  # fmt: skip
KIND_BY_NAME = {kind.name: kind for kind in KINDS}
assert len(KIND_BY_NAME) == len(KINDS), "two kinds of tilt share a name"

KindName = Literal[
    "general", "coinin", "coinout", "hopperempty", "extracoinpaid", "diverter", "billjam",
    "billacceptorhardware", "reversebill", "reversecoinin", "reeltilt", "reeldisconnected",
    "validationnotconfigured", "printercommunication", "printerpaperout", "printerpaperlow",
    "printerpoweroff", "printerribbon", "printerjam", "coininlockout", "hopperfull", "hopperlow",
]  # fmt: skip
TiltState = Literal["clear", "raised", "unknown"]
ClearedBy = Literal[
    "billaccepted", "ticketinserted", "ticketprinted", "gamestarted", "gameplayed", "powerapplied",
    "printerpoweron", "person",
]  # fmt: skip
_REEL = Field(None, ge=1, le=9, description="Reel number; absent where no reel is named.")


class TiltRaised(Data):
    """A tilt or fault, or its repetition."""

    kind: KindName
    words: str = Field(max_length=64, description="The kind for people.")
    stops_play: bool = Field(description="True: a tilt; False: a fault, play goes on.")
    reel: int | None = _REEL
    before: TiltState
    after: Literal["raised"]
    first_check: str = Field(max_length=160, description="What a technician looks at first.")


class TiltCleared(Data):
    """Evidence that a tilt or fault is over."""

    kind: KindName
    words: str = Field(max_length=64, description="The kind for people.")
    stops_play: bool = Field(description="True: a tilt; False: a fault, play went on.")
    reel: int | None = _REEL
    before: TiltState
    after: Literal["clear"]
    clearedby: ClearedBy = Field(description="The evidence; never the passing of time.")
    raised_s: Seconds | None = Field(None, description="How long it was raised, as observed.")
    said_by: str | None = Field(None, max_length=64, description="Who said so, if person.")


_KIND = KIND_BY_NAME["billjam"]
ROWS = (
    EventType(
        "tilt.raised", TiltRaised, "warning", "fault", ("attendant", "technician"),
        "The machine reports a tilt or a fault.",
        "The EGM reports one of 20-25, 28-2A, 2D, 3F-46, 60, 61, 74, 75, 77-79, 80, 81.",
        "Not for a rejected bill, a full cashbox, memory errors or doors: they have their own.",
        "Read the machine's own screen; its kind says which part.",
        {"kind": "billjam", "words": _KIND.words, "stops_play": False, "before": "clear",
         "after": "raised", "first_check": _KIND.first_check},
        "{words}",
    ),
    EventType(
        "tilt.cleared", TiltCleared, "info", "fault", ("attendant", "technician"),
        "A tilt or fault is over, by the evidence in clearedby.",
        "SAS has no clear code for most: a bill accepted, a ticket printed, a game played, power "
        "applied or the printer's power on (76) shows it, or a user who was there says so.",
        "Never because time has passed.",
        "Nothing.",
        {"kind": "billjam", "words": _KIND.words, "stops_play": False, "before": "raised",
         "after": "clear", "clearedby": "billaccepted", "raised_s": 95.0},
        "{words} cleared",
    ),
)  # fmt: skip
