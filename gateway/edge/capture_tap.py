"""What goes over a line, for those who capture it; nothing can be sent through here.

While nobody captures, this costs one look at an empty set for each poll and each answer. What is
handed on is put together to messages and has its secrets masked already (P7).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from edge_config.site import LineInfo
from gateway.edge.clock import Clock
from gateway.edge.port import Heard, Port, Taker
from gateway.edge.receiver_around import ReceiverAround
from gateway.edge.tap_port import Receiver, TapHeard
from protocols.sas.capture import Burst, Speaker
from protocols.sas.capture_mask import Masker
from protocols.sas.cutter import TOLD_QUIET_US
from protocols.sas.heard import Wire

_SPEAKERS: Final = {
    Wire.HOST: Speaker.HOST,
    Wire.MACHINE: Speaker.EGM,
    Wire.BOTH: Speaker.UNKNOWN,
}

Listener = Callable[[Burst], None]
"""Takes a masked message, its time in us of the monotonic clock; it must neither raise nor wait."""


class LineTap:
    """What goes over one line.

    Args:
        line: the line.
        clock: when it went.

    Attributes:
        ninth_bits: the line's port knows the ninth bit of each byte.
        listeners: who is told; change them by ``add`` and ``remove``.
    """

    def __init__(self, line: LineInfo, clock: Clock) -> None:
        self.ninth_bits = line.ninth_bit_by != "none"
        self.listeners: set[Listener] = set()
        self._clock = clock
        self._masker = Masker()
        self._quiet: asyncio.TimerHandle | None = None
        self._last_us = 0

    def add(self, listener: Listener) -> None:
        """Tell ``listener`` of every message from now on."""
        if not self.listeners:
            self._masker = Masker()
        self.listeners.add(listener)

    def remove(self, listener: Listener) -> None:
        """Tell ``listener`` no more."""
        self.listeners.discard(listener)
        if not self.listeners and self._quiet is not None:
            self._quiet.cancel()
            self._quiet = None

    def sent(self, poll: bytes) -> None:
        """Take a message that we sent: its first byte has the ninth bit set."""
        bits: tuple[bool | None, ...] = (None,) * len(poll)
        if self.ninth_bits:
            bits = (True, *(False,) * (len(poll) - 1))
        self._take(self._clock.monotonic(), Speaker.HOST, poll, bits)

    def heard(self, heard: Heard) -> None:
        """Take bytes that came in: an EGM's, unless a ninth bit shows that a host polls."""
        bit = heard.wakeup if self.ninth_bits else None
        host = heard.wakeup and heard.data[0] >= 0x80
        speaker = Speaker.UNKNOWN if host else Speaker.EGM
        self._take(self._clock.monotonic(), speaker, heard.data, (bit,) * len(heard.data))

    def overheard(self, heard: TapHeard) -> None:
        """Take bytes of a link on which another host polls."""
        symbols = heard.symbols
        self._take(heard.at, _SPEAKERS[heard.wire], symbols.data, symbols.wakeup)

    def _take(
        self, at_s: float, speaker: Speaker, data: bytes, bits: tuple[bool | None, ...]
    ) -> None:
        # Two receive ports share no clock: what one hands over late is no older than what is told.
        self._last_us = at_us = max(self._last_us, round(at_s * 1_000_000))
        self._tell(self._masker.feed(Burst(at_us, speaker, bytes(data), bits)))
        if self._quiet is not None:
            self._quiet.cancel()
            self._quiet = None
        if self._masker.pending:
            loop = asyncio.get_running_loop()
            self._quiet = loop.call_later(TOLD_QUIET_US / 1_000_000, self._ended)

    def _ended(self) -> None:
        self._quiet = None
        self._tell(self._masker.flush())

    def _tell(self, messages: Iterable[Burst]) -> None:
        for message in messages:
            for listener in tuple(self.listeners):
                listener(message)


class CapturedPort:
    """A port whose traffic can be captured.

    Args:
        port: the port.
        tap: what is told of all that goes through.
    """

    def __init__(self, port: Port, tap: LineTap) -> None:
        self.name = port.name
        self._port = port
        self._tap = tap

    def open(self) -> None:
        """Open the port; see ``Port.open``."""
        self._port.open()

    def close(self) -> None:
        """Close the port."""
        self._port.close()

    def write(self, poll: bytes) -> None:
        """Put a poll on the line; see ``Port.write``."""
        self._port.write(poll)
        if self._tap.listeners:
            self._tap.sent(poll)

    async def read(self, deadline: float) -> Heard | None:
        """Return what was heard; see ``Port.read``."""
        heard = await self._port.read(deadline)
        if heard is not None and self._tap.listeners:
            self._tap.heard(heard)
        return heard

    def offer_to(self, taker: Taker | None) -> bool:
        """Offer what is heard to ``taker`` first; see ``Port.offer_to``."""
        if taker is None:
            return self._port.offer_to(None)

        def take(data: bytes, wakeup: bool) -> bool:
            if self._tap.listeners:  # a capture has it before what is sent because of it
                taker(b"", False)  # noqa: FBT003
                return False
            return taker(data, wakeup)

        return self._port.offer_to(take)


class CapturedReceiver(ReceiverAround):
    """Receive wires whose traffic can be captured.

    Args:
        receiver: the wires.
        tap: what is told of all that is heard.
    """

    def __init__(self, receiver: Receiver, tap: LineTap) -> None:
        super().__init__(receiver)
        self._tap = tap

    async def read(self, deadline: float) -> TapHeard | None:
        """Return what was heard; see ``Receiver.read``."""
        heard = await super().read(deadline)
        if heard is not None and self._tap.listeners:
            self._tap.overheard(heard)
        return heard


class LineTaps:
    """The taps of all lines.

    Args:
        port_for: makes the port of a line.
        receiver_for: makes the receive wires of a line on which another host polls.
        clock: when things go over the lines.

    Attributes:
        by_line: taps by the name of the line; filled as the ports are made.
    """

    def __init__(
        self,
        port_for: Callable[[LineInfo, Path], Port],
        receiver_for: Callable[[LineInfo, Path, Path | None], Receiver],
        clock: Clock,
    ) -> None:
        self.by_line: dict[str, LineTap] = {}
        self._port_for = port_for
        self._receiver_for = receiver_for
        self._clock = clock

    def port_of(self, line: LineInfo, path: Path) -> Port:
        """Return the port of a line; what goes through it can be captured."""
        return CapturedPort(self._port_for(line, path), self._tap(line))

    def receiver_of(self, line: LineInfo, path: Path, path_egm: Path | None) -> Receiver:
        """Return the receive wires of a line; what they hear can be captured."""
        return CapturedReceiver(self._receiver_for(line, path, path_egm), self._tap(line))

    def _tap(self, line: LineInfo) -> LineTap:
        tap = self.by_line[line.name] = LineTap(line, self._clock)
        return tap
