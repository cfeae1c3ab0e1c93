"""Receive wires around receive wires: all is passed on, and what stands around adds its own."""

from __future__ import annotations

from gateway.edge.tap_port import Receiver, TapHeard


class ReceiverAround:
    """Passes everything on to the wires inside; see ``Receiver``.

    Args:
        receiver: the wires inside.
    """

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    @property
    def name(self) -> str:
        """Which port or ports, for people."""
        return self._receiver.name

    @property
    def dropped_bytes(self) -> int:
        """Bytes that were heard and not read in time."""
        return self._receiver.dropped_bytes

    @property
    def two_wires(self) -> bool:
        """Whether each direction has a wire of its own."""
        return self._receiver.two_wires

    def open(self) -> None:
        """Open the wires; see ``Receiver.open``."""
        self._receiver.open()

    def close(self) -> None:
        """Close the wires."""
        self._receiver.close()

    async def read(self, deadline: float) -> TapHeard | None:
        """Return what was heard; see ``Receiver.read``."""
        return await self._receiver.read(deadline)
