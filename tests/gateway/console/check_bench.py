"""A console in front of a gateway that is only its sockets: status, capture, request."""

import asyncio
import contextlib
import json
from pathlib import Path

from edge_config.loader import load_toml
from edge_config.site import Site
from gateway.commissioning.check import go_to
from gateway.commissioning.plans import PLANS
from gateway.commissioning.signature import Statement, public_key, sign
from gateway.console.desk import Desk
from protocols.sas.machine import build_exception, build_reply
from protocols.sas.polls import general_poll, long_poll
from tests.gateway.console import sample_floors
from tests.gateway.console.open_console import Bench, until

SITE = Path(__file__).parents[3] / "edge_config/sites/demo_floor.toml"
SEED = bytes(range(32))
HEADER = "sas-capture 1\nline: L1\nstarted: 2026-03-14T21:04:36.000000Z\nninth-bits: known\n\n"
METERS = {"cancelled_credits": 0, "coin_in": 1_000, "coin_out": 900, "total_drop": 2_000,
          "jackpot": 0, "games_played": 25}  # fmt: skip


class CheckBench(Bench):
    """Drive the wire with ``polls``, ``answers``; look at what was asked in ``asked``."""

    def __init__(self, folder, snapshot=None, **more):
        self.folder = Path(folder)
        self.reports = self.folder / "reports"
        self.reports.mkdir(exist_ok=True)
        self.asked, self.refuse = [], ""
        self._writers, self._servers, self._serving = set(), [], set()
        site = load_toml(SITE, Site)
        desk = Desk(site, self.folder / "drafts", self.reports, "tech17")
        super().__init__(
            folder, snapshot or sample_floors.healthy(), sample_floors.calls("healthy"),
            **{"capture": self.folder / "capture.sock", "request": self.folder / "request.sock",
               "desk": lambda: desk, **more},
        )  # fmt: skip

    @contextlib.asynccontextmanager
    async def open(self, size=(80, 24)):
        for path, serve in (("capture.sock", self._capture), ("request.sock", self._request)):
            self._servers.append(await asyncio.start_unix_server(serve, self.folder / path))
        try:
            async with super().open(size) as pilot:
                yield pilot
        finally:
            for server in self._servers:
                server.close()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)

    async def _capture(self, reader, writer):
        self._serving.add(asyncio.current_task())
        await reader.readline()
        writer.write(HEADER.encode())
        self._writers.add(writer)
        try:
            await reader.read()
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _request(self, reader, writer):
        self._serving.add(asyncio.current_task())
        asked = json.loads(await reader.readline())
        self.asked.append(asked)
        answer = {"error": self.refuse} if self.refuse else {"done": True, "events": []}
        if asked["do"] == "sign" and not self.refuse:
            answer |= self._signed(asked).model_dump()
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
        writer.close()

    def _signed(self, asked):
        verdict = {"pass": "PASS", "fail": "FAIL", "notdone": "NOT DONE"}[asked["verdict"]]
        return sign(Statement(
            site="demo", gateway="edge1", birthid="b7f3", version="0.1.0", asset=asked["asset"],
            kind=asked["kind"], verdict=verdict, person="tech17", at="2026-03-14T21:10:00Z",
            event="edge1.b7f3.9", report=asked["report"], text=asked["text"],
            key=public_key(SEED),
        ), SEED)  # fmt: skip

    @property
    def page(self):
        return self.app.screen

    async def looked(self, pilot, seconds=2.0):
        """Let time pass by the console's clock, and the page look at what came."""
        self.clock.move(seconds=seconds)
        self.page._look()
        await self.drawn(pilot)

    async def wire(self, pilot, *exchanges, address=1):
        """Exchange polls and answers now, and wait until the console has heard them."""
        await until(lambda: self._writers)
        lines = []
        for poll, reply in exchanges:
            at = (self.clock.now - sample_floors.NOW).total_seconds() + len(lines) * 0.01
            lines += [
                f"{at:.6f} host {_hex(poll, host=True)}",
                f"{at + 0.004:.6f} egm {_hex(reply)}",
            ]
        last = (self.clock.now - sample_floors.NOW).total_seconds() + len(lines) * 0.01 + 0.1
        lines.append(f"{last:.6f} host 80*")
        before = self.page._wire.version
        for writer in self._writers:
            writer.write(("\n".join(lines) + "\n").encode())
        await until(lambda: self.page._wire.version >= before + len(lines))
        await self.looked(pilot)


def _hex(data, *, host=False):
    texts = [f"{byte:02X}" for byte in data]
    return " ".join([f"{texts[0]}*" if host else texts[0], *texts[1:]])


def idle(times=1, address=1):
    return [(general_poll(address), b"\x00")] * times


def says(code, address=1):
    return general_poll(address), build_exception(address, code)


def identity(serial="SIM10101", address=1):
    return [
        (long_poll(address, 0x54), build_reply(address, 0x54, version="602", serial=serial)),
        (long_poll(address, 0x1F),
         build_reply(address, 0x1F, game_id="SM", additional_id="000", denomination_code=1,
                     max_bet=5, progressive_group=0, game_options="0000", paytable="SIM001",
                     base_percent="9000")),
    ]  # fmt: skip


def credits_read(address=1):
    return long_poll(address, 0x1A), build_reply(address, 0x1A, current_credits=77)


def meters(address=1, **more):
    return long_poll(address, 0x0F), build_reply(address, 0x0F, **{**METERS, **more})


async def press(bench, pilot, *keys):
    await pilot.press(*keys)
    await bench.drawn(pilot)


async def command(bench, pilot, words):
    await press(bench, pilot, "colon")
    await press(bench, pilot, *("space" if letter == " " else letter for letter in words))
    await press(bench, pilot, "enter")


async def notified(bench, words):
    """Wait until the console has said so."""
    await until(lambda: any(words in one.message for one in bench.app._notifications))


def screen(bench):
    return "\n".join(bench.text())


def verdicts(bench):
    return {name: str(one.verdict) for name, one in bench.page.check.records.items()}


async def opened(bench, pilot, kind):
    """Open a check of 10101."""
    await bench.app.run_action(f"check({kind!r}, '10101')")
    await bench.drawn(pilot)


async def at_step(bench, pilot, kind, step):
    """Open a check of 10101 at one of its steps."""
    await opened(bench, pilot, kind)
    steps = [one.name for one in PLANS[kind].steps]
    bench.page._go(go_to(bench.page.check, steps.index(step), bench.clock()))
    await bench.drawn(pilot)
