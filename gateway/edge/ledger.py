"""The outbox's own books as events: its hash chain sealed, and what nobody will get."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress

from gateway.edge.clock import Clock, moment
from gateway.edge.recorder import Recorded, Recorder
from gateway.events.fact import Fact
from gateway.events.moment import Moment
from gateway.outbox.reader import Reader
from gateway.outbox.structure import StructureCheck
from gateway.outbox.types import Loss, OutboxError, Refused
from gateway.outbox.writer import Writer

log = logging.getLogger(__name__)

SEAL_EVERY_S = 3600.0
"""How often the head of the hash chain is told."""

TELL_EVERY_S = 30.0
"""How often losses are told: one gap an EGM however many events it lost meanwhile."""

DAMAGED = "damaged on the disk: it is not what was stored"


class Ledger:
    """Tells what the outbox knows of itself.

    Args:
        recorder: where events go.
        reader: of the outbox.
        writer: of the outbox, for events that are found damaged.
        clock: both clocks.
    """

    def __init__(self, recorder: Recorder, reader: Reader, writer: Writer, clock: Clock) -> None:
        self._recorder = recorder
        self._reader = reader
        self._writer = writer
        self._clock = clock
        self._telling: Recorded | None = None
        self._trouble = ""

    async def run(self) -> None:
        """Tell losses as they come, and seal the chain every hour, until cancelled."""
        seal_due_s = self._clock.monotonic() + SEAL_EVERY_S
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            try:
                self.tell_losses()
                if self._clock.monotonic() >= seal_due_s:
                    seal_due_s += SEAL_EVERY_S
                    self.seal()
            except OutboxError as error:
                self._say(f"the outbox's books wait: {error}")
            else:
                self._say("")

    def seal(self) -> Recorded | None:
        """Tell the head of the hash chain as it is on disk; None before the first event.

        Raises:
            OutboxError: it cannot be read, or takes no event now.
        """
        sequence, chain = self._reader.head()
        if not sequence:
            return None
        data = {"last_sequence": sequence, "chain": chain.hex()}
        observed = moment(self._clock)
        return self._recorder.record([Fact("gateway.sealed", None, data, observed)])

    def tell_losses(self) -> Recorded | None:
        """Tell what was shed, refused or damaged since the last time; None if there is nothing.

        What is told is forgotten in the transaction that tells it.

        Raises:
            OutboxError: it cannot be read, or takes no event now.
        """
        if damaged := sorted(self._reader.damaged):
            self._writer.mark([Refused(sequence, DAMAGED) for sequence in damaged])
            self._reader.damaged.clear()
        if self._telling is not None and not self._telling.done.done():
            return None
        waiting = self._reader.losses()
        if not waiting.to:
            return None
        facts = [self._gap(loss, loss.asset) for loss in waiting.losses if loss.asset is not None]
        self._telling = self._recorder.record(facts, told_to=waiting.to)
        return self._telling

    async def check(self, structure: StructureCheck) -> None:
        """Have the whole file checked beside the polling, where the start had no time for it."""
        words = await structure.run()
        if not words:
            return
        log.error(
            "outbox: the file is damaged (%s); events go on, each proves itself. Restart the "
            "gateway when that suits you: it sets the file aside and salvages it",
            words,
        )
        data = {"reason": f"damaged, and still in use: {words}"[:240]}
        with suppress(OutboxError):  # it takes nothing now: the log has it
            self._recorder.record([Fact("gateway.storeloss", None, data, moment(self._clock))])

    def kept_lost(self, damaged: Iterable[str], assets: Iterable[str]) -> Recorded | None:
        """What was kept of some EGMs is not what was stored: each begins anew, with a gap.

        Args:
            damaged: names of states (asset numbers) and facts (which end in one).
            assets: all EGMs of the site.

        Returns:
            None if nothing was damaged.
        """
        names = set(damaged)
        if not names:
            return None
        hit = [one for one in assets if one in names or any(n.endswith(f".{one}") for n in names)]
        words = f"what was kept of {', '.join(hit) or 'the gateway'} is not what was stored"
        log.error("outbox: %s; it begins anew. Look at the disk", words)
        data = {"reason": words[:240]}
        loss = Fact("gateway.storeloss", None, data, moment(self._clock))
        told = self._recorder.record([loss])
        return self.store_lost(hit, None) if hit else told

    def store_lost(self, assets: Iterable[str], began_ns: int | None) -> Recorded:
        """A damaged outbox was set aside: a gap for each EGM.

        Args:
            assets: all EGMs of the site.
            began_ns: when the last event that was salvaged was observed, or None if not known.
        """
        now = moment(self._clock)
        after = None if began_ns is None else Moment(0.0, began_ns)
        return self._recorder.record(
            [
                Fact("link.gap", asset, {"cause": "store_lost"}, now,
                     occurred_after=after, occurred_before=now)
                for asset in assets
            ]
        )  # fmt: skip

    def _gap(self, loss: Loss, asset: str) -> Fact:
        data = {
            "cause": loss.cause,
            "gap_s": round(max(0, loss.ended_ns - loss.began_ns) / 1e9, 3),
            "events": loss.rows,
            "first_sequence": loss.first,
            "last_sequence": loss.last,
        }
        return Fact(
            "link.gap", asset, data, moment(self._clock),
            occurred_after=Moment(0.0, loss.began_ns), occurred_before=Moment(0.0, loss.ended_ns),
        )  # fmt: skip

    def _say(self, trouble: str) -> None:
        if trouble and not self._trouble:
            log.warning("%s", trouble)
        elif self._trouble and not trouble:
            log.info("the outbox's books are kept again")
        self._trouble = trouble
