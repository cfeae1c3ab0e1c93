"""``slotsim profile``: kinds of machines."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from edge_config.loader import ConfigError, parse_toml
from floor_sim.profile import Profile
from floor_sim.profile_draft import draft as drafted
from floor_sim.profile_library import FOLDER, shipped_profiles
from floor_sim.recording import recordings
from protocols.sas.capture_reader import read_capture


@click.group()
def profile() -> None:
    """List, show and draft kinds of machines.

    Example: slotsim profile list
    """


@profile.command("list")
def list_profiles() -> None:
    """List the profiles that come with slotsim; a floor file may use them by name.

    Example: slotsim profile list
    """
    for name, one in shipped_profiles().items():
        click.echo(f"{name:20} SAS {one.sas_version}  {one.about}")


@profile.command()
@click.argument("name")
def show(name: str) -> None:
    """Print the profile called NAME, to be changed and put under [profiles.NAME] of a floor file.

    Example: slotsim profile show penny_video
    """
    if name not in shipped_profiles():
        known = ", ".join(shipped_profiles())
        raise click.UsageError(f"there is no profile {name}; there are {known}")
    click.echo((FOLDER / f"{name}.toml").read_text("utf-8"), nl=False)


@profile.command()
@click.argument("capture", type=click.Path(path_type=Path))
@click.option("--line", help="Line of the capture; nothing: the first one.")
@click.option("--address", type=click.IntRange(1, 127),
              help="SAS address; nothing: the first machine that answered.")  # fmt: skip
def draft(capture: Path, line: str | None, address: int | None) -> None:
    """Draft a profile from the recorded traffic of CAPTURE.

    From polls 1F, 51, 53, 54, 6F, A0, B2 and B5 where they were answered, from the time that
    answers took, from polls that were never answered, and from what the machine says while idle.

    Example: slotsim profile draft door.capture --address 1
    """
    try:
        with capture.open(encoding="utf-8", errors="replace") as file:
            captures, problems = read_capture(file)
    except OSError as error:
        click.echo(f"slotsim profile draft: {capture}: {error.strerror}", err=True)
        sys.exit(2)
    if problems:
        click.echo(f"slotsim profile draft: {capture}: {len(problems)} bad lines", err=True)
    found = {one.line: one for one in recordings(captures)}
    chosen = next(iter(found.values()), None) if line is None else found.get(line)
    if chosen is None or not chosen.addresses:
        click.echo(f"slotsim profile draft: {capture}: no machine answers there", err=True)
        sys.exit(2)
    if address is not None and address not in chosen.addresses:
        there = ", ".join(map(str, chosen.addresses))
        click.echo(f"slotsim profile draft: machines answered at {there} only", err=True)
        sys.exit(2)
    text = drafted(chosen, chosen.addresses[0] if address is None else address)
    try:
        parse_toml(text, Profile, "the draft")
    except ConfigError as error:
        click.echo(f"slotsim profile draft: finish it by hand:\n{error}", err=True)
    click.echo(text, nl=False)
