"""Real ptys: one gateway polls a simulated floor, another one listens to the taps of its lines."""

import asyncio
import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from edge_config.loader import load_toml
from edge_config.places import find_places
from edge_config.site import Site
from gateway.edge.clock import RealClock
from gateway.edge.floor import build
from gateway.edge.recorder import Recorder
from gateway.edge.supervise import Herald, supervised
from gateway.outbox.store import Store
from gateway.outbox.writer import InlineWriter

ROOT = Path(__file__).parents[2]
SITE = ROOT / "edge_config" / "sites" / "demo_floor.toml"
FLOOR = ROOT / "edge_config" / "floors" / "demo_floor.toml"
LINES = ("L1", "L2")
CODES = 24  # exceptions that the host has told before play stops
UNHURRIED_S = 0.6
"""Between two polls of an EGM: a busy computer reads both wires late and together, and of what it
cannot order the listener tells a gap and nothing else."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ptys as Linux has them")


class Ear:
    """A gateway without its bus: lines, engines, outbox."""

    def __init__(self, places):
        places.gateway_folder.mkdir(parents=True, exist_ok=True)
        clock = RealClock()
        store = self.store = Store.open(places.outbox, synchronous="OFF")
        restored, self.facts = store.restore(), []
        self.writer = InlineWriter(store, wall_ns=clock.wall_ns)
        recorder = Recorder(
            places.site, "b1", restored, self.writer, clock,
            lambda _, pairs: self.facts.extend(fact for fact, _ in pairs),
        )  # fmt: skip
        self.jobs = build(places, restored, recorder, clock, lambda *_: None).lines
        self.tasks = [
            asyncio.create_task(supervised(job.info.name, Herald("line"), job.run, 0.2))
            for job in self.jobs
        ]

    def codes(self, *, sure=False):
        found = {}
        for fact in self.facts:
            if fact.sas_code is not None and not (sure and fact.possible_repeat):
                found.setdefault(fact.asset, []).append(f"{fact.sas_code:02X}")
        return found

    async def stop(self):
        for job in self.jobs:
            job.stop()
        await asyncio.wait(self.tasks, timeout=5)
        self.writer._stop_timer()
        self.store.close()


def places_of(folder, *, listens):
    site = load_toml(SITE, Site)
    lines = [
        line.model_copy(update={"poll_interval_s": UNHURRIED_S})
        for line in site.lines
        if line.name in LINES
    ]
    if listens:
        lines = [
            line.model_copy(
                update={
                    "mode": "listen",
                    "port": str(folder / "taps" / f"{line.name}.host"),
                    "port_egm": str(folder / "taps" / f"{line.name}.egm"),
                }
            )
            for line in lines
        ]
    egms = tuple(egm for egm in site.egms if egm.line in LINES)
    site = site.model_copy(update={"lines": tuple(lines), "egms": egms})
    run_folder = folder / "listens" if listens else folder
    return find_places(site, SITE, run_folder=run_folder, environment={})


@pytest.fixture
def floor(tmp_path):
    text = FLOOR.read_text()
    for name in LINES:
        text = text.replace(f'name = "{name}"', f'name = "{name}"\ntap = true')
    (tmp_path / "floor.toml").write_text(text)
    with subprocess.Popen(
        [sys.executable, "-m", "floor_sim", "run", tmp_path / "floor.toml", "--run-folder",
         tmp_path / "run"],
        cwd=ROOT, stderr=subprocess.DEVNULL,
    ) as sim:  # fmt: skip
        yield tmp_path / "run"
        sim.send_signal(signal.SIGTERM)


async def until(condition, limit_s=60.0):
    deadline = asyncio.get_running_loop().time() + limit_s
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, condition
        await asyncio.sleep(0.05)


def asked(folder, path, body=None):
    url = json.loads((folder / "control.json").read_text())["url"]
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        url + path, data=data, headers={"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)


def queued(folder):
    machines = asked(folder, "/state")["machines"]
    return sum(machine["queued"] for machine in machines if machine["line"] in LINES)


async def until_at_rest(folder, limit_s=60.0):
    """Wait until the machines have handed over all that they have to say."""
    deadline = asyncio.get_running_loop().time() + limit_s
    while True:
        if not await asyncio.to_thread(queued, folder):
            return
        assert asyncio.get_running_loop().time() < deadline, "the floor does not come to rest"
        await asyncio.sleep(0.2)


def told_in_order(some, whole):
    rest = iter(whole)
    return all(code in rest for code in some)


async def test_whoever_listens_tells_what_the_host_tells(floor):
    await until((floor / "control.json").exists)
    listener = Ear(places_of(floor, listens=True))
    await until(lambda: all(job.state == "listening" for job in listener.jobs))
    host = Ear(places_of(floor, listens=False))
    await until(lambda: sum(map(len, host.codes().values())) >= CODES)
    await asyncio.to_thread(asked, floor, "/play", {"on": False})
    await until_at_rest(floor)

    def gaps():
        return {fact.asset for fact in listener.facts if fact.type == "link.gap"}

    def same():
        told, heard = host.codes(), listener.codes()
        return all(heard.get(asset) == told[asset] for asset in told.keys() - gaps())

    await until(same)
    await host.stop()
    await listener.stop()
    sure = listener.codes(sure=True)
    assert sum(map(len, sure.values())) > CODES // 4, "too little was heard to be compared"
    assert all(told_in_order(codes, host.codes()[asset]) for asset, codes in sure.items())
    links = [link for job in listener.jobs for link in job.links.values()]
    assert all(link.live for link in links)
    assert sum(link.figures.polls for link in links) > 50
