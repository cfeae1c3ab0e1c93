"""A tap shows both sides of a line to whoever only listens."""

import os

import pytest

from floor_sim.tap import Tap, tap_links
from protocols.sas.symbols import Symbols, without_ninth_bit


class Ear:
    """Opens one side of a tap."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)

    def hears(self):
        return os.read(self.fd, 100)


@pytest.fixture
def tap(tmp_path):
    made = []

    def make(*, ninth_bit):
        made.append(Tap(tmp_path, "L1", ninth_bit=ninth_bit))
        made.extend(Ear(tmp_path / link) for link in tap_links("L1"))
        return made

    yield make
    if made:
        for ear in made[1:]:
            os.close(ear.fd)
        made[0].close()


def test_what_the_host_sends_and_what_it_hears_come_out_apart(tap):
    ours, host, egm = tap(ninth_bit=False)
    ours.hear("host", without_ninth_bit(b"\x81"), 0.0)
    ours.hear("egm", Symbols(b"\x11", (True,)), 0.0)
    assert (host.hears(), egm.hears()) == (b"\x81", b"\x11")


def test_every_message_of_the_host_begins_with_a_wakeup_byte_even_if_two_came_at_once(tap):
    ours, host, _ = tap(ninth_bit=True)
    ours.hear("host", without_ninth_bit(bytes.fromhex("81010f82")), 0.0)
    assert host.hears() == bytes.fromhex("ff0081 ff00010f ff0082")


def test_ninth_bits_that_the_line_carries_are_shown_as_they_are_right_or_wrong(tap):
    ours, host, egm = tap(ninth_bit=True)
    ours.hear("host", Symbols(bytes.fromhex("81010f"), (False, True, True)), 0.0)
    ours.hear("egm", Symbols(b"\x01\xff", (True, False)), 0.0)
    assert host.hears() == bytes.fromhex("81 ff0001 ff000f")
    assert egm.hears() == bytes.fromhex("ff0001 ffff")


def test_a_tap_that_nobody_reads_holds_nobody_up_and_a_closed_one_leaves_no_link(tap, tmp_path):
    ours, host, _ = tap(ninth_bit=False)
    for _ in range(100):
        ours.hear("host", without_ninth_bit(bytes(1000)), 0.0)
    assert len(host.hears()) > 0
    ours.close()
    ours.close = lambda: None
    assert not any((tmp_path / link).is_symlink() for link in tap_links("L1"))
