"""When a line was last heard, as text that outlives the process and the computer's boot."""

from __future__ import annotations

from gateway.edge.clock import Clock, moment
from gateway.edge.page import boot_id
from gateway.events.moment import Moment


def heard_text(heard: Moment) -> str:
    """Return a moment as text: boot, monotonic seconds, wall nanoseconds."""
    return f"{boot_id().hex()} {heard.monotonic_s!r} {heard.wall_ns}"


def heard_moment(text: str | None, clock: Clock) -> Moment | None:
    """Return the moment that ``heard_text`` wrote, on this boot's clocks; None if it is none.

    Within one boot the monotonic clock says how long ago it was, else only the wall clock can.
    """
    try:
        boot, monotonic, wall = (text or "").split()
        then = Moment(float(monotonic), int(wall))
    except ValueError:
        return None
    now = moment(clock)
    if boot == boot_id().hex() and then.monotonic_s <= now.monotonic_s:
        return moment(clock, then.monotonic_s)
    return moment_ago(then.wall_ns, clock)


def moment_ago(wall_ns: int, clock: Clock) -> Moment:
    """Return the moment of a wall time, on this boot's clocks; never one in the future."""
    now = moment(clock)
    age_s = max(0.0, (now.wall_ns - wall_ns) / 1e9)
    return Moment(now.monotonic_s - age_s, now.wall_ns - round(age_s * 1e9))
