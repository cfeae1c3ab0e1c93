"""How each page is made; its key and its words are in ``keys``."""

from __future__ import annotations

from collections.abc import Callable

from gateway.console.asking_page import AskingPage
from gateway.console.calls_page import CallsPage
from gateway.console.clock_words import ask_clock
from gateway.console.consumer_words import ask_consumers
from gateway.console.facts_pages import FactsPage
from gateway.console.keys import PAGES
from gateway.console.lines_page import LinesPage
from gateway.console.map_page import MapPage
from gateway.console.outbox_words import nats_account, outbox_account
from gateway.console.page import Page, World
from gateway.console.surveillance_page import SurveillancePage

MAKERS: dict[str, Callable[[World], Page] | None] = {
    "floor":  None,  # always there, under all others
    "map":    MapPage,
    "lines":  LinesPage,
    "calls":  CallsPage,
    "surveillance": SurveillancePage,
    "outbox": lambda world: FactsPage(world, "Outbox", outbox_account),
    "nats":   lambda world: FactsPage(world, "NATS", nats_account),
    "consumers": lambda world: AskingPage(world, "Consumers", ask_consumers),
    "clock":  lambda world: AskingPage(world, "Clocks", ask_clock),
}  # fmt: skip
assert list(MAKERS) == [page.name for page in PAGES], "a page without a maker, or without a key"
