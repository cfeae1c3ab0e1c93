"""What a site file means for its lines."""

import pytest

from edge_config.plan import line_plans, warnings
from edge_config.site import Site


def site(egms=4, line=None, egm=None):
    return Site.model_validate({
        "site": {"id": "d", "name": "D", "jurisdiction": "US-NV", "time_zone": "UTC",
                 "currency": "USD"},
        "gateway": {"id": "g", "run_folder": "run"},
        "lines": [{"name": "L1", "port": "p1", **(line or {})}],
        "egms": [{"asset": str(n), "line": "L1", "address": n, "location": str(n),
                  "denomination": "0.01", **(egm or {})} for n in range(1, egms + 1)] or
                [{"asset": "1", "line": "L9", "address": 1, "location": "1",
                  "denomination": "1"}],
    })  # fmt: skip


def test_a_short_line_keeps_its_interval_and_needs_no_warning():
    (plan,) = line_plans(site(4))
    assert (plan.name, plan.egms, plan.poll_period_s) == ("L1", 4, 0.2)
    assert warnings(site(4)) == ()


def test_a_full_line_is_polled_at_its_own_cycle_and_says_so():
    (plan,) = line_plans(site(32))
    assert round(plan.poll_period_s * 1000) == 677
    assert any("32 EGMs need 677 ms" in text for text in warnings(site(32)))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (site(0), "line L1 has no EGMs"),
        (site(1, line={"poll_interval_s": 0.1}), "not every EGM bears polls"),
        (site(1, line={"reply_timeout_s": 0.02}), "leaves no time"),
        (site(8, line={"meter_interval_s": 1}), "take 50% of the line's time"),
        (site(2, egm={"location": "01-01-01"}), "EGMs 1 and 2 both stand at 01-01-01"),
        (site(1, line={"ninth_bit": "none"}), "only if something behind the port makes it"),
        (site(1, line={"port": "/dev/ttyUSB0"}), "shows its name in /dev/serial/by-path"),
        (site(2, egm={"denomination": None}), "no denomination for 2 EGMs (1, 2)"),
    ],
)
def test_what_may_not_be_meant_is_a_warning(made, words):
    assert len(warnings(made)) == 1
    assert words in warnings(made)[0]


def test_a_line_that_only_listens_has_no_cycle_and_keys_of_polling_mean_nothing_there():
    made = site(4, line={"mode": "listen", "confirm": True, "poll_interval_s": 0.1})
    (plan,) = line_plans(made)
    assert (plan.mode, plan.egms, plan.cycle_s, plan.poll_period_s) == ("listen", 4, None, None)
    assert warnings(made) == ("line L1 only listens: poll_interval_s, confirm mean nothing there",)
