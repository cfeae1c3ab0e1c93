"""What a machine says beside plain exceptions: real-time events, and frames that wait for a poll.

In real-time mode (poll 0E) an event goes out as ``address FF code data crc``, in answer to any
poll. A ROM signature (poll 21) goes out in answer to a general poll once it has been worked out.
Montana DOJ, SAS implementation guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from floor_sim.machine.queue import Entry
from protocols.sas.machine import build_real_time
from protocols.sas.tables.exceptions import EXCEPTIONS

if TYPE_CHECKING:
    from floor_sim.machine.port import Answer, SasPort

BILL_ACCEPTED: Final = 0x4F


def _code_sent(code: int) -> int:
    """Return the code that a real-time event uses: 4F for every bill."""
    row = EXCEPTIONS.get(code)
    return BILL_ACCEPTED if row is not None and row.never_real_time else code


def event_data(code: int, data: Mapping[str, object] | None) -> str:
    """Return what the event carries in real-time mode, as hex; empty where it carries nothing.

    Raises:
        RequestError: a field is missing, not one of the event's, or does not fit.
    """
    row = EXCEPTIONS.get(_code_sent(code))
    return "" if row is None or not data else row.data.write(data).hex()


def real_time_frame(address: int, entry: Entry) -> bytes:
    """Return the event as a frame; data that nobody gave is all zero."""
    code = _code_sent(entry.code)
    row = EXCEPTIONS.get(code)
    if row is None or not row.data.fields:
        return build_real_time(address, code)
    data = bytes.fromhex(entry.data) or bytes(row.data.low)
    return build_real_time(address, code, **row.data.read(data))


class WaitingFrames:
    """Frames that wait for a general poll; forgotten when the power goes."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, float, Answer]] = []

    def add(self, port: SasPort, due: float, answer: Answer) -> None:
        """Let ``answer`` go out on ``port`` from ``due`` on, instead of one that waits there."""
        self.remove(port)
        self._waiting.append((port.index, due, answer))

    def next(self, port: SasPort, now: float) -> Answer | None:
        """Return what waits on ``port``, without taking it."""
        for index, due, answer in self._waiting:
            if index == port.index and due <= now:
                return answer
        return None

    def remove(self, port: SasPort) -> None:
        """Take away what waits on ``port``."""
        self._waiting = [row for row in self._waiting if row[0] != port.index]
