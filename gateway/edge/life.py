"""The gateway's own life as events: born, heartbeat, clock stepped, died."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo

from edge_config.places import Places
from gateway.bus.lease import Holder
from gateway.edge.clock import Clock, moment
from gateway.edge.egm import EgmWork
from gateway.edge.keys import BORN_KEY, ENDED_KEY, gone_key
from gateway.edge.recorder import Recorded, Recorder
from gateway.edge.rules import warn_of_years
from gateway.edge.standing import is_asset
from gateway.events.fact import Fact
from gateway.events.text import one_line
from gateway.outbox.types import OutboxFullError, Restored, StoreLoss
from protocols.sas.allowlist import allow_list_hash

log = logging.getLogger(__name__)

HEARTBEAT_S = 10.0


def program_version() -> str:
    """Return the installed version of this program, or ``unknown`` in an uninstalled tree."""
    try:
        return version("slot-floor-gateway")
    except PackageNotFoundError:
        return "unknown"


def build_hash() -> str:
    """Return one SHA-256 over the program's own source files, in hex."""
    root = Path(__file__).parents[2]
    digest = hashlib.sha256()
    for room in ("edge_config", "gateway", "protocols"):
        for path in sorted((root / room).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def config_hash(path: str) -> str:
    """Return the SHA-256 of the site file's bytes, in hex."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


class Life:
    """Writes the gateway's own events.

    Args:
        places: for the site's names and the hash of its file.
        recorder: where events go.
        clock: both clocks.
    """

    def __init__(self, places: Places, recorder: Recorder, clock: Clock) -> None:
        self._places = places
        self._recorder = recorder
        self._clock = clock
        self._started_s = clock.monotonic()
        self._today: date | None = None

    def born(self, birthid_before: str | None) -> Recorded:
        """The daemon has started; ``birthid_before`` is that of its last start, if there was one.

        A start that does not find the last one ended on purpose tells that death first.
        """
        site = self._places.site
        return self._tell(
            "gateway.born",
            {
                "birthid": self._recorder.birthid,
                "version": program_version(),
                "build_hash": build_hash(),
                "allow_list_hash": allow_list_hash(),
                "config_hash": config_hash(self._places.site_path),
                "egms": [egm.asset for egm in site.egms],
                "birthid_before": birthid_before,
            },
            keys={BORN_KEY: self._recorder.birthid},
        )

    def died(self, reason: str) -> Recorded:
        """The daemon stops on purpose."""
        return self._tell(
            "gateway.died",
            {"birthid": self._recorder.birthid, "how": "clean", "reason": reason},
            keys={ENDED_KEY: self._recorder.birthid},
        )

    def found_dead(self, birthid: str) -> Recorded:
        """The last start ended without a word: a kill, a power cut, a defect."""
        return self._tell(
            "gateway.died",
            {"birthid": birthid, "how": "inferred", "reason": "it ended without saying so"},
        )

    def egms_died(self, works: Iterable[EgmWork], reason: str) -> None:
        """The daemon stops on purpose: each machine that was told as known is told as left."""
        for work in works:
            if work.engine.born:
                data = {"reason": reason, "birthid": self._recorder.birthid}
                fact = Fact("egm.died", work.machine, data, moment(self._clock))
                self._recorder.record([fact], work.place)

    def left(self, restored: Restored) -> None:
        """Tell once of each machine that the last start knew and that the site file lacks now."""
        here = {egm.asset for egm in self._places.site.egms}
        for asset in sorted(restored.states):
            gone = restored.keys.get(gone_key(asset)) == "1"
            if gone == (asset not in here) or not is_asset(asset):
                continue
            if asset in here:
                self._recorder.record([], keys={gone_key(asset): ""})
                continue
            log.warning("EGM %s is no longer in the site file", asset)
            data: dict[str, object] = {"reason": "no longer in the site file"}
            if BORN_KEY in restored.keys:
                data["birthid"] = restored.keys[BORN_KEY]
            fact = Fact("egm.died", asset, data, moment(self._clock))
            self._recorder.record([fact], keys={gone_key(asset): "1"})

    def store_lost(self, loss: StoreLoss) -> Recorded:
        """A damaged outbox was set aside."""
        return self._tell(
            "gateway.storeloss",
            {
                "reason": loss.reason[:240],
                "set_aside": loss.set_aside.name,
                "last_sequence": loss.last_sequence,
                "pending": loss.pending,
                "salvaged": loss.salvaged,
                "lost": loss.lost,
            },
        )

    def yielded(self, other: Holder) -> Recorded:
        """Another gateway of this name is live: this one polls no more."""
        return self._tell(
            "gateway.yielded",
            {
                "other_birthid": other.birthid[:64],
                "other_host": other.host[:240],
                "other_pid": other.pid,
            },
        )

    def _heartbeat(self) -> Recorded:
        return self._tell(
            "gateway.heartbeat",
            {
                "birthid": self._recorder.birthid,
                "uptime_s": round(self._clock.monotonic() - self._started_s, 3),
                "last_sequence": self._recorder.sequence,
                "last_familysequence": dict(self._recorder.family_sequences),
            },
        )

    async def run(self) -> None:
        """Tell every ten seconds that the gateway lives, how good its clock is, and outages."""
        beat: Recorded | None = None
        while True:
            self._look_at_time()
            self._look_at_power()
            await asyncio.sleep(HEARTBEAT_S)
            if beat is None or beat.done.done():  # while the disk fails, one heartbeat waits
                beat = self._heartbeat()

    def _look_at_power(self) -> None:
        facts, keys = self._recorder.outages.due()
        if not keys:
            return
        for fact in facts:
            log.warning("%s", one_line(fact))
        with suppress(OutboxFullError):  # the machines' own events are told all the same
            self._recorder.record(facts, keys=keys)

    def _look_at_time(self) -> None:
        facts = self._recorder.time.look()
        if facts:
            with suppress(OutboxFullError):  # told at the next change; every event says it as well
                self._recorder.record(facts)
        site = self._places.site
        today = datetime.fromtimestamp(
            self._clock.wall_ns() / 1e9, ZoneInfo(site.site.time_zone)
        ).date()
        if today != self._today:
            self._today = today
            warn_of_years(site, today)

    def _tell(
        self, name: str, data: dict[str, object], keys: dict[str, str] | None = None
    ) -> Recorded:
        fact = Fact(type=name, asset=None, data=data, observed=moment(self._clock))
        return self._recorder.record([fact], keys=keys)
