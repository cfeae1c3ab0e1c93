"""Rows as the gateway would write them, and a disk that fails when told to."""

import json
import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from gateway.outbox.store import Store
from gateway.outbox.types import Commit, Row

HERE = Path(__file__).parent
SECOND_NS = 1_000_000_000


class Author:
    """Writes events one after the other, without a hole."""

    def __init__(self):
        self.sequence = 0
        self.families = Counter()

    def row(self, family="door", *, stream="SLOT_SIGNIFICANT", asset="10101", body=None):
        self.sequence += 1
        self.families[family] += 1
        event_id = f"gw1.01J0.{self.sequence}"
        told = {"id": event_id, "type": f"slot.{family}.opened.v1", "sequence": self.sequence}
        return Row(
            sequence=self.sequence,
            id=event_id,
            type=f"{family}.opened",
            family=family,
            familysequence=self.families[family],
            subject=f"slot.v1.demo.gw1.{family}.opened.{asset or '_'}",
            asset=asset,
            stream=stream,
            time_ns=self.sequence * SECOND_NS,
            body=json.dumps(told).encode() if body is None else body,
        )

    def commit(self, rows=1, **options):
        return Commit(tuple(self.row(**options) for _ in range(rows)))


class BadDisk:
    """Fails at the named place as often as told; stands where the crash points stand."""

    def __init__(self):
        self.place = "before_commit"
        self.failures = 0
        self.error = OSError(5, "Input/output error")
        self.reached = Counter()

    def __call__(self, place):
        self.reached[place] += 1
        if place == self.place and self.failures > 0:
            self.failures -= 1
            raise self.error


@pytest.fixture(scope="session")
def new_author():
    return Author


@pytest.fixture
def author():
    return Author()


@pytest.fixture
def disk():
    return BadDisk()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "gateway" / "outbox.db"


@pytest.fixture
def store(path, disk):
    store = Store.open(path, at=disk)
    yield store
    store.close()


@pytest.fixture
def committer():
    """Command line and environment of the program that commits until it is killed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return [sys.executable, str(HERE / "committer.py")], environment
