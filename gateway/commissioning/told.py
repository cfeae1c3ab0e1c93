"""What a check is told: by the wire, by the gateway, by the technician; as JSON in a draft."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

FRAMES_MAX: Final = 24
"""Raw frames kept for one step."""

TOLD_MAX: Final = 2_000
"""Facts kept for one check: half an hour of a busy machine; the oldest give way."""


SAID_MAX: Final = 200
"""Characters of what a technician writes."""

_LONG_NUMBER: Final = re.compile(r"(?:\d[ -]?){12,}")
"""Twelve digits and more: cards have 13 to 19, validation numbers 16 or 18."""


def harmless(text: str) -> str:
    """Return what a technician wrote as one line, and what may be a card or a ticket number as **.

    Neither ever gets into a report.
    """
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return _LONG_NUMBER.sub("** ", " ".join(plain.split())).strip()[:SAID_MAX]


class Model(BaseModel):
    """Base of all that is kept of a check: closed and never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class At(Model):
    """Base of what is told: when it was seen."""

    at: AwareDatetime


class Raised(At):
    """The machine reported an exception."""

    kind: Literal["exception"] = "exception"
    code: int = Field(ge=0, le=255)


class Count(Model):
    """One meter as read."""

    value: int = Field(ge=0, lt=10**18)
    digits: int = Field(ge=1, le=18)


class Reading(At):
    """One answer with meters of the whole machine."""

    kind: Literal["reading"] = "reading"
    meters: dict[str, Count] = Field(max_length=64)


class Identity(At):
    """Who answers, poll 54."""

    kind: Literal["identity"] = "identity"
    version: str = Field("", max_length=8)
    serial: str = Field("", max_length=64)


class Game(At):
    """What is played, poll 1F."""

    kind: Literal["game"] = "game"
    denomination: str = Field("", max_length=24)
    """Worth of one credit, a decimal string; empty where the code is in no table."""
    game_id: str = Field("", max_length=16)
    paytable: str = Field("", max_length=16)


class Chirp(At):
    """A machine that no host polls says its address."""

    kind: Literal["chirp"] = "chirp"
    address: int = Field(ge=0, le=127)


class Link(At):
    """The gateway's word for the link to the machine."""

    kind: Literal["link"] = "link"
    state: Literal["unknown", "up", "degraded", "down"]
    reason: str = Field("", max_length=300)
    quality: float | None = Field(None, ge=0, le=1)


class Line(At):
    """What the machine's line does, in the gateway's words."""

    kind: Literal["line"] = "line"
    state: str = Field(max_length=300)
    port: str = Field("", max_length=300)


class Gateway(At):
    """The gateway answers on its status socket, or does not."""

    kind: Literal["gateway"] = "gateway"
    there: bool
    birthid: str = Field("", max_length=64)


class Event(At):
    """The gateway has stored an event that matters here, such as ``tilt.raised``."""

    kind: Literal["event"] = "event"
    type: str = Field(max_length=64)
    text: str = Field("", max_length=300)


class Word(At):
    """What the technician says they saw."""

    kind: Literal["word"] = "word"
    step: str = Field(max_length=32)
    yes: bool


Told = Annotated[
    Raised | Reading | Identity | Game | Chirp | Link | Line | Gateway | Event | Word,
    Field(discriminator="kind"),
]


class Tally(Model):
    """What went over the wire between the gateway and this machine since the step began.

    Attributes:
        general: general polls answered; ``in_row`` of them without a miss up to now.
        long: long polls answered with a right CRC.
        long_silent: long polls that got no answer.
        silent: polls of either kind that got none.
        bad: answers that could not be understood.
        ninth: answers with a ninth bit set.
        ninth_known: whether the port tells ninth bits; None before it has said.
    """

    general: int = 0
    in_row: int = 0
    long: int = 0
    long_silent: int = 0
    silent: int = 0
    bad: int = 0
    ninth: int = 0
    ninth_known: bool | None = None

    def plus(self, **more: int) -> Tally:
        """Return the tally with so many more of each."""
        return self.model_copy(update={name: getattr(self, name) + by for name, by in more.items()})


class Frame(Model):
    """One message on the wire, kept as evidence; secrets are masked.

    Attributes:
        at: when its first byte was heard.
        who: ``host`` or ``EGM``.
        text: its bytes in hex; ``**`` is a masked byte, ``*`` behind one its ninth bit.
        means: what it says.
    """

    at: AwareDatetime
    who: Literal["host", "EGM", "?"]
    text: str = Field(max_length=1_600)
    means: str = Field(max_length=200)
