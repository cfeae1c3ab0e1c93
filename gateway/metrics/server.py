"""Serves metrics on HTTP, in a thread of its own: nothing of it runs on the event loop."""

from __future__ import annotations

import asyncio
import logging
import threading
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.registry import Collector

log = logging.getLogger(__name__)

CLOSE_S = 1.0


class MetricsServer:
    """Metrics at ``http://host:port/metrics``.

    A port that cannot be had is said once in the log, and the gateway goes on without metrics.

    Args:
        listen: ``host:port``, or None for no metrics.
        collector: reads the figures, in the server's thread.
        change: where an operator chooses another address.
    """

    def __init__(
        self,
        listen: str | None,
        collector: Collector,
        change: str = "[metrics] listen in the site file",
    ) -> None:
        self._listen = listen
        self._change = change
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(collector)
        self._running: tuple[WSGIServer, threading.Thread] | None = None

    @property
    def port(self) -> int | None:
        """The TCP port that it has, or None while it does not serve."""
        return self._running[0].server_port if self._running else None

    async def run(self) -> None:
        """Serve until cancelled; the loop has nothing to do with it."""
        self.start()
        try:
            await asyncio.Event().wait()
        finally:
            self.stop()

    def start(self) -> None:
        """Begin to serve."""
        if self._listen is None:
            return
        host, _, port = self._listen.rpartition(":")
        try:
            self._running = start_http_server(
                int(port), addr=host.strip("[]"), registry=self._registry
            )
        except OSError as error:
            log.error(  # noqa: TRY400 - the operator's to mend, not a defect
                "no metrics: %s cannot be had (%s); change %s",
                self._listen, error.strerror or error, self._change,
            )  # fmt: skip

    def stop(self) -> None:
        """Serve no more."""
        if self._running is not None:
            server, thread = self._running
            self._running = None
            server.shutdown()
            server.server_close()
            thread.join(CLOSE_S)
