"""From scenarios to the one floor on which they are played, each at machines of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from edge_config.bridge_address import parse_bridge_address
from edge_config.problems import ConfigError, Problem
from floor_sim.crowd_file import Certified
from floor_sim.floor_file import EgmInfo, FloorFile, FloorInfo, LineInfo, SecondInfo
from floor_sim.scenarios.file import MachineInfo, ScenarioFile

SEED: Final = 20_251_231
REMOTE_RESET_S: Final = 4.0
"""Seconds after which the certified host keys a handpay off from afar."""


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario on the floor.

    Attributes:
        name: its name.
        file: what it is.
        path: where it came from, for reports.
        assets: asset number of each machine, by the scenario's word.
        lines: line of each machine, by the scenario's word.
        addresses: SAS address of each machine on it.
    """

    name: str
    file: ScenarioFile
    path: str
    assets: Mapping[str, str]
    lines: Mapping[str, str]
    addresses: Mapping[str, int]

    @property
    def words(self) -> dict[str, str]:
        """The scenario's word for each of its machines, by asset number."""
        return {asset: word for word, asset in self.assets.items()}

    def without_events(self) -> Played:
        """Return it without what must be seen in the event stream."""
        steps = tuple(
            step for step in self.file.steps if step.event is None and step.account != "events"
        )
        return replace(self, file=self.file.model_copy(update={"steps": steps}))

    def group(self, word: str) -> str:
        """Return the floor's name of one of the scenario's banks or panels."""
        return f"{self.name}-{word}"


@dataclass(frozen=True, slots=True)
class Plan:
    """A floor, and the scenarios that are played on it.

    Attributes:
        floor: the floor.
        memories: what machines remember at the beginning, by asset.
        played: the scenarios.
    """

    floor: FloorFile
    memories: Mapping[str, Mapping[str, Any]]
    played: tuple[Played, ...]


def placed(name: str, file: ScenarioFile, path: str) -> Played:
    """Give a scenario's machines their asset numbers, lines and addresses."""
    assets = {word: str(file.first_asset + n) for n, word in enumerate(file.machines)}
    lines = {word: _line(name, info) for word, info in file.machines.items()}
    on_line: dict[str, int] = {}
    addresses: dict[str, int] = {}
    for word, line in lines.items():
        on_line[line] = addresses[word] = on_line.get(line, 0) + 1
    return Played(name, file, path, assets, lines, addresses)


def plan(
    played: Sequence[Played],
    *,
    seed: int = SEED,
    bridge: str | None = None,
    host: str = "pty",
    run_folder: str = "run/scenarios",
) -> Plan:
    """Return the floor of some scenarios.

    Args:
        played: the scenarios.
        seed: of the floor.
        bridge: HOST:PORT: all lines are on a bridge there instead of ptys, numbered from 1.
        host: transport of their lines otherwise: pty, or certified for slotsim's certified host.
        run_folder: of the floor.

    Raises:
        ConfigError: two of them have the same name or machine, or there can be no such bridge.
    """
    _unlike(played)
    names = [line for one in played for line in dict.fromkeys(one.lines.values())]
    lines = [
        LineInfo(name=name, port=_on_bridge(bridge, number), transport="bridge")
        if bridge is not None
        else LineInfo(name=name, port=f"lines/{name}", transport=host)  # type: ignore[arg-type]
        for number, name in enumerate(names, 1)
    ]
    egms = [_egm(one, word, info) for one in played for word, info in one.file.machines.items()]
    lines += [
        LineInfo(name=egm.second.line, port=f"lines/{egm.second.line}", transport="certified")
        for egm in egms
        if egm.second is not None
    ]
    zones = {one.file.time_zone for one in played}
    info = FloorInfo(
        name="scenarios", seed=seed, run_folder=run_folder,
        time_zone=min(zones) if zones else "UTC",
    )  # fmt: skip
    certified = Certified(poll_every_s=0.4, remote_reset_s=REMOTE_RESET_S)
    floor = FloorFile(floor=info, lines=tuple(lines), egms=tuple(egms), certified=certified)
    memories = {
        one.assets[word]: {"meters": dict(machine.meters)}
        for one in played
        for word, machine in one.file.machines.items()
        if machine.meters
    }
    return Plan(floor, memories, tuple(played))


def _on_bridge(bridge: str, number: int) -> str:
    try:
        return str(parse_bridge_address(f"{bridge}/{number}"))
    except ValueError as error:
        problem = Problem("--bridge", "", repr(f"{bridge}/{number}"), str(error))
        raise ConfigError([problem]) from None


def _line(name: str, info: MachineInfo) -> str:
    return name if info.line is None else f"{name}-{info.line}"


def _egm(played: Played, word: str, info: MachineInfo) -> EgmInfo:
    asset = played.assets[word]
    second = None
    if info.second_host:
        second = SecondInfo(line=f"{played.name}-{word}-certified", address=1)
    return EgmInfo(
        asset=asset, line=played.lines[word], address=played.addresses[word],
        profile=info.profile, location=f"{played.name}-{word}"[:64], zone="scenarios",
        host_lost=info.host_lost, second=second,
        bank=None if info.bank is None else played.group(info.bank),
        panel=None if info.panel is None else played.group(info.panel),
        card_reader=f"cards/{asset}" if info.card_reader else None,
        cameras=(f"C-{asset}",),
    )  # fmt: skip


def _unlike(played: Iterable[Played]) -> None:
    """See that no two scenarios share a name or a machine."""
    names: dict[str, str] = {}
    owners: dict[str, str] = {}
    problems = []
    for one in played:
        if one.name in names:
            problems.append(Problem(
                one.path, "", f"a scenario {one.name!r}", "another name",
                f"{names[one.name]} has the same",
            ))  # fmt: skip
            continue
        names[one.name] = one.path
        taken = [asset for asset in one.assets.values() if asset in owners]
        if taken:
            problems.append(Problem(
                one.path, "first_asset", f"machine {taken[0]}", "machines of its own",
                f"{owners[taken[0]]} has it too",
            ))  # fmt: skip
        owners.update(dict.fromkeys(one.assets.values(), one.path))
    if problems:
        raise ConfigError(problems)
