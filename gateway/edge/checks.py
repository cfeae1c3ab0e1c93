"""What the console's checks ask of the gateway: meters that a person typed, a signature.

The gateway signs with a key of its own, under the name of the user as the kernel knows them. It
signs digests: the report itself is the technician's. Before it signs, it tells of the check.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from edge_config.problems import ConfigError
from gateway.edge.clock import Clock, moment
from gateway.edge.egm import EgmWork
from gateway.edge.pseudonym import load_key
from gateway.edge.saying import Heard, say
from gateway.events.moment import Moment
from gateway.meaning.observation import Said
from protocols.sas.tables.meters import METERS_BY_NAME

if TYPE_CHECKING:
    from gateway.commissioning.signature import Signed

log = logging.getLogger(__name__)

METERS_MAX: Final = 48
"""Meters of one meter check."""

KEY_NAME, PUBLIC_NAME = "report.key", "report.pub"
"""Files in the run folder: the secret key of reports, and what everybody may verify them with."""

VERDICTS: Final = {"pass": "PASS", "fail": "FAIL", "notdone": "NOT DONE"}

_Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
_Number = Annotated[int, Field(ge=0, le=1000)]


class _About(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    asset: str = Field(min_length=1, max_length=64)


class UnknownMeterError(Exception):
    """The client's: a meter was typed that is not on the meter table; says which."""


class MetersTyped(_About):
    """Meters as the machine's own page shows them."""

    do: Literal["manual"]
    meters: dict[str, Annotated[int, Field(ge=0, lt=10**18)]] = Field(
        min_length=1, max_length=METERS_MAX, description="Name and count, in the wire's units."
    )
    reason: str = Field(min_length=1, max_length=160)


class SignReport(_About):
    """A check has ended, and its report is to be signed."""

    do: Literal["sign"]
    kind: Literal["commission", "comms", "absence", "meters"]
    verdict: Literal["pass", "fail", "notdone"]
    passed: _Number
    failed: _Number
    not_done: _Number
    failures: list[Annotated[str, Field(pattern="^[a-z0-9_]{1,64}$")]] = Field(max_length=64)
    report: _Digest
    text: _Digest


class ReportSigner:
    """Signs reports.

    Args:
        folder: where the key is; made at the first signature.
        site: token of the site.
        gateway: token of this gateway.
        birthid: of this start.
        version: of this program.
        clock: both clocks.
    """

    def __init__(
        self, folder: Path, site: str, gateway: str, birthid: str, version: str, clock: Clock
    ) -> None:
        self._folder = folder
        self._site, self._gateway = site, gateway
        self._birthid, self._version = birthid, version
        self._clock = clock

    async def sign(self, work: EgmWork, asked: SignReport, user: str) -> dict[str, JsonValue]:
        """Tell of the check, then sign; return the answer for the client."""
        try:
            seed = self._seed()
        except (ConfigError, OSError) as error:
            return {"error": f"the gateway cannot sign: {error}"}
        told = await say(work, said_of_check(asked, user, self._clock))
        if told.why:
            return {"error": told.why}
        signed = self._signed(asked, user, told, seed)
        return {"done": True, "events": [], **signed.model_dump()}

    def _seed(self) -> bytes:
        from gateway.commissioning.signature import SEED_BYTES, public_key  # noqa: PLC0415

        seed = load_key(self._folder / KEY_NAME, "report", "older reports keep their key")
        public = public_key(seed[:SEED_BYTES])
        path = self._folder / PUBLIC_NAME
        if not path.exists() or path.read_text().strip() != public:
            path.write_text(public + "\n")
            path.chmod(0o644)
            log.warning("reports are signed with the key %s", public)
        return seed[:SEED_BYTES]

    def _signed(self, asked: SignReport, user: str, told: Heard, seed: bytes) -> Signed:
        # imported late: the daemon pays for the library only where somebody signs
        from gateway.commissioning.signature import Statement, public_key, sign  # noqa: PLC0415
        from gateway.commissioning.step import Verdict  # noqa: PLC0415

        at = datetime.fromtimestamp(self._clock.wall_ns() / 1e9, UTC)
        statement = Statement(
            site=self._site, gateway=self._gateway, birthid=self._birthid, version=self._version,
            asset=asked.asset, kind=asked.kind, verdict=Verdict(VERDICTS[asked.verdict]),
            person=user, at=at.isoformat(timespec="seconds"), event=told.events[0].id,
            report=asked.report, text=asked.text, key=public_key(seed),
        )  # fmt: skip
        return sign(statement, seed)


def said_of_meters(asked: MetersTyped, user: str, now: Moment) -> Said:
    """Return the meters that ``user`` typed, as meaning takes them.

    Raises:
        UnknownMeterError: one of them is no meter.
    """
    unknown = sorted(asked.meters.keys() - METERS_BY_NAME.keys())
    if unknown:
        raise UnknownMeterError(f"there is no meter {unknown[0][:40]!r}")
    return Said(asked.asset, "manual", user, now, reason=asked.reason, meters=asked.meters)


def said_of_check(asked: SignReport, user: str, clock: Clock) -> Said:
    """Return the check that ``user`` ended, as meaning takes it."""
    check: dict[str, object] = {
        "check": asked.kind, "verdict": asked.verdict, "passed": asked.passed,
        "failed": asked.failed, "not_done": asked.not_done, "failures": asked.failures,
        "report": asked.report,
    }  # fmt: skip
    return Said(asked.asset, "checked", user, moment(clock), check=check)
