"""What a simulated floor is: its lines, its machines, its people. Read with ``load_toml``.

The text under each field is written for whoever fills in the file, and is what a report of
mistakes gives as a hint.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from edge_config.problems import Mistake
from edge_config.table import Table, Token
from floor_sim.crowd_file import Certified, ClockTime, Crew, Crowd, Drop
from floor_sim.faults.fault import Fault
from floor_sim.floor_checks import mistakes_between
from floor_sim.line import LineSettings
from floor_sim.link_file import Link
from floor_sim.machine.roles import EVERYTHING
from floor_sim.machine.settings import (
    MachineSettings,
    PortSettings,
    SecondPort,
)
from floor_sim.profile import Profile, Roles, Seconds
from floor_sim.profile_library import shipped_profiles


def _path(text: str) -> str:
    if not text or "\0" in text:
        raise ValueError("a path")
    return text


PathText = Annotated[str, AfterValidator(_path)]
HostLost = Literal["nothing", "tilt", "stop play"]


class FloorInfo(Table):
    """``[floor]``: the floor as a whole."""

    name: Token
    """Short name of the floor, for example demo."""
    seed: int = Field(ge=0, le=2**63 - 1)
    """Whatever is left to chance depends on it: one seed, one floor."""
    run_folder: PathText
    """Folder for lines, card readers and ledger. Relative to where slotsim is started."""
    time_zone: str = "UTC"
    """Time zone of the casino, for example America/Denver: guests come by its hours."""
    gaming_day_starts: ClockTime = time(4, 0)
    """Local time at which a gaming day starts, for example 04:00."""


class Pace(Table):
    """``[pace]``: how fast people are. Times are in seconds."""

    between_guests_s: Seconds = (20.0, 90.0)
    """From one guest's leaving to the next one's sitting down."""
    settle_s: Seconds = (1.0, 4.0)
    """From sitting down to the card, to the bill, to the first game; and at the end."""
    game_s: Seconds = (1.5, 3.0)
    """From the start of a game to its end."""
    think_s: Seconds = (1.5, 4.0)
    """From the end of a game to the start of the next."""
    games: tuple[int, int] = Field(default=(20, 120), strict=False)
    """Fewest and most games of one guest."""
    carded_share: float = Field(default=0.6, ge=0, le=1)
    """Share of guests with a card, 0 to 1."""
    bills: Annotated[tuple[int, ...], Field(strict=False, min_length=1)] = (5, 10, 20, 20, 50, 100)
    """Bills that guests bring; one that stands twice comes twice as often."""
    handpay_s: Seconds = (60.0, 240.0)
    """Until an attendant has keyed off a handpay."""
    door_s: Seconds = (60.0, 240.0)
    """Until an open door is closed."""
    tilt_s: Seconds = (40.0, 240.0)
    """Until a technician opens the machine and mends a tilt."""
    jam_s: Seconds = (30.0, 120.0)
    """Until an attendant has cleared a bill jam and the bill is taken."""
    lamp_s: Seconds = (20.0, 120.0)
    """Until an attendant has switched the lamp off."""


class Trouble(Table):
    """``[[troubles]]``: something that happens again and again, now here, now there."""

    kind: Literal[
        "slot door", "drop door", "card cage", "belly door", "cashbox", "general tilt",
        "reel tilt", "printer tilt", "bill jam", "bill rejects", "lamp", "big cash-out", "menu",
        "line pulled", "silent machine", "panel without power", "option change", "ram clear",
    ]  # fmt: skip
    """What happens."""
    first_s: float = Field(ge=0)
    """Seconds from the start of play to the first time."""
    every_s: float = Field(gt=0)
    """Seconds from one time to the next, on average."""
    lasts_s: Seconds = (6.0, 9.0)
    """How long it lasts, where no person ends it: menu, line pulled and panel without power, from
    the shortest to the longest; silent machine, the median and what one in twenty takes."""


class LineInfo(Table):
    """``[[lines]]``: one SAS line: over a pty or TCP, on a bridge, or behind a serial port."""

    name: Token
    """Name of the line, for example L1."""
    port: PathText
    """The pty's link, relative to the run folder; tcp: host:port (port 0: any that is free, named
    in control.json); bridge: host:port/line; serial: the serial port's path."""
    transport: Literal["pty", "tcp", "bridge", "serial", "certified"] = "pty"
    """pty and tcp, on this computer, carry bytes; bridge, over TCP to this computer, and serial the
    ninth bit as well; on a certified line slotsim's own certified host polls, in memory."""
    gap_s: float = Field(default=0.05, ge=0.005, le=1)
    """Silence, in seconds, after which half a message is given up; a real line has 0.005."""
    ninth_bit: Literal["none", "parmrk"] | None = None
    """pty, tcp: escapes for the ninth bit (parmrk), or none. serial: none where it has none."""
    chirp: bool | None = None
    """Whether machines chirp while no host polls. Nothing: only with a ninth bit."""
    wire_time: bool = False
    """true: a byte takes 0.573 ms either way, as at 19,200 baud."""
    tap: bool = False
    """true: two more ptys, taps/NAME.host and taps/NAME.egm, carry both sides for a listener."""

    def settings(self) -> LineSettings:
        """Return what the line itself needs to know."""
        bare = self.transport in {"pty", "tcp"}
        ninth_bit = self.ninth_bit or ("none" if bare else "parmrk")
        in_memory = self.transport == "certified"
        chirp = ninth_bit == "parmrk" and not in_memory if self.chirp is None else self.chirp
        return LineSettings(self.gap_s, ninth_bit, chirp, self.wire_time)


