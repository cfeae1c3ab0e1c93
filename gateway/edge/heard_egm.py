"""What is known of one EGM from what is heard between it and somebody else's host.

Pure: moments are arguments, seconds of one monotonic clock. We ask nothing and repeat nothing, so
everything here is a conclusion: the link from who answers whom, a gap from what was not heard, a
possible repeat from an acknowledgement that may not have arrived.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from protocols.sas.heard import Exchange, Verdict
from protocols.sas.host.figures import Figures
from protocols.sas.host.steps import LINK_DOWN_S, Gap, LinkChanged, LinkState
from protocols.sas.replies import ExceptionReply, IdleReply

NOT_READ: Final = "answer_not_read"
HISTORY: Final = 100
"""Polls that the link's quality looks back on."""
GOOD_TO_UP: Final = 5
"""Good answers in a row that end "degraded"."""
BAD_TO_DEGRADED: Final = 2
"""Polls in a row without a good answer that make a link "degraded"."""
CALM_S: Final = 1.0
"""A gap is told once nothing else was missed for so long: a storm is one gap, not hundreds."""
GAP_MAX_S: Final = 60.0
"""A storm that lasts longer is told as several gaps."""
SURE_ACKS: Final = 2
"""Acknowledging polls after which an equal exception is a new one; one that is answered is enough:
whoever shares the wire heard it too."""


