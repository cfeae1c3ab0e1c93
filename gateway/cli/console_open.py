"""Opens a console: which floor it shows, from where, and with what is within reach."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edge_config.places import Places, find_places, read_password
from edge_config.problems import ConfigError
from edge_config.site_file import SiteFile
from gateway.cli.console_archive import from_outbox, from_streams

if TYPE_CHECKING:
    from gateway.bus.calls import CallsNews
    from gateway.bus.floor_watch import FloorNews
    from gateway.bus.followers import Follower
    from gateway.bus.staff import Desk as StaffDesk
    from gateway.console.app import ConsoleApp, Job
    from gateway.console.archive import Archive
    from gateway.console.calls import Calls
    from gateway.console.desk import Desk
    from gateway.console.floor import Floor
    from gateway.console.page import Followers
    from gateway.console.telling import Tell
    from gateway.events.lookup import Lookup

# What keeps Textual light on a slow line; whoever sets them otherwise is heeded.
_LIGHT = {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_FPS": "15", "TEXTUAL_SMOOTH_SCROLL": "0"}

_LOCAL_TIME = Path("/etc/localtime")
NO_PASSWORD = "no NATS password was given; see --password-file"  # noqa: S105 (no password)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    site_file: str | None = None
    run_folder: str | None = None
    nats: str | None = None
    site_id: str | None = None
    nats_url: str | None = None
    user: str | None = None
    password_file: str | None = None
    staff_password_file: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """Where a console looks.

    Attributes:
        places: of the site's gateway on this computer; None where only NATS is looked at.
        over_nats: the whole floor from NATS.
        url: the NATS server.
        user: NATS user.
        password: its password, or None.
        site_id: token of the site; empty for the only one that NATS has.
        zone: in which times are shown.
        staff: password of the NATS user who says what somebody did, or None.
        file: the site file, of which ``places`` may know the head only; None without one.
    """

    places: Places | None
    over_nats: bool
    url: str
    user: str
    password: str | None
    site_id: str
    zone: tzinfo
    file: SiteFile | None = None
    staff: str | None = None

    @property
    def watched(self) -> bool:
        """Whether NATS is looked at."""
        return self.password is not None or self.over_nats


def settle(wish: Wish) -> Settled:
    """Return where to look.

    Raises:
        ConfigError: the site file or the password file is not as it should be.
    """
    places = file = None
    user = wish.user or "console"
    if wish.site_file:
        file = SiteFile(wish.site_file)
        places = find_places(
            file.head, wish.site_file, run_folder=wish.run_folder,
            nats_url=wish.nats or wish.nats_url,
        )  # fmt: skip
    password = staff = None
    asker = wish.site_file or "command line"
    if wish.password_file is not None:
        password = read_password(Path(wish.password_file), asker, "--password-file", user)
    if wish.staff_password_file is not None:
        path = Path(wish.staff_password_file)
        staff = read_password(path, asker, "--staff-password-file", "staff")
    if places is None:
        zone, site_id = local_zone(), wish.site_id or ""
    else:
        zone = ZoneInfo(places.site.site.time_zone)
        site_id = wish.site_id or places.site.site.id
    url = wish.nats or (places.nats_url if places else "")
    return Settled(places, wish.nats is not None, url, user, password, site_id, zone, file, staff)


def local_zone() -> tzinfo:
    """Return this computer's time zone."""
    names = [os.environ.get("TZ", "").lstrip(":")]
    if _LOCAL_TIME.is_symlink():
        names.append(os.fspath(_LOCAL_TIME.readlink()).partition("zoneinfo/")[2])
    for name in names:
        if name:
            try:
                return ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError):
                continue
    return datetime.now(UTC).astimezone().tzinfo or UTC


def console_app(settled: Settled, *, ascii_only: bool) -> ConsoleApp:
    """Return the console, ready to run."""
    for name, value in _LIGHT.items():
        os.environ.setdefault(name, value)
    # imported late: Textual reads its environment when it is imported
    from gateway.console.app import ConsoleApp  # noqa: PLC0415
    from gateway.console.calls import Calls  # noqa: PLC0415
    from gateway.console.floor import Floor  # noqa: PLC0415
    from gateway.console.glyphs import ASCII, glyphs_for  # noqa: PLC0415
    from gateway.console.saved_views import SavedViews, views_file  # noqa: PLC0415

    now = partial(datetime.now, UTC)
    floor = Floor(now(), over_nats=settled.over_nats)
    calls = Calls(now(), "" if settled.watched else NO_PASSWORD)
    places = None if settled.over_nats else settled.places
    reach = reach_of(settled, floor)
    return ConsoleApp(
        floor,
        calls,
        _jobs(settled, floor, calls, now),
        now=now,
        zone=settled.zone,
        glyphs=ASCII if ascii_only else glyphs_for(os.environ, sys.stdout.encoding),
        socket=settled.url if places is None else _short(places.status_socket),
        capture=places.capture_socket if places else None,
        request=places.request_socket if places else None,
        archive=reach.archive,
        desk=_desk(places, settled.file) if places and settled.file else None,
        trouble=partial(_trouble, settled.file) if settled.file else None,
        tell=_tell(settled, floor) if settled.over_nats and settled.staff else None,
        day_began=_day_began(settled.places),
        followers=reach.followers,
        cameras=reach.cameras,
        views=SavedViews(views_file()),
    )


@dataclass(frozen=True, slots=True)
class Within:
    """What is within reach of a console beside the floor itself; as ``World`` has it."""

    archive: Archive
    followers: Followers | None
    cameras: Mapping[str, tuple[str, ...]]


