"""One entry of the contract: a type of message, and everything that is promised of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from gateway.events.streams import StreamRow

Direction = Literal["out", "in"]
"""``out``: we send it. ``in``: others send it to us."""

Pii = Literal["none", "pseudonym", "staff"]
"""``none``: about machines and money. ``pseudonym``: names a card or player by a keyed hash, never
a number. ``staff``: names a person who works there."""

PII_WORDS: Final[Mapping[Pii, str]] = {
    "none": "none: machines and money, nobody's name",
    "pseudonym": "a player, by pseudonym (keyed hash); only the user consumer may read it",
    "staff": "names a person of the staff, as that person signed",
}

PARAMETERS: Final[Mapping[str, str]] = {
    "site": "Token of the casino.",
    "gateway": "Token of the gateway, unique in the casino.",
    "asset": "Asset number of the EGM; _ where the event is about none.",
    "callid": "Stable name of the call.",
    "player": "Pseudonym of the player; _ where none is known.",
    "sender": "Who sent it: sms or crm.",
    "key": "What the message is about; see its page.",
}
"""What stands between the dots of a subject, each a token of 1-64 of A-Z a-z 0-9 _ -"""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One type of message.

    Attributes:
        name: short name, ``door.opened``.
        full_name: CloudEvents type, ``slot.door.opened.v1``.
        version: major version.
        direction: who sends it.
        envelope: which envelope it travels in: ``event``, ``derived`` or ``inbound``.
        address: its subject, with ``{parameters}``.
        stream: the stream that keeps it, or None.
        owner: who in the casino answers for what it means.
        pii: what it says about people.
        schema: JSON Schema of its ``data``.
        example: a whole valid message.
        meaning: what has happened, in one sentence.
        when: what makes it fire.
        not_when: what looks alike and does not make it fire.
        first_check: what a technician looks at first; empty where there is nothing to look at.
        says: it in words for a person.
        severity: how urgent it is unless the message says otherwise; empty if it has none.
        kind: regulatory and operational class; empty if it has none.
        route: who is told by default.
        sas: SAS exception codes in hex that lead to it.
        g2s: G2S event codes that mean the same; patterns such as ``GPE1xx`` name a family.
        ordering: what is promised of order.
        duplicates: how one tells a message that comes twice.
    """

    name: str
    full_name: str
    version: int
    direction: Direction
    envelope: str
    address: str
    stream: StreamRow | None
    owner: str
    pii: Pii
    schema: Mapping[str, Any]
    example: Mapping[str, Any]
    meaning: str
    when: str
    not_when: str
    first_check: str = ""
    says: str = ""
    severity: str = ""
    kind: str = ""
    route: tuple[str, ...] = ()
    sas: tuple[str, ...] = ()
    g2s: tuple[str, ...] = ()
    ordering: str = ""
    duplicates: str = ""

    @property
    def id(self) -> str:
        """Name and major version, ``door.opened.v1``: file names and keys."""
        return f"{self.name}.v{self.version}"

    @property
    def family(self) -> str:
        """The part before the first dot."""
        return self.name.partition(".")[0]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of what varies in its subject."""
        return tuple(part[1:-1] for part in self.address.split(".") if part.startswith("{"))
