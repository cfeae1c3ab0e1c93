"""Every metric that this program serves, one row each: what collectors make and the page lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)

PREFIX: Final = "slotgw_"

Labels = Mapping[str, tuple[str, ...] | str]
"""Names of labels to what their values are: an enumeration, or where they come from."""

LINE: Final = "the line's name in the site file"
POLLS: Final = ("general", "long")
LINK_STATES: Final = ("unknown", "up", "degraded", "down")
ERRORS: Final[Mapping[str, str]] = {
    "timeout": "timeouts",
    "crc": "crc_errors",
    "length": "length_errors",
    "address": "address_errors",
    "bcd": "bcd_errors",
    "unexpected": "other_errors",
}
"""Kind of error to the count of ``Figures`` that it is made of; the last takes what is left."""
STANDINGS: Final = ("held", "unconfirmed", "yielded")
QUALITIES: Final = ("synced", "unsynced", "stepped", "unknown")
LEVELS: Final = ("sound", "weak", "unknown")


@dataclass(frozen=True, slots=True)
class Row:
    """One metric.

    Attributes:
        name: without ``slotgw_``, and without ``_total``, which counters get.
        kind: counter, gauge or histogram.
        help: what it says, one sentence.
        about: under which heading it stands.
        labels: what it is told apart by.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    about: str
    labels: Labels = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """As it is served; a histogram's samples have endings of their own."""
        return f"{PREFIX}{self.name}{'_total' if self.kind == 'counter' else ''}"

    def counter(self, value: float | None = None) -> CounterMetricFamily:
        """Return an empty family, or one with its only value."""
        assert self.kind == "counter", self.name
        name = PREFIX + self.name
        if value is not None:
            return CounterMetricFamily(name, self.help, value=value)
        return CounterMetricFamily(name, self.help, labels=tuple(self.labels))

    def gauge(self, value: float | None = None) -> GaugeMetricFamily:
        """Return an empty family, or one with its only value."""
        assert self.kind == "gauge", self.name
        name = PREFIX + self.name
        if value is not None:
            return GaugeMetricFamily(name, self.help, value=float(value))
        return GaugeMetricFamily(name, self.help, labels=tuple(self.labels))

    def histogram(self) -> HistogramMetricFamily:
        """Return an empty family."""
        assert self.kind == "histogram", self.name
        return HistogramMetricFamily(PREFIX + self.name, self.help, labels=tuple(self.labels))


_EACH_LINE: Final[Labels] = {"line": LINE}
_EACH_POLL: Final[Labels] = {"line": LINE, "poll": POLLS}

