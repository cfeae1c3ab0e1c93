"""What a host uses polls for, and what it makes of silence, busy and NACK."""

from __future__ import annotations

from typing import Final

from floor_sim.judge.messages import Asked, Said
from floor_sim.judge.rule import Deadlines, Rule
from protocols.sas.allowlist import allowed
from protocols.sas.settings import poll_row
from protocols.sas.tables.polls import MULTI_DENOMINATION, poll_text

UNSUPPORTED_MAX: Final = 6
BUSY_S: Final = 10.0
NACKS_MAX: Final = 3
REFRESH_S: Final = 5.0
BROADCASTS: Final = frozenset({0x80, 0x86})
NO_ANSWER: Final = 0x00
TELLING: Final = frozenset({0x57, 0x5D, 0x84, 0x85, 0x87, 0x90})
"""Type R polls whose acknowledgement takes something off a queue, or starts a machine waiting."""


class UnsupportedAgain(Rule):
    """A long poll to which an EGM is always silent is sent again and again."""

    def silent(self, asked: Asked, waited_s: float) -> None:
        """Count polls of the kind that were never answered."""
        del waited_s
        machine, command = self.line.machine(asked.address), asked.command
        if command is None or not asked.good or not machine.up:
            return
        times = machine.unanswered[command]
        self.chances += times == 1
        if not machine.answered[command] and times == UNSUPPORTED_MAX:
            self.broken(
                asked.at, f"EGM {asked.address} has never answered poll {command:02X}, which was "
                f"sent {times} times: silence says that it is not supported",
                about=asked.name, address=asked.address,
            )  # fmt: skip


class BusyDropped(Rule):
    """An EGM was busy, and is not asked again."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._due = Deadlines()

    def said(self, said: Said) -> None:
        """Expect a poll again that got busy."""
        command = said.asked.command
        if said.is_busy and command is not None:
            self._due.set((said.asked.address, command), said.at + BUSY_S, said.asked.at)

    def asked(self, asked: Asked) -> None:
        """See whether it comes again."""
        if asked.to_one and asked.command is not None:
            self.chances += self._due.met((asked.address, asked.command))

    def passed(self, now: float) -> None:
        """Look what never came again."""
        for (address, command), _, since in self._due.missed(now):
            if not self.line.machine(address).up:
                continue
            self.chances += 1
            self.broken(
                now, f"EGM {address} was busy at poll {command:02X}, and was not asked again "
                f"within {BUSY_S:g} s", about=f"poll {command:02X}", address=address, since=since,
            )  # fmt: skip


class NackIgnored(Rule):
    """The same bytes are sent again though the EGM refuses them every time."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._refused: dict[tuple[int, int], tuple[bytes, int, float]] = {}

    def said(self, said: Said) -> None:
        """Count refusals of the same bytes."""
        command = said.asked.command
        if command is None:
            return
        key = said.asked.address, command
        if not said.is_nack:
            if said.error is None:
                self._refused.pop(key, None)
            return
        self.chances += 1
        data, times, since = self._refused.get(key, (b"", 0, said.asked.at))
        times = times + 1 if data == said.asked.data else 1
        self._refused[key] = said.asked.data, times, since if times > 1 else said.asked.at
        if times == NACKS_MAX:
            self.broken(
                said.at, f"EGM {key[0]} has refused the same bytes of {said.asked.name} {times} "
                "times", about=said.asked.name, address=key[0], since=since,
            )  # fmt: skip


class ControlPoll(Rule):
    """A poll that changes a machine is sent by a host that was to read only."""

    def asked(self, asked: Asked) -> None:
        """Judge a message against the list of those that change nothing."""
        if asked.error is not None or not asked.good:
            return
        self.chances += 1
        command = asked.command
        if self.settings.control or command is None or allowed(asked.data, "own_line"):
            return
        row = poll_row(command)
        reads = len(asked.data) == 2 if row is None else row.kind == "R"
        if reads and command not in TELLING:
            return
        to = "all EGMs" if not asked.address else f"EGM {asked.address}"
        self.broken(
            asked.at, f"{asked.name} ({poll_text(command)}) to {to} changes the machine, or what "
            "it has to tell", about=asked.name, address=asked.address,
        )  # fmt: skip


class WrappedWrongly(Rule):
    """B0 wraps a poll that knows nothing of denominations, or meters of one game."""

    def asked(self, asked: Asked) -> None:
        """Judge what B0 wraps."""
        request = asked.request
        if request is None or asked.command != MULTI_DENOMINATION or request.base is None:
            return
        self.chances += 1
        row, base = poll_row(request.base), f"{request.base:02X}"
        if row is None or not row.multi_denomination:
            self.broken(
                asked.at, f"B0 wraps poll {base}, which knows nothing of denominations",
                about=f"poll {base} in B0", address=asked.address,
            )  # fmt: skip
        elif request.base in {0x2F, 0x6F, 0xAF} and request.values.get("game"):
            self.broken(
                asked.at, f"B0 wraps poll {base} for game {request.values['game']}; in B0 the game "
                "is 0", about=f"poll {base} in B0", address=asked.address,
            )  # fmt: skip


class WrappedErrorAgain(Rule):
    """A B0 poll that an EGM has refused with a reason is sent unchanged."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._refused: dict[bytes, tuple[int, float]] = {}

    def said(self, said: Said) -> None:
        """Count refusals of the same bytes."""
        poll, data = said.asked.data[:5], said.data
        if said.asked.command != MULTI_DENOMINATION or said.reply is None or len(data) < 6:
            return
        self.chances += 1
        if data[4] != NO_ANSWER:
            return
        times, since = self._refused.get(poll, (0, said.asked.at))
        self._refused[poll] = times + 1, since
        if times + 1 == NACKS_MAX:
            self.broken(
                said.at, f"EGM {said.asked.address} has said {times + 1} times why it cannot "
                f"answer poll {poll[4]:02X} in B0 (error {data[5]}), and is asked the same again",
                about=f"poll {poll[4]:02X} in B0", address=said.asked.address,
                since=max(since, said.asked.at - 1.0),
            )  # fmt: skip


class BroadcastLapsed(Rule):
    """Progressive values are not sent again in time."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._last: float | None = None

    def asked(self, asked: Asked) -> None:
        """Measure the time between broadcasts; unless the line was given up meanwhile."""
        if asked.command not in BROADCASTS or not asked.good:
            return
        self.chances += 1
        self._last = asked.at

    def passed(self, now: float) -> None:
        """Look for how long none came."""
        last = self._last
        if last is not None and now - last > REFRESH_S + self.settings.tolerance_s:
            self._last = None
            self.broken(
                now, f"no progressive values for {REFRESH_S:g} s: machines say so (53) and their "
                "progressives stand still", since=last,
            )  # fmt: skip
