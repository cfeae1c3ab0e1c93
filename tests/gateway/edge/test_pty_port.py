"""A line over a real pty."""

import asyncio
import os
import tty

import pytest

from gateway.edge.port import Heard, PortError
from gateway.edge.pty_port import PtyPort
from protocols.sas.errors import RequestError
from protocols.sas.parmrk import encode

PATIENCE_S = 60


@pytest.fixture
def ends():
    """A pty: the simulator's end, and the path that the gateway opens."""
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    for fd in (master, slave):
        try:
            os.close(fd)
        except OSError:
            continue


async def hears(port):
    return await port.read(asyncio.get_running_loop().time() + PATIENCE_S)


async def test_a_poll_goes_out_and_its_answer_comes_back(ends):
    master, path = ends
    port = PtyPort(path, "any_line")
    port.open()
    port.write(b"\x81")
    assert os.read(master, 10) == b"\x81"
    os.write(master, b"\x11")
    assert await hears(port) == Heard(b"\x11")
    port.close()


async def test_the_ninth_bit_comes_through_where_the_other_end_writes_escapes(ends):
    master, path = ends
    port = PtyPort(path, "any_line", parmrk=True)
    port.open()
    os.write(master, encode(b"\xff\x01", wakeup=(False, True)))
    assert await hears(port) == Heard(b"\xff")
    assert await hears(port) == Heard(b"\x01", wakeup=True)
    port.close()


async def test_a_pty_that_another_gateway_has_is_refused_and_free_after_it(ends):
    _, path = ends
    first, second = PtyPort(path, "any_line"), PtyPort(path, "any_line")
    first.open()
    with pytest.raises(PortError, match="in use by another process"):
        second.open()
    first.close()
    second.open()
    second.close()


async def test_a_closed_port_writes_nothing_and_hears_nothing(ends):
    _, path = ends
    port = PtyPort(path, "any_line")
    port.open()
    port.close()
    port.close()
    with pytest.raises(PortError, match="is closed"):
        port.write(b"\x81")
    with pytest.raises(PortError, match="is closed"):
        await hears(port)


async def test_a_pty_whose_other_end_goes_is_lost(ends):
    master, path = ends
    port = PtyPort(path, "any_line")
    port.open()
    os.close(master)
    with pytest.raises(PortError, match="has gone"):
        await hears(port)
    port.close()


async def test_a_command_never_reaches_the_line(ends):
    _, path = ends
    port = PtyPort(path, "own_line")
    port.open()
    with pytest.raises(RequestError):
        port.write(bytes.fromhex("01015108"))
    port.close()


@pytest.mark.parametrize("kind", ["nothing", "file"])
async def test_what_is_no_pty_is_told(tmp_path, kind):
    path = tmp_path / "L1"
    if kind == "file":
        path.touch()
    with pytest.raises(PortError, match=r"L1 (cannot be opened|is not a terminal)"):
        PtyPort(path, "any_line").open()
