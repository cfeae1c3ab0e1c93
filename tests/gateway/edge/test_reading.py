"""Which polls serve which wish, and that none goes beyond its line's list."""

from __future__ import annotations

import pytest

from edge_config.site import LineInfo
from gateway.edge.reading import event_mode_polls, polls_for
from tests.protocols.sas.host.wire_oracle import signed


def line(**more) -> LineInfo:
    return LineInfo(name="L1", port="x", **more)


def test_event_mode_is_switched_on_only_where_the_line_is_our_own_and_says_so():
    assert event_mode_polls(5, line(allow="own_line", real_time=True)) == [signed("050e01")]
    assert event_mode_polls(5, line(allow="any_line", real_time=True)) == []
    assert event_mode_polls(5, line(allow="own_line")) == []


@pytest.mark.parametrize(("allow", "polls"), [("any_line", []), ("own_line", [b"\x05\x1b"])])
def test_the_handpay_queue_is_walked_only_on_a_line_of_our_own(allow, polls):
    assert polls_for("handpay", 5, allow) == polls
