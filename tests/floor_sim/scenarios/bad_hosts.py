"""Hosts with one bad habit each, on a line in virtual time."""

from __future__ import annotations

from floor_sim.plain_host import PlainHost


class ForgetsHandpays(PlainHost):
    """It never reads a handpay."""

    def _hear(self, poll, answer, now):
        super()._hear(poll, answer, now)
        self._next = type(self._next)(one for one in self._next if one[1:] != b"\x1b")


class NeverAsksAgain(PlainHost):
    """After silence it goes on as if an answer had come."""

    def _hear(self, poll, answer, now):
        self._repeated = True
        super()._hear(poll, answer, now)


class NeverAcknowledges(PlainHost):
    """It sends one poll to each machine, again and again, and nothing between."""

    def _ask(self, now):
        self._next = type(self._next)([bytes([0x80 | self._machines[0]])])
        super()._ask(now)


class Sleeps(PlainHost):
    """It polls for a second, and then rests for seven."""

    def act(self, now):
        super().act(now)
        if self._asked is None and now % 8 > 1:
            self.due = now + 7


class Away(PlainHost):
    """It does not poll at all."""

    def act(self, now):
        self.due = now + 1
