"""What a site is: where it stands, its gateway, its lines and its EGMs.

Read it with ``load_toml("site.toml", Site)``. The text under each field is written for the operator
who fills in the file, and is what ``slotgw check`` gives as a hint.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from edge_config.explain import nearest
from edge_config.jurisdiction import Jurisdiction
from edge_config.problems import Mistake
from edge_config.retention import StreamsInfo
from edge_config.site_checks import mistakes_between
from edge_config.table import DecimalText, Table, Token


def _clock_time(value: object) -> time:
    text = value if isinstance(value, str) else ""
    hour, colon, minute = text.partition(":")
    plain = len(hour) == len(minute) == 2 and (hour + minute).isascii() and colon == ":"
    if not (plain and (hour + minute).isdigit() and int(hour) < 24 and int(minute) < 60):
        raise ValueError('a time in quotes such as "04:00"')
    return time(int(hour), int(minute))


def _local_moment(value: object) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is None:
        return value
    try:
        return datetime.strptime(value if isinstance(value, str) else "", "%Y-%m-%d %H:%M")  # noqa: DTZ007
    except ValueError:
        raise ValueError('a local date and time in quotes such as "2026-12-01 04:00"') from None


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        guess = nearest(name, sorted(available_timezones())) or 'for example "America/Denver"'
        raise ValueError(f"a time zone of the IANA data base ({guess})")
    return name


def _currency(code: str) -> str:
    if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
        raise ValueError('three capital letters such as "USD"')
    return code


def _url(url: str) -> str:
    scheme, slashes, rest = url.partition("://")
    if scheme not in {"nats", "tls"} or not slashes or not rest:
        raise ValueError('an address such as "nats://127.0.0.1:4222"')
    if "@" in rest:
        raise ValueError("an address without user and password: use user and password_file")
    return url


def _path(text: str) -> str:
    if not text or "\0" in text:
        raise ValueError("a path")
    return text


def _ninth_bit(value: object) -> object:
    return "none" if value == "unknown" else value  # two words, one meaning


def _confirm(value: object) -> object:
    if value is True:
        return tuple(range(0x100))
    if value is False:
        return ()
    if value == "priority":
        # imported late: all tables of the wire come along
        from protocols.sas.tables.exceptions import PRIORITY_ORDER  # noqa: PLC0415

        return tuple(sorted(PRIORITY_ORDER))
    if not (isinstance(value, list | tuple) and all(map(_is_code, value))):
        raise ValueError('true, false, "priority", or exception codes such as ["51", "1B"]')
    return tuple(sorted({int(code, 16) for code in value}))


def _is_code(code: object) -> bool:
    return isinstance(code, str) and re.fullmatch("[0-9A-Fa-f]{2}", code) is not None


_NINTH_BIT_OF: Final[Mapping[str, Literal["parity", "symbols", "none"]]] = {
    "serial": "parity",
    "bridge": "symbols",
    "pty": "none",
}


def _monitor_url(url: str) -> str:
    scheme, slashes, rest = url.partition("://")
    if scheme != "http" or not slashes or not rest.strip("/") or "@" in rest:
        raise ValueError('an address such as "http://127.0.0.1:8222"')
    return url


LifeCycle = Literal["stored", "commissioned", "in_service", "out"]
PathText = Annotated[str, AfterValidator(_path)]


class SiteInfo(Table):
    """``[site]``: the casino."""

    id: Token
    """Short name of the casino in subjects and file names, for example demo."""
    name: str
    """Name of the casino, for people."""
    jurisdiction: Token
    """Regulator's area, for example US-NV; copied into every event."""
    time_zone: Annotated[str, AfterValidator(_time_zone)]
    """Time zone of the casino, for example America/Denver; gaming days are cut in it."""
    gaming_day_starts: Annotated[time, BeforeValidator(_clock_time)] = time(4, 0)
    """Local time at which a gaming day starts, for example 04:00."""
    currency: Annotated[str, AfterValidator(_currency)]
    """ISO 4217 code of the money that the EGMs take, for example USD."""

    def gaming_day(self, wall: datetime) -> str:
        """Return the gaming day of the aware moment ``wall`` as ``YYYY-MM-DD``.

        The day is cut by the local clock on the wall, so it has 23 or 25 hours when that clock is
        put forward or back.
        """
        assert wall.tzinfo is not None, "a moment without a time zone"
        zone = ZoneInfo(self.time_zone)
        local = wall.astimezone(zone)
        day = local.date()
        # where the clock is put back over the day's start, the day starts once, the first time
        start = datetime.combine(day, self.gaming_day_starts, zone)
        if local.time() < self.gaming_day_starts and wall < start.astimezone(UTC):
            day -= timedelta(days=1)
        return day.isoformat()


