"""Watches for machines of the site that lose their power together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import ValidationError

from edge_config.site import Site
from gateway.edge.clock import Clock, moment
from gateway.events.fact import Fact
from gateway.meaning.outages import Grouping, Outages, Scope, due, taken

KEY: Final = "outages"
"""Name under which the outbox keeps what was collected."""


class OutageWatch:
    """Collects reports of lost power as they are recorded.

    Args:
        site: groups of its machines.
        birthid: this start of the gateway.
        kept: what the last process had collected, or None.
        clock: both clocks.
    """

    def __init__(self, site: Site, birthid: str, kept: str | None, clock: Clock) -> None:
        self._birthid = birthid
        self._clock = clock
        self._grouping = grouping_of(site)
        self._outages = Outages()
        if kept:
            try:
                self._outages = Outages.model_validate_json(kept)
            except ValidationError:
                self._outages = Outages()

    def taken(self, facts: Sequence[Fact]) -> Mapping[str, str]:
        """Take facts that are being recorded; return what is to be kept with them."""
        if not taken(self._outages, facts, self._birthid):
            return {}
        return {KEY: self._outages.model_dump_json()}

    def due(self) -> tuple[list[Fact], Mapping[str, str]]:
        """Return the outages that are to be told now, and what is to be kept with them."""
        waiting = len(self._outages.lost)
        facts = due(self._outages, self._grouping, moment(self._clock), self._birthid)
        if len(self._outages.lost) == waiting:
            return [], {}
        return facts, {KEY: self._outages.model_dump_json()}


def grouping_of(site: Site) -> Grouping:
    """Return the groups of a site's machines; a line counts only where several hang on it."""
    places: dict[str, dict[Scope, str]] = {}
    for egm in site.egms:
        groups: dict[Scope, str] = {"line": egm.line}
        if egm.bank:
            groups["bank"] = egm.bank
        if egm.panel:
            groups["panel"] = egm.panel
        places[egm.asset] = groups
    return Grouping(places, site.outage.share, site.outage.window_s)