class SecondInfo(Table):
    """``second = { line = "H1", address = 1 }``: the second SAS port of a machine."""

    line: Token
    """Name of the line that the second SAS port hangs on; another than the first."""
    address: int = Field(ge=1, le=127)
    """SAS address of the second port, 1 to 127, unique on its line."""
    roles: Roles | None = None
    """What it reports and answers, such as ["doors", "meters"]. Nothing: everything."""
    host_lost: HostLost = "nothing"
    """What the machine does while no host polls the second port: nothing, tilt or stop play."""


class EgmInfo(Table):
    """``[[egms]]``: one machine."""

    asset: Token
    """Asset number of the casino."""
    line: Token
    """Name of the line that the machine hangs on."""
    address: int = Field(ge=1, le=127)
    """SAS address, 1 to 127, unique on its line."""
    roles: Roles | None = None
    """What the first port reports and answers, such as ["doors", "meters"]. Nothing: everything."""
    host_lost: HostLost = "nothing"
    """What the machine does while no host polls this port: nothing, tilt or stop play."""
    second: SecondInfo | None = None
    """A second SAS port for another host, such as { line = "H1", address = 1 }."""
    location: str = Field(default="", max_length=64)
    """Where the machine stands, for people."""
    bank: Token | None = None
    """Bank that it stands in; a power cut may take a whole bank."""
    zone: Token | None = None
    """Part of the floor, for example main or high-limit."""
    panel: Token | None = None
    """Electrical panel that feeds it; a power cut may take all machines of a panel."""
    profile: Token
    """Name of its profile."""
    theme: str = Field(default="", max_length=100)
    """Name of the game, for people."""
    maker: str = Field(default="", max_length=100)
    """Maker of the machine, for people."""
    cameras: Annotated[tuple[str, ...], Field(strict=False, max_length=32)] = ()
    """Cameras that see it."""
    card_reader: PathText | None = None
    """Link to the pty of its card reader. Relative to the run folder."""


def serial_of(asset: str) -> str:
    """Return the serial number of a simulated machine, poll 54."""
    return f"SIM{asset}"[:40]


class FloorFile(Table):
    """A whole floor file."""

    floor: FloorInfo
    """The floor as a whole; a table headed [floor]."""
    pace: Pace = Pace()
    """How fast people are; a table headed [pace]."""
    crowd: Crowd | None = None
    """Guests who come by hour and weekday, instead of one after another; a table headed [crowd]."""
    crew: Crew | None = None
    """How many people work on the floor; a table headed [crew]."""
    drop: Drop | None = None
    """The team that takes the cashboxes; a table headed [drop]."""
    certified: Certified = Certified()
    """The certified system that polls certified lines; a table headed [certified]."""
    links: Annotated[tuple[Link, ...], Field(strict=False, max_length=255)] = ()
    """Progressives that machines share; tables headed [[links]]."""
    troubles: Annotated[tuple[Trouble, ...], Field(strict=False, max_length=100)] = ()
    """What happens now and then; tables headed [[troubles]]."""
    faults: Annotated[tuple[Fault, ...], Field(strict=False, max_length=100)] = ()
    """What goes wrong from the start, or some time after it; tables headed [[faults]]."""
    profiles: dict[str, Profile] = Field(default_factory=dict)
    """Kinds of machines, beside those that come with slotsim; tables headed [profiles.NAME]."""
    lines: Annotated[tuple[LineInfo, ...], Field(strict=False, min_length=1, max_length=2_000)]
    """The SAS lines; tables headed [[lines]]."""
    egms: Annotated[tuple[EgmInfo, ...], Field(strict=False, min_length=1, max_length=10_000)]
    """The machines; tables headed [[egms]]."""

    @classmethod
    def cross_check(cls, data: Mapping[str, object]) -> Iterable[Mistake]:
        """Return what is wrong between lines, machines and profiles."""
        return mistakes_between(data)

    def machine(self, egm: EgmInfo) -> MachineSettings:
        """Return how one machine is built."""
        profile = self.profile(egm.profile)
        return MachineSettings(
            asset=egm.asset,
            address=egm.address,
            line=egm.line,
            serial=serial_of(egm.asset),
            **profile.settings(),
            **self._linked(profile),
            port=_port(profile, egm, profile.roles),
            second=None
            if egm.second is None
            else SecondPort(
                egm.second.line,
                egm.second.address,
                _port(profile, egm.second, profile.second_roles),
            ),
        )

    def _linked(self, profile: Profile) -> dict[str, Any]:
        """Return the settings of the progressives that machines of a profile share with others."""
        abilities = profile.abilities
        link = next((row for row in self.links if row.group == abilities.progressive_group), None)
        if link is None:
            return {}
        terms = link.terms(abilities.progressive_levels)
        return {"links": terms, "link_by_host": link.controller == "host"}

    def profile(self, name: str) -> Profile:
        """Return the profile of this name: the file's own, or one that comes with slotsim."""
        return self.profiles[name] if name in self.profiles else shipped_profiles()[name]


def _port(
    profile: Profile, info: EgmInfo | SecondInfo, usual: tuple[str, ...] | None
) -> PortSettings:
    roles = usual if info.roles is None else info.roles
    return PortSettings(
        **profile.port_settings(),
        roles=EVERYTHING if roles is None else frozenset(roles),
        host_lost=info.host_lost,
    )
