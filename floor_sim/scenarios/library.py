"""The scenarios that come with slotsim, and those in files of other people."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from edge_config.loader import load_toml
from edge_config.problems import ConfigError, Problem
from edge_config.table import is_token
from floor_sim.scenarios.file import ScenarioFile
from floor_sim.scenarios.plan import Played, placed

FOLDER: Final = Path(__file__).parent
"""Where they are, one TOML file each."""


@cache
def shipped_names() -> tuple[str, ...]:
    """Return the names of the scenarios that come with slotsim."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def path_of(name: str) -> Path:
    """Return the file of a scenario that comes with slotsim, or that ``name`` is the path of.

    Raises:
        ConfigError: there is neither.
    """
    if name in shipped_names():
        return FOLDER / f"{name}.toml"
    if name.endswith(".toml"):
        return Path(name)
    raise ConfigError([Problem(
        name, "", "no scenario of that name", "one that slotsim scenario list shows",
        "or the path of a file that ends in .toml",
    )])  # fmt: skip


def scenarios(names: Sequence[str] = ()) -> list[Played]:
    """Return scenarios by name or path; without names all that come with slotsim.

    Raises:
        ConfigError: files are missing or wrong; every mistake is in the one report.
    """
    problems: list[Problem] = []
    found = []
    for name in names or shipped_names():
        try:
            found.append(_read(path_of(name)))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return found


def _read(path: Path) -> Played:
    file = load_toml(path, ScenarioFile)
    if not is_token(path.stem):
        expected = "a file name of letters, digits, _ and -, and .toml"
        raise ConfigError([Problem(str(path), "", repr(path.stem), expected)])
    return placed(path.stem, file, str(path))
