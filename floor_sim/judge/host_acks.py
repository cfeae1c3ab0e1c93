"""What a host says with its next poll: that an answer arrived, or that it did not."""

from __future__ import annotations

from typing import Final

from floor_sim.judge.messages import Asked, Kept, Said
from floor_sim.judge.rule import Rule
from protocols.sas.explain import same_poll

TIMES_MAX: Final = 2
"""An answer is sent once, and once more."""
TRIES_MAX: Final = 5
"""Tries of a poll without an answer, from which on they are too many."""
DOUBTS_MAX: Final = 4
"""Events in a row that are asked for again, from which on it is a habit."""
DOUBTS_S: Final = 10.0
"""Seconds after a lost or damaged answer for which doubts are no habit."""
STUCK: Final = 3
"""Answers in a row with the same exception from which on its queue is stuck."""
STUCK_S: Final = 0.5


class _AskedAgain(Rule):
    """An answer that came whole is asked for again."""

    def judges(self, kept: Kept) -> bool:
        """Say whether the rule is about this answer."""
        raise NotImplementedError

    def acked(self, kept: Kept, by: Asked) -> None:
        """Count an answer that was acknowledged."""
        del by
        self.chances += kept.whole and self.judges(kept)

    def nacked(self, kept: Kept, by: Asked) -> None:
        """See whether it had come whole."""
        if kept.whole and self.judges(kept):
            self.chances += 1
            self._again(kept, by)

    def _again(self, kept: Kept, by: Asked) -> None:
        self.broken(
            by.at, f"{kept.said.asked.name} to EGM {kept.address} was sent again after a whole "
            "answer: that says that it did not arrive, and the EGM sends the same again",
            about=by.name, address=kept.address, since=kept.said.asked.at,
        )  # fmt: skip


class EventAskedAgain(_AskedAgain):
    """The general poll comes again after an event that came whole.

    A lone byte has no CRC, so a host may be in doubt about one, and for a while after something
    went wrong about several; it must not be so about all.
    """

    def begin(self) -> None:
        """Begin without a memory."""
        self._doubts: dict[int, int] = {}
        self._wrong_s = float("-inf")

    def silent(self, asked: Asked, waited_s: float) -> None:
        """Take note that something went wrong."""
        self._wrong_s = asked.at + waited_s

    def said(self, said: Said) -> None:
        """Take note of an answer that came damaged."""
        if said.error is not None:
            self._wrong_s = said.at

    def chirped(self, address: int, at: float) -> None:
        """Take note of an EGM that was away."""
        del address
        self._wrong_s = at

    def judges(self, kept: Kept) -> bool:
        """Say whether it answers a general poll."""
        return kept.said.asked.command is None

    def acked(self, kept: Kept, by: Asked) -> None:
        """Forget doubts once an event was believed at once."""
        super().acked(kept, by)
        if kept.whole and self.judges(kept) and kept.times == 1:
            self._doubts[kept.address] = 0

    def _again(self, kept: Kept, by: Asked) -> None:
        if len(kept.said.data) == 1 and by.at - self._wrong_s < DOUBTS_S:
            return
        doubts = self._doubts[kept.address] = self._doubts.get(kept.address, 0) + 1
        if len(kept.said.data) > 1 or doubts >= DOUBTS_MAX:
            super()._again(kept, by)


class ReadingAskedAgain(_AskedAgain):
    """A long poll comes again with nothing between: its answer is the stored one."""

    def judges(self, kept: Kept) -> bool:
        """Say whether it answers a long poll with data or ACK."""
        return kept.said.asked.command is not None and kept.said.code is None


class EventTakenForAnswer(_AskedAgain):
    """A long poll that an event answered comes again at once: that refuses the event."""

    def judges(self, kept: Kept) -> bool:
        """Say whether an event answers a long poll."""
        return kept.said.asked.command is not None and kept.said.code is not None


class AskedThrice(Rule):
    """An answer is asked for a third time; some machines then fall silent."""

    def nacked(self, kept: Kept, by: Asked) -> None:
        """Count how often it was sent."""
        self.chances += 1
        if kept.times >= TIMES_MAX:
            self.broken(
                by.at, f"{by.name} to EGM {kept.address} asks for the same answer for the "
                f"{kept.times + 1}. time", about=by.name, address=kept.address, since=kept.first_s,
            )  # fmt: skip


