"""The points file as an operator writes it, rightly and wrongly."""

from __future__ import annotations

from decimal import Decimal

import pytest

from edge_config.loader import ConfigError, parse_toml
from gateway.central.loyalty.rules import PointsRules, default_rules


def test_each_currency_has_its_own_rate():
    text = """
        [[rules]]
        currency = "USD"
        points_per_unit = "0.2"
        [[rules]]
        currency = "CAD"
        points_per_unit = "0.15"
    """
    rules = parse_toml(text, PointsRules, "points.toml")
    assert rules.rate("USD") == Decimal("0.2")
    assert rules.rate("CAD") == Decimal("0.15")
    assert rules.rate("EUR") is None


def test_a_site_without_a_points_file_gives_one_point_for_one_unit():
    assert default_rules("MXN").rate("MXN") == 1


def test_every_mistake_of_a_points_file_is_in_one_report():
    text = """
        [[rules]]
        currency = "dollars"
        points_per_unit = 0.2
        [[rules]]
        currency = "USD"
        points_per_unit = "1"
        [[rules]]
        currency = "USD"
        points_per_unit = "2"
    """
    with pytest.raises(ConfigError) as error:
        parse_toml(text, PointsRules, "points.toml")
    assert [problem.key for problem in error.value.problems] == [
        "rules[0].currency", "rules[0].points_per_unit", "rules[2].currency",
    ]  # fmt: skip
