"""The edge daemon: everything between the ports of one site and its NATS server.

One task group holds every job; a job that fails for a reason that passes is started again, a
defect in a shared part ends the process, and systemd (or the demo's parent) starts it anew: the
outbox and the mapped pages make that safe.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import secrets
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress

from edge_config.places import Places
from gateway.bus.hearing import Hearing
from gateway.bus.publisher import Publisher
from gateway.bus.state import StateKeeper
from gateway.edge.acts import KEY as ACTS_KEY
from gateway.edge.acts import Acts
from gateway.edge.board import Board
from gateway.edge.capture_server import CaptureServer
from gateway.edge.capture_tap import LineTaps
from gateway.edge.cards import CardJob
from gateway.edge.checks import ReportSigner
from gateway.edge.clock import Clock, RealClock
from gateway.edge.day_roll import DayRoll
from gateway.edge.floor import Floor, build, receiver_for
from gateway.edge.job import Job
from gateway.edge.kept import keep_of, limits_of
from gateway.edge.keys import BORN_KEY, ENDED_KEY
from gateway.edge.ledger import Ledger
from gateway.edge.life import Life, program_version
from gateway.edge.ports import Ports
from gateway.edge.pseudonym import Pseudonyms, load_key
from gateway.edge.reading import Tag
from gateway.edge.recorder import Recorder
from gateway.edge.replay_server import ReplayServer
from gateway.edge.request_server import RequestServer
from gateway.edge.rules import check_event_rules
from gateway.edge.status_server import StatusServer
from gateway.edge.supervise import Herald, supervised
from gateway.edge.time_service import clock_offset
from gateway.edge.timekeeper import TimeKeeper
from gateway.edge.upstream import Upstream
from gateway.edge.watch import OutboxWatch
from gateway.edge.watchdog import Watchdog
from gateway.edge.whereabouts import this_process
from gateway.events.encode import EncodedEvent
from gateway.events.fact import Fact
from gateway.metrics.collector import GatewayCollector
from gateway.metrics.server import MetricsServer
from gateway.metrics.sources import Sources
from gateway.outbox.reader import Reader
from gateway.outbox.store import Store
from gateway.outbox.structure import StructureCheck
from gateway.outbox.thread_writer import ThreadWriter
from gateway.outbox.types import OutboxError, Restored, Row

log = logging.getLogger(__name__)

PORT_RETRY_S = 1.0  # bound of the pause before a port that is away is tried again
LINES_STOP_S = 1.5  # how long the turns that are under way may take at a stop
FLUSH_S = 1.5  # how long the last commits may take
PUBLISH_S = 1.0  # how long what is pending may still be published; the rest stays on disk


class Daemon:
    """The edge daemon of one gateway.

    Args:
        places: the site and where its files are.

    Raises:
        ConfigError: a rule of the site is about something that there is not.
    """

    def __init__(self, places: Places) -> None:
        check_event_rules(places.site, places.site_path)
        self._places = places
        self._clock: Clock = RealClock()
        self._ports = Ports()
        self._store = Store.open(places.outbox, limits=limits_of(places.site.outbox))
        self._key = load_key(places.privacy_key_file)
        self._restored: Restored = self._store.restore()
        self._birthid = secrets.token_hex(6)
        me = this_process(places.gateway_folder, self._birthid, self._clock)
        self._upstream = Upstream(places, me)
        gate = self._upstream.gate
        port_for, receivers = gate.port_of(self._ports.port_for), gate.receiver_of(receiver_for)
        self._taps = LineTaps(port_for, receivers, self._clock)

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT, then stop cleanly.

        Raises:
            RivalError: another gateway of this name is live; nothing was polled.
        """
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        writer = ThreadWriter(self._store, keep=keep_of(self._places.site.outbox))
        reader = Reader(self._places.outbox)
        try:
            await self._upstream.take_name()
            await self._run(writer, reader, stopping)
        finally:
            reader.close()
            left = await writer.close(FLUSH_S)  # the writer's thread closes the store
            if left.reason:
                log.error("the outbox could not take everything before the stop: %s", left.reason)

    async def _run(self, writer: ThreadWriter, reader: Reader, stopping: asyncio.Event) -> None:
        publisher = Publisher(
            self._upstream.link, reader, writer, self._restored.last_sequence, history=reader
        )
        watch = OutboxWatch(reader, writer, self._clock)
        site = self._places.site
        states = StateKeeper(
            self._upstream.link,
            publisher.settled_to,
            site=site.site.id,
            gateway=site.gateway.id,
            birthid=self._birthid,
            sequence=lambda: recorder.sequence,
            heights=publisher.heights,
        )
        board = Board(
            site.site.id,
            site.gateway.id,
            self._birthid,
            self._clock,
            watch.status,
            lambda: self._upstream.status(publisher.status()),
        )

        def committed(rows: tuple[Row, ...], pairs: tuple[tuple[Fact, EncodedEvent], ...]) -> None:
            publisher.offer(rows)
            board.committed(rows, pairs)

        recorder = Recorder(
            site, self._birthid, self._restored, writer, self._clock, committed,
            TimeKeeper(self._clock),
        )  # fmt: skip
        floor = build(
            self._places,
            self._restored,
            recorder,
            self._clock,
            states.note,
            self._taps.port_of,
            self._taps.receiver_of,
        )
        board.watch(floor.lines)
        for work in floor.works:  # what the last process noted and could not write any more
            work.tell_state(self._restored.last_sequence)
        watchdog = Watchdog()
        metrics = self._metrics(floor, recorder, publisher, watch, watchdog)
        life = Life(self._places, recorder, self._clock)
        ledger = Ledger(recorder, reader, writer, self._clock)
        self._tell_birth(life, ledger)
        replays = ReplayServer(self._places.replay_socket, writer, publisher)
        jobs = self._other_jobs(floor, board, publisher, watch, life, states, recorder)
        days = DayRoll(
            site.site, floor.lines, self._restored.keys, recorder.keep_if_it_can, self._clock
        )
        jobs += [ledger.run(), replays.run(), metrics.run(), watchdog.run(), days.run()]
        jobs.append(self._hearing(floor, recorder).run())
        if not self._store.checked:
            jobs.append(ledger.check(StructureCheck(self._places.outbox)))
        await self._work(floor, jobs, life, ledger, publisher, stopping)

    async def _work(
        self,
        floor: Floor,
        jobs: list[Coroutine[None, None, None]],
        life: Life,
        ledger: Ledger,
        publisher: Publisher,
        stopping: asyncio.Event,
    ) -> None:
        """Run every job under one parent until it is time to stop."""
        herald = Herald("line")
        gc.collect()
        gc.freeze()  # what a floor is made of lasts: looking through it again would make polls late
        async with asyncio.TaskGroup() as group:
            lines = [
                group.create_task(supervised(job.info.name, herald, job.run, PORT_RETRY_S))
                for job in floor.lines
            ]
            others = [group.create_task(job) for job in jobs]
            await stopping.wait()
            log.warning("stopping")
            await self._stop(floor, lines)
            await self._upstream.release_name()
            life.egms_died(floor.works, "the gateway stopped")
            await life.died("stopped by the operator").on_disk()
            with suppress(OutboxError):  # a disk that fails does not hold up a stop
                ledger.seal()
            with suppress(TimeoutError):
                await asyncio.wait_for(publisher.drained(), PUBLISH_S)
            for task in others:
                task.cancel()

    def _hearing(self, floor: Floor, recorder: Recorder) -> Hearing:
        site = self._places.site
        acts = Acts(
            site.site.id, site.gateway.id, site.site.currency, floor.by_asset, recorder,
            self._restored.keys.get(ACTS_KEY), self._clock,
        )  # fmt: skip
        return Hearing(self._upstream.link, acts.subjects, site.gateway.id, acts.answer)

    def _metrics(
        self,
        floor: Floor,
        recorder: Recorder,
        publisher: Publisher,
        watch: OutboxWatch,
        watchdog: Watchdog,
    ) -> MetricsServer:
        site = self._places.site
        return MetricsServer(
            site.metrics.listen,
            GatewayCollector(
                Sources(
                    site=site.site.id,
                    gateway=site.gateway.id,
                    lines=floor.lines,
                    recorder=recorder,
                    publishing=publisher.totals,
                    outbox=watch.status,
                    nats=lambda: self._upstream.status(publisher.status()),
                    clock=clock_offset,
                    loop_lag=watchdog.lag,
                )
            ),
        )

    def _tell_birth(self, life: Life, ledger: Ledger) -> None:
        before = self._restored.keys.get(BORN_KEY)
        if before is not None and self._restored.keys.get(ENDED_KEY) != before:
            life.found_dead(before)
        if self._store.loss is not None:
            life.store_lost(self._store.loss)
        life.born(before)
        life.left(self._restored)
        if self._store.loss is not None:
            ledger.store_lost([egm.asset for egm in self._places.site.egms], None)
        ledger.kept_lost(self._restored.damaged, [egm.asset for egm in self._places.site.egms])

    def _other_jobs(
        self,
        floor: Floor,
        board: Board,
        publisher: Publisher,
        watch: OutboxWatch,
        life: Life,
        states: StateKeeper,
        recorder: Recorder,
    ) -> list[Coroutine[None, None, None]]:
        pseudonyms = Pseudonyms(self._key)
        jobs: list[Coroutine[None, None, None]] = [
            *self._upstream.jobs(life.yielded),
            publisher.run(),
            states.run(),
            watch.run(),
            life.run(),
            StatusServer(self._places.status_socket, board).run(),
            CaptureServer(self._places.capture_socket, self._taps.by_line, self._clock).run(),
            RequestServer(
                self._places.request_socket,
                floor.by_asset,
                floor.wish,
                self._clock,
                recorder,
                self._signer(),
            ).run(),
        ]
        herald = Herald("bridge")
        jobs += [
            supervised(bridge.name, herald, bridge.run, PORT_RETRY_S)
            for bridge in self._ports.bridges
        ]
        herald = Herald("card reader")
        for job in floor.lines:
            for address, work in job.works.items():
                path = self._places.card_reader(work.info)
                if path is None:
                    continue
                card = CardJob(path, work, _wisher(job, address), pseudonyms, self._clock)
                jobs.append(supervised(f"at {work.info.location}", herald, card.run))
        return jobs

    def _signer(self) -> ReportSigner:
        places, site = self._places, self._places.site
        return ReportSigner(
            places.run_folder, site.site.id, site.gateway.id, self._birthid, program_version(),
            self._clock,
        )  # fmt: skip

    async def _stop(self, floor: Floor, lines: list[asyncio.Task[None]]) -> None:
        for job in floor.lines:
            job.stop()
        _, late = await asyncio.wait(lines, timeout=LINES_STOP_S)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=LINES_STOP_S)


def _wisher(job: Job, address: int) -> Callable[[str, Tag], None]:
    def wish(what: str, tag: Tag) -> None:
        job.wish(address, what, tag)

    return wish
