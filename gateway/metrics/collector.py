"""The metrics of one gateway, made at the moment of asking.

Runs in the server's thread and only reads: numbers and dictionaries whose keys do not change while
the gateway runs. Labels are bounded: lines of the site file, link states, kinds of errors, types of
the catalogue, causes of gaps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from gateway.metrics.sources import Sources
from gateway.status.spread import BOUNDS_S, Spread

LINK_STATES = ("unknown", "up", "degraded", "down")
ERRORS = (("timeout", "timeouts"), ("crc", "crc_errors"), ("other", "other_errors"))


class GatewayCollector(Collector):
    """Reads the gateway's counters when Prometheus asks."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def collect(self) -> Iterable[Metric]:
        """Return every metric as it is now."""
        yield from self._lines()
        yield from self._events()
        yield from self._outbox()
        yield from self._publishing()
        yield from self._clock()

    def _lines(self) -> Iterable[Metric]:
        polls = _counter("polls", "Polls sent to machines.", "line")
        answers = _counter("answers", "Good answers heard.", "line")
        errors = _counter("poll_errors", "Polls without a good answer.", "line", "kind")
        repeats = _counter("poll_repeats", "Polls sent a second time.", "line")
        links = _gauge("links", "Machines by the state of their link.", "line", "state")
        late = _histogram("poll_lateness_seconds", "How late a poll left, by its pace.", "line")
        for job in self._sources.lines:
            name = job.info.name
            each = [link.figures for link in job.links.values()]
            polls.add_metric((name,), sum(one.polls for one in each))
            answers.add_metric((name,), sum(one.answers for one in each))
            repeats.add_metric((name,), sum(one.repeats for one in each))
            for kind, attribute in ERRORS:
                errors.add_metric((name, kind), sum(getattr(one, attribute) for one in each))
            states = Counter(link.state.value for link in job.links.values())
            for state in LINK_STATES:
                links.add_metric((name, state), states[state])
            if (spread := self._sources.lateness.get(name)) is not None:
                _add(late, (name,), spread)
        yield from (polls, answers, errors, repeats, links, late)

    def _events(self) -> Iterable[Metric]:
        recorder = self._sources.recorder
        told = _counter("events", "Events on disk since the start, by type.", "type")
        for name, count in list(recorder.told.items()):
            told.add_metric((name,), count)
        yield told
        gaps = _counter("gaps", "Stretches in which something may have been missed.", "cause")
        for cause, count in list(recorder.gaps.items()):
            gaps.add_metric((cause,), count)
        yield gaps
        yield _plain("possible_repeats", "Events marked as a possible repeat.",
                     recorder.possible_repeats)  # fmt: skip
        yield _plain("schema_errors", "Facts that did not fit their schema.",
                     recorder.schema_errors)  # fmt: skip
        commits = _histogram("commit_seconds", "From an event's submission to the disk.")
        _add(commits, (), recorder.commits)
        yield commits

    def _outbox(self) -> Iterable[Metric]:
        outbox = self._sources.outbox()
        yield _now("outbox_pending_events", "Events that NATS has not taken.", outbox.depth)
        yield _now("outbox_oldest_pending_seconds", "Age of the oldest of them; 0 if none.",
                   outbox.oldest_age_s or 0.0)  # fmt: skip
        yield _plain("outbox_acknowledged_events", "Events that NATS has taken, ever.",
                     outbox.acknowledged)  # fmt: skip
        yield _plain("outbox_refused_events", "Events that NATS will not take, ever.",
                     outbox.refused)  # fmt: skip
        yield _now("outbox_healthy", "1 if events can be stored.", outbox.state == "ok")

    def _publishing(self) -> Iterable[Metric]:
        totals, nats = self._sources.publishing, self._sources.nats()
        yield _now("nats_connected", "1 while connected to NATS.", nats.connected)
        yield _now("publish_in_flight_events", "Sent and not answered.", nats.in_flight)
        for name, words, count in (
            ("publish_duplicates", "Acknowledged as known already.", totals.duplicates),
            ("publish_resent", "Sent again under the same id.", totals.resent),
            ("publish_timeouts", "Sendings without an answer in time.", totals.timeouts),
            ("publish_replays", "Sent again under a fresh id.", totals.renamed),
        ):
            yield _plain(name, words, count)
        latency = _histogram("publish_seconds", "From a sending to its acknowledgement.")
        _add(latency, (), totals.latency)
        yield latency

    def _clock(self) -> Iterable[Metric]:
        clock = self._sources.clock()
        if clock is not None:
            yield _now("clock_offset_seconds", "Wall clock against the time service.", clock[0])
            yield _now("clock_synchronised", "1 if the time service holds the clock.", clock[1])
        lag = _histogram("loop_lag_seconds", "By how much the event loop came back late.")
        _add(lag, (), self._sources.loop_lag)
        yield lag
        names = self._sources
        about = _gauge("info", "Which gateway this is.", "site", "gateway")
        about.add_metric((names.site, names.gateway), 1)
        yield about


def _counter(name: str, words: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"slotgw_{name}", words, labels=labels)


def _gauge(name: str, words: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"slotgw_{name}", words, labels=labels)


def _histogram(name: str, words: str, *labels: str) -> HistogramMetricFamily:
    return HistogramMetricFamily(f"slotgw_{name}", words, labels=labels)


def _plain(name: str, words: str, count: float) -> CounterMetricFamily:
    return CounterMetricFamily(f"slotgw_{name}", words, value=count)


def _now(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"slotgw_{name}", words, value=float(value))


def _add(family: HistogramMetricFamily, labels: tuple[str, ...], spread: Spread) -> None:
    sums = list(accumulate(spread.counts))
    bounds = [*(str(bound) for bound in BOUNDS_S), "+Inf"]
    family.add_metric(labels, list(zip(bounds, sums, strict=True)), spread.total_s)
