"""Faults as a host sees them at a real pty, where they differ from a line in memory."""

import asyncio
import errno
import os
import tty
from functools import partial

import pytest

from floor_sim.faults import Fault
from floor_sim.line import Line, LineSettings
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.machine import Machine
from floor_sim.port_line import PortLine
from floor_sim.ptys import PtyPort

WHOLE = "011a00000000c3fc"
PATIENCE_S = 60


async def until(condition):
    """Let the loop turn until ``condition`` holds."""
    turned = asyncio.Event()
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            turned.clear()
            asyncio.get_running_loop().call_soon(turned.set)
            await turned.wait()


class Host:
    """Opens the pty by its link; keeps what came with the loop's time."""

    def __init__(self, link):
        self.fd = os.open(link, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.fd)
        self.loop = asyncio.get_running_loop()
        self.heard = asyncio.Queue()
        self.loop.add_reader(self.fd, self._read)

    def _read(self):
        try:
            data = os.read(self.fd, 100)
        except OSError as error:
            data = errno.errorcode[error.errno].encode()
        if data in {b"", b"EIO"}:
            self.loop.remove_reader(self.fd)
            data = b"gone"
        self.heard.put_nowait((self.loop.time(), data))

    def says(self, hexes):
        os.write(self.fd, bytes.fromhex(hexes))

    async def hears(self, length=None):
        """Wait for so many bytes, or for one piece; return the pieces and their moments."""
        pieces = []
        async with asyncio.timeout(PATIENCE_S):
            while not pieces or (length and sum(len(data) for _, data in pieces) < length):
                pieces.append(await self.heard.get())
        return pieces

    async def answer(self, hexes, length):
        self.says(hexes)
        return b"".join(data for _, data in await self.hears(length)).hex()

    def close(self):
        self.loop.remove_reader(self.fd)
        os.close(self.fd)


@pytest.fixture
def on_a_pty(settings, tmp_path):
    """Run a conversation on a pty that shows ninth bits as PARMRK escapes."""

    def run(talk):
        async def main():
            loop = asyncio.get_running_loop()
            machine = Machine(settings, MemoryJournal(), {}, now=loop.time())
            line = Line("L1", machine.ports, LineSettings(gap_s=0.05, ninth_bit="parmrk"))
            link = tmp_path / "L1"
            served = PortLine(line, partial(PtyPort, link, parmrk=True), loop, lambda: None)
            host = Host(link)
            host.says("80")
            chirp = "ff0001"
            while (heard := await host.answer("80011a", 3)) == chirp:
                continue
            rest = await host.hears(len(WHOLE) // 2 - len(heard) // 2) if heard != WHOLE else []
            assert heard + b"".join(data for _, data in rest).hex() == WHOLE
            try:
                await talk(host, line, loop, link)
            finally:
                host.close()
                served.close()

        asyncio.run(main())

    return run


def test_a_split_answer_has_its_gap(on_a_pty):
    async def talk(host, line, loop, _link):
        line.faults.add(Fault(kind="split", gap_s=0.06, count=1), loop.time())
        host.says("80011a")
        pieces = await host.hears(8)
        assert b"".join(data for _, data in pieces).hex() == WHOLE
        assert pieces[-1][0] - pieces[0][0] >= 0.05

    on_a_pty(talk)


def test_junk_comes_to_a_host_that_says_nothing(on_a_pty):
    async def talk(host, line, loop, _link):
        line.faults.add(Fault(kind="junk", every_s=0.02, count=2), loop.time())
        first, second = await host.hears(), await host.hears()
        assert first
        assert second
        assert line.faults.active(loop.time()) == {}

    on_a_pty(talk)


def test_a_stuck_chirp_and_an_echo_show_their_ninth_bit(on_a_pty):
    async def talk(host, line, loop, _link):
        number = line.faults.add(Fault(kind="stuck_chirp", address=1), loop.time())
        ((_, chirp),) = await host.hears(3)
        assert chirp.hex() == "ff0001"
        line.faults.remove(number)
        line.faults.add(Fault(kind="echo", count=1), loop.time())
        assert await host.answer("80", 3) == "ff0080"
        assert await host.answer("011a", 8) == WHOLE

    on_a_pty(talk)


def test_a_poll_without_its_ninth_bit_is_not_heard(on_a_pty):
    async def talk(host, line, loop, _link):
        line.faults.add(Fault(kind="ninth_missing", direction="to_egm", count=1), loop.time())
        bad = line.counts.bad
        host.says("81")
        await until(lambda: line.counts.bad > bad)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.2 * line.settings.gap_s):
                await host.heard.get()
        assert await host.answer("80011a", 8) == WHOLE

    on_a_pty(talk)


def test_a_port_that_vanishes_hangs_up_and_is_back_at_its_link(on_a_pty):
    async def talk(host, line, loop, link):
        line.faults.add(Fault(kind="vanish", seconds=0.05), loop.time())
        ((_, data),) = await host.hears()
        assert data == b"gone"
        await until(link.is_symlink)
        again = Host(link)
        assert await again.answer("80011a", 8) == WHOLE
        again.close()

    on_a_pty(talk)


def test_a_vanished_port_is_back_at_once_when_the_fault_is_removed(on_a_pty):
    async def talk(host, line, loop, link):
        number = line.faults.add(Fault(kind="vanish"), loop.time())
        await host.hears()
        assert not link.is_symlink()
        line.faults.remove(number)
        await until(link.is_symlink)

    on_a_pty(talk)
