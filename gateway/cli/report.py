"""``slotgw report``: are signed reports of checks as they were signed, and by whom?"""

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.commissioning.signature import FILE_BYTES_MAX, BadReportError, Verified, verify


@click.group()
def report() -> None:
    """Signed reports of commissioning, comms tests, absence tests and meter checks."""


@report.command(
    "verify", epilog="Example: slotgw report verify slotgw-absence-10101-*.txt --key report.pub"
)
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...",
    type=click.Path(dir_okay=False, path_type=Path),
)  # fmt: skip
@click.option(
    "--key", "keys", multiple=True, metavar="KEY",
    help="A gateway's public key: its file report.pub, or 64 hex digits. May be given again.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program, a line a file.")
@click.pass_context
def verify_command(
    ctx: click.Context, files: tuple[Path, ...], keys: tuple[str, ...], *, as_json: bool
) -> None:
    """Hold reports, text or JSON, to their signatures.

    A signature proves that nothing was changed; whose key it is only --key can prove: every gateway
    has its own in its run folder.

    Exit status: 0 all hold, 1 one does not or is signed by another key, 2 wrong usage.
    """
    known = frozenset(_key(one) for one in keys) if keys else None
    well = True
    for file in files:
        try:
            with file.open("rb") as opened:
                found = verify(opened.read(FILE_BYTES_MAX + 1), known)
        except (OSError, BadReportError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            _say(file, {"holds": False, "why": why}, f"NOT AS SIGNED: {why}", as_json=as_json)
            well = False
            continue
        well &= found.trusted is not False
        told = {"holds": True, "trusted": found.trusted, **found.statement.model_dump(mode="json")}
        _say(file, told, _words(found), as_json=as_json)
    ctx.exit(0 if well else 1)


def _key(text: str) -> str:
    path = Path(text)
    try:
        plain = (path.read_text("ascii") if path.is_file() else text).strip().lower()
        if len(bytes.fromhex(plain)) != 32:
            raise ValueError(text)  # noqa: TRY301 (told in the same words)
    except (OSError, ValueError):
        raise click.BadParameter(
            f"{text!r} is neither a public key of 64 hex digits nor a file with one",
            param_hint="--key",
        ) from None
    return plain


def _words(found: Verified) -> str:
    one = found.statement
    if found.trusted is None:
        by = f"by the key {one.key}; --key proves whose it is"
    else:
        by = "by a key that you named" if found.trusted else f"BY ANOTHER KEY, {one.key}"
    return (
        f"as signed. {one.kind} of asset {one.asset}: {one.verdict}. {one.person} at {one.at}, "
        f"gateway {one.site}/{one.gateway} (event {one.event}), {by}"
    )


def _say(file: Path, told: dict[str, object], words: str, *, as_json: bool) -> None:
    click.echo(json.dumps({"file": str(file), **told}) if as_json else f"{file}: {words}")
