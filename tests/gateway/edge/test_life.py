"""Births and deaths: of the gateway's machines, told once each."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from edge_config.loader import load_toml
from edge_config.places import find_places
from edge_config.site import Site
from gateway.edge.clock import RealClock
from gateway.edge.keys import BORN_KEY, gone_key
from gateway.edge.life import Life
from gateway.edge.recorder import Recorder
from gateway.events.encode import Place
from gateway.outbox.store import Store
from gateway.outbox.writer import InlineWriter
from tests.gateway.edge.test_rules import FOLDER

SITE = FOLDER.parent / "sites" / "demo_floor.toml"


@pytest.fixture
def start(tmp_path):
    """Start a gateway on what the last one left; returns its life, its outbox and what it told."""

    def begin(birthid, without=()):
        site = load_toml(SITE, Site)
        site = site.model_copy(
            update={"egms": tuple(egm for egm in site.egms if egm.asset not in without)}
        )
        places = find_places(site, SITE, run_folder=tmp_path, environment={})
        places.gateway_folder.mkdir(exist_ok=True)
        store = Store.open(places.outbox, synchronous="OFF")
        restored, told = store.restore(), []
        clock = RealClock()
        writer = InlineWriter(store, wall_ns=clock.wall_ns)
        recorder = Recorder(site, birthid, restored, writer, clock, lambda *_: None)
        record = recorder.record

        def remembered(facts, *args, **kwargs):
            told.extend(facts)
            return record(facts, *args, **kwargs)

        recorder.record = remembered
        return Life(places, recorder, clock), recorder, restored, told, store

    return begin


async def test_a_clean_stop_tells_each_machine_that_was_born_in_this_start(start):
    life, _, _, told, store = start("b1")
    place = Place("demo", "edge1", "US-NV")
    works = [
        SimpleNamespace(machine=asset, place=place,
                        engine=SimpleNamespace(born=born))
        for asset, born in (("10101", True), ("10102", False))
    ]  # fmt: skip
    life.egms_died(works, "the gateway stopped")
    assert [(fact.type, fact.asset) for fact in told] == [("egm.died", "10101")]
    assert told[0].data == {"reason": "the gateway stopped", "birthid": "b1"}
    store.close()


async def test_a_machine_that_the_site_file_lacks_is_told_once_until_it_is_back(start):
    _, recorder, _, _, store = start("b1")
    recorder.record([], states={"10101": b"{}"}, keys={BORN_KEY: "b1"})
    store.close()
    told_each = []
    for birthid, without in (("b2", ["10101"]), ("b3", ["10101"]), ("b4", []), ("b5", ["10101"])):
        life, _, restored, told, store = start(birthid, without)
        life.left(restored)
        told_each.append([(fact.type, fact.asset, fact.data["birthid"]) for fact in told])
        store.close()
    died = ("egm.died", "10101", "b1")
    assert told_each == [[died], [], [], [died]]


async def test_a_machine_that_is_there_is_not_told(start):
    life, _, restored, told, store = start("b1")
    life.left(replace(restored, states={"10101": b"{}"}, keys={gone_key("10101"): ""}))
    assert told == []
    store.close()
