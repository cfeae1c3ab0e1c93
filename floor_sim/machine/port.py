"""One SAS port of a machine: who spoke, what that acknowledges, and whether to answer.

Pure: time is an argument, bytes are values. The rules are those of an implied acknowledgement: the
host never says ACK, what it polls next does (Montana DOJ, SAS implementation guide). In short:

* the same general poll, or a long poll with the same command, asks for the last answer again, and
  gets it byte for byte;
* any other poll on the line acknowledges it: only now does its exception leave the queue;
* an answer that never went out cannot be acknowledged;
* after power-up or a link down, the machine is silent until it has heard a poll that is not its
  own, and what was not acknowledged is sent again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from floor_sim.machine.queue import Entry, ExceptionQueue, Posted
from floor_sim.machine.real_time import real_time_frame
from floor_sim.machine.settings import PortSettings
from protocols.sas.machine import Request, build_exception, build_real_time

NEVER = float("-inf")
FOREVER = float("inf")
_IDLE = {code: bytes([code]) for code in (0x00, 0x1F)}


@dataclass(frozen=True, slots=True)
class HandpayRead:
    """What an acknowledged answer to 1B means: this host has read the handpay.

    Attributes:
        n: journal number of the handpay's 51.
    """

    n: int


@dataclass(frozen=True, slots=True)
class Told:
    """What an acknowledged answer means otherwise: the host has what it asked for.

    Attributes:
        what: what it was told, for the journal.
        act: what changes in the machine by it.
    """

    what: str
    act: Callable[[], None]


Effect = Entry | HandpayRead | Told | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a machine says to a poll.

    Attributes:
        reply: the bytes.
        effect: what happens once it is acknowledged.
        kept: the same poll gets the same bytes again; not so for busy and NACK.
    """

    reply: bytes
    effect: Effect = None
    kept: bool = True


@dataclass(slots=True)
class Outstanding:
    """An answer that is not acknowledged yet.

    Attributes:
        key: what the host must send again to say that it did not arrive.
        answer: what was said.
        first_s: when it went out first.
        times: how often it went out.
        whole: at least once it went out undamaged, be it before the link went down.
    """

    key: bytes
    answer: Answer
    first_s: float = NEVER
    times: int = 0
    whole: bool = False


class Owner(Protocol):
    """The machine behind a port."""

    def tick(self, now: float) -> None:
        """Do what is due by now."""
        ...

    def answer(self, port: SasPort, request: Request, now: float) -> Answer | None:
        """Return the answer to a long poll, or None to be silent."""
        ...

    def waiting_frame(self, port: SasPort, now: float) -> Answer | None:
        """Return a frame that waits for the next general poll (a ROM signature), or None."""
        ...

    def obey(self, request: Request, now: float) -> None:
        """Take a global broadcast."""
        ...

    def acknowledged(self, port: SasPort, done: Outstanding, now: float) -> None:
        """Write down that ``done`` was acknowledged, and act on it."""
        ...

    def host_came(self, port: SasPort, now: float) -> None:
        """Take note that the link of ``port`` is up."""
        ...

    def host_went(self, port: SasPort, now: float) -> None:
        """Take note that nobody has polled ``port`` for too long."""
        ...


