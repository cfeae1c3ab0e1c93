"""Real-time event mode of the EGMs on a line: on where its site wants it, off where it does not.

Poll 0E changes the machine, so only the list ``own_line`` has it (P1): on other lines nothing is
sent, whatever mode the machines are in.
"""

from __future__ import annotations

from edge_config.site import LineInfo
from protocols.sas.allowlist import allowed
from protocols.sas.host.steps import Turn
from protocols.sas.polls import long_poll
from protocols.sas.replies import ExceptionReply, IdleReply

SWITCH = 0x0E
POWER_APPLIED = 0x17  # exception code: AC power applied
EVENT_BYTES_MIN = 5  # "no activity" as a frame, address FF 00 and CRC, is only said in this mode


class EventMode:
    """Says which long poll puts an EGM into the mode that its line wants.

    A machine forgets the mode with its power, so it is switched on whenever a link comes up or the
    power came back. It is switched off once for each time that the link comes up, and only where
    the machine is found in that mode: left so by another host, or by a site file that has changed.

    Args:
        line: the site's row of the line.
    """

    def __init__(self, line: LineInfo) -> None:
        self._line = line
        self._told_off: set[int] = set()

    def poll(self, turn: Turn, *, mute: bool) -> bytes | None:
        """Return the poll that is to be asked after a turn, or None.

        Args:
            turn: one poll and what came of it.
            mute: the EGM answers readings, but general polls with silence.
        """
        address, reply = turn.address, turn.reply
        came = any(not change.before.live and change.after.live for change in turn.changes)
        if came:
            self._told_off.discard(address)
        if self._line.real_time:
            powered = isinstance(reply, ExceptionReply) and reply.code == POWER_APPLIED
            return self._switch(address, on=True) if came or powered else None
        on = mute or _only_in_event_mode(reply)
        if not on or address in self._told_off:
            return None
        self._told_off.add(address)
        return self._switch(address, on=False)

    def _switch(self, address: int, *, on: bool) -> bytes | None:
        poll = long_poll(address, SWITCH, enable=int(on))
        return poll if allowed(poll, self._line.allow) else None


def _only_in_event_mode(reply: object) -> bool:
    if isinstance(reply, ExceptionReply):
        return reply.real_time
    return isinstance(reply, IdleReply) and len(reply.raw) >= EVENT_BYTES_MIN
