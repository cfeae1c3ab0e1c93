"""What comes out of an engine: facts, and readings it would like to have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gateway.events.fact import Fact
from gateway.events.value import value

What = Literal["handpay", "meters", "credits", "bills", "identity", "full", "clock", "features"]


@dataclass(frozen=True, slots=True)
class ReadWish:
    """A reading that would tell more.

    Attributes:
        what: ``handpay`` 1B, ``meters`` a reading with coin in, ``full`` all
            meters that are held against one another, ``credits`` 1A, ``bills`` 48,
            ``identity`` 1F and 54,
            ``clock`` 7E, ``features`` A0.
        trigger: why, in one word; comes back with the observation and stands in ``meter.read``.
    """

    what: What
    trigger: str


@value
class Result:
    """What one observation led to.

    Attributes:
        facts: in order; those that follow from the first name it as their cause.
        wishes: readings, most urgent first.
    """

    facts: tuple[Fact, ...] = ()
    wishes: tuple[ReadWish, ...] = ()


NOTHING = Result()
