"""``slotgw port-test``: is a serial port fit for SAS?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict

import click

from gateway.edge.port import PortError
from gateway.edge.port_proof import Finding, PortProof, prove, prove_pair
from gateway.edge.serial_devices import SerialDevices
from gateway.edge.serial_port import release, take, why_not
from gateway.edge.tty_calls import TtyCalls

_SIGNS = {"pass": "PASS", "fail": "FAIL", "not tested": "  - "}


@click.command("port-test", epilog="Example: slotgw port-test /dev/ttyUSB0 --pair /dev/ttyUSB1")
@click.argument("port")
@click.option("--pair", "other", metavar="PORT", help="A second port, joined to the first: TX and "
              "RX crossed, and ground. Proves both.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
@click.pass_context
def port_test(ctx: click.Context, port: str, other: str | None, *, as_json: bool) -> None:
    """Measure how fast PORT switches parity, and prove its ninth bit.

    Put a plug on the port that joins TX and RX; one that joins CTS to them as well shows the ninth
    bit itself. Take the machines off first: the test sends bytes of every value. It listens for six
    seconds before, and does not send if it hears anything.

    Exit status: 0 nothing failed, 1 something failed, 2 wrong usage or a port that cannot be used.
    """
    say = _silent if as_json else _print
    try:
        if other is None:
            with _proof(port) as proof:
                found = prove(proof, say)
        else:
            with _proof(port) as proof, _proof(other) as second:
                found = prove_pair(proof, second, (port, other), say)
    except PortError as error:
        click.echo(f"slotgw port-test: {error}", err=True)
        ctx.exit(2)
    counts = Counter(finding.verdict for finding in found)
    result = "FAIL" if counts["fail"] else "PASS"
    if as_json:
        findings = [_as_json(finding) for finding in found]
        click.echo(json.dumps({"port": port, "result": result, "tests": findings}, indent=2))
    else:
        left = [finding.name for finding in found if finding.verdict == "not tested"]
        more = f"; not tested: {', '.join(left)}" if left else ""
        click.echo(f"{result}: {port}{more}")
    ctx.exit(1 if counts["fail"] else 0)


@contextmanager
def _proof(name: str) -> Iterator[PortProof]:
    """Open a port for its tests, and leave it as it was.

    Raises:
        PortError: it cannot be used.
    """
    calls, devices = TtyCalls(), SerialDevices()
    fd = take(name, calls, devices)
    try:
        if calls.is_pty(fd):
            raise PortError(f"{name} is a pty: it has no parity to test")
        try:
            proof = PortProof(calls, fd, usb=devices.one(name).usb)
        except OSError as error:
            raise PortError(why_not(name, error, devices)) from error
        try:
            yield proof
        finally:
            with suppress(OSError):  # it may have been pulled out
                proof.restore()
    finally:
        release(fd, calls)


def _print(finding: Finding) -> None:
    click.echo(f"{_SIGNS[finding.verdict]}  {finding.name}: {finding.text}")


def _silent(finding: Finding) -> None:
    del finding


def _as_json(finding: Finding) -> dict[str, object]:
    row = asdict(finding)
    del row["goes_on"]
    return row
