"""What each screen shows, as data for scripts: the figures themselves and the words on them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Any, Final

from pydantic import BaseModel

from gateway.console import meter_words
from gateway.console.banks import banks
from gateway.console.calls_page import verdict as calls_verdict
from gateway.console.clock_words import ask_clock
from gateway.console.consumer_words import ask_consumers
from gateway.console.facts_pages import Account
from gateway.console.keys import PAGES
from gateway.console.line_findings import findings
from gateway.console.machine_past import (
    KINDS,
    PastLine,
    coverage_facts,
    handpay_facts,
    identity_facts,
    past_lines,
)
from gateway.console.machine_words import FactLine, machine_facts
from gateway.console.outbox_words import nats_account, outbox_account
from gateway.console.page import World
from gateway.console.sight import Said
from gateway.console.surveillance import KINDS as SIGNIFICANT
from gateway.console.surveillance import Entry, Watchlist, first_check
from gateway.console.view import Order, View
from gateway.events.envelope import Envelope
from gateway.events.lookup import Lookup
from gateway.events.text import one_line

Data = dict[str, Any]
Maker = Callable[[World, str], Awaitable[Data]]

MACHINE: Final = "machine"
"""``machine:ASSET`` or ``machine:LOCATION``: everything about one EGM."""
EVENTS_MAX: Final = 1_000


class NoPageError(Exception):
    """There is no such screen, or no such machine; says which there are."""


async def page_data(name: str, world: World, filter_text: str = "") -> Data:
    """Return what the screen ``name`` shows now, as data that JSON can hold.

    Args:
        name: of a page, or ``machine:`` and an asset number or location.
        world: what pages may show; its floor is known.
        filter_text: as typed after ``/``; where the screen has a filter.

    Raises:
        NoPageError: there is no such screen or machine.
    """
    page, _, about = name.partition(":")
    maker = _MAKERS.get(page)
    if maker is None or (page == MACHINE) != bool(about):
        names = ", ".join((*(one for one in _MAKERS if one != MACHINE), "machine:ASSET"))
        raise NoPageError(f"there is no screen {name!r} for scripts; there are {names}")
    floor = world.floor
    head: Data = {
        "page": name, "site": floor.site, "gateway": floor.gateway,
        "at": world.sight().now.isoformat(), "authority": "observed",
    }  # fmt: skip
    return head | await maker(world, about or filter_text)


async def _floor(world: World, text: str) -> Data:
    view = View(Order.WORST, text=text)
    rows = view.rows(world.floor.egms.values())
    return {"filter": text, "egms": _models(rows), "of": len(world.floor.egms),
            "events": _models(world.floor.events(games=False))}  # fmt: skip


async def _map(world: World, _text: str) -> Data:
    rows = banks(world.floor.egms.values(), worst_first=False)
    return {"banks": [
        {"bank": one.name, "zone": one.zone, "worst": str(one.worst), "words": one.words(),
         "egms": [egm.asset for egm in one.egms]}
        for one in rows
    ]}  # fmt: skip


async def _lines(world: World, _text: str) -> Data:
    egms = world.floor.by_line()
    return {"lines": [
        line.model_dump(mode="json")
        | {"findings": [one.words for one in findings(line, egms[line.name])]}
        for line in world.floor.lines.values()
    ]}  # fmt: skip


async def _calls(world: World, _text: str) -> Data:
    return {"verdict": _texts(calls_verdict(world.calls, world.sight())),
            "calls": _models(world.calls.oldest_first())}  # fmt: skip


async def _surveillance(world: World, text: str) -> Data:
    after = world.sight().now - timedelta(hours=24)
    found = await world.archive(Lookup(SIGNIFICANT, after, most=EVENTS_MAX))
    watched = Watchlist()
    watched.take(found.events)
    return {"filter": text, "reached": found.reached.isoformat(), "why_less": found.why,
            "events": [_entry(one, world) for one in watched.entries(text)]}  # fmt: skip


def _entry(one: Entry, world: World) -> Data:
    looked = one.looked
    return _event(one.event) | {
        "cameras": list(world.cameras.get(one.event.asset or "", ())),
        "disposition": looked.disposition if looked else None,
        "remarks": [
            {"by": said.by, "at": said.at.isoformat(), "disposition": said.disposition,
             "words": said.words}
            for said in one.remarks
        ],
    }  # fmt: skip


async def _outbox(world: World, _text: str) -> Data:
    figures = {"outbox": world.floor.outbox.model_dump(mode="json")}
    return _account(outbox_account(world, world.sight())) | figures


async def _nats(world: World, _text: str) -> Data:
    figures = {"nats": world.floor.nats.model_dump(mode="json")}
    return _account(nats_account(world, world.sight())) | figures


async def _consumers(world: World, _text: str) -> Data:
    return _account((await ask_consumers(world))(world, world.sight()))


async def _clock(world: World, _text: str) -> Data:
    return _account((await ask_clock(world))(world, world.sight()))


async def _machine(world: World, about: str) -> Data:
    floor, sight = world.floor, world.sight()
    egm = floor.egms.get(about)
    if egm is None:
        egm = next((one for one in floor.egms.values() if one.location == about), None)
    if egm is None:
        raise NoPageError(f"no machine has the asset number or location {about!r}")
    after = sight.now - timedelta(days=30)
    found = await world.archive(Lookup(KINDS, after, None, egm.asset, 500))
    read = Lookup(("meter.read",), sight.now - timedelta(hours=1), None, egm.asset, 200)
    meters = meter_words.readings((await world.archive(read)).events)
    live = floor.events_of(egm.asset, games=False)
    facts = machine_facts(egm, floor.lines.get(egm.line), sight, over_nats=floor.over_nats)
    return {
        "egm": egm.model_dump(mode="json"),
        "facts": _facts(facts),
        "events": _past(past_lines(found.events, live, 100, 10_000)),
        "handpays": _facts(handpay_facts(found.events, sight)),
        "coverage": _facts(coverage_facts(found.events)),
        "identity": _facts(identity_facts(found.events, sight)),
        "meters": {
            name: {"count": one.count, "unit": one.unit, "total": one.total, "epoch": one.epoch,
                   "at": one.at.isoformat()}
            for name, one in meters.items()
        },
        "reached": found.reached.isoformat(),
        "why_less": found.why,
    }  # fmt: skip


_MAKERS: Final[dict[str, Maker]] = {
    "floor": _floor, "map": _map, "lines": _lines, "calls": _calls,
    "surveillance": _surveillance, "outbox": _outbox, "nats": _nats, "consumers": _consumers,
    "clock": _clock, MACHINE: _machine,
}  # fmt: skip
WITHOUT_DATA: Final = frozenset({page.name for page in PAGES} - set(_MAKERS))
"""Screens that are for people alone."""


def _event(event: Envelope) -> Data:
    return {
        "id": event.id, "type": event.name, "time": event.time.isoformat(), "asset": event.asset,
        "location": event.location, "severity": event.severity, "eventclass": event.eventclass,
        "text": one_line(event), "first_check": first_check(event),
    }  # fmt: skip


def _account(account: Account) -> Data:
    return {"verdict": _texts(account.verdict), "facts": _facts(account.facts)}


def _past(lines: Iterable[PastLine]) -> list[Data]:
    """Return the lines of a machine's past, each with what to look at first beside it."""
    told: list[Data] = []
    for line in lines:
        if line.check:
            told[-1]["first_check"] = line.check.removeprefix("look first: ")
        else:
            told.append({"time": line.time.isoformat(), "text": line.text,
                         "severity": line.severity, "first_check": ""})  # fmt: skip
    return told


def _facts(facts: Iterable[FactLine]) -> list[Data]:
    return [{"about": fact.label.strip(), "says": fact.said.text} for fact in facts]


def _texts(said: Iterable[Said]) -> list[str]:
    return [one.text for one in said]


def _models(models: Iterable[BaseModel]) -> list[Data]:
    return [one.model_dump(mode="json") for one in models]
