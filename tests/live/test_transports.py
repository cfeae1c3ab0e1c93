"""A gateway and a simulated floor as two programs, with each kind of line between them."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from gateway.bus.server import free_port
from gateway.console.source import AwayError, UnreadableError, take_snapshot
from gateway.metrics.families import GATEWAY
from gateway.outbox.reader import Reader
from gateway.status.model import LinkWord
from tests.gateway.metrics.held import differences, samples, served

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60
LINES, EGMS = 3, 2  # EGMs a line


def rows(line_keys, egm_keys):
    """Lines and EGMs, as site and floor both have them; more keys stand under each."""
    for line in range(1, LINES + 1):
        yield f'[[lines]]\nname = "L{line}"\n{line_keys.format(line=line)}\n'
        for address in range(1, EGMS + 1):
            yield f'[[egms]]\nasset = "{line}0{address}"\nline = "L{line}"\n'
            yield f'address = {address}\nlocation = "{line}-{address}"\n{egm_keys}\n'


def site(line_keys, run, metrics):
    return (
        '[site]\nid = "t"\nname = "T"\njurisdiction = "US-NV"\ntime_zone = "UTC"\n'
        f'currency = "USD"\n[gateway]\nid = "g"\nrun_folder = "{run}"\n'
        '[nats]\nurl = "nats://127.0.0.1:1"\npassword_file = "none"\n'
        f'[metrics]\nlisten = "127.0.0.1:{metrics}"\n'
        + "".join(rows(line_keys, 'denomination = "0.01"'))
    )


def floor(line_keys):
    head = '[floor]\nname = "t"\nseed = 5\nrun_folder = "x"\n[profiles.p]\n'
    return head + "".join(rows(line_keys, 'profile = "p"'))


class Pair:
    """Both programs, in one folder."""

    def __init__(self, folder):
        self.folder = folder
        self.running = {}
        self.metrics_port = free_port()

    def write(self, of_site, of_floor):
        """Write both files; the keys are those of every line."""
        (self.folder / "site.toml").write_text(
            site(of_site, self.folder / "run", self.metrics_port)
        )
        (self.folder / "floor.toml").write_text(floor(of_floor))

    def start(self, name, *command):
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", *command, "--run-folder", self.folder / "run"],
                cwd=ROOT, stderr=log,
            )  # fmt: skip

    def start_floor(self):
        self.start("floor", "floor_sim", "run", self.folder / "floor.toml", "--no-play")

    def start_gateway(self):
        self.start("gateway", "gateway", "run", self.folder / "site.toml")

    def stop(self, name, number=signal.SIGTERM):
        process = self.running.pop(name)
        process.send_signal(number)
        return process.wait(PATIENCE_S)

    def log(self, name):
        return (self.folder / f"{name}.log").read_text()

    def until(self, condition):
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, self.log("gateway") + self.log("floor")
            for name, process in self.running.items():
                assert process.poll() is None, self.log(name)
            time.sleep(0.05)

    def links(self):
        try:
            seen = asyncio.run(take_snapshot(self.folder / "run" / "gateway" / "status.sock"))
        except (AwayError, UnreadableError):
            return []
        return [egm.link for egm in seen.egms]

    def all_are(self, word):
        return self.links() == [word] * LINES * EGMS

    def asks(self, path, body=None):
        control = json.loads((self.folder / "run" / "control.json").read_text())
        data = None if body is None else json.dumps(body).encode()
        request = Request(control["url"] + path, data, {"Content-Type": "application/json"})
        with urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def events(self, kind):
        """Assets of the events of one kind in the outbox, in order."""
        reader = Reader(self.folder / "run" / "gateway" / "outbox.sqlite")
        rows = reader.pending(0, 10_000)
        reader.close()
        return [row.asset for row in rows if row.type == kind]


@pytest.fixture
def pair(tmp_path):
    one = Pair(tmp_path)
    yield one
    for name in tuple(one.running):
        one.stop(name, signal.SIGKILL)


def assert_figures_are_served(pair):
    """Scrape the gateway: every family of the table, and its own counts in them."""
    page = served(pair.metrics_port)
    clock = ("clock_offset_seconds", "clock_synchronised")  # not every computer says
    assert differences(page, GATEWAY, may_lack=clock) == []
    value = samples(page)
    for name in ("L1", "L2", "L3"):
        polls = {kind: value("polls_total", line=name, poll=kind) for kind in ("general", "long")}
        answers = {kind: value("answers_total", line=name, poll=kind) for kind in polls}
        assert all(0 < answers[kind] <= polls[kind] for kind in polls)
        assert value("links", line=name, state="up") == EGMS
        assert value("poll_lateness_seconds_count", line=name) > 0
    assert value("events_total", type="door.opened") == 1
    assert value("outbox_pending_events") >= value("events_total", type="door.opened")
    assert value("commit_seconds_count") > 0
    assert value("gateway_name", standing="unconfirmed") == 1  # no server
    assert value("nats_connected") == value("schema_errors_total") == 0
    assert value("info", site="t", gateway="g") == 1


def test_machines_on_a_bridge_are_polled_told_of_and_found_again_after_it_was_away(pair):
    port = free_port()
    keys = f'transport = "bridge"\nport = "127.0.0.1:{port}/{{line}}"'
    pair.write(keys, keys)
    pair.start_gateway()  # before the bridge is there: it is waited for
    pair.until(lambda: "is away: connection refused" in pair.log("gateway"))
    pair.start_floor()
    pair.until(lambda: pair.all_are(LinkWord.UP))
    pair.asks("/machines/102/do", {"action": "door open slot"})
    pair.until(lambda: pair.events("door.opened") == ["102"])
    lines = pair.asks("/state")["lines"]
    assert [line["bad"] for line in lines] == [0] * LINES  # every poll had its ninth bits right
    assert all(line["answers"] > 0 for line in lines)
    assert_figures_are_served(pair)

    pair.stop("floor", signal.SIGKILL)
    pair.until(lambda: pair.all_are(LinkWord.DOWN))
    pair.start_floor()
    pair.until(lambda: pair.all_are(LinkWord.UP))
    pair.asks("/machines/301/do", {"action": "door open slot"})
    pair.until(lambda: "301" in pair.events("door.opened"))
    assert set(pair.events("door.opened")) == {"102", "301"}
    assert pair.stop("gateway") == 0
    assert "Traceback" not in pair.log("gateway") + pair.log("floor")


@pytest.mark.parametrize(
    ("of_site", "of_floor"),
    [
        ('transport = "pty"\nninth_bit = "parmrk"', 'ninth_bit = "parmrk"'),
        ('transport = "serial"\nninth_bit = "unknown"', ""),
    ],
    ids=["pty with escapes", "serial without a ninth bit"],
)
def test_machines_are_polled_and_told_of_over_every_other_kind_of_line(pair, of_site, of_floor):
    port = 'port = "lines/L{line}"\n'
    pair.write(port + of_site, port + of_floor)
    pair.start_floor()
    pair.start_gateway()
    pair.until(lambda: pair.all_are(LinkWord.UP))
    pair.asks("/machines/102/do", {"action": "door open slot"})
    pair.until(lambda: pair.events("door.opened") == ["102"])
    assert pair.stop("gateway") == 0
    assert "Traceback" not in pair.log("gateway") + pair.log("floor")
