"""Counts of a line's long polls; those of all its polls are kept for each link."""

from __future__ import annotations

from protocols.sas.heard import Exchange
from protocols.sas.host.figures import Figures
from protocols.sas.host.steps import Send, Turn
from protocols.sas.replies import SilenceReply


class LongPolls:
    """What became of the long polls of one line.

    Attributes:
        figures: their counts since the process started.
    """

    def __init__(self) -> None:
        self.figures = Figures()

    def sent(self, step: Send) -> None:
        """Take a poll that leaves."""
        if len(step.poll) > 1:
            self.figures.polls += 1
            self.figures.repeats += step.repeat

    def came(self, turn: Turn) -> None:
        """Take what came of a poll."""
        if len(turn.poll) == 1:
            return
        if turn.error is not None:
            self.figures.wrong(turn.error)
        elif isinstance(turn.reply, SilenceReply):
            self.figures.timeouts += 1
        elif turn.final and turn.reply is not None:
            self.figures.answers += 1

    def heard(self, exchange: Exchange) -> None:
        """Take a poll of another host; a silent one says no more than that it is not supported."""
        if len(exchange.request.raw) == 1:
            return
        self.figures.polls += 1
        if exchange.error is not None:
            self.figures.wrong(exchange.error)
        elif exchange.reply is None:
            self.figures.other_errors += 1
        elif exchange.reply.raw:
            self.figures.answers += 1
            self.figures.repeats += exchange.repeat
