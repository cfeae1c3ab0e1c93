"""What can be wrong between the parts of a site file, though each part is right by itself.

Works on the parsed file before validation, so that these mistakes stand in the same report as
wrong types; whatever has not the right shape is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from edge_config.problems import Mistake, shown
from edge_config.register_checks import register_mistakes
from edge_config.wiring_checks import Row, rows_of, wiring_mistakes


def mistakes_between(data: Mapping[str, object]) -> Iterator[Mistake]:
    """Yield every mistake between the tables of a site file."""
    yield from wiring_mistakes(data)
    yield from _ninth_bits(rows_of(data, "lines"))
    yield from _receive_wires(rows_of(data, "lines"))
    yield from _password(data)
    yield from register_mistakes(data)


# transport, ninth_bit: what is expected instead, and why
_NO_NINTH_BIT: Final = {
    ("pty", "parity"): ("'auto', 'parmrk' or 'none'", "a pty has no parity: the kernel drops it"),
    ("serial", "parmrk"): ("'auto', 'parity' or 'none'", "a driver makes its own escapes"),
    ("bridge", "parity"): ("'auto'", "a bridge carries the ninth bit with every byte"),
    ("bridge", "parmrk"): ("'auto'", "a bridge carries the ninth bit with every byte"),
    ("bridge", "none"): ("'auto'", "a bridge carries the ninth bit with every byte"),
    ("bridge", "unknown"): ("'auto'", "a bridge carries the ninth bit with every byte"),
}
_WHAT: Final = {"pty": "a pty", "serial": "a serial port", "bridge": "a bridge"}


def _ninth_bits(lines: list[Row]) -> Iterator[Mistake]:
    for index, row in lines:
        transport, ninth_bit = row.get("transport", "serial"), row.get("ninth_bit", "auto")
        if not (isinstance(transport, str) and isinstance(ninth_bit, str)):
            continue
        wrong = _NO_NINTH_BIT.get((transport, ninth_bit))
        if wrong is not None:
            found = f"{shown(ninth_bit)} on {_WHAT[transport]}"
            yield Mistake(("lines", index, "ninth_bit"), found, *wrong)


def _receive_wires(lines: list[Row]) -> Iterator[Mistake]:
    for index, row in lines:
        if row.get("mode", "host") == "host":
            for name in ("port_egm", "wires_apart_s"):
                if name in row:
                    found = f"{shown(row[name])} on a line that this gateway polls"
                    expected = 'nothing, or mode = "listen"'
                    hint = "a SAS port that polls hears its EGMs by itself"
                    yield Mistake(("lines", index, name), found, expected, hint)
        elif row.get("transport") == "bridge":
            found, expected = "'listen' on a bridge", "'host', or transport serial or pty"
            hint = "a bridge is a host's port: it has no receive wire beside another host"
            yield Mistake(("lines", index, "mode"), found, expected, hint)


def _password(data: Mapping[str, object]) -> Iterator[Mistake]:
    nats = data.get("nats", {})
    if not isinstance(nats, dict):
        return
    given = [key for key in ("password_file", "password_env") if key in nats]
    if len(given) != 1:
        found = " and ".join(given) or "neither password_file nor password_env"
        hint = 'for example password_file = "nats/edge.password"'
        yield Mistake(("nats",), found, "one of password_file and password_env", hint)
