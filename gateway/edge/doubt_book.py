"""What of each EGM may not be acknowledged yet, kept in the outbox for the next process (P3).

A machine says again what it was not acknowledged, behind what overtakes its queue. So a process
that dies leaves the next one its last exception and whatever stood in doubt before it; an empty
queue ends every doubt, which is written down only where one was: ordinary play costs no commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.edge.egm import EgmWork
from gateway.edge.keys import last_key
from gateway.edge.page import LinePage
from protocols.sas.host.link import EgmLink
from protocols.sas.replies import ExceptionReply, IdleReply, Reply


def codes_text(last: int, doubts: Iterable[int]) -> str:
    """Return the last exception and those before it that are in doubt, two hex digits each."""
    return " ".join(f"{code:02X}" for code in (last, *sorted(set(doubts) - {last})))


def codes_of(text: str) -> tuple[int, ...]:
    """Return the exceptions that ``codes_text`` wrote; none of an empty text."""
    return tuple(int(code, 16) for code in text.split())


class DoubtBook:
    """The doubts of one line as the outbox has them.

    Args:
        works: the work for each EGM, by address.
        kept: what the last process left, by address.
        page: of the line; None for one that only listens.

    Attributes:
        found: what of it is in doubt indeed, by address.
    """

    def __init__(
        self,
        works: Mapping[int, EgmWork],
        kept: Mapping[int, tuple[int, ...]],
        page: LinePage | None = None,
    ) -> None:
        self._works = works
        self._doubted = {address for address, codes in kept.items() if codes}
        self._page = page
        self._settled = {
            address for address, work in works.items()
            if page is not None and page.settled(address, work.info.asset)
        }  # fmt: skip
        self.found = {at: codes for at, codes in kept.items() if at not in self._settled}

    def after(self, address: int, reply: Reply | None, doubts: Iterable[int]) -> dict[str, str]:
        """Return what is to be kept after an answer, by its name in the outbox.

        Args:
            address: of the EGM.
            reply: its answer.
            doubts: exceptions in doubt after it, besides itself.
        """
        if isinstance(reply, ExceptionReply):
            if self._page is not None:
                self._settled.discard(address)
                self._page.doubt(address)
            text = codes_text(reply.code, doubts)
            if " " in text:
                self._doubted.add(address)
            return {last_key(self._works[address].info.asset): text}
        if isinstance(reply, IdleReply) and address in self._doubted:
            self._doubted.discard(address)
            return {last_key(self._works[address].info.asset): ""}
        return {}

    def settle(self, address: int, link: EgmLink) -> None:
        """Take note of what a turn without a new exception says of those before it."""
        if self._page is None or address in self._settled:
            return
        if link.unproven is not None or link.doubts:
            return
        self._settled.add(address)
        self._page.settle(address, self._works[address].info.asset)
