"""The mapped page of a line, through kills and torn writes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.edge.page import NOTHING, OUTSTANDING, LinePage


def test_a_fresh_line_has_nothing_on_its_page(tmp_path):
    with LinePage(tmp_path / "L1.page") as page:
        assert page.found is None
        assert not page.this_boot


def test_a_page_says_which_poll_is_outstanding(tmp_path):
    with LinePage(tmp_path / "L1.page") as page:
        page.outstanding(7, b"\x81", 12.5)
    with LinePage(tmp_path / "L1.page") as page:
        assert (page.found.state, page.found.number) == (OUTSTANDING, 7)
        assert (page.found.poll, page.found.monotonic_s) == (b"\x81", 12.5)
        assert page.this_boot


def test_a_poll_with_nothing_to_keep_is_no_longer_owed(tmp_path):
    with LinePage(tmp_path / "L1.page") as page:
        page.outstanding(7, b"\x81", 1.0)
        page.nothing(7, b"\x81", 1.0)
    with LinePage(tmp_path / "L1.page") as page:
        assert (page.found.state, page.found.number) == (NOTHING, 7)


@given(st.integers(0, 159), st.integers(0, 255))
def test_a_torn_write_leaves_the_entry_before_it(tmp_path_factory, at, value):
    path = tmp_path_factory.mktemp("page") / "L1.page"
    with LinePage(path) as page:
        page.outstanding(1, b"\x81", 1.0)
        page.outstanding(2, b"\x82", 2.0)
    raw = bytearray(path.read_bytes())
    if at >= len(raw) or raw[at] == value:
        return
    raw[at] = value
    path.write_bytes(raw)
    with LinePage(path) as page:
        assert page.found is not None
        assert (page.found.number, page.found.poll) in {(1, b"\x81"), (2, b"\x82")}


CHILD = """
import sys
from pathlib import Path
from gateway.edge.page import LinePage
page = LinePage(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    page.outstanding(number, bytes([0x80 | number % 127 + 1]), float(number))
    print(number, flush=True)
"""


@pytest.mark.parametrize("said", [1, 50, 501])
def test_the_page_survives_kill_9_and_holds_the_last_poll_that_was_recorded(tmp_path, said):
    path = tmp_path / "L1.page"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, os.fspath(path)], stdout=subprocess.PIPE, text=True
    )
    for line in child.stdout:
        if int(line) == said:
            break
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read().split()
    child.wait()
    child.stdout.close()
    last = int(rest[-1]) if rest else said
    with LinePage(path) as page:
        assert page.this_boot
        assert page.found.number in {last, last + 1}
        assert page.found.poll == bytes([0x80 | page.found.number % 127 + 1])


def test_what_is_settled_of_an_egm_survives_its_process_and_no_other_egm_at_its_address(tmp_path):
    with LinePage(tmp_path / "L1.page") as page:
        page.nothing(7, b"\x81", 1.0)
        page.settle(1, "10101")
        page.settle(127, "10102")
        page.settle(2, "10103")
        page.doubt(2)
    with LinePage(tmp_path / "L1.page") as page:
        assert page.settled(1, "10101")
        assert page.settled(127, "10102")
        assert not page.settled(1, "10102")
        assert not page.settled(2, "10103")
        assert not page.settled(3, "10101")


def test_nothing_is_settled_after_a_power_cut(tmp_path, monkeypatch):
    with LinePage(tmp_path / "L1.page") as page:
        page.nothing(7, b"\x81", 1.0)
        page.settle(1, "10101")
    monkeypatch.setattr("gateway.edge.page.boot_id", lambda: b"another boot....")
    with LinePage(tmp_path / "L1.page") as page:
        assert not page.settled(1, "10101")
        page.nothing(8, b"\x81", 1.0)
    with LinePage(tmp_path / "L1.page") as page:
        assert page.this_boot
        assert not page.settled(1, "10101")
