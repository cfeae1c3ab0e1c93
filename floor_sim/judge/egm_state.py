"""What an EGM tells over time: chirps, events that belong together, meters, features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from floor_sim.judge.messages import Asked, Bits, Kept, Said
from floor_sim.judge.rule import Deadlines, Rule
from protocols.sas.replies import LongPollReply
from protocols.sas.tables.exceptions import exception_text
from protocols.sas.tables.meters import METERS_BY_NAME, Kind

LINK_DOWN_S: Final = 5.0
CHIRP_S: Final = 0.2
CHIRP_LATE_S: Final = 1.0
CHIRP_OFF_S: Final = 0.05
POLLED_S: Final = 3.0
HANDPAY_REPEAT_S: Final = 15.0
REPEAT_SLACK_S: Final = 2.0
HANDPAY_PENDING: Final = 0x51
HANDPAY_RESET: Final = 0x52
READ_HANDPAY: Final = 0x1B
OVERFLOW: Final = 0x70
RESETS: Final = frozenset({0x7A, 0x7B, *range(0x31, 0x3B)})
"""Exceptions after which meters may be lower than before."""
SINCE: Final = frozenset({0x25, 0x26})
"""Meters that begin anew with the power or with a door."""
ROLLED: Final = 10
"""A meter that falls from its last tenth into its first has rolled over."""

PAIRS: Final = (
    (0x11, 0x12), (0x13, 0x14), (0x15, 0x16), (0x19, 0x1A), (0x1B, 0x1C), (0x1D, 0x1E),
    (0x71, 0x72), (0x7E, 0x7F), (0x82, 0x83), (0x84, 0x85),
)  # fmt: skip
"""Exceptions that come by turns: opened and closed, on and off."""


class ChirpMissing(Rule):
    """An EGM that nobody polls does not chirp."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._told: set[int] = set()

    def asked(self, asked: Asked) -> None:
        """Begin anew with a poll."""
        self._told.discard(asked.address)

    def chirped(self, address: int, at: float) -> None:
        """Count a link that was noticed."""
        del at
        self.chances += address not in self._told
        self._told.add(address)

    def passed(self, now: float) -> None:
        """Look who should chirp by now."""
        if not self.line.egm_bits:
            return
        for address, machine in self.line.machines.items():
            if machine.asked_s is None or not machine.up or address in self._told:
                continue
            if now - machine.asked_s > LINK_DOWN_S + CHIRP_LATE_S + self.settings.tolerance_s:
                self._told.add(address)
                self.broken(
                    now, f"EGM {address} was not polled for {LINK_DOWN_S + CHIRP_LATE_S:g} s and "
                    "does not chirp", address=address, since=machine.asked_s,
                )  # fmt: skip


class ChirpPace(Rule):
    """Chirps come faster or slower than every 200 ms."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._last: dict[int, float] = {}

    def asked(self, asked: Asked) -> None:
        """End a row of chirps: any poll may do so."""
        del asked
        self._last.clear()

    def chirped(self, address: int, at: float) -> None:
        """Measure from one to the next."""
        last = self._last.get(address)
        self._last[address] = at
        if last is None:
            return
        self.chances += 1
        if abs(at - last - CHIRP_S) > CHIRP_OFF_S + self.settings.tolerance_s:
            self.broken(
                at, f"EGM {address} chirped {(at - last) * 1000:.0f} ms after its last chirp, not "
                "200 ms", address=address, since=last,
            )  # fmt: skip


class ChirpsWhilePolled(Rule):
    """An EGM chirps though it is polled and answers."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._last: dict[int, Said] = {}

    def said(self, said: Said) -> None:
        """Take note of an answer."""
        self.chances += 1
        self._last[said.asked.address] = said

    def chirped(self, address: int, at: float) -> None:
        """See whether it answered a moment ago."""
        last = self._last.pop(address, None)
        machine = self.line.machine(address)
        if last is None or machine.silences or at - last.at > POLLED_S:
            return
        self.broken(
            at, f"EGM {address} chirps {at - last.at:.1f} s after it has answered",
            address=address, since=last.asked.at,
        )  # fmt: skip


