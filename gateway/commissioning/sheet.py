"""The meter check: what a person reads on the machine's own meter page, against the wire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from pydantic import AwareDatetime, Field

from gateway.commissioning.step import Verdict, grew, meter_of
from gateway.commissioning.target import Target
from gateway.commissioning.told import FRAMES_MAX, Count, Frame, Model, Reading
from protocols.sas.tables.meters import METERS_BY_NAME, Kind, Unit

TYPED_MAX: Final = 24
"""Characters of a count that may be typed."""

DIGITS_MIN: Final = 10
"""Digits that may be typed of any meter; more only where the machine sends more."""

READINGS_MAX: Final = 60
"""Readings kept: the first ones and the last."""


class TypedError(ValueError):
    """What was typed is no count; says why."""


class Sheet(Model):
    """A meter check under way.

    Attributes:
        target: the machine.
        person: who checks.
        started: when it was begun.
        typed: what was typed, by meter; as it was typed.
        readings: what the wire said, oldest first.
        frames: the frames of it.
        denomination: worth of one credit as the machine says it; empty while it was not read.
        serial: its serial number as it says it, likewise.
    """

    target: Target
    person: str = Field(max_length=64)
    started: AwareDatetime
    typed: dict[str, str] = Field(default_factory=dict, max_length=64)
    readings: tuple[Reading, ...] = Field((), max_length=READINGS_MAX)
    frames: tuple[Frame, ...] = Field((), max_length=FRAMES_MAX)
    denomination: str = ""
    serial: str = Field("", max_length=64)

    @property
    def names(self) -> list[str]:
        """Every meter that was read, in the order of the meter table."""
        read = {name for one in self.readings for name in one.meters}
        return [name for name in METERS_BY_NAME if name in read]

    @property
    def worth(self) -> Decimal | None:
        """Worth of one credit: as the machine says, else as the registry has it."""
        return Decimal(self.denomination) if self.denomination else self.target.worth

    def read(self, name: str) -> Count | None:
        """Return a meter as it was read last."""
        seen = meter_of(self.readings, name)
        return seen[-1][1] if seen else None

    def line(self, name: str) -> SheetLine:
        """Return what is to be said of one meter."""
        text = self.typed.get(name, "")
        if not text:
            return SheetLine(name, self.read(name), None, None)
        typed = typed_count(name, text, self.worth)
        return SheetLine(name, self.read(name), typed, _difference(self.readings, name, typed))

    @property
    def lines(self) -> list[SheetLine]:
        """Every meter that was read."""
        return [self.line(name) for name in self.names]

    @property
    def verdict(self) -> Verdict:
        """FAIL where a meter differs, PASS where some were typed and none differs."""
        found = [one.difference for one in self.lines if one.difference is not None]
        if any(found):
            return Verdict.FAIL
        return Verdict.PASS if found else Verdict.NOT_DONE


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One meter of the sheet.

    Attributes:
        name: of the meter.
        read: as the wire said last.
        typed: as the person typed it, in the wire's units; None where nothing was typed.
        difference: the machine's page less the wire; 0 where what was typed lies between two
            readings. None where either is missing.
    """

    name: str
    read: Count | None
    typed: int | None
    difference: int | None


def typed_count(name: str, text: str, worth: Decimal | None) -> int:
    """Return what was typed as a count in the wire's units.

    A number with a decimal point is money: credits are worked out by their worth, cents times 100.

    Raises:
        TypedError: it is no count of this meter.
    """
    plain = text.strip().replace(",", "").replace(" ", "").removeprefix("$")
    if len(plain) > TYPED_MAX or not plain.isascii():
        raise TypedError(f"{text[:TYPED_MAX]!r} is no count")
    if plain.isdecimal():
        return int(plain)
    try:
        money = Decimal(plain)
    except InvalidOperation:
        raise TypedError(f"{text[:TYPED_MAX]!r} is no count; money has a point: 12.50") from None
    row = METERS_BY_NAME.get(name)
    if not money.is_finite() or money < 0 or "." not in plain or "e" in plain.casefold():
        raise TypedError(f"{text[:TYPED_MAX]!r} is no count; money has a point: 12.50")
    if row is not None and row.unit is Unit.CENTS:
        steps = money * 100
    elif row is not None and row.unit is Unit.CREDITS:
        if worth is None:
            raise TypedError("the worth of a credit is not known: type credits, without a point")
        steps = money / worth
    else:
        raise TypedError("this meter counts pieces: type it without a point")
    if steps != steps.to_integral_value():
        raise TypedError(f"{money} is no whole number of credits of {worth}")
    return int(steps)


def _difference(readings: Sequence[Reading], name: str, typed: int) -> int | None:
    """Return the typed count less the last reading; between two readings it is as it should be."""
    seen = [count for _, count in meter_of(readings, name)]
    if not seen:
        return None
    last = seen[-1]
    same = [one for one in seen if one.digits == last.digits]
    row = METERS_BY_NAME.get(name)
    if row is not None and row.kind is Kind.GAUGE:  # goes up and down
        inside = min(one.value for one in same) <= typed <= max(one.value for one in same)
    else:
        inside = _between(same[0], last, typed)
    if inside:
        return 0
    return typed - last.value


def _between(first: Count, last: Count, typed: int) -> bool:
    top: int = 10**last.digits
    if typed >= top:
        return False
    span = grew(first, last)
    return span <= top // 2 and (typed - first.value) % top <= span


def type_in(sheet: Sheet, name: str, text: str) -> Sheet:
    """Return the sheet with one meter typed; nothing typed takes it out.

    Raises:
        TypedError: it is no count of this meter.
    """
    typed = {key: value for key, value in sheet.typed.items() if key != name}
    if text.strip():
        digits = max(DIGITS_MIN, *(count.digits for _, count in meter_of(sheet.readings, name)), 0)
        if typed_count(name, text, sheet.worth) >= 10**digits:
            raise TypedError(f"the meter has {digits} digits at most")
        typed[name] = text.strip()[: 2 * TYPED_MAX]
    return sheet.model_copy(update={"typed": typed})


def read_again(
    sheet: Sheet,
    readings: Sequence[Reading],
    frames: Sequence[Frame],
    denomination: str = "",
    serial: str = "",
) -> Sheet:
    """Return the sheet with what the wire said since."""
    every = (*sheet.readings, *readings)
    if len(every) > READINGS_MAX:
        every = (*every[: READINGS_MAX // 2], *every[-(READINGS_MAX // 2) :])
    kept = (*sheet.frames, *frames)
    return sheet.model_copy(
        update={"readings": every, "frames": (*kept[:4], *kept[4:][-(FRAMES_MAX - 4) :]),
                "denomination": denomination or sheet.denomination,
                "serial": serial or sheet.serial}
    )  # fmt: skip


def begin_sheet(target: Target, person: str, now: datetime) -> Sheet:
    """Return an empty sheet."""
    return Sheet(target=target, person=person, started=now)
