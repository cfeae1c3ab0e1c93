"""What every line has, whether we poll it or only listen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from edge_config.site import LineInfo
from gateway.edge.answer_times import AnswerTimes
from gateway.edge.egm import EgmWork
from gateway.edge.long_polls import LongPolls
from gateway.edge.reading import Tag
from gateway.edge.supervise import Backoff
from gateway.events.moment import Moment
from protocols.sas.host.figures import Figures
from protocols.sas.host.steps import LinkState


class Named(Protocol):
    """A port, as far as people are told of it."""

    @property
    def name(self) -> str:
        """Its device."""
        ...


class Link(Protocol):
    """The link to one EGM, as far as people are told of it."""

    @property
    def state(self) -> LinkState:
        """Whether it answers."""
        ...

    @property
    def figures(self) -> Figures:
        """Counts since the process started."""
        ...

    @property
    def live(self) -> bool:
        """Whether it is up or degraded."""
        ...

    @property
    def quality(self) -> float | None:
        """Share of the last 100 polls that were answered well, or None before the first."""
        ...


class Job(Protocol):
    """One line at work."""

    @property
    def info(self) -> LineInfo:
        """The site's row of the line."""
        ...

    @property
    def works(self) -> Mapping[int, EgmWork]:
        """The work for each EGM, by address."""
        ...

    @property
    def port(self) -> Named:
        """Its port."""
        ...

    @property
    def links(self) -> Mapping[int, Link]:
        """The link to each EGM, by address."""
        ...

    @property
    def state(self) -> str:
        """What it does, in words."""
        ...

    @property
    def state_since(self) -> Moment:
        """Since when."""
        ...

    @property
    def cycle_s(self) -> float | None:
        """Seconds between the last two polls of one EGM, or None before the second."""
        ...

    @property
    def long_polls(self) -> LongPolls:
        """Counts of its long polls; those of its links are of all polls."""
        ...

    @property
    def answer_times(self) -> AnswerTimes:
        """How long its EGMs take to answer."""
        ...

    async def run(self, backoff: Backoff) -> None:
        """Work until stopped."""
        ...

    def stop(self) -> None:
        """Stop soon, and in good order."""
        ...

    def wish(self, address: int, what: str, tag: Tag) -> None:
        """Ask an EGM for a reading, where this line asks at all."""
        ...
