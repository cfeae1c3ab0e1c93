"""A gate before every port: once this gateway has yielded to another, no port gives or takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edge_config.site import LineInfo
from gateway.edge.port import Port, PortError
from gateway.edge.receiver_around import ReceiverAround
from gateway.edge.tap_port import Receiver, TapHeard


class YieldedError(PortError):
    """Another gateway of this name is live; this one is not to use its ports."""

    state = "stopped: another gateway of this name is live"


class Gate:
    """Open until it is shut for good.

    Attributes:
        shut: why no port may be used, or None while they may.
    """

    def __init__(self) -> None:
        self.shut: str | None = None

    def check(self) -> None:
        """Let through.

        Raises:
            YieldedError: it is shut.
        """
        if self.shut is not None:
            raise YieldedError(self.shut)

    def port_of(
        self, make: Callable[[LineInfo, Path], Port]
    ) -> Callable[[LineInfo, Path], GatedPort]:
        """Return a maker of ports behind this gate."""
        return lambda line, path: GatedPort(make(line, path), self)

    def receiver_of(
        self, make: Callable[[LineInfo, Path, Path | None], Receiver]
    ) -> Callable[[LineInfo, Path, Path | None], GatedReceiver]:
        """Return a maker of receive wires behind this gate."""
        return lambda line, path, path_egm: GatedReceiver(make(line, path, path_egm), self)


class GatedPort:
    """A port that a gate can shut."""

    def __init__(self, port: Port, gate: Gate) -> None:
        self.name = port.name
        self.close = port.close
        self.read = port.read  # an answer that is on its way is still read
        self.offer_to = port.offer_to
        self._port = port
        self._gate = gate

    def open(self) -> None:
        """Open the port; see ``Port.open``."""
        self._gate.check()
        self._port.open()

    def write(self, poll: bytes) -> None:
        """Put a poll on the line; see ``Port.write``."""
        self._gate.check()
        self._port.write(poll)


class GatedReceiver(ReceiverAround):
    """Receive wires that a gate can shut: two that listen would tell everything twice."""

    def __init__(self, receiver: Receiver, gate: Gate) -> None:
        super().__init__(receiver)
        self._gate = gate

    def open(self) -> None:
        """Open the wires; see ``Receiver.open``."""
        self._gate.check()
        super().open()

    async def read(self, deadline: float) -> TapHeard | None:
        """Return what was heard; see ``Receiver.read``."""
        self._gate.check()
        return await super().read(deadline)
