"""All rules, and the page about them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from floor_sim.judge.egm_rules import EGM_RULES
from floor_sim.judge.host_rules import HOST_RULES
from floor_sim.judge.report import rules_page

RULES: Final = (*HOST_RULES, *EGM_RULES)
PAGE: Final = Path(__file__).parents[1] / "RULES.md"
"""Where the page is kept."""

assert len({row.id for row in RULES}) == len(RULES), "two rules share an id"


def page() -> str:
    """Return the page about all rules."""
    return rules_page(RULES)
