"""A seat in front of one EGM: it says things in real bytes, time passes, facts come out.

Every fact is put into its envelope at once, so that no test passes with a fact that could not be
sent.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest

from gateway.events.encode import Place, Stamp, encode
from gateway.events.moment import Moment
from gateway.meaning.engine import EgmEngine, EgmFacts
from gateway.meaning.observation import CardSeen, GapSeen, LinkChange, Observation, Said
from protocols.sas.machine import build_exception, build_real_time, build_reply
from protocols.sas.polls import general_poll, long_poll
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import LongPollReply, MeterReading

PLACE = Place("demo", "gw1", "NJ", "L1", 1, "B01", "Z1", "01-01-01", "host")
FEATURES = 0xA0  # asked of a game
NOON_NS = 1_767_268_800_000_000_000


@dataclass
class Seat:
    """One EGM at address 1, its engine, and the time."""

    egm: EgmFacts
    state: bytes | None = None
    now_s: float = 1_000.0
    empty_at: Moment | None = None
    sequence: int = 0
    zero_ns: int = NOON_NS
    wishes: list = field(default_factory=list)
    bodies: list = field(default_factory=list)

    def __post_init__(self):
        self.engine = EgmEngine(self.egm, self.state)

    def moment(self):
        return Moment(self.now_s, self.zero_ns + int(self.now_s * 1e9))

    def wait(self, seconds):
        self.now_s += seconds

    def idles(self):
        """The EGM has nothing to say: its queue is empty now."""
        self.empty_at = self.moment()
        self.wait(0.2)

    def says(self, code, *, doubtful=False, **data):
        """A general poll is answered with an exception; with data, as a real-time event."""
        raw = build_real_time(1, code, **data) if data else build_exception(1, code)
        return self._answers(general_poll(1), raw, doubtful=doubtful)

    def says_in_real_time(self, code, **data):
        return self._answers(general_poll(1), build_real_time(1, code, **data))

    def answers(self, command, trigger="test", caused_by=None, **values):
        """A long poll is answered."""
        raw = build_reply(1, command, **values)
        asked = {"game": values["game"]} if command == FEATURES else {}
        return self._answers(long_poll(1, command, **asked), raw, trigger, caused_by)

    def reads(
        self, trigger="cadence", asked_s_ago=0.02, digits=8, game=0, command=0x0F, **meters
    ):  # fmt: skip
        """Meters are read, all in one answer."""
        readings = tuple(
            MeterReading(name, value, digits, None, game) for name, value in meters.items()
        )
        reply = LongPollReply(1, command, {}, readings, raw=bytes.fromhex("010f00"))
        return self._sees(reply, long_poll(1, 0x0F), trigger, None, asked_s_ago=asked_s_ago)

    def link(self, before, after, reason="test", **figures):
        return self.sees(LinkChange("10101", before, after, reason, self.moment(), figures))

    def gap(self, cause="no_exchange", seconds=6.0):
        began = Moment(self.now_s - seconds, NOON_NS)
        return self.sees(GapSeen("10101", cause, began, self.moment()))

    def card(self, pseudonym):
        """A card goes in."""
        return self.sees(CardSeen("10101", inside=True, card=pseudonym, observed=self.moment()))

    def no_card(self):
        """The card comes out."""
        return self.sees(CardSeen("10101", inside=False, card=None, observed=self.moment()))

    def hears(self, what, **said):
        """Somebody says something."""
        return self.sees(Said("10101", what, "ann", self.moment(), **said))

    def restart(self, birthid):
        """The gateway starts again from what it stored; the monotonic clock has another zero."""
        self.egm = replace(self.egm, birthid=birthid)
        self.engine = EgmEngine(self.egm, self.engine.state())

    def _answers(self, poll, raw, trigger=None, caused_by=None, *, doubtful=False):
        reader = ReplyReader(poll)
        reply = reader.feed(raw) or reader.end()
        return self._sees(reply, poll, trigger, caused_by, doubtful=doubtful)

    def _sees(self, reply, poll, trigger, caused_by, *, doubtful=False, asked_s_ago=0.02):
        asked = Moment(
            self.now_s - asked_s_ago, self.zero_ns + int((self.now_s - asked_s_ago) * 1e9)
        )
        return self.sees(
            Observation(
                "10101", "L1", 1, reply, poll, asked, self.moment(), self.empty_at, doubtful,
                trigger, caused_by,
            )
        )  # fmt: skip

    def sees(self, seen):
        result = self.engine.observe(seen)
        self.wait(0.2)
        self.wishes = [(wish.what, wish.trigger) for wish in result.wishes]
        for fact in result.facts:
            self.sequence += 1
            stamp = Stamp("gw1", self.egm.birthid, self.sequence, self.sequence)
            self.bodies.append(encode(fact, PLACE, stamp, "2026-01-01").body)
        return list(result.facts)

    @property
    def view(self):
        return self.engine.view()


@pytest.fixture
def new_seat():
    def make(state=None, **facts):
        return Seat(EgmFacts("10101", Decimal("0.01"), birthid="b1", **facts), state)

    return make


@pytest.fixture
def seat(new_seat):
    return new_seat()


@pytest.fixture
def known_seat(seat):
    """A seat whose EGM is up, known, and was told to the world."""
    seat.link("unknown", "up")
    seat.answers(
        0x1F, game_id="AA", additional_id="001", denomination_code=1, max_bet=5,
        progressive_group=0, game_options="0000", paytable="PT0001", base_percent="9250",
    )  # fmt: skip
    seat.answers(0x54, version="602", serial="A1")
    seat.reads("link_up", coin_in=1_000, coin_out=900, games_played=20)
    seat.idles()
    return seat
