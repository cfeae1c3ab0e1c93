"""What can be wrong between the parts of a site file, though each part is right by itself.

Works on the parsed file before validation, so that these mistakes stand in the same report as
wrong types; whatever has not the right shape is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edge_config.problems import Mistake, shown
from edge_config.wiring_checks import Row, rows_of, wiring_mistakes


def mistakes_between(data: Mapping[str, object]) -> Iterator[Mistake]:
    """Yield every mistake between the tables of a site file."""
    yield from wiring_mistakes(data)
    yield from _ninth_bits(rows_of(data, "lines"))
    yield from _password(data)


def _ninth_bits(lines: list[Row]) -> Iterator[Mistake]:
    for index, row in lines:
        transport, ninth_bit = row.get("transport", "serial"), row.get("ninth_bit", "auto")
        if transport == "pty" and ninth_bit == "parity":
            found, expected = "'parity' on a pty", "'auto', 'parmrk' or 'none'"
            hint = "a pty has no parity: the kernel drops it"
            yield Mistake(("lines", index, "ninth_bit"), found, expected, hint)
        elif transport == "serial" and ninth_bit in ("none", "parmrk"):
            found, expected = f"{shown(ninth_bit)} on a serial port", "'auto' or 'parity'"
            hint = "EGMs know their address by the ninth bit"
            yield Mistake(("lines", index, "ninth_bit"), found, expected, hint)


def _password(data: Mapping[str, object]) -> Iterator[Mistake]:
    nats = data.get("nats", {})
    if not isinstance(nats, dict):
        return
    given = [key for key in ("password_file", "password_env") if key in nats]
    if len(given) != 1:
        found = " and ".join(given) or "neither password_file nor password_env"
        hint = 'for example password_file = "nats/edge.password"'
        yield Mistake(("nats",), found, "one of password_file and password_env", hint)