class SasPort:
    """One port.

    Args:
        index: 0 for the first SAS port, 1 for the second.
        address: SAS address.
        settings: how it behaves.
        owner: the machine.
        now: moment of power-up.

    Attributes:
        real_time: the host switched real-time events on (0E): events answer general and long
            polls, with their data; off after power-up.
        chirps_from: when the next chirp is due, or None while none is.
        idle_until: up to this moment a poll for somebody else changes nothing here, so that nobody
            need tell the port of it: the link is up, and no answer awaits its ACK.
        dead: there is no power; the line lets it hear nothing.
    """

    def __init__(
        self, index: int, address: int, settings: PortSettings, owner: Owner, now: float
    ) -> None:
        self.index = index
        self.address = address
        self.settings = settings
        self.queue = ExceptionQueue(settings)
        self._prepared: Outstanding | None = None
        self._outstanding: Outstanding | None = None
        self._heard_whole: list[Entry] = []
        self._owner = owner
        self.power_up(now)

    @property
    def link_up(self) -> bool:
        """The host polls this port, as far as was known at the last ``tick``."""
        return self._up

    @property
    def in_flight(self) -> Entry | None:
        """The exception that was sent and awaits its ACK."""
        effect = self._outstanding.answer.effect if self._outstanding else None
        return effect if isinstance(effect, Entry) else None

    @property
    def unacknowledged(self) -> bool:
        """An answer awaits its ACK."""
        return self._outstanding is not None

    def power_up(self, now: float) -> None:
        """Start anew: the queue is all that a port remembers over a power cut.

        What was sent and not acknowledged still stands in it, and is sent again: an ACK that comes
        after the power cut cannot be for what was said before.
        """
        self.dead = False
        self._drop()
        self._again: Entry | None = None
        self._addressed_s = NEVER
        self._synced = False
        self._up = False
        self.real_time = False
        self.idle_until = NEVER
        self.chirps_from: float | None = now
        self._alone_from = now + self.settings.link_down_s
        self._quiet_until = NEVER

    def power_down(self) -> None:
        """Lose the power: an answer that did not go out never will."""
        self.power_up(FOREVER)
        self.chirps_from = None
        self.dead = True

    def tick(self, now: float) -> None:
        """Notice a link that went down by ``now``.

        The link is down after 5 s without the port's address, or 30 s without the ACK of an answer.
        """
        if self.dead:
            return
        if self.chirps_from is not None:
            if now > self._alone_from:
                self._alone_from = FOREVER
                self._owner.host_went(self, now)
            return
        since = self._addressed_s + self.settings.link_down_s
        if self._outstanding is not None:
            since = min(since, self._outstanding.first_s + self.settings.ack_limit_s)
        if now > since:
            self._up = self._synced = False
            self._again = self.in_flight or self._again
            self._drop()
            self.idle_until = NEVER
            self.chirps_from = since
            self._owner.host_went(self, now)

    def chirped(self, now: float) -> None:
        """Take note that the port chirped."""
        self.chirps_from = now + self.settings.chirp_interval_s

    def post(self, entry: Entry) -> Posted:
        """Queue an exception; see ``ExceptionQueue.post``."""
        return self.queue.post(entry, self.in_flight)

    def hear(self, request: Request, now: float) -> bytes | None:
        """Take one poll from the line, whoever it is for.

        Returns:
            The bytes to answer, or None. ``sent`` or ``unsent`` must follow before the next call.
        """
        self.tick(now)
        if request.address != self.address or request.kind not in {"general", "long"}:
            self._synced = True
            self._acknowledge(now)
            if self.chirps_from is None:
                self.idle_until = self._addressed_s + self.settings.link_down_s
            if request.kind == "global" and self.settings.answers(request.command or 0):
                self._owner.obey(request, now)
            return None
        self._addressed_s = now
        self.idle_until = NEVER
        self.chirps_from = None
        if not self._synced or now < self._quiet_until:
            return None
        self._come_up(now)
        key = _key(request)
        if self._outstanding is not None and self._outstanding.key == key:
            return self._repeat(self._outstanding)
        self._acknowledge(now)
        self._owner.tick(now)
        if request.kind == "general" or self.real_time:
            event = self._next_event(key, now)
            if event is not None or request.kind == "general":
                return event or self._idle(now)
        answer = self._owner.answer(self, request, now)
        if answer is None:
            return None
        self._prepared = Outstanding(key, answer) if answer.kept else None
        return answer.reply

    def hear_bad(self, now: float) -> bytes | None:
        """Take an addressed message whose CRC or data is wrong: it acknowledges nothing.

        Returns:
            The NACK, or None while the port is silent.
        """
        self.tick(now)
        self._addressed_s = now
        self.idle_until = NEVER
        self.chirps_from = None
        if not self._synced:
            return None
        self._come_up(now)
        self._quiet_until = now + self.settings.silent_after_nack_s
        return bytes([self.address | 0x80])

    def sent(self, now: float, *, whole: bool) -> Outstanding | None:
        """Take note that the answer went out; ``whole``: the line did it no harm.

        Returns:
            What awaits its ACK now, or None; a line that delivers it later says so in it.
        """
        prepared, self._prepared = self._prepared, None
        if prepared is None:
            return None
        if prepared.times == 0:
            prepared.first_s = now
        prepared.times += 1
        prepared.whole |= whole
        self._outstanding = prepared
        self.idle_until = NEVER
        return prepared

    def unsent(self) -> None:
        """Take note that the answer never went out: the host spoke first."""
        self._prepared = None

    def cut_short(self, sent: Outstanding) -> None:
        """Take note that the host spoke before the last byte of an answer was out.

        The machine falls silent; what it did not say to its end nobody can acknowledge.
        """
        if self._outstanding is not sent:
            return
        sent.times -= 1
        if not sent.times:
            self._outstanding = None

    def _drop(self) -> None:
        """Forget what was said and not acknowledged, but not whether it went out whole.

        The machine says it again later. Should that be spoiled and acknowledged, nothing is lost:
        a host has heard it the first time.
        """
        entry, dropped = self.in_flight, self._outstanding
        if entry is not None and dropped is not None and dropped.whole:
            self._heard_whole = [one for one in self._heard_whole if self.queue.holds(one)]
            self._heard_whole.append(entry)
        self._outstanding = self._prepared = None

    def _come_up(self, now: float) -> None:
        if not self._up:
            self._up = True
            self._alone_from = FOREVER
            self._owner.host_came(self, now)

    def _repeat(self, outstanding: Outstanding) -> bytes | None:
        if outstanding.times >= 2 and self.settings.third_repeat == "silence":
            return None
        self._prepared = outstanding
        return outstanding.answer.reply

    def _acknowledge(self, now: float) -> None:
        done, self._outstanding = self._outstanding, None
        if done is None:
            return
        if isinstance(done.answer.effect, Entry):
            self._again = None
        self._owner.acknowledged(self, done, now)

    def _idle(self, now: float) -> bytes | None:
        """Return the answer to a general poll while nothing waits; None is silence.

        Nobody need tell the port of polls for others: it has nothing to be acknowledged.
        """
        self.idle_until = now + self.settings.link_down_s
        if not self.real_time:
            return _IDLE[self.settings.idle_code]
        code = self.settings.real_time_idle
        return None if code is None else build_real_time(self.address, code)

    def _next_event(self, key: bytes, now: float) -> bytes | None:
        frame = self._owner.waiting_frame(self, now)
        if frame is not None:
            self._prepared = Outstanding(key, frame)
            return frame.reply
        if self._again is not None and not self.queue.holds(self._again):
            self._again = None
        entry = self._again or self.queue.head()
        if entry is None:
            return None
        if self.real_time:
            reply = real_time_frame(self.address, entry)
        else:
            reply = build_exception(self.address, entry.code)
        self._prepared = Outstanding(key, Answer(reply, entry), whole=entry in self._heard_whole)
        return reply


def _key(request: Request) -> bytes:
    """Return what makes two polls the same: address and command; for B0 also what it wraps."""
    if request.kind == "general":
        return request.raw[:1]
    return request.raw[:5] if request.command == 0xB0 else request.raw[:2]
