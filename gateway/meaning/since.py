"""Remembered moments, which outlive the process that saw them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

from pydantic import BaseModel, ConfigDict

from gateway.events.moment import Moment


class Remembered(BaseModel):
    """Base of everything an engine remembers; it changes in place and travels as JSON.

    Fields that a later version has and this one lacks are passed over.
    """

    model_config = ConfigDict(extra="ignore")

    # Nothing is checked when a field is set; together they are Python's own, ten times as quick.
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__


T = TypeVar("T")


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
def remembered(cls: type[T]) -> type[T]:
    """Make ``cls`` a part of what is remembered that is looked at with each event.

    As a ``Remembered`` it is checked when it comes from disk and passes over fields it lacks; made,
    changed and turned into JSON it is quicker.
    """
    return dataclass(slots=True, kw_only=True)(cls)


@dataclass(slots=True)
class Since:
    """A moment that is kept; many may hold the same one, so it never changes.

    Attributes:
        monotonic_s: seconds of the monotonic clock of the start ``birthid``.
        wall_ns: nanoseconds since 1970-01-01 UTC.
        birthid: the start of the gateway whose monotonic clock it is.
    """

    monotonic_s: float
    wall_ns: int
    birthid: str

    @classmethod
    def of(cls, moment: Moment, birthid: str) -> Since:
        """Keep ``moment``."""
        return cls(moment.monotonic_s, moment.wall_ns, birthid)

    def moment(self) -> Moment:
        """Return it as it was seen."""
        return Moment(self.monotonic_s, self.wall_ns)

    def seconds_to(self, now: Moment, birthid: str) -> float:
        """Return the seconds from then to ``now``, never below zero.

        By the monotonic clock within one start of the gateway, else by the wall clock.
        """
        if self.birthid == birthid:
            gone_s = now.monotonic_s - self.monotonic_s
        else:
            gone_s = (now.wall_ns - self.wall_ns) / 1e9
        return round(max(0.0, gone_s), 3)

    def is_before(self, moment: Moment, birthid: str) -> bool:
        """Return whether it was at or before ``moment``, which must be of the start ``birthid``.

        Anything of another start was before: only the running start makes new moments.
        """
        return self.birthid != birthid or self.monotonic_s <= moment.monotonic_s