GATEWAY: Final = (
    Row("polls", "counter", "Polls sent to machines, or heard from another host.", "lines",
        _EACH_POLL),
    Row("answers", "counter", "Good answers heard.", "lines", _EACH_POLL),
    Row("poll_errors", "counter", "Polls without a good answer.", "lines",
        {**_EACH_POLL, "kind": tuple(ERRORS)}),
    Row("poll_repeats", "counter", "Polls sent a second time.", "lines", _EACH_POLL),
    Row("poll_lateness_seconds", "histogram",
        "How late a poll left by our doing; what silent machines take is not counted.", "lines",
        _EACH_LINE),
    Row("line_behind", "gauge",
        "1 while the line does not keep its pace, so that readings are left out.", "lines",
        _EACH_LINE),
    Row("line_cycle_seconds", "gauge", "Between the last two polls of one machine.", "lines",
        _EACH_LINE),
    Row("links", "gauge", "Machines by the state of their link.", "lines",
        {"line": LINE, "state": LINK_STATES}),
    Row("machines_quarantined", "gauge",
        "Machines whose work failed by a defect of ours: kept raw, tried again later.", "lines",
        _EACH_LINE),
    Row("events", "counter", "Events on disk since the start, by type.", "events",
        {"type": "types of the event catalogue"}),
    Row("gaps", "counter", "Stretches in which something may have been missed.", "events",
        {"cause": "causes of link.gap"}),
    Row("possible_repeats", "counter", "Events marked as a possible repeat.", "events"),
    Row("schema_errors", "counter", "Facts that did not fit their schema: defects of ours.",
        "events"),
    Row("commit_seconds", "histogram", "From an event's submission to the disk.", "events"),
    Row("outbox_pending_events", "gauge", "Events that NATS has not taken.", "outbox"),
    Row("outbox_oldest_pending_seconds", "gauge", "Age of the oldest of them; 0 if none.",
        "outbox"),
    Row("outbox_acknowledged_events", "counter", "Events that NATS has taken, ever.", "outbox"),
    Row("outbox_refused_events", "counter", "Events that NATS will not take, ever.", "outbox"),
    Row("outbox_healthy", "gauge", "1 if events can be stored.", "outbox"),
    Row("nats_connected", "gauge", "1 while connected to NATS.", "NATS"),
    Row("nats_durability", "gauge",
        "1 for what an acknowledgement of this server is worth.", "NATS", {"level": LEVELS}),
    Row("gateway_name", "gauge",
        "1 for whether this is the only live gateway of its name; yielded: it does not poll.",
        "NATS", {"standing": STANDINGS}),
    Row("publish_in_flight_events", "gauge", "Sent and not answered.", "NATS"),
    Row("publish_seconds", "histogram", "From a sending to its acknowledgement.", "NATS"),
    Row("publish_duplicates", "counter", "Acknowledged as known already.", "NATS"),
    Row("publish_resent", "counter", "Sent again under the same id.", "NATS"),
    Row("publish_timeouts", "counter", "Sendings without an answer in time.", "NATS"),
    Row("publish_replays", "counter", "Sent again under a fresh id.", "NATS"),
    Row("loop_lag_seconds", "histogram", "By how much the event loop came back late.",
        "computer"),
    Row("clock_offset_seconds", "gauge",
        "Wall clock against the time service; missing where the computer does not say.",
        "computer"),
    Row("clock_synchronised", "gauge", "1 if the time service holds the clock.", "computer"),
    Row("time_quality", "gauge",
        "1 for what events say of the wall clock (timequality); stepped: set within a minute.",
        "computer", {"quality": QUALITIES}),
    Row("clock_steps", "counter", "How often the wall clock was set while the gateway ran.",
        "computer"),
    Row("info", "gauge", "Which gateway this is; always 1.", "computer",
        {"site": "the site's id", "gateway": "the gateway's id"}),
)  # fmt: skip
"""What ``slotgw run`` serves."""

_SERVICE: Final[Labels] = {"service": "the service's name"}

CONSUMER: Final = (
    Row("consumer_connected", "gauge", "1 while connected to NATS.", "consumers", _SERVICE),
    Row("consumer_healthy", "gauge", "1 while it reads, handles and misses nothing.",
        "consumers", _SERVICE),
    Row("consumer_lag_messages", "gauge", "Messages that the server still holds for it.",
        "consumers", {**_SERVICE, "stream": "the streams that it reads"}),
    Row("consumer_handled_events", "counter", "Events handled since its file was made.",
        "consumers", _SERVICE),
    Row("consumer_duplicate_events", "counter", "Deliveries of events that were handled before.",
        "consumers", _SERVICE),
    Row("consumer_dead_letters", "counter", "Messages that could not be handled.", "consumers",
        _SERVICE),
    Row("consumer_outgoing_messages", "gauge", "Derived messages that NATS has not taken yet.",
        "consumers", _SERVICE),
    Row("consumer_missing_events", "gauge", "Events that have not come although later ones have.",
        "consumers", _SERVICE),
)  # fmt: skip
"""What ``slotgw central`` serves."""

INBOUND: Final = (
    Row("inbound_accepted_messages", "counter", "Messages of others taken since the start.",
        "inbound"),
    Row("inbound_duplicate_messages", "counter", "Messages that came again, since the start.",
        "inbound"),
    Row("inbound_refused_messages", "counter", "Messages of others refused since the start.",
        "inbound"),
)  # fmt: skip
"""What ``slotgw central inbound`` serves besides whether it is connected, well, and has sent all;
it reads no stream."""

ROWS: Final[Mapping[str, Row]] = {row.name: row for row in (*GATEWAY, *CONSUMER, *INBOUND)}
