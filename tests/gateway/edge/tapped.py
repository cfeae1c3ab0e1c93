"""A line that is listened to, in virtual time: somebody writes the talk, facts come out.

The whole of a gateway but its bus stands behind it: job, engine, recorder and outbox.
"""

import asyncio
from pathlib import Path

from edge_config.loader import load_toml
from edge_config.places import find_places
from edge_config.site import Site
from gateway.edge.floor import build
from gateway.edge.port import PortError
from gateway.edge.recorder import Recorder
from gateway.edge.supervise import Herald, supervised
from gateway.edge.tap_port import TapHeard, TapInbox
from gateway.outbox.store import Store
from gateway.outbox.writer import InlineWriter
from protocols.sas.heard import Wire
from protocols.sas.symbols import Symbols, without_ninth_bit
from tests.simulation.jumping import JumpingClock, JumpingLoop

SITE = Path(__file__).parents[3] / "edge_config" / "sites" / "demo_floor.toml"
LINE = "L1"


class MemoryReceiver:
    """Receive wires in memory."""

    def __init__(self, *, two_wires=True):
        self.name = "memory"
        self.two_wires = two_wires
        self.away = False
        self._inbox = TapInbox(self.name)

    @property
    def dropped_bytes(self):
        return self._inbox.dropped_bytes

    def open(self):
        if self.away:
            raise PortError("memory is not there")
        self._inbox.opened()

    def close(self):
        self._inbox.end(PortError("memory is closed"))

    async def read(self, deadline):
        return await self._inbox.take(deadline)

    def put(self, wire, data, at, wakeup=None):
        bits = without_ninth_bit(data) if wakeup is None else Symbols(data, wakeup)
        self._inbox.put(TapHeard(wire, bits, at))

    def go_away(self):
        self.away = True
        self._inbox.end(PortError("memory has gone: pulled out"))


def listening_places(folder, lines=(LINE,)):
    """The demo floor's site as a gateway that only listens on ``lines`` has it."""
    site = load_toml(SITE, Site)
    site = site.model_copy(
        update={
            "lines": tuple(
                line.model_copy(update={"mode": "listen", "port_egm": f"taps/{line.name}.egm"})
                for line in site.lines
                if line.name in lines
            ),
            "egms": tuple(egm for egm in site.egms if egm.line in lines),
        }
    )
    return find_places(site, SITE, run_folder=folder, environment={})


class Link:
    """What is said on L1 between a host and EGMs 1 to 4, and what the gateway makes of it."""

    def __init__(self, folder, *, two_wires=True):
        self.loop = JumpingLoop()
        self.clock = JumpingClock(self.loop)
        self.places = listening_places(folder)
        self.receiver = MemoryReceiver(two_wires=two_wires)
        self.facts = []
        self.starts = 0

    async def listen(self):
        """Start a process image."""
        self.store = Store.open(self.places.outbox, synchronous="OFF")
        restored = self.store.restore()
        self.starts += 1
        self.writer = InlineWriter(self.store, wall_ns=self.clock.wall_ns)
        recorder = Recorder(
            self.places.site, f"b{self.starts}", restored, self.writer, self.clock,
            lambda _, pairs: self.facts.extend(fact for fact, _ in pairs),
        )  # fmt: skip
        floor = build(
            self.places, restored, recorder, self.clock, lambda *_: None,
            receiver_of=lambda *_: self.receiver,
        )  # fmt: skip
        (self.job,) = floor.lines
        self.task = asyncio.create_task(supervised(LINE, Herald("line"), self.job.run, 0.2))
        await asyncio.sleep(0.001)

    async def kill(self):
        self.task.cancel()
        await asyncio.wait([self.task])
        self.writer._stop_timer()
        self.store.close()

    async def say(self, message, wire):
        wakeup = tuple(wire is Wire.HOST and at == 0 for at in range(len(message)))
        side = wire if self.receiver.two_wires else Wire.BOTH
        self.receiver.put(side, message, self.loop.time(), wakeup)
        await asyncio.sleep(0)

    async def host(self, message):
        await asyncio.sleep(0.02)
        await self.say(message, Wire.HOST)

    async def machine(self, message):
        await asyncio.sleep(0.004)
        await self.say(message, Wire.MACHINE)

    async def talk(self, *lines):
        """Poll, answer, poll, answer ...; None is no answer."""
        for at, line in enumerate(lines):
            if line is not None:
                await (self.machine if at % 2 else self.host)(line)
        await asyncio.sleep(0.06)

    def told(self, *families):
        return [fact for fact in self.facts if fact.type.partition(".")[0] in families]

    def types(self, *families):
        return [fact.type for fact in self.told(*families)]

    def codes(self):
        return [f"{fact.sas_code:02X}" for fact in self.facts if fact.sas_code is not None]

    def gaps(self):
        return [(fact.asset, fact.data["cause"]) for fact in self.facts if fact.type == "link.gap"]
