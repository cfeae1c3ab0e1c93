"""How a host finds its machines: sync, chirps, addresses."""

from __future__ import annotations

from typing import Final

from floor_sim.judge.messages import Asked, Said
from floor_sim.judge.rule import Rule

ALONE_POLLS: Final = 4
CHIRPING_S: Final = 5.0
NOBODY_THERE: Final = 10


class SyncMissing(Rule):
    """An EGM that is out of sync hears nothing but its own polls, and can never answer."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._alone: dict[int, list[float]] = {}

    def chirped(self, address: int, at: float) -> None:
        """Take note of an EGM that is out of sync."""
        del at
        if address not in self._alone:
            self._alone[address] = []
            self.chances += 1

    def said(self, said: Said) -> None:
        """Take note of one that answers."""
        self._alone.pop(said.asked.address, None)

    def silent(self, asked: Asked, waited_s: float) -> None:
        """Take note of one that was never heard: it may be out of sync as well."""
        del waited_s
        if self.line.machine(asked.address).said_s is None and asked.address not in self._alone:
            self._alone[asked.address] = [asked.at]
            self.chances += 1

    def asked(self, asked: Asked) -> None:
        """Count polls to it with nothing between them."""
        for address, polls in self._alone.items():
            if asked.address != address and asked.marked:
                polls.clear()
            elif asked.to_one:
                polls.append(asked.at)
                if len(polls) == ALONE_POLLS:
                    self.broken(
                        asked.at, f"EGM {address} is out of sync and hears polls to itself only: "
                        "send 80, or poll another address, before it",
                        address=address, since=polls[0],
                    )  # fmt: skip


class ChirpIgnored(Rule):
    """An EGM chirps, and the host that polls its line does not poll it."""

    def begin(self) -> None:
        """Begin without a memory."""
        self._since: dict[int, float] = {}

    def chirped(self, address: int, at: float) -> None:
        """Measure for how long it has chirped."""
        since = self._since.setdefault(address, at)
        self.chances += since == at
        polled = [m.asked_s for m in self.line.machines.values() if m.asked_s is not None]
        if at - since > CHIRPING_S and any(at - one < 1.0 for one in polled):
            self.broken(
                at, f"EGM {address} has chirped for {CHIRPING_S:g} s, and nobody polls it though "
                "the line is polled", address=address, since=at - 1.0,
            )  # fmt: skip
            self._since[address] = at

    def asked(self, asked: Asked) -> None:
        """Take note that an EGM is asked."""
        self._since.pop(asked.address, None)


class NobodyThere(Rule):
    """An address is polled again and again at which nobody has ever answered.

    On a line with one EGM a general poll to one such address may stand for 80.
    """

    def begin(self) -> None:
        """Begin without a memory."""
        self._polls: dict[int, tuple[int, float]] = {}

    def silent(self, asked: Asked, waited_s: float) -> None:
        """Count polls to an address that never answered nor chirped."""
        del waited_s
        machine = self.line.machine(asked.address)
        count, since = self._polls.get(asked.address, (0, asked.at))
        self._polls[asked.address] = count + 1, since
        self.chances += count == 0
        if machine.said_s is not None or machine.chirp_s is not None or self._syncs(asked):
            return
        if count + 1 == NOBODY_THERE:
            self.broken(
                asked.at, f"address {asked.address} was polled {NOBODY_THERE} times, and nobody is "
                "there; to sync a line, 80 does the same", address=asked.address,
                since=max(since, asked.at - 1.0),
            )  # fmt: skip

    def _syncs(self, asked: Asked) -> bool:
        there = [machine.said_s is not None for machine in self.line.machines.values()]
        return asked.command is None and sorted(there) == [False, True]