class ChirpUnmarked(Rule):
    """A chirp has its wakeup bit clear, and looks like an exception."""

    def chirped(self, address: int, at: float) -> None:
        """Count a good one."""
        del address, at
        self.chances += 1

    def stray(self, data: bytes, wakeup: Bits, at: float) -> None:
        """See whether what came is the address of somebody who is not polled."""
        machine = self.line.machines.get(data[0])
        if len(data) != 1 or wakeup[0] is not False or machine is None:
            return
        if machine.asked_s is None or at - machine.asked_s < LINK_DOWN_S - 1.0:
            return
        self.chances += 1
        self.broken(
            at, f"EGM {data[0]} chirps with its wakeup bit clear", address=data[0], since=at - 1.0
        )


class AnswersUnsynced(Rule):
    """An EGM that has chirped answers its own poll before it has heard another."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._unsynced: set[int] = set()
        self._synced: set[int] = set()  # and have not answered since

    def chirped(self, address: int, at: float) -> None:
        """Take note of an EGM that is out of sync; once synced it chirps until it is polled."""
        del at
        if address not in self._synced:
            self._unsynced.add(address)

    def asked(self, asked: Asked) -> None:
        """Take note of what syncs it."""
        self._synced |= self._unsynced - {asked.address}
        self._unsynced &= {asked.address}

    def silent(self, asked: Asked, waited_s: float) -> None:
        """Count an EGM that kept silent as it should."""
        del waited_s
        self.chances += asked.address in self._unsynced

    def said(self, said: Said) -> None:
        """See whether it should have kept silent."""
        address = said.asked.address
        self._synced.discard(address)
        if address in self._unsynced:
            self._unsynced.discard(address)
            self.chances += 1
            self.broken(
                said.at, f"EGM {address} answers at once after its chirps; it is to wait for a "
                "poll that is not its own", address=address, since=said.asked.at - 1.0,
            )  # fmt: skip


class PairBroken(Rule):
    """An exception comes twice without its counterpart: one between was lost, or one told twice."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._state: dict[tuple[int, int], tuple[int, float]] = {}

    def acked(self, kept: Kept, by: Asked) -> None:
        """Compare an event that the host has with the last of its pair."""
        code, address = kept.said.code, kept.address
        if code is None or not kept.whole:
            return
        if code == OVERFLOW:
            self._state = {key: value for key, value in self._state.items() if key[0] != address}
        for number, pair in enumerate(PAIRS):
            if code not in pair:
                continue
            before = self._state.get((address, number))
            self._state[address, number] = code, kept.said.at
            if before is None:
                continue
            self.chances += 1
            if before[0] == code:
                other = pair[1 - pair.index(code)]
                self.broken(
                    by.at, f"EGM {address} told {code:02X} ({exception_text(code)}) twice, and "
                    f"{other:02X} not between: an event was lost, told twice, or told out of turn",
                    about=f"exception {code:02X}", address=address, since=kept.said.at,
                )  # fmt: skip

    def chirped(self, address: int, at: float) -> None:
        """Forget what a power cut may have undone."""
        del at
        self._state = {key: value for key, value in self._state.items() if key[0] != address}


