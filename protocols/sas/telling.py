"""Tells exchanges one after the other, with what the host and the machines make of each."""

from __future__ import annotations

from typing import Final

from protocols.sas.awaited import Open, Outstanding, key_of
from protocols.sas.errors import WireError
from protocols.sas.heard import Exchange, Heard, Verdict
from protocols.sas.polls import Request
from protocols.sas.replies import AckReply, ExceptionReply, Reply

HOST_WAITS_S: Final = 0.018
"""A host waits longer than this for an answer: 20 ms, less what our own clock may be wrong."""
SILENT_POLLS: Final = 3
"""A machine that left so many polls in a row unanswered is taken for away."""
SURE_S: Final = 2.0
"""So long a machine that was surely silent stays so where nobody can tell."""
LATE_S: Final = 0.5
"""So long after a general poll without an answer one byte may be its answer, late on our wire."""


class Teller:
    """Numbers exchanges and judges answers by what was polled next.

    Args:
        now: when listening begins, seconds.

    Attributes:
        now_s: the present; the listener keeps it.
        machine_s: when a machine was heard last; the listener keeps it.
        late_until: until then an answer of one byte may be to a poll before, or one not heard.
        muddled: the last exchange was not understood: whose answer was that?
        events_on: machines in real-time event mode: their silence is "no activity".
    """

    def __init__(self, now: float) -> None:
        self.now_s = now
        self.machine_s = now
        self.late_until = now + LATE_S
        self.muddled = False
        self.events_on: set[int] = set()
        self._unanswered: dict[int, int] = {}  # polls in a row
        self._understood: dict[int, bool] = {}  # the answer to the last poll
        self._sure_s: dict[int, float] = {}  # when a machine was surely silent last
        self._owed = False  # no answer to the last poll was heard and understood
        self._outstanding: Outstanding | None = None
        self._nacked = False
        self._number = 0

    def away(self, address: int) -> bool:
        """Whether a machine has surely left so many polls unanswered that it is not there."""
        return self._unanswered.get(address, 0) >= SILENT_POLLS

    def answers(self, address: int) -> bool:
        """Whether the last answer of a machine was understood, if it was polled before."""
        return self._understood.get(address, True)

    def may_be_late(self, at: float) -> bool:
        """Whether one byte may be the answer to an earlier poll, late on our wire."""
        return self._owed or at < self.late_until

    def judge(self, request: Request, at: float, told: list[Heard]) -> None:
        """Tell what the host says of the last answer by polling ``request`` next."""
        last = self._outstanding
        if last is None:
            return
        same = request.address == last.address and key_of(request) == last.key
        self._nacked = same
        told.append(Verdict(last.number, last.address, not same, at))
        if not same:
            self._outstanding = None

    def tell(
        self, current: Open, reply: Reply | None, error: WireError | None, told: list[Heard]
    ) -> None:
        """Tell an exchange."""
        self._number += 1
        request = current.request
        raw = reply.raw if reply is not None else b""
        silent = error is None and not raw
        self._owed = not raw and request.kind not in {"sync", "global"}
        polls = self._unanswered[request.address] = self._silent_polls(current) if silent else 0
        self._understood[request.address] = bool(raw)
        self.muddled = error is not None
        if 0 < polls < SILENT_POLLS and request.kind == "general":
            self.late_until = current.asked_s + LATE_S
        last = self._outstanding
        repeat = bool(raw) and self._nacked and last is not None and last.raw == raw
        told.append(
            Exchange(
                self._number, request, reply, error, current.asked_s, current.answered_s, repeat
            )
        )
        if raw:
            self._outstanding = Outstanding(self._number, request.address, key_of(request), raw)
            self._nacked = False
            self._learn(request, reply)
        elif error is not None:  # the host may have understood it; if not, the same comes again
            said = last.raw if self._nacked and last is not None else b""
            self._outstanding = Outstanding(self._number, request.address, key_of(request), said)

    def _silent_polls(self, current: Open) -> int:
        """Return how many polls in a row a machine has left unanswered, this one included.

        One that came with something a machine said, or right before the next one, counts for
        nothing: who reads late cannot tell who was silent. It leaves alone what was known of late.
        """
        address, polls = current.request.address, self._unanswered.get(current.request.address, 0)
        long = self.now_s - current.asked_s >= HOST_WAITS_S
        if long and self.machine_s < current.asked_s:
            self._sure_s[address] = current.asked_s
            return polls + 1
        known = current.asked_s - self._sure_s.get(address, float("-inf")) < SURE_S
        return max(1, polls) if known else 1

    def _learn(self, request: Request, reply: Reply | None) -> None:
        """Know which machines are in real-time event mode: their silence is "no activity"."""
        if isinstance(reply, ExceptionReply) and reply.real_time:
            self.events_on.add(request.address)
        elif request.command == 0x0E and isinstance(reply, AckReply):
            if request.values.get("enable"):
                self.events_on.add(request.address)
            else:
                self.events_on.discard(request.address)
