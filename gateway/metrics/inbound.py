"""The metrics of the inbound service, made at the moment of asking."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from gateway.metrics.families import ROWS

SERVICE = "inbound"


class Taking(Protocol):
    """How the service stands; see ``gateway.central.inbound.shell.InboundStatus``."""

    @property
    def connected(self) -> bool:
        """Whether NATS is there."""
        ...

    @property
    def ready(self) -> bool:
        """Whether it hears what others send."""
        ...

    @property
    def accepted(self) -> int:
        """Messages taken since the start."""
        ...

    @property
    def duplicates(self) -> int:
        """Messages that came again."""
        ...

    @property
    def refused(self) -> int:
        """Messages refused."""
        ...

    @property
    def outgoing(self) -> int:
        """Derived messages not taken yet."""
        ...


class InboundCollector(Collector):
    """Reads the figures of the inbound service when Prometheus asks.

    Args:
        latest: how it stood last; called in the server's thread, so it must only hand over.
    """

    def __init__(self, latest: Callable[[], Taking]) -> None:
        self._latest = latest

    def collect(self) -> Iterable[Metric]:
        """Return every metric as it is now."""
        status = self._latest()
        for name, value in (
            ("consumer_connected", status.connected),
            ("consumer_healthy", status.ready),
            ("consumer_outgoing_messages", status.outgoing),
        ):
            gauge = ROWS[name].gauge()
            gauge.add_metric((SERVICE,), float(value))
            yield gauge
        yield ROWS["inbound_accepted_messages"].counter(status.accepted)
        yield ROWS["inbound_duplicate_messages"].counter(status.duplicates)
        yield ROWS["inbound_refused_messages"].counter(status.refused)
