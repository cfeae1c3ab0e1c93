"""Which polls serve which wish, and that none goes beyond its line's list."""

from __future__ import annotations

import pytest

from gateway.edge.reading import polls_for


@pytest.mark.parametrize(("allow", "polls"), [("any_line", []), ("own_line", [b"\x05\x1b"])])
def test_the_handpay_queue_is_walked_only_on_a_line_of_our_own(allow, polls):
    assert polls_for("handpay", 5, allow) == polls