class GatewayInfo(Table):
    """``[gateway]``: this gateway."""

    id: Token
    """Short name of this gateway in subjects, unique in the casino, for example edge1."""
    run_folder: PathText
    """Folder for the outbox, sockets and keys. Relative to where the gateway is started."""


class NatsInfo(Table):
    """``[nats]``: where events go."""

    url: Annotated[str, AfterValidator(_url)] = "nats://127.0.0.1:4222"
    """Address of the NATS server, without user and password."""
    user: str = "edge"
    """NATS user of the gateway."""
    password_file: PathText | None = None
    """File that holds the password and nothing else. Relative to the run folder."""
    password_env: str | None = None
    """Environment variable that holds the password, instead of password_file."""
    monitor_url: Annotated[str, AfterValidator(_monitor_url)] | None = None
    """Monitoring port of the server, for example http://127.0.0.1:8222; only there it says whether
    what it acknowledges is on its disk. Left out: the gateway says that it does not know."""


class OutboxInfo(Table):
    """``[outbox]``: how long events are kept here, and how much disk they may take."""

    unsent_days: float = Field(default=30, gt=0, le=3650)
    """Days for which events must find room while no server takes them; slotgw check proves it."""
    acknowledged_days: float = Field(default=7, ge=0, le=3650)
    """Days that an event is kept after a stream has it: the stream may lose it yet."""
    refused_days: float = Field(default=90, ge=0, le=3650)
    """Days that an event is kept that no stream takes."""
    max_mib: int | None = Field(default=None, ge=64)
    """Size of the outbox in MiB at most, 64 or more; without it, what the disk gives."""
    reserve_mib: int = Field(default=64, ge=8, le=65_536)
    """Room in MiB that events may not take; below four times this play is given up first."""


class PrivacyInfo(Table):
    """``[privacy]``: how card numbers become pseudonyms."""

    key_file: PathText = "privacy.key"
    """File with the secret key of the pseudonyms. Relative to the run folder."""


def _listen(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isascii() and port.isdigit() and int(port) < 65_536):
        raise ValueError('an address such as "127.0.0.1:9464"')
    return text


class MetricsInfo(Table):
    """``[metrics]``: figures for Prometheus."""

    listen: Annotated[str, AfterValidator(_listen)] | None = None
    """Address and TCP port for Prometheus, for example 127.0.0.1:9464; left out: no metrics.
    There is no password: keep it on this computer, or on a network of your own."""


class OutageInfo(Table):
    """``[outage]``: when machines that lose power do so together."""

    share: float = Field(default=0.6, gt=0, le=1)
    """Share of a bank, panel or line, above 0 to 1, that must lose power; at least two machines."""
    window_s: float = Field(default=60, ge=5, le=3600)
    """Seconds within which the reports of one outage come, 5 to 3600."""


