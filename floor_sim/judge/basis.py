"""What each rule rests on, topic by topic, and how sure that is.

Of the public guide no more than its table of contents could be read: chapters 2.1 to 2.7 with their
numbers and names, and names alone of what follows. So a rule cites the chapter whose name says that
it treats the matter, and nobody here has laid the rule beside the chapter's words. What has no such
chapter rests on an open implementation that was read, or is ours; then it says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

GUIDE: Final = (
    "Montana DOJ, Gambling Control Division, SAS Serial Protocol Implementation Guide, version "
    "1.6.0 of 12 May 2015"
)
"""The public guide; versions 1.2.1 of 2003, 1.4.1 of 2012 and 1.5.0 of 2014 number alike."""

CHAPTERS: Final = {
    "2.1": "Physical Interface",
    "2.2": "Logical Interface",
    "2.3": "Addressing",
    "2.4": "Polling",
    "2.4.1": "General Poll",
    "2.4.2": "Long Poll",
    "2.4.3": "Response Timing",
    "2.4.4": "Data Integrity",
    "2.5": "Timing",
    "2.6": "Acknowledgement",
    "2.7": "Error Conditions",
}
"""Numbers and names of the guide's chapters that were seen in its table of contents."""

HEADINGS: Final = frozenset({
    "VGM Busy", "Loop Break", "Link Down", "Unsupported Commands", "Required Event Exceptions",
    "Meters and General",
})  # fmt: skip
"""Names of further chapters that were seen there without their numbers (version 1.4.1)."""

CODE: Final = "saspy 2.0.0 (github.com/zacharytomlinson/saspy, MIT), sas.py"
"""The open implementation of a host that was read."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What the rules of one topic rest on.

    Attributes:
        chapters: numbers of chapters of the guide whose names treat the matter.
        headings: names of such chapters whose numbers were not seen.
        functions: functions of the open implementation in which it can be seen.
        ours: what is ours: concluded, or observed, and found in no public text.
    """

    chapters: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    ours: str = ""

    @property
    def words(self) -> str:
        """What it rests on, for people, in one line."""
        parts = [f"Montana DOJ guide {number} {CHAPTERS[number]}" for number in self.chapters]
        parts += [f"Montana DOJ guide, {name} (number not seen)" for name in self.headings]
        if self.functions:
            parts.append(f"saspy, {', '.join(self.functions)}")
        if self.ours:
            parts.append(f"ours: {self.ours}")
        return "; ".join(parts)


_OF_SILENCE: Final = "what a machine that keeps an answer until it is acknowledged must conclude"

BASES: Final[dict[str, Basis]] = {
    "polling rate": Basis(("2.4", "2.5")),
    "byte timing": Basis(("2.5",)),
    "response time": Basis(("2.4.3",)),
    "implied acknowledgement": Basis(("2.6",)),
    "loop break and sync": Basis(("2.7",), ("Loop Break", "Link Down")),
    "addressing": Basis(("2.3",)),
    "general polls": Basis(("2.4.1",)),
    "message format": Basis(("2.4.2",)),
    "long polls": Basis(("2.4.2",)),
    "long polls, type R": Basis(("2.4.2",), functions=("_send_command",)),
    "long polls, type S": Basis(("2.4.2",), functions=("_send_command",)),
    "data formats": Basis(("2.4.2",)),
    "CRC": Basis(("2.4.4",), functions=("_send_command",)),
    "NACK": Basis(("2.6",)),
    "busy": Basis(("2.7",), ("VGM Busy",)),
    "unsupported long polls": Basis(("2.7",), ("Unsupported Commands",)),
    "exceptions": Basis(("2.4.1",), ("Required Event Exceptions",)),
    "meters": Basis(headings=("Meters and General",)),
    "wakeup bit": Basis(functions=("_send_command", "_conf_port")),
    "real-time events": Basis(
        functions=("en_dis_rt_event_reporting",),
        ours=f"that an event which answers a long poll is kept like any answer: {_OF_SILENCE}",
    ),
    "handpays": Basis(
        functions=("handpay_info",),
        ours="the 15 s after which 51 comes again, and the order of 1B, A8 and 94",
    ),
    "validation": Basis(
        functions=("pending_cashout_info", "rcv_validation_number"), ours="the 10 s"
    ),
    "ticket redemption": Basis(
        functions=("ticket_validation_data", "redeem_ticket"), ours="the 30 s, and 71 FF after 68"
    ),
    "AFT": Basis(functions=("aft_get_last_trx", "aft_clean_transaction_poll")),
    "global long polls": Basis(
        ours="which polls may go to address 00, and that nobody answers there"
    ),
    "date and time": Basis(ours="a date that does not exist is none"),
    "retries": Basis(ours="a line is shared, and who asks one machine for ever asks no other"),
    "configuration": Basis(ours="what was read before 3C may be true no longer; A0 is a promise"),
    "multi-denomination": Basis(ours="layout and errors of B0, as our table of polls has them"),
    "progressives": Basis(ours="the 5 s after which a machine reports 53"),
}
"""Topic of a rule to what it rests on."""
