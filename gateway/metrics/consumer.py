"""The metrics of one central consumer, made at the moment of asking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from gateway.metrics.families import ROWS


class Missing(Protocol):
    """A run of events that have not come."""

    @property
    def events(self) -> int:
        """How many."""
        ...


class Standing(Protocol):
    """How a consumer stands; see ``gateway.bus.consumer.ConsumerStatus``."""

    @property
    def connected(self) -> bool:
        """Whether NATS is there."""
        ...

    @property
    def words(self) -> str:
        """How it stands in words; ``reading`` if all is well."""
        ...

    @property
    def lag(self) -> Mapping[str, int]:
        """Messages the server still holds for it, by stream."""
        ...

    @property
    def handled(self) -> int:
        """Events handled."""
        ...

    @property
    def duplicates(self) -> int:
        """Deliveries of events handled before."""
        ...

    @property
    def dead(self) -> int:
        """Messages that could not be handled."""
        ...

    @property
    def outgoing(self) -> int:
        """Derived messages not taken yet."""
        ...

    @property
    def holes(self) -> Sequence[Missing]:
        """Events that have not come."""
        ...


class ConsumerCollector(Collector):
    """Reads a consumer's figures when Prometheus asks.

    Args:
        service: its name.
        latest: how it stood last; called in the server's thread, so it must only hand over.
    """

    def __init__(self, service: str, latest: Callable[[], Standing]) -> None:
        self._service = service
        self._latest = latest

    def collect(self) -> Iterable[Metric]:
        """Return every metric as it is now."""
        status = self._latest()
        lag = ROWS["consumer_lag_messages"].gauge()
        for stream, messages in status.lag.items():
            lag.add_metric((self._service, stream), messages)
        yield lag
        missing = sum(hole.events for hole in status.holes)
        for name, value in (
            ("consumer_connected", float(status.connected)),
            ("consumer_healthy", float(status.words == "reading")),
            ("consumer_outgoing_messages", status.outgoing),
            ("consumer_missing_events", missing),
        ):
            gauge = ROWS[name].gauge()
            gauge.add_metric((self._service,), value)
            yield gauge
        for name, value in (
            ("consumer_handled_events", status.handled),
            ("consumer_duplicate_events", status.duplicates),
            ("consumer_dead_letters", status.dead),
        ):
            counter = ROWS[name].counter()
            counter.add_metric((self._service,), value)
            yield counter
