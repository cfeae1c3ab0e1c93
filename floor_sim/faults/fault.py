"""One fault, as a floor file or the control API says it."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from edge_config.table import Table, Token
from floor_sim.faults.table import FAULTS, FaultKind
from floor_sim.machine.meters import MACHINE_METERS

EVERYWHERE = frozenset({"kind", "start_s"})
_GROUPS = ("asset", "bank", "panel")


class Direction(StrEnum):
    """Which way the bytes go."""

    TO_HOST = "to_host"
    TO_EGM = "to_egm"
    BOTH = "both"


class Fault(Table):
    """``[[faults]]``: one fault. Its kind says which keys it takes; see ``slotsim faults``."""

    kind: FaultKind = Field(strict=False)
    """What it does; slotsim faults lists them."""
    line: Token | None = None
    """Name of the line, where it acts on one."""
    asset: Token | None = None
    """Asset number of the machine, where it acts in one."""
    bank: Token | None = None
    """Bank whose machines all lose power at one moment."""
    panel: Token | None = Field(default=None, validate_default=True)
    """Electrical panel whose machines all lose power at one moment."""
    direction: Direction = Field(default=Direction.TO_HOST, strict=False)
    """Which messages it may spoil: to_host, to_egm or both."""
    probability: float = Field(default=1.0, ge=0, le=1)
    """Share of the messages that it spoils, 0 to 1."""
    count: int | None = Field(default=None, ge=1)
    """Messages that it spoils at most; it is over then. Nothing: no limit."""
    start_s: float = Field(default=0.0, ge=0)
    """Seconds from the moment it is added until it begins."""
    seconds: float | None = Field(default=None, gt=0)
    """Seconds that it lasts once it has begun. Nothing: until it is removed."""
    address: int | None = Field(default=None, ge=1, le=127, validate_default=True)
    """SAS address of the one EGM whose messages it spoils. Nothing: every message."""
    delay_s: float = Field(default=0.1, gt=0, le=60)
    """Seconds that a delayed message is late."""
    gap_s: float = Field(default=0.003, gt=0, le=1)
    """Seconds between the two pieces of a split message; a real line allows 0.005."""
    polls_later: int = Field(default=2, ge=1, le=100)
    """Messages after which a stale answer comes."""
    bits: int = Field(default=16, ge=1, le=16)
    """Longest run of a noise burst, in bits; nine to a byte."""
    bytes_max: int = Field(default=8, ge=1, le=64)
    """Most bytes of junk at once."""
    every_s: float = Field(default=1.0, ge=0.01, le=3600)
    """Seconds from one piece of junk to the next."""
    drift_s_per_hour: float | None = Field(default=None, ge=-3600, le=36_000, validate_default=True)
    """Seconds that the clock gains in an hour; negative: loses."""
    exceptions: int = Field(default=25, ge=1, le=1_000)
    """Exceptions that are reported at one moment."""
    meter: str | None = Field(default=None, validate_default=True)
    """Name of the meter that lies, for example coin_in."""
    form: Literal["back", "plus", "stuck", "width"] | None = Field(
        default=None, validate_default=True
    )
    """How it lies."""
    amount: int = Field(default=100, ge=1, le=10**9)
    """By how much it is wrong: back and plus."""
    digits: int = Field(default=6, ge=1, le=9)
    """Digits that it shows: width."""

    @field_validator("*")
    @classmethod
    def _fits_its_kind(cls, value: object, info: ValidationInfo) -> object:
        kind, name = info.data.get("kind"), info.field_name or ""
        if name == "kind" or not isinstance(kind, FaultKind):
            return value
        row = FAULTS[kind]
        if value is None and name in row.needs and name != "line":
            raise ValueError(f"a value: {kind} makes no sense without")
        if value is not None and name not in row.keys:
            raise ValueError(f"nothing there: {kind} takes {', '.join(row.keys)}")
        if name == "panel" and kind is FaultKind.POWER_CUT:
            given = [key for key in _GROUPS if info.data.get(key) is not None]
            if len(given) + (value is not None) != 1:
                raise ValueError("one of asset, bank and panel for a power cut")
        if name == "meter" and value is not None and value not in MACHINE_METERS:
            raise ValueError("the name of a meter that machines keep, such as coin_in")
        return value