class LineInfo(Table):
    """``[[lines]]``: one SAS line, that is one port with its EGMs."""

    name: Token
    """Name of the line, for example L1."""
    port: PathText
    """Device of the line, best by /dev/serial/by-path; or host:port/line of a bridge. A path is
    relative to the run folder."""
    port_egm: PathText | None = None
    """listen: device of a second receive wire, which hears the EGMs; port then hears the host."""
    wires_apart_s: float = Field(default=0.002, gt=0, le=0.02)
    """listen: seconds by which two receive wires may disagree on the time, up to 0.02."""
    transport: Literal["serial", "pty", "bridge"] = "serial"
    """serial is a real port; pty is a simulated one; bridge is a board with many lines."""
    mode: Literal["host", "listen"] = "host"
    """host: this gateway polls, on a SAS port of its own; listen: it only hears another host."""
    allow: Literal["any_line", "own_line"] = "any_line"
    """any_line only reads; own_line also reads handpay queues and switches event mode."""
    ninth_bit: Annotated[
        Literal["auto", "parity", "parmrk", "none"], BeforeValidator(_ninth_bit)
    ] = "auto"
    """How the ninth bit travels: parity on real ports, parmrk escapes or none on a pty; none (or
    unknown) on a real port means that something behind it makes the ninth bit. auto is best."""
    poll_interval_s: float = Field(default=0.2, ge=0.04, lt=5)
    """Seconds between two polls of one EGM, 0.04 to 5; 0.2 suits all machines."""
    reply_timeout_s: float = Field(default=0.05, ge=0.02, le=1)
    """Seconds to wait for the first byte of an answer, 0.02 to 1."""
    reply_gap_s: float = Field(default=0.02, ge=0.005, le=0.5)
    """Seconds of silence after which an answer is over, 0.005 to 0.5."""
    retry_max_s: float = Field(default=10, ge=1, le=300)
    """Longest wait, in seconds, between two tries of an EGM whose link is down, 1 to 300."""
    meter_interval_s: float = Field(default=60, ge=1, le=86_400)
    """Seconds between two readings of an EGM's meters when nothing happens, 1 to 86400."""
    confirm: Annotated[tuple[int, ...], BeforeValidator(_confirm)] = ()
    """Which one-byte exceptions are asked again before they are believed, since a byte has no check
    of its own: true for every one, "priority" for handpays, tickets and transfers, or codes such as
    ["51", "1B"]. Each costs one poll more; noise can still turn one of them into one not asked."""
    real_time: bool = False
    """true: EGMs on this line may send real-time events. own_line switches that mode on, and off
    again with false (poll 0E, which changes the machine); any_line only understands what comes."""

    @property
    def ninth_bit_by(self) -> Literal["parity", "parmrk", "symbols", "none"]:
        """How the ninth bit travels, with ``auto`` settled by the transport."""
        if self.ninth_bit != "auto":
            return self.ninth_bit
        return _NINTH_BIT_OF[self.transport]


class EgmInfo(Table):
    """``[[egms]]``: one gaming machine."""

    asset: Token
    """Asset number of the casino; never changes."""
    line: Token
    """Name of the line that the EGM hangs on."""
    address: int = Field(ge=1, le=127)
    """SAS address, 1 to 127, unique on its line."""
    location: str = Field(min_length=1, max_length=64)
    """Where the EGM stands (section-bank-position), for example 01-04-02."""
    bank: str = Field(default="", max_length=64)
    """Bank of the EGM, for example 04."""
    panel: str = Field(default="", max_length=64)
    """Electrical panel that feeds the EGM, for example P2; outages are told by panel and bank."""
    zone: str = Field(default="", max_length=64)
    """Part of the floor, for example main or high-limit."""
    denomination: Annotated[DecimalText, Field(gt=0, le=100_000)] | None = None
    """Worth of one credit in the site's currency, in quotes, for example "0.01"."""
    theme: str = Field(default="", max_length=100)
    """Name of the game, for people."""
    maker: str = Field(default="", max_length=100)
    """Maker of the EGM, for people."""
    par_percent: Annotated[DecimalText, Field(ge=0, lt=100)] | None = None
    """Theoretical hold in per cent, in quotes, for example "8.5"."""
    cameras: Annotated[tuple[str, ...], Field(strict=False, max_length=32)] = ()
    """Cameras that see the EGM, for surveillance."""
    card_reader: PathText | None = None
    """Device of the EGM's player card reader. Relative to the run folder."""
    serial: str = Field(default="", max_length=40)
    """Serial number as the EGM says it (poll 54); with it a swapped machine is known at once."""
    model: str = Field(default="", max_length=100)
    """Model of the EGM's cabinet, for people."""
    jurisdiction: Token | None = None
    """Regulator's area where it is not that of the site."""
    life_cycle: LifeCycle = "in_service"
    """stored, commissioned (being tried), in_service, or out (of the casino)."""
    meter_digits: int | None = Field(default=None, ge=4, le=18)
    """Digits after which its meters of credits and counts go over, 4 to 18, where fewer than it
    sends."""


