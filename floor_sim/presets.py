"""Floors of any size, made from a seed: zones, banks, locations, lines, games, cameras, people.

One size and one seed are one file, byte for byte. Rates are those of a usual North American floor.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from random import Random
from typing import Final, Literal

from floor_sim.chance import draw
from floor_sim.par_sheets import LINK, SHEETS, Sheet

PRESETS: Final = (24, 500, 2_000, 5_000)
"""Machines of the floors that people usually ask for."""
MACHINES_MAX: Final = 8_000
LINE_EGMS: Final = 8
"""Machines on one line."""
BRIDGE_LINES: Final = 250
"""Lines on one bridge."""
HIGH_LIMIT: Final = "high-limit"
_PANEL_EGMS: Final = 40
_ZONES: Final = ("north", "south", "east", "west", "atrium", "river", "garden", "plaza", "corner",
                 "arcade", "terrace", "lobby", "alley", "court", "harbour", "station", "orchard",
                 "mezzanine", "gallery")  # fmt: skip

TROUBLES: Final[dict[str, float]] = {
    "slot door": 0.21,
    "card cage": 0.004,
    "belly door": 0.01,
    "general tilt": 0.05,
    "reel tilt": 0.01,
    "printer tilt": 0.03,
    "bill jam": 0.05,
    "bill rejects": 0.6,
    "lamp": 0.8,
    "menu": 0.1,
    "big cash-out": 0.018,
    "silent machine": 0.02,
    "option change": 0.01,
    "ram clear": 0.002,
}
"""How often each happens to one machine in one day."""

FLOOR_TROUBLES: Final = {"line pulled": 2 / 7, "panel without power": 0.05 / 7}
"""How often each happens to one floor in one day."""

LASTS_S: Final = {"silent machine": (40.0, 900.0), "panel without power": (30.0, 1_800.0)}
"""How long they last, where that is not as usual."""

Transport = Literal["pty", "bridge"]


@dataclass(frozen=True, slots=True)
class Stand:
    """One machine of a floor.

    Attributes:
        asset: asset number.
        zone: zone it stands in.
        bank: bank, unique on the floor.
        location: section-bank-position.
        sheet: its game.
    """

    asset: str
    zone: str
    bank: str
    location: str
    sheet: Sheet


def preset(
    machines: int,
    seed: int = 1,
    *,
    transport: Transport = "pty",
    bridge: str = "127.0.0.1:7400",
    certified: bool = False,
) -> str:
    """Return the text of a floor file.

    Args:
        machines: how many, 1 to ``MACHINES_MAX``.
        seed: seed of the floor: who stands where, and what happens.
        transport: pty makes links and card readers; bridge hangs lines on a TCP port.
        bridge: host and port of that; lines beyond ``BRIDGE_LINES`` get the next port.
        certified: a second SAS port for each machine, polled by the certified host that slotsim
            plays itself.
    """
    assert 1 <= machines <= MACHINES_MAX, "more machines than a floor file holds"
    stands = list(_stands(machines, seed))
    parts = [*_head(machines, seed), *_troubles(machines)]
    used = {stand.sheet.key: stand.sheet for stand in stands if not stand.sheet.shipped}
    parts += [LINK] if any(stand.sheet.key == "linked_progressive" for stand in stands) else []
    parts += [f"[profiles.{key}]\n{used[key].keys}" for key in sorted(used)]
    names = [_line_name(number) for number in range(ceil(machines / LINE_EGMS))]
    parts += [
        f'[[lines]]\nname = "{name}"\nport = "{_port(name, number, transport, bridge)}"\n'
        f'transport = "{transport}"\n'
        for number, name in enumerate(names)
    ]
    if certified:
        parts += [
            f'[[lines]]\nname = "S{name[1:]}"\nport = "certified/S{name[1:]}"\n'
            'transport = "certified"\n'
            for name in names
        ]
    parts += [_egm(stand, place, transport, certified) for place, stand in enumerate(stands)]
    return "\n".join(parts)


def _head(machines: int, seed: int) -> Iterator[str]:
    in_use = ceil(machines * 0.75)
    yield f"# A floor of {machines} machines, made by slotsim floor preset with seed {seed}.\n"
    yield (
        f'[floor]\nname = "floor{machines}"\nseed = {seed}\n'
        f'run_folder = "run/floor{machines}"\ntime_zone = "America/Los_Angeles"\n'
        'gaming_day_starts = "04:00"\n'
    )
    yield "[crowd]\noccupancy_percent = 30\ngames_per_hour = 600\n"
    yield (
        f"[crew]\nattendants = {max(1, in_use // 75)}\n"
        f"technicians = {max(1, ceil(machines / 350))}\nwalk_s = [25.0, 120.0]\n"
    )
    yield f'[drop]\nstarts = "05:00"\nteams = {max(1, machines // 250)}\ndaily = ["{HIGH_LIMIT}"]\n'
    yield (
        "[pace]\nhandpay_s = [180.0, 600.0]\ndoor_s = [120.0, 420.0]\ntilt_s = [120.0, 480.0]\n"
        "jam_s = [60.0, 240.0]\nlamp_s = [30.0, 180.0]\n"
    )


def _troubles(machines: int) -> Iterator[str]:
    rates = {kind: rate * machines for kind, rate in TROUBLES.items()} | FLOOR_TROUBLES
    for kind, rate in rates.items():
        every_s = 86_400 / rate
        low, high = LASTS_S.get(kind, (20.0, 90.0))
        yield (
            f'[[troubles]]\nkind = "{kind}"\nfirst_s = {every_s / 2:.1f}\n'
            f"every_s = {every_s:.1f}\nlasts_s = [{low}, {high}]\n"
        )


def _stands(machines: int, seed: int) -> Iterator[Stand]:
    """Yield the machines zone by zone, bank by bank."""
    chance = draw(seed, "preset", machines)
    zones = _zones(machines)
    left, number, bank = machines, 0, 0
    for section, zone in enumerate(zones, 1):
        here = _share(machines, left, zone, len(zones) - section)
        left -= here
        while here:
            size = min(here, chance.randint(4, 12))
            size = here if here - size < 4 else size
            bank += 1
            sheets = [_sheet(chance, zone) for _ in range(2)]
            for position in range(1, size + 1):
                number += 1
                yield Stand(
                    f"{10_000 + number}", zone, f"B{bank:03d}",
                    f"{section:02d}-{bank:03d}-{position:02d}", sheets[position % 2],
                )  # fmt: skip
            here -= size


def _zones(machines: int) -> list[str]:
    many = min(20, max(3, 4 + round(machines**0.5 / 2.9)))
    many = 3 if machines < 100 else many
    return [HIGH_LIMIT, *_ZONES[: many - 1]]


def _share(machines: int, left: int, zone: str, zones_after: int) -> int:
    if zone == HIGH_LIMIT:
        return max(1, machines // 25) if machines < 100 else machines // 25
    return left if zones_after == 0 else left // (zones_after + 1)


def _sheet(chance: Random, zone: str) -> Sheet:
    fit = [sheet for sheet in SHEETS if sheet.high_limit is (zone == HIGH_LIMIT)]
    return chance.choices(fit, [sheet.weight for sheet in fit])[0]


def _line_name(number: int) -> str:
    return f"L{number + 1:03d}"


def _port(name: str, number: int, transport: Transport, bridge: str) -> str:
    if transport == "pty":
        return f"lines/{name}"
    host, _, port = bridge.rpartition(":")
    return f"{host}:{int(port) + number // BRIDGE_LINES}/{number % BRIDGE_LINES + 1}"


def _egm(stand: Stand, place: int, transport: Transport, certified: bool) -> str:
    line, address = _line_name(place // LINE_EGMS), place % LINE_EGMS + 1
    rows = [
        f'[[egms]]\nasset = "{stand.asset}"\nline = "{line}"\naddress = {address}',
        f'location = "{stand.location}"\nbank = "{stand.bank}"\nzone = "{stand.zone}"',
        f'panel = "P{place // _PANEL_EGMS + 1:03d}"\nprofile = "{stand.sheet.key}"',
        f'theme = "{stand.sheet.theme}"\nmaker = "{stand.sheet.maker}"',
        f'cameras = ["CAM-{stand.bank}-A", "CAM-{stand.bank}-B"]',
    ]
    if transport == "pty":
        rows.append(f'card_reader = "cards/{stand.asset}"')
    if certified:
        rows.append(f'second = {{ line = "S{line[1:]}", address = {address} }}')
    return "\n".join(rows) + "\n"
