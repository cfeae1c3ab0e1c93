"""The gateway's site file that belongs to a floor file: the same lines, machines and places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from floor_sim.floor_file import EgmInfo, FloorFile, LineInfo, serial_of
from floor_sim.machine.roles import EVERYTHING

SIMULATED_TIMEOUT_S: Final = 0.2
"""Reply time-out for simulated machines, which share a processor with everything else."""

_NOT_FOR_GATEWAYS: Final = frozenset({"certified", "tcp"})
"""Transports on which no gateway could poll."""


@dataclass(frozen=True, slots=True)
class SiteWords:
    """What a floor file does not say of a casino.

    Attributes:
        site: short name.
        name: name for people.
        jurisdiction: regulator's area.
        currency: of the machines' money.
        gateway: short name of the gateway.
        run_folder: its run folder; the floor's own where None, so that ptys are found.
        port: which SAS port of the machines it polls.
    """

    site: str = "demo"
    name: str = "Simulated Casino"
    jurisdiction: str = "US-NV"
    currency: str = "USD"
    gateway: str = "edge1"
    run_folder: str | None = None
    port: Literal[1, 2] = 1


def site_text(file: FloorFile, words: SiteWords) -> str:
    """Return the text of the site file.

    Raises:
        ValueError: no machine has the port that the gateway is to poll.
    """
    places = {egm.asset: _place(egm, words.port) for egm in file.egms}
    wanted = {place[0] for place in places.values() if place is not None}
    able = [line for line in file.lines if line.transport not in _NOT_FOR_GATEWAYS]
    lines = [line for line in able if line.name in wanted]
    names = {line.name for line in lines}
    egms = [
        (egm, place)
        for egm in file.egms
        if (place := places[egm.asset]) is not None and place[0] in names
    ]
    if not egms:
        raise ValueError(f"no machine has a SAS port {words.port} that a gateway could poll")
    parts = [
        *_head(file, words),
        *(_line(line) for line in lines),
        *(_egm(file, egm, *place, words.port) for egm, place in egms),
    ]
    return "\n".join(parts)


def _place(egm: EgmInfo, port: Literal[1, 2]) -> tuple[str, int] | None:
    if port == 1:
        return egm.line, egm.address
    return None if egm.second is None else (egm.second.line, egm.second.address)


def _head(file: FloorFile, words: SiteWords) -> Iterator[str]:
    floor = file.floor
    yield f"# The site that belongs to the floor {floor.name}, made by slotsim export-site.\n"
    yield (
        f"[site]\nid = {_quoted(words.site)}\nname = {_quoted(words.name)}\n"
        f"jurisdiction = {_quoted(words.jurisdiction)}\ntime_zone = {_quoted(floor.time_zone)}\n"
        f'gaming_day_starts = "{floor.gaming_day_starts:%H:%M}"\n'
        f"currency = {_quoted(words.currency)}\n"
    )
    folder = words.run_folder or floor.run_folder
    yield f"[gateway]\nid = {_quoted(words.gateway)}\nrun_folder = {_quoted(folder)}\n"
    yield (
        '[nats]\nurl = "nats://127.0.0.1:4222"\nuser = "edge"\n'
        'password_file = "nats/edge.password"\n'
    )
    yield "[outbox]\nacknowledged_days = 1\nunsent_days = 1\n"
    yield '[privacy]\nkey_file = "privacy.key"\n'


def _line(line: LineInfo) -> str:
    rows = [
        f"[[lines]]\nname = {_quoted(line.name)}\nport = {_quoted(line.port)}",
        f'transport = "{line.transport}"\nmode = "host"\nallow = "own_line"',
        f"reply_timeout_s = {SIMULATED_TIMEOUT_S}",
    ]
    if line.transport == "pty" and line.ninth_bit == "parmrk":
        rows.append('ninth_bit = "parmrk"')
    return "\n".join(rows) + "\n"


def _egm(file: FloorFile, egm: EgmInfo, line: str, address: int, port: Literal[1, 2]) -> str:
    profile = file.profile(egm.profile)
    rows = [
        f"[[egms]]\nasset = {_quoted(egm.asset)}\nline = {_quoted(line)}\naddress = {address}",
        f"location = {_quoted(egm.location or egm.asset)}",
        f'denomination = "{profile.denomination}"\npar_percent = "{profile.par_percent}"',
    ]
    words = {"bank": egm.bank, "panel": egm.panel, "zone": egm.zone, "theme": egm.theme}
    words |= {"maker": egm.maker, "serial": serial_of(egm.asset)}
    rows += [f"{key} = {_quoted(word)}" for key, word in words.items() if word]
    if egm.cameras:
        rows.append(f"cameras = [{', '.join(_quoted(camera) for camera in egm.cameras)}]")
    if egm.card_reader is not None:
        rows.append(f"card_reader = {_quoted(egm.card_reader)}")
    info = egm if port == 1 else egm.second
    assert info is not None, "a machine has the port that is polled"
    own = profile.roles if port == 1 else profile.second_roles
    roles = EVERYTHING if (info.roles or own) is None else frozenset(info.roles or own or ())
    if missing := sorted(EVERYTHING - roles):
        rows.append(f"# this port has nothing to do with: {', '.join(missing)}")
    return "\n".join(rows) + "\n"


def _quoted(text: str) -> str:
    """Return a TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04X}" for c in escaped) + '"'