class ChangeInfo(Table):
    """``[[changes]]``: what is so of an EGM from some moment on."""

    asset: Token
    """Asset number of the EGM that changes."""
    since: Annotated[datetime, BeforeValidator(_local_moment)]
    """From when, by the clock on the casino's wall, for example "2026-12-01 04:00"."""
    location: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """Where the EGM stands from then on."""
    bank: Annotated[str, Field(max_length=64)] | None = None
    """Its bank from then on."""
    zone: Annotated[str, Field(max_length=64)] | None = None
    """Its part of the floor from then on."""
    denomination: Annotated[DecimalText, Field(gt=0, le=100_000)] | None = None
    """Worth of one credit from then on, in quotes."""
    theme: Annotated[str, Field(max_length=100)] | None = None
    """Its game from then on."""
    maker: Annotated[str, Field(max_length=100)] | None = None
    """Its maker, where it was wrong before."""
    model: Annotated[str, Field(max_length=100)] | None = None
    """Its model from then on."""
    par_percent: Annotated[DecimalText, Field(ge=0, lt=100)] | None = None
    """Its theoretical hold from then on, in quotes."""
    cameras: Annotated[tuple[str, ...], Field(strict=False, max_length=32)] | None = None
    """Cameras that see it from then on."""
    serial: Annotated[str, Field(max_length=40)] | None = None
    """Serial number from then on, where its board was changed."""
    jurisdiction: Token | None = None
    """Regulator's area from then on."""
    life_cycle: LifeCycle | None = None
    """stored, commissioned, in_service or out from then on."""

    @property
    def fields(self) -> dict[str, object]:
        """What it changes, by name."""
        return {
            name: getattr(self, name)
            for name in self.model_fields_set - {"asset", "since"}
            if getattr(self, name) is not None
        }


class Site(Table):
    """A whole site file."""

    site: SiteInfo
    """The casino; a table headed [site]."""
    gateway: GatewayInfo
    """This gateway; a table headed [gateway]."""
    nats: NatsInfo = NatsInfo()
    """Where events go; a table headed [nats]."""
    outbox: OutboxInfo = OutboxInfo()
    """How events are kept beside the machines; a table headed [outbox]."""
    streams: StreamsInfo = StreamsInfo()
    """How long the server keeps what, and for how many machines; a table headed [streams]."""
    privacy: PrivacyInfo = PrivacyInfo()
    """How card numbers become pseudonyms; a table headed [privacy]."""
    metrics: MetricsInfo = MetricsInfo()
    """Figures for Prometheus; a table headed [metrics]."""
    outage: OutageInfo = OutageInfo()
    """When machines lose power together; a table headed [outage]."""
    rules: Jurisdiction = Jurisdiction()
    """What goes before the jurisdiction's own rules; a table headed [rules]."""
    lines: Annotated[tuple[LineInfo, ...], Field(strict=False, max_length=1_000)]
    """The SAS lines; tables headed [[lines]]."""
    egms: Annotated[tuple[EgmInfo, ...], Field(strict=False, max_length=10_000)]
    """The gaming machines; tables headed [[egms]]."""
    changes: Annotated[tuple[ChangeInfo, ...], Field(strict=False, max_length=100_000)] = ()
    """What becomes of them and when; tables headed [[changes]]."""

    @classmethod
    def cross_check(cls, data: Mapping[str, object]) -> Iterable[Mistake]:
        """Return what is wrong between lines, EGMs and ports."""
        return mistakes_between(data)

    def line(self, name: str) -> LineInfo:
        """Return the line called ``name``.

        Raises:
            KeyError: there is none.
        """
        for line in self.lines:
            if line.name == name:
                return line
        raise KeyError(name)

    def egms_on(self, line: str) -> tuple[EgmInfo, ...]:
        """Return the EGMs on the line called ``line``, in the file's order."""
        return tuple(egm for egm in self.egms if egm.line == line)