class Cameras(Mapping[str, tuple[str, ...]]):
    """Cameras that see a machine, by asset number; the site file is read when somebody asks."""

    def __init__(self, file: SiteFile | None) -> None:
        self._file = file

    @cached_property
    def _known(self) -> dict[str, tuple[str, ...]]:
        try:
            egms = self._file.whole().egms if self._file else ()
        except ConfigError:  # the console ends because of it: see _trouble
            return {}
        return {egm.asset: egm.cameras for egm in egms}

    def __getitem__(self, asset: str) -> tuple[str, ...]:
        return self._known[asset]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def _trouble(file: SiteFile) -> str:
    """Return what is wrong with the whole of a site file, or nothing."""
    try:
        file.whole()
    except ConfigError as error:
        return str(error)
    return ""


def reach_of(settled: Settled, floor: Floor) -> Within:
    """Return what is within reach from where a console looks."""
    places = None if settled.over_nats else settled.places
    return Within(
        partial(from_outbox, places.outbox) if places else _from_streams(settled, floor),
        _followers(settled, floor) if settled.watched else None,
        Cameras(settled.file),
    )


def _followers(settled: Settled, floor: Floor) -> Followers:
    async def look() -> tuple[Follower, ...] | str:
        from gateway.bus.followers import look_at_followers  # noqa: PLC0415 (as above)
        from gateway.bus.visit import LostError, Visitor  # noqa: PLC0415

        who = Visitor(settled.url, settled.user, settled.password or "", "consumers", "no streams")
        try:
            return await look_at_followers(who, settled.site_id or floor.site)
        except LostError as error:
            return str(error)

    return look


def _day_began(places: Places | None) -> Callable[[datetime], datetime | None]:
    if places is None:
        return lambda _now: None
    site = places.site.site
    zone = ZoneInfo(site.time_zone)

    def began(now: datetime) -> datetime:
        day = date.fromisoformat(site.gaming_day(now))
        return datetime.combine(day, site.gaming_day_starts, zone).astimezone(UTC)

    return began


def _tell(settled: Settled, floor: Floor) -> Tell:
    from gateway.console.telling import over_nats, source_of  # noqa: PLC0415 (as above)

    def person() -> str:
        from gateway.console.desk import this_person  # noqa: PLC0415 (with the first remark)

        return this_person()

    def desk() -> StaffDesk:
        from gateway.bus.staff import Desk as StaffDesk  # noqa: PLC0415 (with the first remark)

        site = settled.site_id or floor.site
        return StaffDesk(settled.url, settled.staff or "", site, source_of(site))

    return over_nats(desk, person)


def _desk(places: Places, file: SiteFile) -> Callable[[], Desk]:
    here = Path.cwd()

    @cache
    def desk() -> Desk:
        from gateway.console.desk import Desk, drafts_folder, this_person  # noqa: PLC0415

        return Desk(file.whole(), drafts_folder(places.site.site.id), here, this_person())

    return desk


def _from_streams(settled: Settled, floor: Floor) -> Archive:
    from gateway.events.lookup import Found  # noqa: PLC0415 (as above)

    async def look(wanted: Lookup) -> Found:
        site = settled.site_id or floor.site
        if not site:
            return Found((), wanted.after, "NATS has not answered yet")
        return await from_streams(settled.url, settled.user, settled.password or "", site, wanted)

    return look


def _jobs(settled: Settled, floor: Floor, calls: Calls, now: Callable[[], datetime]) -> list[Job]:
    from gateway.console.bus_source import BusSource  # noqa: PLC0415 (as above)
    from gateway.console.calls import follow  # noqa: PLC0415
    from gateway.console.source import StatusSource  # noqa: PLC0415

    jobs: list[Job] = []
    if settled.over_nats or settled.places is None:
        jobs.append(BusSource(floor, partial(watch_floor_of, settled), now, settled.url).run)
        if not settled.site_id:  # the floor says which site there is, then its calls are followed
            return [*jobs, partial(_calls_of_the_site, settled, floor, calls, now)]
    else:
        jobs.append(StatusSource(settled.places.status_socket, floor, now).run)
    if settled.password is not None or settled.over_nats:
        watch = partial(watch_calls_of, settled, settled.site_id)
        jobs.append(partial(follow, calls, watch, now))
    return jobs


async def _calls_of_the_site(
    settled: Settled, floor: Floor, calls: Calls, now: Callable[[], datetime]
) -> None:
    from gateway.console.calls import follow  # noqa: PLC0415 (as above)

    while not floor.site:  # noqa: ASYNC110 - the floor has a version, no event
        await asyncio.sleep(0.1)
    await follow(calls, partial(watch_calls_of, settled, floor.site), now)


def _short(socket: Path) -> str:
    return os.path.relpath(socket) if socket.is_relative_to(Path.cwd()) else str(socket)


def watch_calls_of(settled: Settled, site: str) -> AsyncIterator[CallsNews]:
    """Follow the open calls of ``site``."""
    from gateway.bus.calls import watch_calls  # noqa: PLC0415 (after the first picture)

    return watch_calls(settled.url, settled.user, settled.password or "", site=site)


def watch_floor_of(settled: Settled) -> AsyncIterator[FloorNews]:
    """Follow the whole floor."""
    from gateway.bus.floor_watch import watch_floor  # noqa: PLC0415 (after the first picture)

    return watch_floor(settled.url, settled.user, settled.password or "", site=settled.site_id)
