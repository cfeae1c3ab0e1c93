"""The rules of a site as meaning needs them: limits of handpays, by the casino's own calendar."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from edge_config.explain import nearest
from edge_config.jurisdiction import LIMITS, EventRule, Jurisdiction, settled, without_figure
from edge_config.problems import ConfigError, Problem
from edge_config.site import Site
from gateway.events.catalogue import CATALOGUE
from gateway.events.significance import Change, Profile, kinds_of
from gateway.meaning.limits import Choice, HandpayRules, Limit, LimitTable

log = logging.getLogger(__name__)

WHEN_UNKNOWN: Final[dict[str, Choice]] = {
    "w2g": "undecided", "two_person": "required", "house": "required",
}  # fmt: skip
"""What holds for a handpay of unknown amount where nobody chose: better one person too many."""

WINS_ONLY: Final = frozenset({"w2g"})
"""Tables that are about single wins: cancelled credits never fall under them."""


def handpay_rules(site: Site, jurisdiction: str = "") -> HandpayRules:
    """Return what a handpay asks for at ``site``.

    Args:
        site: the casino.
        jurisdiction: of the machine; empty for the site's.

    Raises:
        ConfigError: a file of jurisdictions is wrong.
    """
    rules = settled(jurisdiction or site.site.jurisdiction, site.rules)
    zone = ZoneInfo(site.site.time_zone)

    @lru_cache(maxsize=8)
    def day_of_quarter(quarter: int) -> date:  # no time zone changes its offset in between
        return datetime.fromtimestamp(quarter * 900, UTC).astimezone(zone).date()

    return HandpayRules(
        {name: _table(rules, name, site.site.currency) for name in LIMITS},
        lambda wall_ns: day_of_quarter(wall_ns // 900_000_000_000),
    )


def profile_of(site: Site, jurisdiction: str = "") -> Profile:
    """Return how urgent events are at ``site``: the jurisdiction's ideas, then the house's.

    Args:
        site: the casino.
        jurisdiction: of the machine; empty for the site's.

    Raises:
        ConfigError: a file of jurisdictions is wrong.
    """
    changes: dict[tuple[str, str], Change] = {}
    for rule in settled(jurisdiction or site.site.jurisdiction, site.rules).events:
        below = changes.get((rule.event, rule.kind), Change())
        changes[rule.event, rule.kind] = Change(
            rule.severity or below.severity,
            rule.eventclass or below.eventclass,
            below.route if rule.route is None else rule.route,
        )
    return Profile(changes)


def check_event_rules(site: Site, path: str) -> None:
    """See that every rule of the site file is about an event and a kind that there are.

    Args:
        site: the site.
        path: of its file, as the operator named it.

    Raises:
        ConfigError: one is not: it would never hold, and nobody would notice.
    """
    problems = [
        Problem(path, f"rules.events[{number}].{key}", f"'{found}'", expected)
        for number, rule in enumerate(site.rules.events)
        for key, found, expected in _wrong(rule)
    ]
    if problems:
        raise ConfigError(problems)


def _wrong(rule: EventRule) -> Iterator[tuple[str, str, str]]:
    row = CATALOGUE.get(rule.event)
    if row is None:
        guess = nearest(rule.event, sorted(CATALOGUE)) or "slotgw contracts export writes the list"
        yield "event", rule.event, f"a type of event ({guess})"
        return
    if not rule.kind:
        return
    known = kinds_of(row)
    if not known:
        yield "kind", rule.kind, f"nothing: {rule.event} has no kinds"
    elif rule.kind not in known:
        yield "kind", rule.kind, f"one of {', '.join(known)}"


def utc_offset(site: Site) -> Callable[[int], float]:
    """Return what gives the seconds by which the site's local time is ahead of UTC."""
    return _offset_in(site.site.time_zone)


@lru_cache(maxsize=8)
def _offset_in(time_zone: str) -> Callable[[int], float]:
    zone = ZoneInfo(time_zone)

    @lru_cache(maxsize=8)
    def of_quarter(quarter: int) -> float:
        offset = datetime.fromtimestamp(quarter * 900, UTC).astimezone(zone).utcoffset()
        return 0.0 if offset is None else offset.total_seconds()

    return lambda wall_ns: of_quarter(wall_ns // 900_000_000_000)


def warn_of_years(site: Site, today: date) -> None:
    """Say in the log which tables have no figure for the year of ``today``."""
    for text in year_warnings(site, today):
        log.warning("%s", text)


def year_warnings(site: Site, today: date) -> tuple[str, ...]:
    """Return which tables have no figure for ``today``, in words for an operator."""
    rules = settled(site.site.jurisdiction, site.rules)
    return tuple(
        f"rules.{table} has no figure for {today.isoformat()}: handpays say nofigure; write the "
        f"published one into the site file under [[rules.{table}]], with begins and ends"
        for table in without_figure(rules, today)
    )


def _table(rules: Jurisdiction, name: str, currency: str) -> LimitTable:
    rows = tuple(
        Limit(int(row.amount * 100), row.begins, row.ends, row.asks) for row in getattr(rules, name)
    )
    chosen: Choice = getattr(rules, f"{name}_unknown") or WHEN_UNKNOWN[name]
    if name in WINS_ONLY and currency != "USD":
        rows = ()
    return LimitTable(rows, chosen, name in WINS_ONLY)