@dataclass(slots=True)
class HeardEgm:
    """Link, gaps and doubts of one EGM.

    Attributes:
        address: SAS address.
        state: whether it answers its host, as far as we hear.
        figures: counts since the process started; polls are the host's.
        heard_at: when it last answered well, or None.
        empty_at: when its queue was last known empty: the moment of the poll that found nothing.
        was_up: its link was up when listening last ended.
        news_until: it was never heard; until then its first word would show that more was missed.
    """

    address: int
    state: LinkState = LinkState.UNKNOWN
    figures: Figures = field(default_factory=Figures)
    heard_at: float | None = None
    empty_at: float | None = None
    was_up: bool = False
    news_until: float | None = None
    _gap: tuple[str, float] | None = None
    _trouble_at: float = float("-inf")
    _silent_since: float | None = None
    _bad: int = 0
    _good: int = 0
    _history: list[bool] = field(default_factory=list)
    _last_code: int | None = None
    doubts: set[int] = field(default_factory=set)
    _acks: int = 0
    _unread: int | None = None
    _said: bool = False  # in this chain of equal polls an answer was understood

    @property
    def live(self) -> bool:
        """Whether it answers."""
        return self.state in (LinkState.UP, LinkState.DEGRADED)

    @property
    def quality(self) -> float | None:
        """Share of the last 100 polls that were answered well, or None before the first."""
        return sum(self._history) / len(self._history) if self._history else None

    @property
    def missing_since(self) -> float | None:
        """Since when a gap lasts that is not told yet, also one that only its return can show."""
        if self._gap is not None:
            return self._gap[1]
        return self.heard_at if self.was_up and not self.live else None

    def resume(
        self, codes: Iterable[int], began: float | None, cause: str, news_until: float | None = None
    ) -> None:
        """Take up what the last process left.

        Args:
            codes: exceptions that were told, and whose acknowledgement is not known.
            began: when listening ended, if the link was up then; or since when a gap lasted.
            cause: why nothing was heard since.
            news_until: see above; None of a machine that was heard before.
        """
        self.news_until = news_until
        self.doubts.update(codes)
        if began is not None:
            self.was_up = True
            self._gap = (cause, began)

    def forget_old_news(self, now: float) -> None:
        """It was never heard, nor since something was missed: it was not there to be missed."""
        if self.news_until is not None and self.news_until <= now:
            self.was_up, self._gap, self.news_until = False, None, None

    def missed(self, now: float, cause: str) -> None:
        """Something of this EGM may have gone by unheard; tell so once it is heard again."""
        self._doubt()
        self._trouble_at = now
        if self._gap is None:
            self._gap = (cause, now if self.heard_at is None else self.heard_at)
            if not self.live and not self.was_up:
                self.news_until = now + GAP_MAX_S

    def unheard(self, reason: str) -> tuple[LinkChanged, ...]:
        """Nobody can tell how it is: we do not listen, or its host does not poll."""
        self._doubt()  # a machine without its host says again what was not acknowledged
        self.was_up = self.was_up or self.live
        self._silent_since, self._bad, self._good = None, 0, 0
        return self._change(LinkState.UNKNOWN, reason)

    def others_poll(self, *, answered: bool, nobody: bool) -> None:
        """The host polled somebody else, which acknowledges.

        Args:
            answered: somebody answered, so the poll was on the wire as the host sent it.
            nobody: the poll was to nobody or to all: silence after it says nothing.
        """
        self._acks += SURE_ACKS if answered else nobody

    def heard(self, exchange: Exchange, now: float) -> tuple[tuple[LinkChanged, ...], bool]:
        """Count an exchange, and judge the link by it; gaps are asked for with ``gap``.

        Returns:
            What changed, and whether an answer was heard that could be understood.
        """
        self.figures.polls += 1
        reply = exchange.reply
        if reply is None:
            if exchange.error is not None:
                self.figures.wrong(exchange.error)
            else:
                self.figures.other_errors += 1
            if not self._said:
                self._unread = exchange.number
            return self._unanswered(exchange, now, "answers are damaged"), False
        if not reply.raw:
            if exchange.request.kind != "general" or isinstance(reply, IdleReply):
                return (), False  # not supported, or nothing to say in event mode
            self.figures.timeouts += 1
            return self._unanswered(exchange, now, "no answer"), False
        self.figures.answers += 1
        self.figures.repeats += exchange.repeat
        self._unread, self._said = None, True
        return self._answered(now), True

    def verdict(self, verdict: Verdict, now: float) -> None:
        """What the host made of the last answer."""
        if not verdict.acknowledged:
            return
        if self._unread == verdict.number:
            self.missed(now, NOT_READ)
        self._unread, self._said = None, False

    def gap(self, now: float) -> Gap | None:
        """Return what is to be told as missed, once it is over and things are calm."""
        if self._gap is None:
            return None
        cause, began = self._gap
        if now - self._trouble_at < CALM_S and now - began < GAP_MAX_S:
            return None
        self._gap = None
        return Gap(self.address, cause, min(began, now), now)

    def possible_repeat(self, exchange: Exchange, *, unsure: bool) -> bool:
        """Say whether an answer may have been told before; call it for each one that is told.

        Args:
            exchange: the answer.
            unsure: it equals the last one and may or may not be that one, sent again.
        """
        reply = exchange.reply
        if isinstance(reply, IdleReply):
            self.empty_at = exchange.asked_s
            self.doubts.clear()
            self._last_code, self._acks = None, 0
            return False
        if not isinstance(reply, ExceptionReply):
            self._acks += SURE_ACKS  # the long poll was heard, and acknowledged what was before
            return False
        self._doubt()
        marked = unsure or reply.code in self.doubts
        self.doubts.discard(reply.code)
        self._last_code, self._acks = reply.code, 0
        return marked

    def _doubt(self) -> None:
        """Whatever acknowledged the last exception may not have arrived."""
        if self._last_code is not None and self._acks < SURE_ACKS:
            self.doubts.add(self._last_code)
            self._last_code = None

    def _note(self, *, answered: bool) -> None:
        self._history.append(answered)
        if len(self._history) > HISTORY:
            del self._history[0]

    def _answered(self, now: float) -> tuple[LinkChanged, ...]:
        before, self.heard_at, self.news_until = self.heard_at, now, None
        was_up, self.was_up = self.was_up or self.live, False
        self._note(answered=True)
        self._silent_since, self._bad = None, 0
        self._good += 1
        known = None if self._gap is None else self._gap[0]
        long = before is not None and now - before >= LINK_DOWN_S
        if before is not None and was_up and long and known in (None, NOT_READ):
            self._gap = ("no_exchange", before if self._gap is None else self._gap[1])
        if not self.live:
            return self._change(LinkState.UP, "answers its host")
        if self.state is LinkState.DEGRADED and self._good >= GOOD_TO_UP:
            return self._change(LinkState.UP, f"{self._good} good answers in a row")
        return ()

    def _unanswered(self, exchange: Exchange, now: float, why: str) -> tuple[LinkChanged, ...]:
        self._note(answered=False)
        self._doubt()
        self._good = 0
        self._bad += 1
        if self._silent_since is None:
            self._silent_since = exchange.asked_s
        if self.state is LinkState.DOWN:
            return ()
        if now - self._silent_since >= LINK_DOWN_S:
            self.was_up = self.was_up or self.live
            return self._change(LinkState.DOWN, f"{why} for {LINK_DOWN_S:g} s, though polled")
        if self.state is LinkState.UP and self._bad >= BAD_TO_DEGRADED:
            return self._change(LinkState.DEGRADED, why)
        return ()

    def _change(self, after: LinkState, reason: str) -> tuple[LinkChanged, ...]:
        before, self.state = self.state, after
        return () if before is after else (LinkChanged(self.address, before, after, reason),)
