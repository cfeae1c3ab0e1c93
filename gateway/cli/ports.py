"""``slotgw ports``: the serial ports of this computer."""

from __future__ import annotations

import json

import click

from gateway.edge.port_listing import PortRow, listing
from gateway.edge.serial_devices import SerialDevices
from gateway.edge.tty_calls import TtyCalls

_WORDS = {True: "yes", False: "no", None: "?"}
_HEADS = ("device", "driver", "mark/space", "name for the site file", "")


@click.command(epilog="Example: slotgw ports --json")
@click.option(
    "--probe/--no-probe",
    default=True,
    show_default=True,
    help="Open each port that nobody uses, and try mark and space parity on it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
def ports(*, probe: bool, as_json: bool) -> None:
    """List serial ports: stable name, driver, and whether mark and space parity stick.

    A site file names a port best by /dev/serial/by-path, which stays with the socket that the port
    is plugged into. Trying sends nothing, but a driver raises DTR and RTS when a port is opened.
    That parity sticks does not prove that the chip obeys: slotgw port-test does.
    """
    rows = listing(SerialDevices(), TtyCalls(), probe=probe)
    if as_json:
        click.echo(json.dumps({"ports": [_as_json(row) for row in rows]}, indent=2))
    elif rows:
        click.echo(_as_text(rows))
    else:
        click.echo("no serial ports on this computer")


def _as_json(row: PortRow) -> dict[str, object]:
    device = row.device
    return {
        "device": device.device,
        "by_path": list(device.by_path),
        "driver": device.driver,
        "usb": device.usb,
        "description": device.description,
        "mark_space": row.mark_space,
        "note": row.note,
    }


def _as_text(rows: tuple[PortRow, ...]) -> str:
    table = [_HEADS]
    for row in rows:
        device = row.device
        names = device.by_path or (device.device,)
        note = ", ".join(part for part in (device.description, row.note) if part)
        table.append((device.device, device.driver or "?", _WORDS[row.mark_space], names[0], note))
    widths = [max(len(row[column]) for row in table) for column in range(len(_HEADS))]
    return "\n".join(
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    )
