"""What people are shown of what happens."""

from types import SimpleNamespace

import pytest

from gateway.edge.board import Board
from gateway.events.fact import Fact
from gateway.events.moment import Moment
from gateway.status.model import EventDelta, NatsStatus, OutboxStatus

CLOCK = SimpleNamespace(wall_ns=lambda: 10**18, monotonic=lambda: 1.0)


def shown(name, data):
    board = Board("demo", "edge1", "b1", CLOCK, OutboxStatus, NatsStatus)
    fact = Fact(type=name, asset="10101", data=data, observed=Moment(1.0, 10**18))
    event = SimpleNamespace(type=name, sequence=1, severity="info")
    board.committed((), ((fact, event),))
    return [one.event.type for one in board.changes() if isinstance(one, EventDelta)]


def test_a_door_is_news():
    assert shown("door.opened", {"door": "slot"}) == ["door.opened"]


@pytest.mark.parametrize("name", ["meter.read", "gateway.heartbeat", "egm.coveragechanged"])
def test_figures_and_evidence_are_no_news(name):
    assert shown(name, {}) == []
