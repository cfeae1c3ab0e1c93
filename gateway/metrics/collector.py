"""The metrics of one gateway, made at the moment of asking.

Runs in the server's thread and only reads: numbers and dictionaries whose keys do not change while
the gateway runs. Labels are bounded: lines of the site file, link states, kinds of errors, types of
the catalogue, causes of gaps. What there is stands in :mod:`gateway.metrics.families`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

from prometheus_client.core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.metrics.families import ERRORS, LEVELS, LINK_STATES, QUALITIES, ROWS, STANDINGS
from gateway.metrics.sources import Sources
from gateway.status.spread import BOUNDS_S, Spread


class GatewayCollector(Collector):
    """Reads the gateway's counters when Prometheus asks."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._told: dict[tuple[str, ...], int] = {}  # general polls: what is left of all of them

    def collect(self) -> Iterable[Metric]:
        """Return every metric as it is now."""
        yield from self._polls()
        yield from self._lines()
        yield from self._events()
        yield from self._outbox()
        yield from self._nats()
        yield from self._computer()

    def _polls(self) -> Iterable[Metric]:
        polls, answers = ROWS["polls"].counter(), ROWS["answers"].counter()
        errors, repeats = ROWS["poll_errors"].counter(), ROWS["poll_repeats"].counter()
        for job in self._sources.lines:
            name, long = job.info.name, job.long_polls.figures
            each = [link.figures for link in job.links.values()]
            for family, attribute in (
                (polls, "polls"),
                (answers, "answers"),
                (repeats, "repeats"),
            ):
                longs = getattr(long, attribute)
                every = sum(getattr(one, attribute) for one in each)
                family.add_metric((name, "general"), self._growing(every - longs, name, attribute))
                family.add_metric((name, "long"), longs)
            longs_by_kind, by_kind = _errors([long]), _errors(each)
            for kind in ERRORS:
                rest = self._growing(by_kind[kind] - longs_by_kind[kind], name, kind)
                errors.add_metric((name, "general", kind), rest)
                errors.add_metric((name, "long", kind), longs_by_kind[kind])
        yield from (polls, answers, errors, repeats)

    def _growing(self, count: int, *names: str) -> int:
        """Return a count that never falls: the loop may be between its two additions just now."""
        self._told[names] = count = max(count, self._told.get(names, 0))
        return count

    def _lines(self) -> Iterable[Metric]:
        late, behind = ROWS["poll_lateness_seconds"].histogram(), ROWS["line_behind"].gauge()
        cycles, links = ROWS["line_cycle_seconds"].gauge(), ROWS["links"].gauge()
        quarantined = ROWS["machines_quarantined"].gauge()
        for job in self._sources.lines:
            name = job.info.name
            states = Counter(link.state.value for link in job.links.values())
            for state in LINK_STATES:
                links.add_metric((name, state), states[state])
            bad = sum(work.quarantined is not None for work in job.works.values())
            quarantined.add_metric((name,), bad)
            if job.cycle_s is not None:
                cycles.add_metric((name,), job.cycle_s)
            if (lateness := getattr(job, "lateness", None)) is not None:  # not where we listen
                _add(late, (name,), lateness.spread)
                behind.add_metric((name,), lateness.behind)
        yield from (late, behind, cycles, links, quarantined)

    def _events(self) -> Iterable[Metric]:
        recorder = self._sources.recorder
        told, gaps = ROWS["events"].counter(), ROWS["gaps"].counter()
        for name, count in list(recorder.told.items()):
            told.add_metric((name,), count)
        for cause, count in list(recorder.gaps.items()):
            gaps.add_metric((cause,), count)
        yield from (told, gaps)
        yield ROWS["possible_repeats"].counter(recorder.possible_repeats)
        yield ROWS["schema_errors"].counter(recorder.schema_errors)
        yield _only("commit_seconds", recorder.commits)

    def _outbox(self) -> Iterable[Metric]:
        outbox = self._sources.outbox()
        yield ROWS["outbox_pending_events"].gauge(outbox.depth)
        yield ROWS["outbox_oldest_pending_seconds"].gauge(outbox.oldest_age_s or 0.0)
        yield ROWS["outbox_acknowledged_events"].counter(outbox.acknowledged)
        yield ROWS["outbox_refused_events"].counter(outbox.refused)
        yield ROWS["outbox_healthy"].gauge(outbox.state == "ok")

    def _nats(self) -> Iterable[Metric]:
        totals, nats = self._sources.publishing, self._sources.nats()
        yield ROWS["nats_connected"].gauge(nats.connected)
        yield _one_of("nats_durability", LEVELS, nats.durability)
        yield _one_of("gateway_name", STANDINGS, nats.name)
        yield ROWS["publish_in_flight_events"].gauge(nats.in_flight)
        yield _only("publish_seconds", totals.latency)
        yield ROWS["publish_duplicates"].counter(totals.duplicates)
        yield ROWS["publish_resent"].counter(totals.resent)
        yield ROWS["publish_timeouts"].counter(totals.timeouts)
        yield ROWS["publish_replays"].counter(totals.renamed)

    def _computer(self) -> Iterable[Metric]:
        yield _only("loop_lag_seconds", self._sources.loop_lag)
        clock = self._sources.clock()
        if clock is not None:
            yield ROWS["clock_offset_seconds"].gauge(clock[0])
            yield ROWS["clock_synchronised"].gauge(clock[1])
        time = self._sources.recorder.time
        yield _one_of("time_quality", QUALITIES, time.quality)
        yield ROWS["clock_steps"].counter(time.steps)
        about = ROWS["info"].gauge()
        about.add_metric((self._sources.site, self._sources.gateway), 1)
        yield about


def _errors(each: Sequence[Any]) -> dict[str, int]:
    """Count the errors of all figures by kind; what has no kind of its own is the last one."""
    found = {kind: sum(getattr(one, name) for one in each) for kind, name in ERRORS.items()}
    found["unexpected"] -= found["length"] + found["address"] + found["bcd"]
    return found


def _only(name: str, spread: Spread) -> HistogramMetricFamily:
    family = ROWS[name].histogram()
    _add(family, (), spread)
    return family


def _one_of(name: str, values: Iterable[str], value: str) -> Metric:
    family = ROWS[name].gauge()
    for each in values:
        family.add_metric((each,), each == value)
    return family


def _add(family: HistogramMetricFamily, labels: tuple[str, ...], spread: Spread) -> None:
    sums = list(accumulate(spread.counts))
    bounds = [*(str(bound) for bound in BOUNDS_S), "+Inf"]
    family.add_metric(labels, list(zip(bounds, sums, strict=True)), spread.total_s)