class DamageAcknowledged(Rule):
    """A damaged answer is acknowledged and was not asked for again: what it said is lost."""

    _before: Asked | None = None  # the message before the last one, and the last
    _last: Asked | None = None

    def asked(self, asked: Asked) -> None:
        """Remember what was asked."""
        self._before, self._last = self._last, asked

    def said(self, said: Said) -> None:
        """Count a damaged answer."""
        self.chances += said.error is not None and said.asked.good

    def acked(self, kept: Kept, by: Asked) -> None:
        """See whether the answer had come whole, or was asked for twice at least."""
        if kept.whole or kept.times > 1:
            return
        if self._before is not None and self._before.data == kept.said.asked.data:
            return  # the first time it was lost altogether
        self.broken(
            by.at, f"EGM {kept.address}'s answer to {kept.said.asked.name} was damaged, and "
            f"{by.name} to address {by.address} acknowledged it", about=kept.said.asked.name,
            address=kept.address, since=kept.said.asked.at,
        )  # fmt: skip


class SilencePassedOver(Rule):
    """A general poll is not answered, and another message follows: a lost event is forgotten."""

    _open: Asked | None = None

    def silent(self, asked: Asked, waited_s: float) -> None:
        """Remember a general poll that an EGM which is up did not answer."""
        del waited_s
        machine, kept = self.line.machine(asked.address), self.line.kept
        known = kept is not None and kept.whole and kept.said.asked.data == asked.data
        counts = machine.up and machine.silences == 1 and not known
        self._open = asked if asked.command is None and asked.good and counts else None

    def asked(self, asked: Asked) -> None:
        """See whether the same poll comes again."""
        before, self._open = self._open, None
        if before is None or not asked.good:
            return
        self.chances += 1
        if asked.data != before.data:
            self.broken(
                asked.at, f"EGM {before.address} did not answer a general poll, and {asked.name} "
                f"to address {asked.address} came next: if the answer was lost, so is its event",
                address=before.address, since=before.at,
            )  # fmt: skip


class RetriesWithoutEnd(Rule):
    """The same poll goes out again and again though nobody answers."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._poll: Asked | None = None
        self._first: Asked | None = None
        self._tries = 0

    def silent(self, asked: Asked, waited_s: float) -> None:
        """Count tries in a row."""
        del waited_s
        self.chances += 1
        same = self._poll is not None and same_poll(asked.data, self._poll.data)
        self._tries = self._tries + 1 if same else 1
        self._first = self._first if same else asked
        self._poll = asked
        if self._tries == TRIES_MAX + 1 and self._first is not None:
            self.broken(
                asked.at, f"{asked.name} to EGM {asked.address} was sent {self._tries} times in a "
                "row without an answer; nobody else on the line was polled",
                about=asked.name, address=asked.address, since=self._first.at,
            )  # fmt: skip

    def asked(self, asked: Asked) -> None:
        """Begin anew with another message."""
        if self._poll is not None and not same_poll(asked.data, self._poll.data):
            self._poll = None

    def said(self, said: Said) -> None:
        """Begin anew with an answer."""
        del said
        self._poll = None


class QueueStuck(Rule):
    """The same event is given again and again, because it is never acknowledged."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._run: dict[int, tuple[float, int]] = {}

    def said(self, said: Said) -> None:
        """Count answers with one event that were asked for again."""
        address = said.asked.address
        if said.code is None:
            return
        self.chances += 1
        if said.data != said.again:
            self._run[address] = said.at, 1
            return
        since, times = self._run.get(address, (said.at, 0))
        self._run[address] = since, times + 1
        if times + 1 == STUCK or (times + 1 > STUCK and said.at - since > STUCK_S):
            self.broken(
                said.at, f"EGM {address} has given exception {said.code:02X} {times + 1} times: "
                "it is not acknowledged, and whatever waits behind it is never told",
                address=address, since=since,
            )  # fmt: skip
            self._run[address] = said.at, 0
