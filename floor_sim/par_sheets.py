"""Par sheets of the preset floors: games with their denomination, hold, bets and volatility."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Sheet:
    """One game.

    Attributes:
        key: name of its profile in the floor file.
        theme: its name, for people.
        maker: who makes it; invented.
        profile: a profile that comes with slotsim, or empty where ``keys`` is the profile.
        weight: how often it stands on a floor beside the others.
        high_limit: it stands in the high-limit room.
        keys: its profile, as TOML.
    """

    key: str
    theme: str
    maker: str
    weight: int
    keys: str = ""
    high_limit: bool = False

    @property
    def shipped(self) -> bool:
        """Its profile comes with slotsim and stands in no floor file."""
        return not self.keys


_TICKETS: Final = "ticket_redemption = true\nhandpay_to_credits = true\n"
_BILLS: Final = "bills = [1, 5, 10, 20, 50, 100]\n"
_LARGE_BILLS: Final = "bills = [20, 50, 100]\n"


def _keys(
    worth: str, par: str, volatility: str, bets: str, paytable: str, *, digits: int = 10,
    bills: str = _BILLS, more: str = "",
) -> str:  # fmt: skip
    return (
        f'denomination = "{worth}"\npar_percent = "{par}"\nvolatility = "{volatility}"\n'
        f'bets = {bets}\ngame_id = "{paytable[:2]}"\npaytable = "{paytable}"\n'
        f"meter_digits = {digits}\n{more}abilities = {{ {_inline(bills + _TICKETS)} }}\n"
    )


def _inline(lines: str) -> str:
    return ", ".join(lines.splitlines())


SHEETS: Final = (
    Sheet("copper_canyon", "Copper Canyon", "Ridgeline", 14,
          _keys("0.01", "9.50", "medium", "[40, 80, 120, 200, 300]", "CC0950")),
    Sheet("lantern_festival", "Lantern Festival", "Harbour Games", 14,
          _keys("0.01", "10.25", "high", "[50, 75, 150, 250, 400]", "LF1025")),
    Sheet("river_queen", "River Queen", "Ridgeline", 12,
          _keys("0.01", "11.00", "medium", "[30, 60, 90, 150, 240]", "RQ1100", digits=8)),
    Sheet("moon_orchard", "Moon Orchard", "Blue Spruce", 10,
          _keys("0.01", "8.75", "low", "[40, 60, 80, 120]", "MO0875", digits=8)),
    Sheet("prospectors_pot", "Prospector's Pot", "Harbour Games", 9,
          _keys("0.01", "11.50", "medium", "[60, 90, 150, 300]", "PP1150")
          .replace("handpay_to_credits = true }", "handpay_to_credits = true, pots = [{ "
                   'start = "1500.00", increment_percent = "0.50", cycle = "200000.00" }] }')),
    Sheet("desert_comet", "Desert Comet", "Blue Spruce", 8,
          _keys("0.05", "8.00", "medium", "[9, 18, 45, 90]", "DC0800")),
    Sheet("golden_burro", "Golden Burro", "Ridgeline", 8,
          _keys("0.25", "7.50", "low", "[1, 2, 3, 9]", "GB0750", digits=8)),
    Sheet("mesa_sevens", "Mesa Sevens", "Old Mill", 6,
          _keys("0.25", "8.25", "medium", "[2, 3, 5]", "MS0825")),
    Sheet("silver_ridge", "Silver Ridge", "Old Mill", 6,
          _keys("1.00", "6.50", "medium", "[1, 2, 3]", "SR0650")),
    Sheet("poker_multi", "Poker Parlour", "Blue Spruce", 9),
    Sheet("own_progressive", "Nickel Fountain", "Harbour Games", 4),
    Sheet("linked_progressive", "Summit Link", "Old Mill", 4),
    Sheet("royal_mesa", "Royal Mesa", "Old Mill", 3,
          _keys("1.00", "5.50", "medium", "[5, 10, 25]", "RM0550", bills=_LARGE_BILLS,
                more='ticket_limit = "10000.00"\n'), high_limit=True),
    Sheet("grand_canyon_five", "Grand Canyon Five", "Ridgeline", 2,
          _keys("5.00", "5.00", "medium", "[1, 2, 3, 5]", "GC0500", bills=_LARGE_BILLS,
                more='ticket_limit = "10000.00"\n'), high_limit=True),
)  # fmt: skip
"""What stands on the preset floors."""

LINK: Final = """\
[[links]]
group = 4

[[links.levels]]
level = 1
start = "1500.00"
increment_percent = "0.50"
cycle = "400000.00"

[[links.levels]]
level = 2
start = "10000.00"
increment_percent = "0.50"
cycle = "2000000.00"
"""
"""Terms of the link of ``linked_progressive``: group and levels are those of its profile."""
