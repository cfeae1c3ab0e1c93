"""A place, a stamp and a moment for events under test."""

import pytest

from gateway.events.encode import Place, Stamp
from gateway.events.moment import Moment


@pytest.fixture
def place():
    return Place(
        site="demo", gateway="gw1", jurisdiction="NJ", line="L1", address=1, bank="B01",
        zone="Z1", location="01-01-01", linemode="host",
    )  # fmt: skip


@pytest.fixture
def stamp():
    return Stamp(gateway="gw1", birthid="b7", sequence=42, familysequence=5)


@pytest.fixture
def noon():
    return Moment(100.0, 1_767_268_800_123_456_789)  # 2026-01-01 12:00 UTC
