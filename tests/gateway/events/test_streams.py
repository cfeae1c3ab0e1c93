"""Streams share out the subjects among themselves without overlap."""

import pytest

from gateway.events.catalogue import CATALOGUE
from gateway.events.streams import (
    STREAM_OF_FAMILY,
    STREAMS,
    is_token,
    streams_for,
    subject_of,
)


@pytest.mark.parametrize(
    ("subject", "stream"),
    [
        ("slot.v1.demo.gw1.game.ended.10101", "SLOT_PLAY"),
        ("slot.v1.demo.gw1.door.opened.10101", "SLOT_SIGNIFICANT"),
        ("slot.v1.demo.gw1.handpay.pending.10101", "SLOT_MONEY"),
        ("slot.v1.demo.gw1.meter.read.10101", "SLOT_METERS"),
        ("slot.v1.demo.gw1.link.gap.10101", "SLOT_LINK"),
        ("slot.v1.demo.gw1.gateway.born._", "SLOT_LINK"),
        ("slot.v1.demo.gw1.session.closed.10101", "SLOT_CARD"),
        ("floor.v1.demo.dispatch.callopened.7", "FLOOR"),
        ("dead.v1.demo.loyalty", "DEAD"),
    ],
)
def test_a_subject_belongs_to_one_stream(subject, stream):
    assert [row.name for row in streams_for(subject)] == [stream]


@pytest.mark.parametrize(
    "subject", ["slot.v1.demo.gw1.door", "slot.v2.demo.gw1.door.opened.1", "floor.v1", "other"]
)
def test_what_is_not_ours_belongs_to_none(subject):
    assert streams_for(subject) == []


def test_every_family_of_the_catalogue_has_a_stream_and_no_stream_an_idle_family():
    assert {row.family for row in CATALOGUE.values()} == STREAM_OF_FAMILY.keys()


def test_who_plays_is_kept_from_integrators_and_consoles():
    readers = {row.name: row.readers for row in STREAMS}
    assert readers["SLOT_CARD"] == ("consumer",)
    assert all(
        "integrator" in readers[name] for name in readers if name not in ("SLOT_CARD", "DEAD")
    )


def test_every_stream_ends_somewhere():
    assert all(row.retention_s > 0 and row.max_mib > 0 for row in STREAMS)


@pytest.mark.parametrize("text", ["", "a.b", "a b", "*", ">", "ä", "a" * 65, "a\n"])
def test_what_could_change_a_subject_is_no_token(text):
    assert not is_token(text)
    with pytest.raises(ValueError, match="cannot be part of a subject"):
        subject_of("demo", "gw1", "door.opened", text)
