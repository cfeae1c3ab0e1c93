"""A moment, on two clocks: one for intervals, one for people."""

from __future__ import annotations

from gateway.events.value import value


@value
class Moment:
    """When something was observed.

    Attributes:
        monotonic_s: seconds of the monotonic clock; intervals use this one. Its zero differs
            from one start of the gateway to the next.
        wall_ns: nanoseconds since 1970-01-01 UTC, as the wall clock said; told to people and put
            into events, never used for order or ids.
    """

    monotonic_s: float
    wall_ns: int
