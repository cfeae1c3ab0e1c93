"""The profiles that come with slotsim: one TOML file each, in ``profiles/``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from edge_config.loader import load_toml
from floor_sim.profile import Profile

FOLDER: Final = Path(__file__).parent / "profiles"
"""Where they are."""


@cache
def shipped_names() -> tuple[str, ...]:
    """Return the names of the profiles that come with slotsim."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def shipped_profiles() -> dict[str, Profile]:
    """Return them by name.

    Raises:
        ConfigError: one of the files is wrong.
    """
    return {name: load_toml(FOLDER / f"{name}.toml", Profile) for name in shipped_names()}
