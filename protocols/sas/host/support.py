"""Which long polls one EGM answers: learned from its silence, forgotten with reason.

An EGM says "not supported" by silence (Montana DOJ, SAS implementation guide), which is also how
a lost poll looks. So silence counts only while its general polls are answered, and only where it
comes several turns in a row. What was learned outlives the process: the shell keeps it, and gives
it back. It is forgotten after a day, and as soon as another machine or another version answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from protocols.sas.replies import LongPollReply

SILENT_TURNS_MAX: Final = 3
"""Silent turns in a row, each of two polls, after which a long poll is "not supported"."""
POLLS_KNOWN_MAX: Final = 256
"""Long polls of one EGM that are remembered; at the bound they are learned anew."""
FORGOTTEN_AFTER_S: Final = 86_400.0
"""Seconds after which a poll that is not supported is tried again: a program may have changed."""
WHO_COMMAND: Final = 0x54
"""The poll that tells version and serial number."""
WHO_COMMANDS: Final = (0x1F, WHO_COMMAND)
"""Polls that tell who answers. A link that comes back asks them anew, whatever was learned."""


class Support:
    """What is known of the long polls of one EGM.

    Attributes:
        who: SAS version and serial number as last read (poll 54), or None before.
        answered: polls that were answered since the link came up: silence is then a fault.
        silent: poll to silent turns in a row.
        refused: poll to the moment at which it was found not to be supported, seconds of the
            session's clock.
    """

    def __init__(self) -> None:
        self.who: str | None = None
        self.answered: set[bytes] = set()
        self.silent: dict[bytes, int] = {}
        self.refused: dict[bytes, float] = {}

    def resume(self, who: str | None, refused: Mapping[bytes, float]) -> None:
        """Begin with what the last process learned; who answers is asked anew."""
        self.who = who
        for poll, at in list(refused.items())[:POLLS_KNOWN_MAX]:
            if poll[1] not in WHO_COMMANDS:
                self.refused[poll] = at

    def refuses(self, poll: bytes, now: float) -> bool:
        """Whether ``poll`` is known not to be supported; what is known too long is forgotten."""
        learned_at = self.refused.get(poll)
        if learned_at is None:
            return False
        if now - learned_at < FORGOTTEN_AFTER_S:
            return True
        del self.refused[poll]
        return False

    def turn_was_silent(self, poll: bytes, now: float) -> bool:
        """Count a turn in which ``poll`` stayed unanswered.

        Returns:
            Whether it is now known not to be supported.
        """
        turns = self.silent.pop(poll, 0) + 1
        if turns < SILENT_TURNS_MAX:
            if len(self.silent) >= POLLS_KNOWN_MAX:
                self.silent.clear()
            self.silent[poll] = turns
            return False
        if len(self.refused) >= POLLS_KNOWN_MAX:
            self.refused.clear()
        self.refused[poll] = now
        self.answered.discard(poll)
        return True

    def poll_was_answered(self, poll: bytes) -> None:
        """Data, ACK, NACK or busy: the EGM knows ``poll``, whatever was learned before."""
        if len(self.answered) >= POLLS_KNOWN_MAX:
            self.answered.clear()
        self.answered.add(poll)
        self.silent.pop(poll, None)
        self.refused.pop(poll, None)

    def identity_was_read(self, reply: LongPollReply) -> bool:
        """Take an answer to 54; where it tells of another machine or version, forget all.

        Returns:
            Whether it was another than the last.
        """
        who = " ".join(str(reply.values.get(name, "")).strip() for name in ("version", "serial"))
        before, self.who = self.who, who
        if before in (None, who):
            return False
        self._forget()
        self.refused.clear()
        return True

    def link_failed(self) -> None:
        """A general poll was lost as well: silence says nothing of what is supported."""
        self.silent.clear()

    def link_went(self) -> None:
        """The link is down: another machine may stand here when it comes back."""
        self._forget()
        for poll in [poll for poll in self.refused if poll[1] in WHO_COMMANDS]:
            del self.refused[poll]

    def _forget(self) -> None:
        self.answered.clear()
        self.silent.clear()
