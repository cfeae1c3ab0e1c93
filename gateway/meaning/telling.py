"""Collects what one observation leads to: one fact that it is, facts that follow, wishes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from gateway.events.fact import Fact
from gateway.events.moment import Moment
from gateway.meaning.egm import EgmFacts
from gateway.meaning.observation import Observation
from gateway.meaning.result import NOTHING, ReadWish, Result
from gateway.meaning.since import Since
from protocols.sas.secrets import masked

LATE_S: Final = 5.0
"""Seconds that an exception may have waited in the machine's queue without being called late."""


class Telling:
    """What is told about one observation.

    Args:
        egm: whose.
        observed: when.
        seen: the answer, or None for what did not come from the wire.
        code: its exception code, or None.
    """

    __slots__ = ("_facts", "_kept", "_wishes", "code", "egm", "observed", "seen")

    def __init__(
        self,
        egm: EgmFacts,
        observed: Moment,
        seen: Observation | None = None,
        code: int | None = None,
    ) -> None:
        self.egm = egm
        self.observed = observed
        self.seen = seen
        self.code = code
        self._kept: Since | None = None
        self._facts: list[Fact] = []
        self._wishes: list[ReadWish] = []

    @property
    def sure(self) -> bool:
        """Whether this is news for certain: evidence that may be a repetition proves nothing."""
        return self.seen is None or not self.seen.possible_repeat

    def kept(self) -> Since:
        """Return the moment of the observation, to be remembered."""
        if self._kept is None:
            self._kept = Since.of(self.observed, self.egm.birthid)
        return self._kept

    def seconds_since(self, since: Since | None) -> float | None:
        """Return the seconds from ``since`` to now, None without it."""
        return None if since is None else since.seconds_to(self.observed, self.egm.birthid)

    def main(
        self,
        event: str,
        data: Mapping[str, object],
        *,
        correlation: str | None = None,
        severity: str | None = None,
    ) -> None:
        """Tell what the observation itself is; once, and before what follows from it."""
        assert not self._facts, f"{event}: an observation is one fact"
        seen = self.seen
        if seen is None:
            fact = Fact(
                event, self.egm.asset, data, self.observed, occurred_before=self.observed,
                correlation=correlation, severity=severity,
            )  # fmt: skip
        else:
            # A reading is of a moment between poll and answer; an exception is of any moment
            # since the queue was last empty.
            after = seen.asked if self.code is None else seen.occurred_after
            raw = seen.reply.raw
            fact = Fact(
                event, self.egm.asset, data, self.observed, after, self.observed,
                seen.possible_repeat, self._late(), sas_code=self.code,
                raw=masked(raw) if raw else None, correlation=correlation,
                caused_by=seen.caused_by, severity=severity,
            )  # fmt: skip
        self._facts.append(fact)

    def follow(
        self,
        event: str,
        data: Mapping[str, object],
        *,
        since: Since | None = None,
        correlation: str | None = None,
        severity: str | None = None,
        caused: bool = True,
        raw: bool = False,
    ) -> None:
        """Tell what follows; caused by the observation's own fact, if there is one.

        Args:
            event: catalogue name.
            data: as the catalogue has it.
            since: it happened after this.
            correlation: see ``Fact``.
            severity: see ``Fact``.
            caused: False for what was only noticed now and has another cause.
            raw: tell the answer's frame with it: a person will want to look at it.
        """
        cause: str | int | None = -len(self._facts) or None
        if cause is None and self.seen is not None:
            cause = self.seen.caused_by
        if not caused:
            cause = None
        self._facts.append(
            Fact(
                event, self.egm.asset, data, self.observed,
                None if since is None else since.moment(), self.observed,
                raw=self._frame() if raw else None,
                correlation=correlation, caused_by=cause, severity=severity,
            )
        )  # fmt: skip

    def _late(self) -> bool:
        """Whether an exception may have waited long in the machine's queue before it was heard."""
        if self.code is None or self.seen is None:
            return False
        after = self.seen.occurred_after
        return after is None or self.observed.monotonic_s - after.monotonic_s > LATE_S

    def _frame(self) -> str | None:
        frame = b"" if self.seen is None else self.seen.reply.raw
        return masked(frame) if frame else None

    def wish(self, wishes: Iterable[ReadWish]) -> None:
        """Ask for readings."""
        self._wishes.extend(wishes)

    @property
    def last(self) -> Fact | None:
        """The newest fact, or None."""
        return self._facts[-1] if self._facts else None

    def result(self) -> Result:
        """Return what was collected."""
        if not self._facts and not self._wishes:
            return NOTHING
        wishes = tuple(dict.fromkeys(self._wishes)) if self._wishes else ()
        return Result(tuple(self._facts), wishes)
