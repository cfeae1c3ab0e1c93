"""Figures for Prometheus: names, units, and that they are the gateway's own counts."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from gateway.bus.consumer import ConsumerStatus
from gateway.bus.delivery import Totals
from gateway.bus.seen import Hole
from gateway.central.inbound.shell import InboundStatus
from gateway.cli.main import main
from gateway.metrics.collector import GatewayCollector
from gateway.metrics.consumer import ConsumerCollector
from gateway.metrics.families import CONSUMER, GATEWAY, INBOUND, ROWS
from gateway.metrics.inbound import InboundCollector
from gateway.metrics.page import PAGE, metrics_page
from gateway.metrics.server import MetricsServer
from gateway.metrics.sources import Sources
from gateway.status.model import NatsStatus, OutboxStatus
from gateway.status.spread import Spread
from protocols.sas.host.figures import Figures
from tests.gateway.metrics.held import differences, samples, served

UNITS = ("_seconds", "_total", "_events", "_bytes", "_messages")
COUNTS_NOW = {
    "links", "info", "nats_connected", "nats_durability", "outbox_healthy", "line_behind",
    "clock_synchronised", "time_quality", "gateway_name", "machines_quarantined",
    "consumer_connected", "consumer_healthy",
}  # fmt: skip


def link(state, **figures):
    return SimpleNamespace(state=SimpleNamespace(value=state), figures=Figures(**figures))


@pytest.fixture
def sources():
    late = Spread()
    for seconds in (0.0004, 0.3, 20.0):
        late.note(seconds)
    works = {1: SimpleNamespace(quarantined=None), 2: SimpleNamespace(quarantined="ValueError")}
    job = SimpleNamespace(
        info=SimpleNamespace(name="L1"), works=works, cycle_s=0.21,
        lateness=SimpleNamespace(spread=late, behind=True),
        long_polls=SimpleNamespace(
            figures=Figures(polls=5, answers=3, timeouts=1, crc_errors=1, repeats=1)
        ),
        links={
            1: link("up", polls=10, answers=9, crc_errors=1, repeats=3),
            2: link("down", polls=4, timeouts=2, other_errors=2, length_errors=1),
        },
    )  # fmt: skip
    heard = SimpleNamespace(
        info=SimpleNamespace(name="L2"), works={}, cycle_s=None, links={},
        long_polls=SimpleNamespace(figures=Figures()),
    )  # fmt: skip
    recorder = SimpleNamespace(
        schema_errors=2, possible_repeats=3, told=Counter({"door.opened": 5}),
        gaps=Counter({"no_exchange": 1}), commits=Spread(),
        time=SimpleNamespace(quality="stepped", steps=2),
    )  # fmt: skip
    return Sources(
        "demo", "edge1", [job, heard], recorder, Totals(duplicates=4),
        lambda: OutboxStatus(depth=7, oldest_age_s=1.5, acknowledged=100),
        lambda: NatsStatus(connected=True, in_flight=6, durability="weak", name="held"),
        lambda: (0.002, True), Spread(),
    )  # fmt: skip


@pytest.fixture
def serve():
    """Serve what a collector reads, and return the page."""
    servers = []

    def start(collector, listen="127.0.0.1:0"):
        server = MetricsServer(listen, collector)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def page(sources, serve):
    return served(serve(GatewayCollector(sources)).port)


def test_every_figure_is_the_gateways_own_count(page):
    value = samples(page)
    assert value("polls_total", line="L1", poll="general") == 9
    assert value("polls_total", line="L1", poll="long") == 5
    assert value("answers_total", line="L1", poll="general") == 6
    assert value("poll_repeats_total", line="L1", poll="long") == 1
    assert value("poll_errors_total", line="L1", poll="long", kind="crc") == 1
    assert value("poll_errors_total", line="L1", poll="general", kind="crc") == 0
    assert value("poll_errors_total", line="L1", poll="general", kind="timeout") == 1
    assert value("poll_errors_total", line="L1", poll="general", kind="length") == 1
    assert value("poll_errors_total", line="L1", poll="general", kind="unexpected") == 1
    assert value("links", line="L1", state="up") == value("links", line="L1", state="down") == 1
    assert value("links", line="L1", state="degraded") == 0
    assert value("line_behind", line="L1") == 1
    assert value("line_cycle_seconds", line="L1") == 0.21
    assert value("machines_quarantined", line="L1") == 1
    assert value("events_total", type="door.opened") == 5
    assert value("gaps_total", cause="no_exchange") == 1
    assert value("schema_errors_total") == 2
    assert value("outbox_pending_events") == 7
    assert value("outbox_oldest_pending_seconds") == 1.5
    assert value("publish_in_flight_events") == 6
    assert value("publish_duplicates_total") == 4
    assert value("nats_durability", level="weak") == 1
    assert value("nats_durability", level="sound") == 0
    assert value("gateway_name", standing="held") == 1
    assert value("clock_offset_seconds") == 0.002
    assert value("time_quality", quality="stepped") == 1
    assert value("time_quality", quality="synced") == 0
    assert value("clock_steps_total") == 2


def test_a_count_never_falls_while_a_long_poll_is_being_counted(sources, serve):
    port = serve(GatewayCollector(sources)).port
    [job, _] = sources.lines
    job.links[1].figures.polls += 1  # the link's count comes first ...
    assert samples(served(port))("polls_total", line="L1", poll="general") == 10
    job.long_polls.figures.polls += 1  # ... that of long polls a moment later
    value = samples(served(port))
    assert value("polls_total", line="L1", poll="long") == 6
    assert value("polls_total", line="L1", poll="general") == 10
    job.links[1].figures.polls += 2
    assert samples(served(port))("polls_total", line="L1", poll="general") == 11


def test_a_late_poll_is_in_every_count_above_its_lateness(page):
    value = samples(page)
    assert value("poll_lateness_seconds_bucket", line="L1", le="0.001") == 1
    assert value("poll_lateness_seconds_bucket", line="L1", le="0.5") == 2
    assert value("poll_lateness_seconds_bucket", line="L1", le="10.0") == 2
    assert value("poll_lateness_seconds_bucket", line="L1", le="+Inf") == 3
    assert value("poll_lateness_seconds_count", line="L1") == 3
    assert value("poll_lateness_seconds_sum", line="L1") == pytest.approx(20.3004)


def test_what_is_served_is_what_the_table_says(page):
    assert differences(page, GATEWAY) == []


def test_a_difference_to_the_table_is_seen(page):
    wrong = page.replace('poll="long"', 'poll="odd"').replace("slotgw_info", "slotgw_about")
    assert differences(wrong, GATEWAY)[:3] == [
        "slotgw_about is served and stands in no table",
        "slotgw_answers: poll is 'odd'",
        "slotgw_info is not served",
    ]


def test_names_say_their_units_and_every_metric_says_what_it_is():
    assert len(ROWS) == len(GATEWAY) + len(CONSUMER) + len(INBOUND)
    for row in ROWS.values():
        assert row.full_name.endswith(UNITS) or row.name in COUNTS_NOW
        assert not row.name.endswith("_total")
        assert row.help.endswith(".")


def consumer(**changes):
    return ConsumerStatus(
        **{"connected": True, "words": "reading", "lag": {"SLOT_PLAY": 12}, "handled": 40,
           "duplicates": 2, "dead": 1, "outgoing": 3, "holes": (), **changes}
    )  # fmt: skip


def test_a_consumer_says_how_far_behind_it_is(serve):
    missing = (Hole("edge1", "door", 4, 6),)
    page = served(serve(ConsumerCollector("dispatch", lambda: consumer(holes=missing))).port)
    assert differences(page, CONSUMER) == []
    value = samples(page)
    assert value("consumer_lag_messages", service="dispatch", stream="SLOT_PLAY") == 12
    assert value("consumer_handled_events_total", service="dispatch") == 40
    assert value("consumer_duplicate_events_total", service="dispatch") == 2
    assert value("consumer_healthy", service="dispatch") == 1
    assert value("consumer_dead_letters_total", service="dispatch") == 1
    assert value("consumer_outgoing_messages", service="dispatch") == 3
    assert value("consumer_missing_events", service="dispatch") == 3


def test_the_inbound_service_says_what_it_took_and_what_it_refused(serve):
    status = InboundStatus(
        connected=True, ready=False, words="no", accepted=7, duplicates=2, refused=1, outgoing=3
    )
    page = served(serve(InboundCollector(lambda: status)).port)
    shared = {"consumer_connected", "consumer_healthy", "consumer_outgoing_messages"}
    assert differences(page, (*(row for row in CONSUMER if row.name in shared), *INBOUND)) == []
    value = samples(page)
    assert value("consumer_connected", service="inbound") == 1
    assert value("consumer_healthy", service="inbound") == 0
    assert value("consumer_outgoing_messages", service="inbound") == 3
    assert value("inbound_accepted_messages_total") == 7
    assert value("inbound_duplicate_messages_total") == 2
    assert value("inbound_refused_messages_total") == 1


def test_the_page_for_operators_is_what_is_generated():
    assert PAGE.read_text("utf-8") == metrics_page(), "run: slotgw metrics --write"
    assert CliRunner().invoke(main, ["metrics"]).output == metrics_page()
    assert all(f"| `{row.full_name}` | {row.kind} |" in metrics_page() for row in ROWS.values())


def test_a_port_that_is_taken_is_told_and_the_gateway_goes_on_without_metrics(
    sources, serve, caplog
):
    first = serve(GatewayCollector(sources))
    second = serve(GatewayCollector(sources), f"127.0.0.1:{first.port}")
    assert second.port is None
    assert "no metrics" in caplog.text
    assert "change [metrics] listen in the site file" in caplog.text


def test_without_an_address_nothing_is_served(sources, serve):
    assert serve(GatewayCollector(sources), None).port is None
