"""Gaming days."""

from datetime import UTC, datetime

import pytest

from edge_config.site import LineInfo, SiteInfo


def casino(**values):
    return SiteInfo(id="d", name="D", jurisdiction="US-NV", currency="USD",
                    time_zone="America/Los_Angeles", **values)  # fmt: skip


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        ((2026, 1, 10, 11, 59), "2026-01-09"),  # 03:59 local
        ((2026, 1, 10, 12, 0), "2026-01-10"),   # 04:00 local
        ((2026, 1, 11, 7, 59), "2026-01-10"),   # 23:59 local
        ((2026, 3, 8, 10, 59), "2026-03-07"),   # 03:59 in summer time, an hour after the jump
        ((2026, 3, 8, 11, 0), "2026-03-08"),
        ((2026, 11, 1, 11, 59), "2026-10-31"),  # 03:59 in winter time: the day had 25 hours
        ((2026, 11, 1, 12, 0), "2026-11-01"),
    ],
)  # fmt: skip
def test_a_gaming_day_starts_at_its_hour_on_the_casinos_clock(utc, day):
    assert casino().gaming_day(datetime(*utc, tzinfo=UTC)) == day


def test_a_gaming_day_may_start_at_another_hour():
    info = casino(gaming_day_starts="06:30")
    assert info.gaming_day(datetime(2026, 1, 10, 14, 29, tzinfo=UTC)) == "2026-01-09"
    assert info.gaming_day(datetime(2026, 1, 10, 14, 30, tzinfo=UTC)) == "2026-01-10"


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        (False, ()),
        ("priority", {0x51, 0x52, 0x57, 0x3D, 0x69, 0x70}),
        (["51", "1b", "1B"], {0x1B, 0x51}),
        (True, set(range(0x100))),
    ],
)
def test_a_line_asks_again_for_the_exceptions_that_its_site_names(written, codes):
    found = set(LineInfo(name="L1", port="p", confirm=written).confirm)
    assert found >= set(codes) if written == "priority" else found == set(codes)
    assert 0x11 not in found or written is True


@pytest.mark.parametrize("wrong", ["51", "handpays", ["5"], ["151"], [0x51], [True], 81, {}])
def test_what_names_no_exceptions_is_refused_and_the_report_says_what_does(wrong):
    with pytest.raises(ValueError, match='"priority", or exception codes such as'):
        LineInfo(name="L1", port="p", confirm=wrong)
