"""A board over lines that nobody polls: what people are told, without ports and without a loop."""

from decimal import Decimal
from types import SimpleNamespace

from edge_config.site import EgmInfo, LineInfo
from gateway.edge.answer_times import AnswerTimes
from gateway.edge.board import Board
from gateway.events.moment import Moment
from gateway.meaning.engine import EgmEngine, EgmFacts
from gateway.status.model import EgmDelta, NatsStatus, OutboxStatus
from protocols.sas.host.link import EgmLink
from protocols.sas.host.steps import LinkState


class Clock:
    def __init__(self):
        self.now_s = 1_000.0

    def monotonic(self):
        return self.now_s

    def wall_ns(self):
        return 10**18 + int(self.now_s * 1e9)


def line(number, egms=8):
    works, links = {}, {}
    for address in range(1, egms + 1):
        asset = str(10_000 + egms * number + address)
        info = EgmInfo(asset=asset, line=f"L{number}", address=address, location=f"01-{asset}")
        facts = EgmFacts(asset=asset, birthid="b1", denomination=Decimal("0.01"))
        works[address] = SimpleNamespace(
            info=info, engine=EgmEngine(facts, None), quarantined=None, link_reason="it answers"
        )
        links[address] = EgmLink(address, state=LinkState.UP)
    return SimpleNamespace(
        info=LineInfo(name=f"L{number}", port="x"), works=works, links=links,
        port=SimpleNamespace(name="x"), state="polling", state_since=Moment(0, 10**18),
        cycle_s=0.2, answer_times=AnswerTimes(),
    )  # fmt: skip


class Floor:
    """A board over so many lines of eight."""

    def __init__(self, lines=2):
        self.clock = Clock()
        self.lines = [line(number) for number in range(lines)]
        self.board = Board("demo", "edge1", "b1", self.clock, OutboxStatus, NatsStatus)
        self.board.watch(self.lines)

    def polls(self, answered=True):
        for one in self.lines:
            for link in one.links.values():
                link.figures.polls += 5
                link.note(answered=answered)

    def link(self, asset):
        return next(one.links[a] for one in self.lines for a, work in one.works.items()
                    if work.info.asset == asset)  # fmt: skip

    def told(self, calls):
        return {one.egm.asset: one.egm for _ in range(calls) for one in self.board.changes()
                if isinstance(one, EgmDelta)}  # fmt: skip
