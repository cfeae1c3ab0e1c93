"""What a site file means for its lines: cycles, polls, and what deserves a second look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from edge_config.line_time import TURNROUND_MAX_S, cycle_s, exchange_s, poll_period_s
from edge_config.register import Register
from edge_config.site import LineInfo, Site

METER_READ_S = exchange_s(17, 57)
"""Seconds of one reading of ten meters (poll 2F, 5 bytes a meter) at the full turn-round."""

METER_SHARE_MAX = 0.25
"""Share of a line's time that may go to meter readings before it is worth a warning."""

OFF_THE_FLOOR = frozenset({"stored", "out"})
"""Life cycles in which a machine stands nowhere that anybody walks to."""

POLLING_KEYS = (
    "allow", "poll_interval_s", "reply_timeout_s", "reply_gap_s", "retry_max_s",
    "meter_interval_s", "confirm", "real_time",
)  # fmt: skip
"""Keys of a line that say how it is polled."""

POLL_INTERVAL_USUAL_S = 0.2
"""Seconds between two polls that every EGM must bear; some bear 0.04."""


@dataclass(frozen=True, slots=True)
class LinePlan:
    """One line, computed.

    Attributes:
        name: name of the line.
        mode: host or listen.
        egms: EGMs on it.
        cycle_s: seconds for one general poll to each of them, at the full turn-round of 20 ms;
            None on a line that only listens: another host polls there as it likes.
        poll_period_s: seconds between two polls of one EGM; None on a line that only listens.
    """

    name: str
    mode: str
    egms: int
    cycle_s: float | None
    poll_period_s: float | None


def line_plans(site: Site) -> tuple[LinePlan, ...]:
    """Return the plan of every line of ``site``, in the file's order."""
    return tuple(_plan(site, line) for line in site.lines)


def line_plan(line: LineInfo, egms: int) -> LinePlan:
    """Return the plan of ``line`` with so many EGMs on it."""
    if line.mode == "listen":
        return LinePlan(line.name, line.mode, egms, None, None)
    return LinePlan(
        name=line.name,
        mode=line.mode,
        egms=egms,
        cycle_s=cycle_s(egms),
        poll_period_s=poll_period_s(egms, line.poll_interval_s),
    )


def warnings(site: Site) -> tuple[str, ...]:
    """Return what is allowed in ``site`` but may not be meant, one sentence each."""
    found = [
        *_location_warnings(site), *_denomination_warnings(site), *_serial_warnings(site),
        *_move_warnings(site),
    ]  # fmt: skip
    for line in site.lines:
        found += _line_warnings(line, _plan(site, line))
        found += _port_warnings(line)
    return tuple(found)


def _plan(site: Site, line: LineInfo) -> LinePlan:
    return line_plan(line, len(site.egms_on(line.name)))


def _line_warnings(line: LineInfo, plan: LinePlan) -> Iterator[str]:
    if plan.egms == 0:
        yield f"line {line.name} has no EGMs"
    if plan.cycle_s is None:
        meant = [name for name in POLLING_KEYS if name in line.model_fields_set]
        if meant:
            yield f"line {line.name} only listens: {', '.join(meant)} mean nothing there"
        return
    if plan.cycle_s > line.poll_interval_s:
        yield (
            f"line {line.name}: {plan.egms} EGMs need {plan.cycle_s * 1000:.0f} ms a turn, so each "
            f"is polled every {plan.cycle_s * 1000:.0f} ms, not every "
            f"{line.poll_interval_s * 1000:.0f} ms; move some to another line to poll faster"
        )
    if line.poll_interval_s < POLL_INTERVAL_USUAL_S:
        yield (
            f"line {line.name}: poll_interval_s = {line.poll_interval_s:g}: not every EGM bears "
            f"polls faster than {POLL_INTERVAL_USUAL_S:g} s"
        )
    if line.reply_timeout_s <= TURNROUND_MAX_S:
        yield (
            f"line {line.name}: reply_timeout_s = {line.reply_timeout_s:g} leaves no time beyond "
            f"the {TURNROUND_MAX_S:g} s that an EGM may take; 0.05 is usual"
        )
    share = plan.egms * METER_READ_S / line.meter_interval_s
    if share > METER_SHARE_MAX:
        yield (
            f"line {line.name}: meter readings every {line.meter_interval_s:g} s take "
            f"{share:.0%} of the line's time; a longer meter_interval_s leaves more for events"
        )


def _port_warnings(line: LineInfo) -> Iterator[str]:
    if line.transport != "serial":
        return
    if line.ninth_bit == "none":
        yield (
            f'line {line.name}: ninth_bit = "none": an EGM knows its address by the ninth bit; '
            "right only if something behind the port makes it"
        )
    if re.fullmatch(r"/dev/tty(USB|ACM)\d+", line.port):
        yield (
            f"line {line.name}: {line.port} may be another adapter after a restart; slotgw ports "
            "shows its name in /dev/serial/by-path, which stays"
        )


def _location_warnings(site: Site) -> Iterator[str]:
    first: dict[str, str] = {}
    for egm in site.egms:
        if egm.life_cycle in OFF_THE_FLOOR:
            continue
        other = first.setdefault(egm.location, egm.asset)
        if other != egm.asset:
            yield (
                f"EGMs {other} and {egm.asset} both stand at {egm.location}: an attendant would "
                "not know where to walk"
            )


def _denomination_warnings(site: Site) -> Iterator[str]:
    missing = [egm.asset for egm in site.egms if egm.denomination is None]
    if missing:
        shown = ", ".join(missing[:8]) + (" ..." if len(missing) > 8 else "")
        yield (
            f"no denomination for {len(missing)} EGMs ({shown}): money is told in credits only "
            "until it was read from the machine"
        )


def _serial_warnings(site: Site) -> Iterator[str]:
    missing = [egm.asset for egm in site.egms if not egm.serial]
    if missing and len(missing) < len(site.egms):
        shown = ", ".join(missing[:8]) + (" ..." if len(missing) > 8 else "")
        yield (
            f"no serial number for {len(missing)} EGMs ({shown}): whoever answers there is taken "
            "for them"
        )


def _move_warnings(site: Site) -> Iterator[str]:
    """Look at the floor after each dated change of where a machine stands."""
    register = Register(site)
    for change in site.changes:
        if change.location is None and change.life_cycle is None:
            continue
        since_ns = register.since_of(change)
        here = register.at(change.asset, since_ns)
        if here.life_cycle in OFF_THE_FLOOR:
            continue
        for egm in site.egms:
            other = register.at(egm.asset, since_ns)
            stands = other.location == here.location and other.life_cycle not in OFF_THE_FLOOR
            if stands and egm.asset != change.asset:
                yield (
                    f"EGMs {egm.asset} and {change.asset} both stand at {here.location} from "
                    f"{change.since:%Y-%m-%d %H:%M}: an attendant would not know where to walk"
                )
