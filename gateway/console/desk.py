"""Where a technician's checks are kept: the registry of the site, drafts, reports, who checks."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from edge_config.register import Register
from edge_config.site import Site
from gateway.commissioning.check import Check
from gateway.commissioning.plans import PLANS, Kind
from gateway.commissioning.sheet import Sheet
from gateway.commissioning.target import Target

DRAFT_BYTES_MAX: Final = 8 * 1024 * 1024
ABSENCE_S: Final = 60.0
"""Seconds for which our line is unplugged in an absence test."""


def drafts_folder(site: str, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the user's own folder for checks of ``site`` that are under way."""
    state = environment.get("XDG_STATE_HOME") or ""
    base = Path(state) if Path(state).is_absolute() else Path.home() / ".local" / "state"
    return base / "slotgw" / "checks" / site


def this_person() -> str:
    """Return the user whose process this is."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name[:64]
    except KeyError:
        return f"uid {os.getuid()}"


def this_version() -> str:
    """Return the installed version of this program, or ``unknown`` in an uninstalled tree."""
    with suppress(PackageNotFoundError):
        return version("slot-floor-gateway")
    return "unknown"


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that a check needs besides what is seen.

    Attributes:
        site: the site file.
        drafts: folder of checks that are under way; made when one is kept.
        reports: folder that reports are written to.
        person: who checks.
        absence_s: seconds for which our line is unplugged in an absence test.
    """

    site: Site
    drafts: Path
    reports: Path
    person: str
    absence_s: float = ABSENCE_S

    def target(self, asset: str, now: datetime) -> Target | None:
        """Return what the registry says of a machine now, or None where it has none."""
        wall_ns = round(now.timestamp() * 1e9)
        register, site = Register(self.site), self.site
        rows = {egm.asset: register.at(egm.asset, wall_ns) for egm in site.egms}
        row = rows.get(asset)
        if row is None:
            return None
        mode = next((line.mode for line in site.lines if line.name == row.line), "host")
        return Target(
            site=site.site.id, gateway=site.gateway.id, asset=asset, location=row.location,
            line=row.line, address=row.address, mode=mode, serial=row.serial,
            denomination="" if row.denomination is None else str(row.denomination),
            currency=site.site.currency, maker=row.maker, model=row.model, theme=row.theme,
            neighbours={
                one.address: one.location
                for one in rows.values()
                if one.line == row.line and one.asset != asset
            },
            owners={one.serial: one.asset for one in rows.values() if one.serial},
        )  # fmt: skip

    def keep(self, kind: Kind, check: Check | Sheet) -> None:
        """Keep a check that is under way, in place of what was kept of it.

        Raises:
            OSError: the folder cannot be written to.
        """
        self.drafts.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._draft(kind, check.target.asset)
        new = path.with_suffix(".new")
        new.write_text(check.model_dump_json(), "utf-8")
        new.replace(path)

    def kept(self, kind: Kind, asset: str) -> Check | Sheet | None:
        """Return a check that was broken off, or None; one that cannot be read is set aside."""
        path = self._draft(kind, asset)
        model = Check if PLANS[kind].steps else Sheet
        try:
            if path.stat().st_size > DRAFT_BYTES_MAX:
                return None
            found = model.model_validate_json(path.read_bytes())
        except OSError:
            return None
        except ValidationError:
            with suppress(OSError):
                path.replace(path.with_suffix(".unreadable"))
            return None
        return found if found.target.asset == asset else None

    def drop(self, kind: Kind, asset: str) -> None:
        """Forget a check: it is over, or is begun anew."""
        with suppress(OSError):
            self._draft(kind, asset).unlink(missing_ok=True)

    def _draft(self, kind: Kind, asset: str) -> Path:
        return self.drafts / f"{asset}-{kind}.json"
