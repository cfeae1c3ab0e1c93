"""Figures for Prometheus: names, units, and that they are the gateway's own counts."""

from __future__ import annotations

import urllib.request
from collections import Counter
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.bus.delivery import Totals
from gateway.metrics.server import MetricsServer
from gateway.metrics.sources import Sources
from gateway.status.model import NatsStatus, OutboxStatus
from gateway.status.spread import Spread

UNITS = ("_seconds", "_total", "_events", "_bytes")
COUNTS_NOW = ("slotgw_links", "slotgw_info", "slotgw_nats_connected", "slotgw_outbox_healthy",
              "slotgw_clock_synchronised")  # fmt: skip


def link(state, **figures):
    counts = {"polls": 0, "answers": 0, "repeats": 0, "timeouts": 0, "crc_errors": 0,
              "other_errors": 0, **figures}  # fmt: skip
    return SimpleNamespace(state=SimpleNamespace(value=state), figures=SimpleNamespace(**counts))


@pytest.fixture
def sources():
    late = Spread()
    for seconds in (0.0004, 0.3, 20.0):
        late.note(seconds)
    job = SimpleNamespace(
        info=SimpleNamespace(name="L1"),
        links={1: link("up", polls=10, answers=9, crc_errors=1), 2: link("down", polls=4)},
    )
    recorder = SimpleNamespace(
        schema_errors=2, possible_repeats=3, told=Counter({"door.opened": 5}),
        gaps=Counter({"no_exchange": 1}), commits=Spread(),
    )  # fmt: skip
    return Sources(
        "demo", "edge1", [job], {"L1": late}, recorder, Totals(duplicates=4),
        lambda: OutboxStatus(depth=7, oldest_age_s=1.5, acknowledged=100),
        lambda: NatsStatus(connected=True, in_flight=6), lambda: (0.002, True), Spread(),
    )  # fmt: skip


@pytest.fixture
def page(sources):
    server = MetricsServer("127.0.0.1:0", sources)
    server.start()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics") as answer:
            yield list(text_string_to_metric_families(answer.read().decode()))
    finally:
        server.stop()


def samples(page):
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in page
        for sample in family.samples
    }


def test_every_figure_is_the_gateways_own_count(page):
    found = samples(page)
    assert found["slotgw_polls_total", "L1"] == 14
    assert found["slotgw_answers_total", "L1"] == 9
    assert found["slotgw_poll_errors_total", "L1", "crc"] == 1
    assert found["slotgw_links", "L1", "up"] == found["slotgw_links", "L1", "down"] == 1
    assert found["slotgw_links", "L1", "degraded"] == 0
    assert found["slotgw_events_total", "door.opened"] == 5
    assert found["slotgw_gaps_total", "no_exchange"] == 1
    assert found["slotgw_schema_errors_total",] == 2
    assert found["slotgw_outbox_pending_events",] == 7
    assert found["slotgw_outbox_oldest_pending_seconds",] == 1.5
    assert found["slotgw_publish_in_flight_events",] == 6
    assert found["slotgw_publish_duplicates_total",] == 4
    assert found["slotgw_clock_offset_seconds",] == 0.002


def test_a_late_poll_is_in_every_count_above_its_lateness(page):
    found = samples(page)
    assert found["slotgw_poll_lateness_seconds_bucket", "0.001", "L1"] == 1
    assert found["slotgw_poll_lateness_seconds_bucket", "0.5", "L1"] == 2
    assert found["slotgw_poll_lateness_seconds_bucket", "10.0", "L1"] == 2
    assert found["slotgw_poll_lateness_seconds_bucket", "+Inf", "L1"] == 3
    assert found["slotgw_poll_lateness_seconds_count", "L1"] == 3
    assert found["slotgw_poll_lateness_seconds_sum", "L1"] == pytest.approx(20.3004)


def test_names_say_their_units_and_every_metric_says_what_it_is(page):
    assert len(page) > 20
    for family in page:
        assert family.name.startswith("slotgw_")
        assert family.documentation
        counter = family.type == "counter"
        assert counter or family.name.endswith(UNITS) or family.name in COUNTS_NOW, family.name


def test_a_port_that_is_taken_is_said_once_and_hurts_nothing(sources, caplog):
    first, second = MetricsServer("127.0.0.1:0", sources), None
    first.start()
    try:
        second = MetricsServer(f"127.0.0.1:{first.port}", sources)
        second.start()
        assert second.port is None
        assert "no metrics" in caplog.text
    finally:
        first.stop()


def test_without_an_address_nothing_is_served(sources):
    server = MetricsServer(None, sources)
    server.start()
    assert server.port is None
