"""What of each EGM may not be acknowledged yet, kept in the outbox for the next process (P3).

A machine says again what it was not acknowledged, behind what overtakes its queue. So a process
that dies leaves the next one its last exception and whatever stood in doubt before it; an empty
queue ends every doubt, which is written down only where one was: ordinary play costs no commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.edge.egm import EgmWork
from gateway.edge.keys import last_key
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
    """

    def __init__(self, works: Mapping[int, EgmWork], kept: Mapping[int, tuple[int, ...]]) -> None:
        self._works = works
        self._doubted = {address for address, codes in kept.items() if codes}

    def after(self, address: int, reply: Reply | None, doubts: Iterable[int]) -> dict[str, str]:
        """Return what is to be kept after an answer, by its name in the outbox.

        Args:
            address: of the EGM.
            reply: its answer.
            doubts: exceptions in doubt after it, besides itself.
        """
        if isinstance(reply, ExceptionReply):
            text = codes_text(reply.code, doubts)
            if " " in text:
                self._doubted.add(address)
            return {last_key(self._works[address].info.asset): text}
        if isinstance(reply, IdleReply) and address in self._doubted:
            self._doubted.discard(address)
            return {last_key(self._works[address].info.asset): ""}
        return {}