class HandpayNotRepeated(Rule):
    """51 does not come again though its handpay was not read."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._due = Deadlines()

    def acked(self, kept: Kept, by: Asked) -> None:
        """Expect 51 again; 52 ends that."""
        code, key = kept.said.code, (kept.address, HANDPAY_PENDING)
        if code in {HANDPAY_PENDING, HANDPAY_RESET}:
            self.chances += self._due.met(key)
        if code == HANDPAY_PENDING:
            self._due.set(key, by.at + HANDPAY_REPEAT_S + REPEAT_SLACK_S, kept.said.at)

    def said(self, said: Said) -> None:
        """Take note of a handpay that was read."""
        if said.asked.command == READ_HANDPAY and said.is_data:
            self._due.met((said.asked.address, HANDPAY_PENDING))

    def passed(self, now: float) -> None:
        """Look what did not come."""
        for (address, _), _, since in self._due.missed(now - self.settings.tolerance_s):
            machine = self.line.machine(address)
            if not machine.up or machine.asked_s is None or now - machine.asked_s > 1.0:
                continue
            self.chances += 1
            self.broken(
                now, f"EGM {address} told 51, its handpay was not read, and 51 did not come again "
                f"within {HANDPAY_REPEAT_S:g} s", address=address, since=since,
            )  # fmt: skip


class HandpayEmpty(Rule):
    """1B knows of no handpay though 51 told of one."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._pending: set[int] = set()

    def acked(self, kept: Kept, by: Asked) -> None:
        """Take note of a handpay that is there or gone."""
        del by
        if kept.said.code == HANDPAY_PENDING:
            self._pending.add(kept.address)
        elif kept.said.code == HANDPAY_RESET:
            self._pending.discard(kept.address)

    def said(self, said: Said) -> None:
        """Judge the first answer to 1B."""
        address, reply = said.asked.address, said.reply
        if said.asked.command != READ_HANDPAY or not isinstance(reply, LongPollReply):
            return
        if address not in self._pending:
            return
        self._pending.discard(address)
        self.chances += 1
        if not reply.values.get("amount_cents"):
            self.broken(
                said.at, f"EGM {address} told 51, and its answer to 1B has no amount",
                address=address, since=said.asked.at - 1.0,
            )  # fmt: skip


class MeterBack(Rule):
    """A meter that only grows is lower than before, and nothing told why."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._last: dict[tuple[int, str, int, int | None], int] = {}

    def acked(self, kept: Kept, by: Asked) -> None:
        """Forget meters that were set back."""
        del by
        if kept.said.code in RESETS:
            self._last = {key: value for key, value in self._last.items() if key[0] != kept.address}

    def said(self, said: Said) -> None:
        """Compare each meter with its last reading."""
        reply = said.reply
        if not isinstance(reply, LongPollReply):
            return
        for one in reply.meters:
            row = METERS_BY_NAME.get(one.name)
            if row is None or row.kind is not Kind.COUNTER or row.code in SINCE:
                continue
            key = said.asked.address, one.name, one.game, reply.denomination
            before = self._last.get(key)
            self._last[key] = one.value
            if before is None:
                continue
            self.chances += 1
            tenth = 10**one.digits // ROLLED
            rolled = before >= 10**one.digits - tenth and one.value < tenth
            if one.value < before and not rolled:
                self.broken(
                    said.at, f"EGM {said.asked.address}: {one.name} is {one.value} and was "
                    f"{before}; no exception told of a reset", about=one.name,
                    address=said.asked.address, since=said.asked.at,
                )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """A feature of A0 and the poll that shows it.

    Attributes:
        place: feature byte, from 0.
        bit: its bit.
        command: poll that an EGM with the feature answers.
        what: the feature.
    """

    place: int
    bit: int
    command: int
    what: str


CLAIMS: Final = (
    Claim(0, 4, 0x7B, "extended validation"),
    Claim(0, 7, 0x70, "ticket redemption"),
    Claim(1, 3, 0x6F, "extended meters"),
    Claim(1, 6, 0x74, "AFT"),
    Claim(1, 7, 0xB2, "several denominations"),
)


class FeaturesUntrue(Rule):
    """A0 claims a feature, and the EGM is silent to its poll."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._told: set[tuple[int, int]] = set()

    def said(self, said: Said) -> None:
        """Count an answer that proves a claim."""
        self.chances += said.asked.command in {claim.command for claim in CLAIMS}

    def silent(self, asked: Asked, waited_s: float) -> None:
        """Compare with what A0 has claimed."""
        del waited_s
        machine = self.line.machine(asked.address)
        for claim in CLAIMS:
            key = asked.address, claim.command
            if asked.command != claim.command or not machine.features or key in self._told:
                continue
            claimed = machine.features[claim.place] >> claim.bit & 1
            if claimed and machine.unanswered[claim.command] > 1 and not machine.answered[key[1]]:
                self._told.add(key)
                self.chances += 1
                self.broken(
                    asked.at, f"EGM {asked.address} claims {claim.what} in A0 and is silent to "
                    f"poll {claim.command:02X}", about=f"poll {claim.command:02X}",
                    address=asked.address, since=asked.at - 1.0,
                )  # fmt: skip
