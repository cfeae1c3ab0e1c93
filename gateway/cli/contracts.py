"""``slotgw contracts``: the contract with integrators, exported and compared with the last one."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def contracts() -> None:
    """The contract with integrators: schemas, AsyncAPI, examples, a page for each type."""


@contracts.command(epilog="Example: slotgw contracts export run/contract")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.pass_context
def export(ctx: click.Context, *, folder: Path) -> None:
    """Write the catalogue into DIR.

    JSON Schemas (2020-12), asyncapi.json (AsyncAPI 3), a valid example and a page for each type,
    and catalogue.json to compare a later one with.

    Exit status: 0 done, 1 it cannot be written, 2 wrong usage.
    """
    from gateway.contracts.entries import entries  # noqa: PLC0415 - half a second of imports
    from gateway.contracts.export import catalogue_version  # noqa: PLC0415
    from gateway.contracts.export import export as write  # noqa: PLC0415

    try:
        count = write(folder, catalogue_version())
    except OSError as error:
        click.echo(f"slotgw contracts export: {error}", err=True)
        ctx.exit(1)
    click.echo(f"{len(entries())} types, {count} files in {folder}; begin with pages/index.md")


@contracts.command(epilog="Example: slotgw contracts check run/contract_of_last_year")
@click.argument(
    "folder", required=False, type=click.Path(exists=True, path_type=Path), metavar="[DIR]"
)
@click.pass_context
def check(ctx: click.Context, *, folder: Path | None) -> None:
    """Compare this program's catalogue with the last released one, or with one exported into DIR.

    Additions pass. What breaks a reader, or somebody who sends to us, is told in one line each:
    a type or field removed or of another type, a word added to a closed list, a bound widened, a
    field that may now be absent; of what is sent to us, whatever is no longer taken.

    Exit status: 0 nothing breaks, 1 something does, 2 wrong usage, or DIR holds no catalogue.
    """
    from gateway.contracts.compare import additions, breaks  # noqa: PLC0415
    from gateway.contracts.entries import entries  # noqa: PLC0415
    from gateway.contracts.export import catalogue_version  # noqa: PLC0415
    from gateway.contracts.snapshot import (  # noqa: PLC0415
        RELEASED,
        SnapshotError,
        read_snapshot,
        snapshot,
    )

    try:
        before = read_snapshot(folder or RELEASED)
    except SnapshotError as error:
        click.echo(f"slotgw contracts check: {error}", err=True)
        ctx.exit(2)
    now = snapshot(entries(), catalogue_version())
    found = breaks(before, now)
    for line in found:
        click.echo(line)
    added = additions(before, now)
    against = f"the catalogue of version {before['version']}, {len(before['types'])} types"
    if found:
        click.echo(
            f"{len(found)} breaks against {against}: give what changed a new version beside the "
            "old one",
            err=True,
        )
        ctx.exit(1)
    click.echo(f"nothing breaks against {against}; {len(added)} types are new")


@contracts.command(epilog="Example: slotgw contracts release gateway/contracts/released.json")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.pass_context
def release(ctx: click.Context, *, path: Path) -> None:
    """Write the snapshot that later catalogues are compared with; for whoever makes a release.

    A FILE that this catalogue breaks is left as it is.

    Exit status: 0 done, 1 the catalogue breaks it or it cannot be written, 2 wrong usage.
    """
    from gateway.contracts.compare import breaks  # noqa: PLC0415
    from gateway.contracts.entries import entries  # noqa: PLC0415
    from gateway.contracts.export import catalogue_version  # noqa: PLC0415
    from gateway.contracts.snapshot import (  # noqa: PLC0415
        SnapshotError,
        read_snapshot,
        snapshot,
        snapshot_text,
    )

    made = snapshot(entries(), catalogue_version())
    try:
        found = breaks(read_snapshot(path), made) if path.exists() else []
        if found:
            click.echo("\n".join(found))
            click.echo(f"slotgw contracts release: {path} is left as it is", err=True)
            ctx.exit(1)
        path.write_text(snapshot_text(made), "utf-8")
    except (SnapshotError, OSError) as error:
        click.echo(f"slotgw contracts release: {error}", err=True)
        ctx.exit(1)
    click.echo(f"{path}: {len(made['types'])} types of version {made['version']}")
