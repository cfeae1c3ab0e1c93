"""One simulated machine with two SAS ports, its certified host, ours, a guest: in virtual time.

What our host sees goes the way of the console: bytes, messages, ``Ear``, ``Check``. What the daemon
would say of the link and of itself is said as it would say it.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from floor_sim.doings import do
from floor_sim.line import Line, LineSettings
from floor_sim.machine import play
from floor_sim.machine.journal import MemoryJournal
from floor_sim.machine.machine import Machine
from floor_sim.machine.settings import MachineSettings, PortSettings, SecondPort
from gateway.commissioning.check import advance, answer, begin, hear
from gateway.commissioning.ear import Ear
from gateway.commissioning.target import Target
from gateway.commissioning.told import Gateway, Link
from gateway.commissioning.told import Line as LineTold
from protocols.sas.capture import Burst, Speaker
from protocols.sas.cutter import Cutter
from protocols.sas.explain import Conversation
from protocols.sas.polls import general_poll, long_poll
from protocols.sas.tables import METERS_BY_NAME

START = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
TURN_S = 0.1
LINK_DOWN_S = 5.0
ADDRESS = 5
FULL = (
    (0xAF, ("coin_in", "games_played", "games_won", "games_lost", "cancelled_credits",
            "total_drop")),
    (0x6F, ("coin_in", "coin_out", "jackpot", "hand_paid_cancelled_credits",
            "bills_accepted_credits", "current_credits", "ticket_in_credits",
            "ticket_out_credits")),
)  # fmt: skip


def target(**more):
    fields = {
        "site": "demo", "gateway": "edge1", "asset": "10101", "location": "01-01-01",
        "line": "L1", "address": ADDRESS, "serial": "SIM10101", "denomination": "0.01",
        "neighbours": {7: "01-01-02"}, "owners": {"SIM10102": "10102"},
    }  # fmt: skip
    return Target(**fields | more)


class LittleFloor:
    """Drive it with ``run``; act with ``do``, ``plug``, ``kill``."""

    def __init__(self, kind="commission", *, machine=None, ours=None, ninth=True, registry=None,
                 absence_s=60.0):  # fmt: skip
        settings = MachineSettings(
            asset="10101", address=1, line="H1", serial="SIM10101", cents_per_credit=1,
            par_percent=Decimal(9), ticket_limit_cents=300_000,
            second=SecondPort("L1", ADDRESS, PortSettings(**(ours or {}))),
        )  # fmt: skip
        self.now = 0.0
        self.machine = Machine(
            replace(settings, **(machine or {})), MemoryJournal(),
            MemoryJournal().memory("10101"), now=0.0,
        )  # fmt: skip
        wires = zip(("H1", "L1"), self.machine.ports, strict=True)
        parmrk = LineSettings(ninth_bit="parmrk", chirp=True)
        self.certified, self.ours = (Line(name, [port], parmrk) for name, port in wires)
        self.ninth = ninth
        self.plugged = self.alive = True
        self.playing = False
        self.guest_bored = False  # a guest whom a machine that stands still drives away
        self.birth = 1
        self.link, self._heard_s = "unknown", 0.0
        self._asks, self._ask_next = [], 0.0
        self._turn = 0
        self._game_due = 0.0
        self._ear = Ear(ADDRESS)
        self._cutter, self._conversation = Cutter(), Conversation(captured=True)
        self.check = begin(kind, target(**(registry or {})), "tech17", self.at, absence_s)
        self._ear_at = self.check.at
        self._tell(
            Gateway(at=self.at, there=True, birthid="b1"),
            LineTold(at=self.at, state="polling", port="lines/L1"),
        )

    @property
    def at(self):
        return START + timedelta(seconds=self.now)

    def _tell(self, *told):
        self.check = hear(self.check, told)

    def do(self, words):
        return do(self.machine, words, self.now)

    def plug(self, *, inside):
        self.plugged = inside

    def kill(self):
        self.alive = False
        self._asks.clear()
        self._tell(Gateway(at=self.at, there=False))

    def start(self):
        self.alive, self.birth, self.link = True, self.birth + 1, "unknown"
        self._cutter, self._conversation = Cutter(), Conversation(captured=True)
        self._tell(Gateway(at=self.at, there=True, birthid=f"b{self.birth}"))

    def say(self, *, yes):
        self.check = answer(self.check, yes=yes, now=self.at)

    def run(self, seconds, *, until=None):
        """Let time pass, or less once the step called ``until`` is under way."""
        end = self.now + seconds
        while self.now < end:
            if until is not None and self.step == until:
                return True
            self._pass()
        return until is None

    @property
    def step(self):
        return self.check.step.name if self.check.step else None

    def finding(self):
        return self.check.finding(self.at)

    def _pass(self):
        self.now = round(self.now + TURN_S, 3)
        self._turn += 1
        self.machine.tick(self.now)
        self._play()
        poll = b"\x80" if self._turn % 2 else general_poll(1)
        self.certified.host_write(poll, self.now, [True])
        self.certified.take_symbols(self.now + 0.05)
        if self.alive:
            self._poll()
        else:
            self.ours.tick(self.now)
            self.ours.take_symbols(self.now + 0.05)
        self._look()

    def _play(self):
        if self.playing and self.now >= self._game_due:
            if self.machine.cabinet.game is not None:
                play.end_game(self.machine, self.now)
                self._game_due = self.now + 2.0
            else:
                play.start_game(self.machine, 40, self.now)
                self._game_due = self.now + 1.5

    def _poll(self):
        poll = b"\x80"
        if self._turn % 2 == 0:
            poll = self._asks.pop(0) if self._asks else general_poll(ADDRESS)
        bits = [True, *([False] * (len(poll) - 1))]
        self._hear(Speaker.HOST, self.now, poll, bits)
        said = []
        if self.plugged:
            self.ours.host_write(poll, self.now, bits)
            said = self.ours.take_symbols(self.now + 0.05)
        else:
            self.ours.tick(self.now)
            self.ours.take_symbols(self.now + 0.05)
        for at, symbols in said:
            self._hear(Speaker.EGM, at, symbols.data, list(symbols.wakeup))
            if not any(symbols.wakeup):
                self._heard_s = self.now
        self._say_link()

    def _say_link(self):
        up = self.now - self._heard_s < LINK_DOWN_S and self._heard_s > 0
        state = "up" if up else "down" if self.now > LINK_DOWN_S else self.link
        if state != self.link:
            self.link = state
            quality = 1.0 if up else 0.0
            if up:  # as the daemon does at every link up
                self._asks += [long_poll(ADDRESS, 0x0F), long_poll(ADDRESS, 0x1A)]
            self._tell(Link(at=self.at, state=state, quality=quality))

    def _hear(self, speaker, at, data, bits):
        bits = tuple(bits) if self.ninth else (None,) * len(data)
        for message in self._cutter.feed(Burst(round(at * 1e6), speaker, bytes(data), bits)):
            found = self._conversation.hear(message)
            when = START + timedelta(microseconds=message.at_us)
            self._ear.hear(found, when, ninth_known=self.ninth)

    def _look(self):
        told, frames = self._ear.take()
        self.check = hear(self.check, told, frames, self._ear.tally)
        wants = self.finding().wants
        if wants and self.alive and self.now >= self._ask_next:
            self._ask_next = self.now + 10.0
            self._asks += self._reading(wants)
        before = self.check.at, self.check.began
        self.check = advance(self.check, self.at)
        if before != (self.check.at, self.check.began):
            self._ear.begin()

    @staticmethod
    def _reading(what):
        if what == "identity":
            return [long_poll(ADDRESS, 0x54), long_poll(ADDRESS, 0x1F)]
        return [
            long_poll(ADDRESS, command, game=0, codes=[METERS_BY_NAME[name].code for name in names])
            for command, names in FULL
        ]
