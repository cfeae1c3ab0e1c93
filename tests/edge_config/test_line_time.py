"""Cycles of a line, against the figures of the wire."""

import pytest

from edge_config.line_time import cycle_s, poll_period_s


@pytest.mark.parametrize(
    ("egms", "turnround_s", "cycle_ms"),
    [(8, 0.005, 49), (16, 0.005, 98), (32, 0.005, 197), (8, 0.020, 169), (16, 0.020, 338),
     (32, 0.020, 677), (0, 0.020, 0)],
)  # fmt: skip
def test_a_line_takes_as_long_as_its_bytes_and_turn_rounds(egms, turnround_s, cycle_ms):
    assert round(cycle_s(egms, turnround_s) * 1000) == cycle_ms


def test_an_egm_is_polled_at_its_interval_or_the_lines_cycle_whichever_is_longer():
    assert poll_period_s(8, 0.2) == 0.2
    assert poll_period_s(32, 0.2) == pytest.approx(0.677, abs=0.0005)
