"""Other programs that poll at a pace: bare tasks, a bare host on a bridge, and pymodbus."""

from __future__ import annotations

import asyncio
import os
import socket

from pymodbus.client import AsyncModbusSerialClient

from protocols.sas import bridge_frames as said
from protocols.sas.bridge import FrameReader, encode
from protocols.sas.symbols import Symbols
from tests.bench.paced import EGMS, INTERVAL_S, TIMEOUT_S, WARM_S, Measured, measured


class BareTask:
    """One pty: poll, wait for the answer or a time-out, sleep until the next."""

    def __init__(self, name: str) -> None:
        self.fd = os.open(name, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[bytes | None] | None = None
        self.loop.add_reader(self.fd, self.readable)

    def readable(self) -> None:
        data = os.read(self.fd, 256)
        if self.future is not None and not self.future.done():
            self.future.set_result(data)

    def over(self) -> None:
        if self.future is not None and not self.future.done():
            self.future.set_result(None)

    async def run(self, out: Measured, due: float, until: float) -> None:
        while due < until:
            await asyncio.sleep(due - self.loop.time())
            os.write(self.fd, b"\x81")
            self.future = self.loop.create_future()
            timer = self.loop.call_later(TIMEOUT_S, self.over)
            if await self.future is not None:
                out.late_s.append(self.loop.time() - due)
            timer.cancel()
            due += INTERVAL_S
        self.loop.remove_reader(self.fd)
        os.close(self.fd)


async def bare(names: list[str], seconds: float) -> Measured:
    out, now = Measured(), asyncio.get_running_loop().time()
    until = now + seconds + WARM_S + 0.2
    tasks = [
        asyncio.create_task(BareTask(name).run(out, now + INTERVAL_S * n / len(names), until))
        for n, name in enumerate(names)
    ]
    await measured(out, seconds)
    await asyncio.gather(*tasks)
    return out


async def pymodbus(names: list[str], pace_s: float, seconds: float) -> Measured:
    out, loop = Measured(), asyncio.get_running_loop()
    clients = [AsyncModbusSerialClient(name, baudrate=19200) for name in names]
    for client in clients:
        assert await client.connect()

    async def poll(client: AsyncModbusSerialClient, due: float, until: float) -> None:
        while due < until:
            await asyncio.sleep(due - loop.time())
            answer = await client.read_holding_registers(0, count=2, device_id=1)
            assert not answer.isError()
            out.late_s.append(loop.time() - due)
            due += pace_s

    now = loop.time()
    until = now + seconds + WARM_S + 0.2
    tasks = [
        asyncio.create_task(poll(client, now + pace_s * n / len(clients), until))
        for n, client in enumerate(clients)
    ]
    await measured(out, seconds)
    await asyncio.gather(*tasks)
    for client in clients:
        client.close()
    return out


async def bare_bridge(port: int, lines: int, seconds: float) -> Measured:
    """The least a host on a bridge can do: ready frames out by one timer, ``00`` frames in."""
    out, loop = Measured(), asyncio.get_running_loop()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    hello = encode(said.Hello(name="bare"))
    writer.write(hello)
    opens = (encode(said.Open(n, said.SendList.ANY_LINE)) for n in range(1, lines + 1))
    writer.write(b"".join(opens))
    frames, opened = FrameReader(), 0
    while opened < lines:
        opened += sum(isinstance(one, said.LineIs) for one in frames.feed(await reader.read(4096)))
    polls = {
        (n, a): encode(said.Send(n, Symbols(bytes([0x80 | a]), (True,))))
        for n in range(1, lines + 1)
        for a in range(1, EGMS + 1)
    }
    due: dict[int, float] = {}
    answers = {
        encode(said.Came(n, Symbols(b"\0", (False,))))[:-1]: n for n in due or range(1, lines + 1)
    }

    async def hear() -> None:
        rest = b""
        while data := await reader.read(65_536):
            *pieces, rest = (rest + data).split(b"\0")
            now = loop.time()
            out.late_s += [now - due.get(answers[piece], now) for piece in pieces]

    hearing = asyncio.create_task(hear())

    async def talk(until: float) -> None:
        turn, began = 0, loop.time()
        step = INTERVAL_S / EGMS / lines
        while (now := loop.time()) < until:
            batch = []
            while began + turn * step <= now:
                n, a = turn % lines + 1, turn // lines % EGMS + 1
                due[n] = began + turn * step
                batch.append(polls[n, a])
                turn += 1
            writer.write(b"".join(batch))
            await asyncio.sleep(began + turn * step - loop.time())

    talking = asyncio.create_task(talk(loop.time() + seconds + WARM_S + 0.2))
    await measured(out, seconds)
    await talking
    hearing.cancel()
    writer.close()
    return out
