"""The room that a site's streams get is the room that its events take."""

import pytest

from edge_config.loader import load_toml
from edge_config.retention import StreamsInfo
from edge_config.site import Site
from gateway.cli.outbox_size import sample_row
from gateway.cli.stream_size import (
    MIB,
    SMALLEST,
    message_bytes,
    stream_limits,
    stream_sizes,
)
from gateway.events.streams import STREAMS

SITE = "edge_config/sites/demo_floor.toml"
DAYS = {
    "SLOT_PLAY": "play_days", "SLOT_SIGNIFICANT": "significant_days", "SLOT_MONEY": "money_days",
    "SLOT_METERS": "meters_days", "SLOT_LINK": "link_days", "SLOT_CARD": "card_days",
    "FLOOR": "derived_days", "DEAD": "dead_days",
}  # fmt: skip


@pytest.fixture
def sizes():
    def of(**streams):
        site = load_toml(SITE, Site)
        return {
            one.name: one
            for one in stream_sizes(site.model_copy(update={"streams": StreamsInfo(**streams)}))
        }

    return of


def test_a_site_that_says_nothing_keeps_what_the_contract_promises(sizes):
    assert {one.name: one.days * 86_400 for one in sizes().values()} == {
        row.name: row.retention_s for row in STREAMS
    }
    assert DAYS.keys() == {row.name for row in STREAMS}


def test_the_room_is_the_product_that_is_shown(sizes):
    for one in sizes(machines=500).values():
        product = one.events_a_day * one.bytes_an_event * one.days * one.margin
        assert one.max_bytes == pytest.approx(max(product, SMALLEST), abs=MIB)
        assert f"{one.days:g} days" in one.words()


def test_twice_the_machines_get_twice_the_room(sizes):
    few, many = sizes(machines=1000), sizes(machines=2000)
    for name in ("SLOT_PLAY", "SLOT_MONEY", "SLOT_METERS", "SLOT_CARD"):
        assert many[name].max_bytes == pytest.approx(2 * few[name].max_bytes, rel=0.01)
    assert many["SLOT_LINK"].max_bytes > few["SLOT_LINK"].max_bytes, "more gateways, more beats"


def test_play_of_five_hundred_machines_is_what_a_real_floor_says(sizes):
    play = sizes(machines=500)["SLOT_PLAY"]
    assert play.events_a_day / 86_400 == pytest.approx(50, rel=0.05), "at 30 % occupancy"


@pytest.mark.parametrize("field", DAYS.values())
def test_half_the_days_get_half_the_room_or_the_least(field, sizes):
    name = next(stream for stream, key in DAYS.items() if key == field)
    full, half = sizes(machines=9000)[name], None
    half = sizes(machines=9000, **{field: full.days / 2})[name]
    assert half.max_bytes == pytest.approx(max(full.max_bytes / 2, SMALLEST), abs=2 * MIB)


def test_the_limits_for_the_server_are_the_sizes(sizes):
    found = stream_limits(tuple(sizes().values()))
    assert found["SLOT_PLAY"].retention_s == 3 * 86_400
    assert found["SLOT_PLAY"].max_bytes == sizes()["SLOT_PLAY"].max_bytes


def test_a_message_takes_more_than_its_body():
    row = sample_row("game.ended", 7)
    assert len(row.body) + 200 < message_bytes(row) < len(row.body) + 500
