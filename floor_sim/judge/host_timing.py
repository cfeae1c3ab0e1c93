"""How fast a host polls, how long it waits, and whether it lets others finish."""

from __future__ import annotations

from typing import Final

from floor_sim.judge.conversation import cut_short
from floor_sim.judge.messages import Asked, Kept, Said
from floor_sim.judge.rule import Rule

FASTEST_S: Final = 0.2
FASTEST_FAST_S: Final = 0.04
SLOWEST_S: Final = 5.0
ANSWER_S: Final = 0.02
GAP_S: Final = 0.005
ACK_S: Final = 30.0
REAL_TIME_S: Final = 1.0
UNEVEN: Final = 5
WINDOW_S: Final = 30.0


class PolledTooFast(Rule):
    """An EGM is asked again before its time, unless its last answer did not come."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._last: dict[int, float] = {}
        self._failed: set[int] = set()

    def asked(self, asked: Asked) -> None:
        """Compare with the EGM's last poll that it heard."""
        if not asked.to_one or not asked.marked:
            return
        address, last = asked.address, self._last.get(asked.address)
        self._last[address] = asked.at
        if address in self._failed or last is None:
            self._failed.discard(address)
            return
        self.chances += 1
        least = FASTEST_FAST_S if self.line.machine(address).fast else FASTEST_S
        took = asked.at - last
        if took < least - self.settings.tolerance_s - 1e-6:
            self.broken(
                asked.at,
                f"EGM {address} was asked again after {took * 1000:.0f} ms; "
                f"it may be asked every {least * 1000:.0f} ms",
                address=address, since=last,
            )  # fmt: skip

    def said(self, said: Said) -> None:
        """Take note of an answer that was no good."""
        if said.error is not None:
            self._failed.add(said.asked.address)

    def silent(self, asked: Asked, waited_s: float) -> None:
        """Take note of an answer that did not come."""
        del waited_s
        self._failed.add(asked.address)

    def nacked(self, kept: Kept, by: Asked) -> None:
        """Let an answer be asked for again at once; other rules judge whether that was right."""
        del by
        self._failed.add(kept.address)


class PolledTooSlowly(Rule):
    """An EGM that was polled is left alone for so long that it takes its link for down."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._told: set[int] = set()

    def asked(self, asked: Asked) -> None:
        """Take note that an EGM is asked."""
        if asked.to_one:
            self.chances += asked.address in self.line.machines
            self._told.discard(asked.address)

    def passed(self, now: float) -> None:
        """Look who was not asked for too long."""
        for address, machine in self.line.machines.items():
            since = machine.asked_s
            if since is None or machine.said_s is None or address in self._told:
                continue
            if now - since > SLOWEST_S + self.settings.tolerance_s:
                self._told.add(address)
                self.broken(
                    now, f"EGM {address} was not polled for {SLOWEST_S:g} s: it takes its link for "
                    "down", address=address, since=since,
                )  # fmt: skip


class BytesApart(Rule):
    """A message has pauses in it."""

    def asked(self, asked: Asked) -> None:
        """Measure the pause between its pieces."""
        if len(asked.data) == 1:
            return
        self.chances += 1
        if asked.gap_s > GAP_S + self.settings.tolerance_s:
            self.broken(
                asked.at, f"{asked.gap_s * 1000:.1f} ms between two bytes of {asked.name}; "
                "at most 5 ms are allowed", about=asked.name, address=asked.address,
            )  # fmt: skip


class TalksOver(Rule):
    """The host speaks while an answer is on its way."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._cut: Said | None = None

    def said(self, said: Said) -> None:
        """Remember an answer that has no end; the host's next message tells why."""
        self.chances += 1
        self._cut = said if cut_short(said.error) else None

    def asked(self, asked: Asked) -> None:
        """See whether it began in the middle of the answer."""
        cut, self._cut = self._cut, None
        if cut is not None and asked.at - cut.last_s < GAP_S:
            after = len(cut.data)
            self.broken(
                asked.at, f"spoke after {after} bytes of EGM {cut.asked.address}'s answer to "
                f"{cut.asked.name}, which went on", about=cut.asked.name,
                address=cut.asked.address, since=cut.asked.at,
            )  # fmt: skip


class Impatient(Rule):
    """The host does not give an EGM the time that it has to begin its answer."""

    def silent(self, asked: Asked, waited_s: float) -> None:
        """Measure how long it waited."""
        self.chances += 1
        if waited_s < ANSWER_S - self.settings.tolerance_s - 1e-6:
            self.broken(
                asked.at + waited_s, f"waited {waited_s * 1000:.0f} ms for the answer to "
                f"{asked.name}; an EGM has 20 ms to begin it", about=asked.name,
                address=asked.address, since=asked.at,
            )  # fmt: skip

    def said(self, said: Said) -> None:
        """Count an answer that was waited for."""
        self.chances += said.reply is not None


class AckTooLate(Rule):
    """An answer waits for its acknowledgement until the EGM takes its link for down."""

    _told: Kept | None = None

    def said(self, said: Said) -> None:
        """Count an answer that is kept."""
        self.chances += said.reply is not None and said.kept

    def passed(self, now: float) -> None:
        """Look how long the kept answer has waited."""
        kept = self.line.kept
        if kept is None or kept is self._told:
            return
        if now - kept.first_s > ACK_S + self.settings.tolerance_s:
            self._told = kept
            self.broken(
                now, f"EGM {kept.address}'s answer to {kept.said.asked.name} was not acknowledged "
                "for 30 s: it takes its link for down", address=kept.address, since=kept.first_s,
            )  # fmt: skip


class SlowInEventMode(Rule):
    """Events are asked for as they happen, and then fetched slowly."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._last: dict[int, float] = {}

    def asked(self, asked: Asked) -> None:
        """Measure how long an EGM in event mode waits for its next poll."""
        address = asked.address
        if not asked.to_one:
            return
        last = self._last.get(address)
        self._last[address] = asked.at
        if not self.line.machine(address).real_time or last is None:
            return
        self.chances += 1
        if asked.at - last > REAL_TIME_S + self.settings.tolerance_s:
            self.broken(
                asked.at, f"EGM {address} is in event mode and was not polled for "
                f"{asked.at - last:.1f} s", address=address, since=last,
            )  # fmt: skip


class Uneven(Rule):
    """One EGM of a line is polled far less often than another that answers no better."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._polls: dict[int, int] = {}
        self._since: float | None = None

    def asked(self, asked: Asked) -> None:
        """Count, and compare at the end of each window."""
        if self._since is None:
            self._since = asked.at
        if asked.at - self._since > WINDOW_S:
            self._compare(asked.at, self._since)
            self._polls, self._since = {}, asked.at
        if asked.to_one and self.line.machine(asked.address).up:
            self._polls[asked.address] = self._polls.get(asked.address, 0) + 1

    def _compare(self, now: float, since: float) -> None:
        up = {at: count for at, count in self._polls.items() if self.line.machine(at).up}
        if len(up) < 2:
            return
        self.chances += 1
        most, least = max(up, key=up.__getitem__), min(up, key=up.__getitem__)
        if up[most] > UNEVEN * up[least]:
            self.broken(
                now, f"in {WINDOW_S:g} s EGM {most} was polled {up[most]} times and EGM {least} "
                f"{up[least]} times", address=least, since=max(since, now - 0.1),
            )  # fmt: skip
