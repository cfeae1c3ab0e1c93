"""What a port keeps for its line until the line reads it."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.edge.port import HEARD_MAX, Heard, Inbox, PortError, check_allowed
from protocols.sas.errors import RequestError
from protocols.sas.symbols import Symbols

SOON_S = 0.01


def opened():
    inbox = Inbox("L1")
    inbox.opened()
    return inbox


async def take(inbox, seconds=SOON_S):
    return await inbox.take(asyncio.get_running_loop().time() + seconds)


async def test_bytes_that_came_in_pieces_are_read_at_once():
    inbox = opened()
    inbox.put(b"\x01\x1a")
    inbox.put(b"\x00")
    assert await take(inbox) == Heard(b"\x01\x1a\x00")
    assert await take(inbox) is None


async def test_a_reader_that_waits_is_woken_by_the_first_byte():
    inbox = opened()
    waiting = asyncio.create_task(take(inbox, 60))
    await asyncio.sleep(0)
    inbox.put(b"\x11")
    assert await asyncio.wait_for(waiting, 1) == Heard(b"\x11")


async def test_bytes_with_and_without_the_ninth_bit_are_told_apart():
    inbox = opened()
    inbox.put_symbols(Symbols(b"\x01\x00\x00\x81\x82", (None, False, False, True, True)))
    assert await take(inbox) == Heard(b"\x01\x00\x00")
    assert await take(inbox) == Heard(b"\x81\x82", wakeup=True)


async def test_a_port_that_has_gone_gives_what_it_heard_before_and_then_says_why():
    inbox = opened()
    inbox.put(b"\x11")
    inbox.end(PortError("L1 has gone: pulled out"))
    inbox.end(PortError("L1 is closed"))
    assert await take(inbox) == Heard(b"\x11")
    with pytest.raises(PortError, match="pulled out"):
        await take(inbox)


async def test_a_port_that_was_never_opened_says_so():
    with pytest.raises(PortError, match="L1 is closed"):
        await take(Inbox("L1"))


@given(st.lists(st.binary(min_size=1, max_size=HEARD_MAX), max_size=6))
def test_noise_never_takes_more_room_than_there_is_and_the_newest_stays(pieces):
    inbox = opened()
    for piece in pieces:
        inbox.put(piece)
    everything = b"".join(pieces)
    heard = asyncio.run(take(inbox, 0))
    assert (heard.data if heard else b"") == everything[-HEARD_MAX:]
    assert inbox.dropped_bytes == max(0, len(everything) - HEARD_MAX)


def test_a_frame_that_is_not_on_the_lines_list_is_refused_by_the_writer():
    check_allowed(bytes.fromhex("81"), "any_line", "L1")
    with pytest.raises(RequestError, match="the writer of L1 refuses 01 01"):
        check_allowed(bytes.fromhex("01015108"), "own_line", "L1")
