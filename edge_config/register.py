"""The site's registry of EGMs: what is so of each of them at a moment, and whose a serial is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import UTC
from zoneinfo import ZoneInfo

from edge_config.site import ChangeInfo, EgmInfo, Site


class Register:
    """Answers for any moment, by the ``[[egms]]`` and ``[[changes]]`` of a site file.

    Args:
        site: the site file.
    """

    def __init__(self, site: Site) -> None:
        self._zone = ZoneInfo(site.site.time_zone)
        self._moments: dict[str, list[int]] = {egm.asset: [] for egm in site.egms}
        self._rows: dict[str, list[EgmInfo]] = {egm.asset: [egm] for egm in site.egms}
        for change in sorted(site.changes, key=lambda one: one.since):
            rows = self._rows.get(change.asset)
            if rows is None:
                continue  # a part of a site: the loader lets no whole one through
            rows.append(rows[-1].model_copy(update=change.fields))
            self._moments[change.asset].append(self.since_of(change))
        self._serials = self._by_serial()

    def at(self, asset: str, wall_ns: int) -> EgmInfo:
        """Return what is so of ``asset`` at a moment, nanoseconds since 1970 UTC.

        Raises:
            KeyError: there is no such EGM.
        """
        return self._rows[asset][bisect_right(self._moments[asset], wall_ns)]

    def since_of(self, change: ChangeInfo) -> int:
        """Return when a change takes effect, nanoseconds since 1970 UTC."""
        since = change.since.replace(tzinfo=self._zone).astimezone(UTC)
        return round(since.timestamp()) * 1_000_000_000

    def since_ns(self, asset: str, wall_ns: int) -> int | None:
        """Return since when that is so, or None if it always was."""
        place = bisect_right(self._moments[asset], wall_ns)
        return self._moments[asset][place - 1] if place else None

    def asset_of(self, serial: str, wall_ns: int) -> str | None:
        """Return the asset whose serial number it is at a moment, or None."""
        for asset in self._serials.get(serial, ()):
            if self.at(asset, wall_ns).serial == serial:
                return asset
        return None

    def _by_serial(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for asset, rows in self._rows.items():
            for serial in {row.serial for row in rows if row.serial}:
                found.setdefault(serial, []).append(asset)
        return found
