"""What a SAS port has to do with: which exceptions it reports, which long polls it answers.

A machine with two SAS ports shares its duties out between them: validation or transfers on one
host's port alone, doors on both. What stands in no role goes through every port: who the machine
is, its clock, the overflow flag, real-time mode, and whatever is not on the tables.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Role:
    """One duty of a port.

    Attributes:
        meaning: what it is, for people.
        exceptions: codes that a port with this role reports.
        polls: long polls that it answers.
    """

    meaning: str
    exceptions: frozenset[int] = frozenset()
    polls: frozenset[int] = frozenset()


def _role(meaning: str, exceptions: tuple[int, ...] = (), polls: tuple[int, ...] = ()) -> Role:
    return Role(meaning, frozenset(exceptions), frozenset(polls))


ROLES: Final[dict[str, Role]] = {
    "doors": _role(
        "doors, also while the power was off",
        (*range(0x11, 0x17), 0x19, 0x1A, 0x1D, 0x1E, *range(0x98, 0x9C))),
    "cashbox": _role("cashbox removed, installed, full", (0x1B, 0x1C, 0x27, 0x2E)),
    "power": _role("power lost and applied", (0x17, 0x18)),
    "tilts": _role(
        "tilts and faults of coins, reels, hopper and printer",
        (*range(0x20, 0x26), 0x2D, *range(0x40, 0x47), 0x60, 0x61, *range(0x74, 0x7A), 0x80, 0x81),
        (0x2C, 0x4F)),
    "bills": _role(
        "bills and the bill acceptor",
        (*range(0x28, 0x2D), 0x2F, *range(0x47, 0x51), 0x7B),
        (0x1E, 0x20, *range(0x31, 0x3D), *range(0x3E, 0x46), 0x46, 0x48, 0x49, 0x4A)),
    "tickets": _role("cash-out tickets that were printed", (0x3D, 0x66), (0x3D,)),
    "handpays": _role(
        "handpays: pending, read, reset", (0x3E, 0x51, 0x52, 0x55, 0x5A), (0x1B,)),
    "validation": _role(
        "validation numbers, tickets that guests insert",
        (0x3F, 0x57, 0x67, 0x68),
        (0x4C, 0x4D, 0x50, 0x57, 0x58, 0x70, 0x71, 0x75, 0x76, 0x7B, 0x7C, 0x7D)),
    "transfers": _role(
        "electronic transfers (AFT, old EFT) and their locks",
        tuple(range(0x69, 0x70)),
        (0x1D, *range(0x22, 0x29), *range(0x62, 0x6C), 0x72, 0x73, 0x74)),
    "progressives": _role(
        "progressive levels: told to the machine, hit, paid",
        (0x53, 0x54, 0x56, 0x59), (0x5D, 0x7A, 0x80, *range(0x83, 0x88))),
    "bonus": _role(
        "bonuses and tournaments that a host gives", (0x7C,),
        (0x8A, 0x8B, 0x8C, 0x90, *range(0x95, 0x9B))),
    "games": _role(
        "games: started, ended, selected, cards and reels; sessions",
        (0x5F, 0x7E, 0x7F, *range(0x87, 0x8D), 0x9E, 0x9F), (0x8E, 0x8F)),
    "attendants": _role(
        "change lamp, menus, options, out of service",
        (0x3C, 0x71, 0x72, *range(0x82, 0x87), 0xA2)),
    "integrity": _role(
        "memory, battery, program components",
        (*range(0x31, 0x3C), 0x8E, 0x8F), (0x21, 0x6E)),
    "meters": _role(
        "meters, and what changes them from outside of play",
        (0x7A, 0xA0, 0xA1),
        (*range(0x0F, 0x1B), 0x1C, 0x1E, 0x20, 0x2A, 0x2B, 0x2C, 0x2D, 0x2F, *range(0x31, 0x3D),
         *range(0x3E, 0x46), 0x46, 0x47, 0x49, 0x4A, 0x52, 0x6F, 0x83, *range(0x95, 0x9B), 0xAF,
         0xB4, 0xB6)),
    "control": _role(
        "orders: play, sound, bills, games, clock, reset of a handpay",
        (),
        (*range(0x01, 0x0C), 0x2E, 0x7F, 0x94, 0xA8, 0xAA, 0xB7)),
}  # fmt: skip
"""Role to its exceptions and polls. A code or a poll may stand in several."""

FOR_EVERY_PORT: Final = frozenset(
    {0x0E, 0x1F, 0x51, 0x53, 0x54, 0x55, 0x56, 0x7E, 0xA0, 0xA4, 0xB0, 0xB1, 0xB2, 0xB3, 0xB5}
)
"""Long polls that every port answers: identity, clock, real-time mode. B0 is judged by its base."""

EVERYTHING: Final = frozenset(ROLES)


def reports(roles: AbstractSet[str], code: int) -> bool:
    """Say whether a port with ``roles`` reports the exception ``code``."""
    return code not in _left_out(frozenset(roles), polls=False)


def answers(roles: AbstractSet[str], command: int) -> bool:
    """Say whether a port with ``roles`` answers the long poll ``command``, if the machine does."""
    return command not in _left_out(frozenset(roles), polls=True)


@cache
def _left_out(roles: frozenset[str], *, polls: bool) -> frozenset[int]:
    sets = {name: role.polls if polls else role.exceptions for name, role in ROLES.items()}
    mine = frozenset[int]().union(*(sets[name] for name in roles))
    return frozenset[int]().union(*sets.values()) - mine
