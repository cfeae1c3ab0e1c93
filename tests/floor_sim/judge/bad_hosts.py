"""Hosts with one bad habit each, and the rule that must find it."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from tests.floor_sim.judge.model_host import FOLLOW, Habits, changed


@dataclass(frozen=True)
class Bad:
    """A host with one habit changed.

    Attributes:
        what: what it does, in words.
        rule: id of the rule that finds it.
        habits: the good host's, with that one changed; ``event_mode`` besides where it needs it.
        control: control polls are expected of it.
        wire_time: bytes take their time on its lines.
        also: other rules that the same habit breaks, sooner than that one or at once.
    """

    what: str
    rule: str
    habits: Habits
    control: bool = True
    wire_time: bool = False
    also: AbstractSet[str] = frozenset()


def _without(code):
    return {key: polls for key, polls in FOLLOW.items() if key != code}


BAD_HOSTS = (
    Bad("polls every 150 ms", "host.poll-too-fast", changed(turn_s=0.15)),
    Bad("pauses for 6 s", "host.poll-too-slow", changed(quiet=(12.0, 6.0)),
        also={"host.broadcast-lapsed"}),
    Bad("has a favourite machine", "host.uneven", changed(favourite=9),
        also={"host.asked-thrice", "host.queue-stuck"}),
    Bad("polls every 2 s in event mode", "host.event-mode-slow",
        changed(event_mode=True, turn_s=2.0)),
    Bad("stops for 8 ms within a message", "host.byte-gap", changed(splits=0.1)),
    Bad("speaks before an answer is over", "host.talks-over", changed(talks_over=True),
        wire_time=True),
    Bad("waits for 8 ms", "host.impatient", changed(wait_s=0.008)),
    Bad("says nothing for 31 s", "host.ack-late", changed(quiet=(19.0, 31.5)),
        also={"host.poll-too-slow", "host.broadcast-lapsed"}),
    Bad("forgets the wakeup bit", "host.wakeup-missing", changed(no_wakeup=0.05)),
    Bad("sets a second wakeup bit", "host.wakeup-extra", changed(two_wakeups=0.1)),
    Bad("swaps the bytes of the CRC", "host.crc-wrong", changed(spoils="crc swapped")),
    Bad("leaves the address out of the CRC", "host.crc-wrong",
        changed(spoils="crc without address")),
    Bad("computes another CRC", "host.crc-wrong", changed(spoils="crc of something else")),
    Bad("puts a CRC behind type R polls", "host.crc-on-read", changed(spoils="crc on reads")),
    Bad("leaves the CRC out", "host.message-cut", changed(spoils="no crc")),
    Bad("leaves a byte out", "host.message-cut", changed(spoils="one byte missing")),
    Bad("sets bit 7 of the address of long polls", "host.bytes-behind-poll",
        changed(spoils="bit 7")),
    Bad("counts wrong in length bytes", "host.length-byte", changed(spoils="length")),
    Bad("sends game numbers that are not decimal", "host.bad-data", changed(spoils="digits")),
    Bad("asks all machines for their credits", "host.not-for-all", changed(globals_=(0x1A,))),
    Bad("sends a command that nobody knows", "host.unknown-command",
        changed(readings=(0x1A, 0x5E))),
    Bad("sets clocks to the 30th of February", "host.impossible-date",
        changed(date=("02302026", "030405"))),
    Bad("asks twice for each event", "host.event-asked-again", changed(event_twice=True)),
    Bad("asks twice for each reading", "host.reading-asked-again", changed(reading_twice=True)),
    Bad("takes an event for no answer", "host.event-refused",
        changed(event_mode=True, refuses_events=True)),
    Bad("asks for everything three times", "host.asked-thrice", changed(thrice=True)),
    Bad("sends no 80 on a line with one machine", "host.queue-stuck",
        changed(syncs="once", readings=()), also={"host.asked-thrice"}),
    Bad("goes on after a damaged answer", "host.damage-acknowledged", changed(repeats_damaged=0)),
    Bad("goes on after a lost answer", "host.silence-passed-over",
        changed(repeats=0, repeats_damaged=1)),
    Bad("never gives up", "host.endless-retries", changed(repeats=1000)),
    Bad("polls a machine that is out of sync alone", "host.sync-missing", changed(syncs="never")),
    Bad("forgets machines that were away", "host.chirp-ignored", changed(forgets_lost=True),
        also={"host.poll-too-slow", "host.endless-retries"}),
    Bad("polls an address where nobody is", "host.nobody-there", changed(calls=99)),
    Bad("sends long polls only", "host.no-general-polls", changed(general=False)),
    Bad("does not read handpays", "host.handpay-unread",
        changed(follow=_without(0x51), resets=())),
    Bad("resets handpays unread", "host.reset-before-read",
        changed(follow=_without(0x51), resets_unread=True)),
    Bad("says how to pay after the reset", "host.method-after-reset",
        changed(resets=(0x94, 0xA8))),
    Bad("gives no validation number", "host.cash-out-unvalidated", changed(numbers="never")),
    Bad("gives validation numbers unasked", "host.number-unasked", changed(numbers="always")),
    Bad("leaves tickets in the acceptor", "host.ticket-unanswered", changed(tickets="never")),
    Bad("takes tickets unread", "host.ticket-unread",
        changed(follow=_without(0x67), tickets="unread")),
    Bad("does not ask how a ticket ended", "host.ticket-end-unread",
        changed(follow=_without(0x68))),
    Bad("takes no notice of changed options", "host.options-unread",
        changed(follow=_without(0x3C), readings=(0x1A, 0x0F))),
    Bad("loses a reading to an event", "host.reading-lost",
        changed(event_mode=True, asks_again=False, readings=(0x1A, 0x10, 0x11, 0x12, 0x13, 0x14,
                0x15, 0x16, 0x17, 0x18, 0x19, 0x1C, 0x1E, 0x20, 0x46, 0x48, 0x49, 0x4A))),
    Bad("never learns that a poll is not supported", "host.unsupported-again",
        changed(readings=(0x1A, 0x4F), learns=False)),
    Bad("gives up when a machine is busy", "host.busy-dropped",
        changed(after_busy=False, readings=tuple(range(0x10, 0x18)))),
    Bad("repeats what is refused", "host.nack-ignored",
        changed(spoils="crc of something else", spoilt_share=1.0), also={"host.crc-wrong"}),
    Bad("sends control polls", "host.control-poll", Habits(), control=False),
    Bad("wraps a poll in B0 that knows no denomination", "host.b0-base",
        changed(wrapped=(1, 0x1A))),
    Bad("asks again for a denomination that there is not", "host.b0-refused-again",
        changed(wrapped=(9, 0x11))),
    Bad("sends progressive values every 7 s", "host.broadcast-lapsed", changed(broadcasts=7.0)),
)  # fmt: skip
"""One habit each."""
