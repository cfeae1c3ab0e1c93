"""A line on a bridge: the ninth bit is carried, not made."""

from __future__ import annotations

from typing import Final

from gateway.edge.bridge_link import BridgeLink
from gateway.edge.port import Heard, Inbox, PortError, Taker, check_allowed
from protocols.sas.bridge_frames import Send, SendList
from protocols.sas.symbols import from_host

_LISTS: Final = {"any_line": SendList.ANY_LINE, "own_line": SendList.OWN_LINE}


class BridgePort:
    """One line of a bridge.

    Args:
        link: the connection, shared by the ports of one bridge; its job is run elsewhere.
        number: the line's number there, 1 to 254.
        allow: name of the allow-list that its writer enforces, and the bridge once more.
    """

    def __init__(self, link: BridgeLink, number: int, allow: str) -> None:
        self.name = f"{link.name}/{number}"
        self._link = link
        self._number = number
        self._allow = allow
        self._inbox = Inbox(self.name)
        self._general: dict[bytes, Send] = {}  # frames of general polls
        link.add(number, _LISTS[allow], self._inbox)

    def open(self) -> None:
        """Begin to use the line.

        Raises:
            PortError: the bridge is away, or does not give us the line; or not yet.
        """
        self._link.check(self._number)
        self._inbox.opened()

    def close(self) -> None:
        """Use it no more; a reader that waits gets a PortError."""
        self._inbox.end(PortError(f"{self.name} is closed"))

    def write(self, poll: bytes) -> None:
        """Put a poll on the line, if the line's allow-list has it."""
        check_allowed(poll, self._allow, self.name)
        if self._inbox.gone is not None:
            raise self._inbox.gone
        frame = self._general.get(poll)
        if frame is None:
            frame = Send(self._number, from_host(poll))
            if len(poll) == 1:
                self._general[poll] = frame
        self._link.say(frame)

    async def read(self, deadline: float) -> Heard | None:
        """Return what was heard, or None if nothing was by ``deadline``."""
        return await self._inbox.take(deadline)

    def offer_to(self, taker: Taker | None) -> bool:
        """Offer what is heard to ``taker`` first."""
        return self._inbox.offer_to(taker)
