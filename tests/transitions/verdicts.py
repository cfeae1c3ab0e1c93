"""What the engine makes of a life of meters, beside what was done to them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from gateway.edge.reading import polls_for
from gateway.events.moment import Moment
from gateway.meaning.counts import unit_of
from gateway.meaning.engine import EgmEngine, EgmFacts
from gateway.meaning.observation import LinkChange, Observation
from gateway.meaning.pace import too_narrow
from protocols.sas.polls import general_poll, long_poll
from protocols.sas.reader import ReplyReader
from protocols.sas.replies import LongPollReply
from tests.transitions.life import ALL, Life
from tests.transitions.score import RIGHT, Outcome, Score

NOON_NS = 1_767_268_800_000_000_000
SIGHTINGS = 3  # another width is believed at the third
TOLD = {
    "meter.rolledover": "rolled over", "meter.regressed": "went back", "meter.invalid": "invalid",
    "meter.undecided": "undecided", "meter.zeroed": "zeroed", "meter.epochstarted": "new epoch",
}  # fmt: skip
WEIGHT = ("new epoch", "zeroed", "went back", "invalid", "rolled over", "undecided")
"""Which of several things in one stretch gives it its name."""

Key = tuple[str, int]
WHOLE: Key = ("*", 0)


@dataclass
class Known:
    """One meter when it was last read.

    Attributes:
        true: count without a top.
        shown: count as sent.
        steps: certain steps since it is followed in this epoch; None: no longer known.
        act: what was done to it since: ``zeroed`` or ``went back``, or empty.
    """

    true: int
    shown: int
    steps: int | None = 0
    act: str = ""


class Watcher:
    """Reads a life's meters as the gateway does, and holds what it is told to the truth."""

    def __init__(self, life: Life, seed: int, score: Score) -> None:
        self.life = life
        self.seed = seed
        self.score = score
        self._births = 1
        self._clock_ns = NOON_NS
        self._known: dict[Key, Known] = {}
        self._sizes: dict[tuple[int, str], tuple[int, int]] = {}
        self._epoch = ""
        self._began = False
        self._wishes: list[str] = []
        self._due: dict[Key, str] = {}
        self._got: dict[Key, str] = {}
        self._alerts = 0
        self._doors: list[bool] = []
        self._facts: list[str] = []
        self.engine = EgmEngine(self._egm())
        self.link("unknown", "up")
        self.hears()
        self.reads("identity", "meters", "full", "few bills")

    def link(self, before: str, after: str) -> None:
        """Let the link change."""
        self._take(self.engine.observe(LinkChange("10101", before, after, "test", self._moment())))

    def restart(self, clock_steps_s: int) -> None:
        """Start the gateway anew; its wall clock may have been set meanwhile."""
        self._births += 1
        self._clock_ns += clock_steps_s * 10**9
        self.engine = EgmEngine(self._egm(), self.engine.state())

    def hears(self) -> None:
        """Take every exception that waits."""
        for raw in self.life.exceptions():
            self._observe(general_poll(1), raw)

    def reads(self, *whats: str) -> None:
        """Read what is named, with the polls of the gateway's own table."""
        for what in whats:
            for poll in _polls(what):
                raw = self.life.answer(poll)
                if raw is not None:
                    self.life.now += 0.2
                    self._observe(poll, raw)

    def round(self, *whats: str, late: bool, heard_first: bool) -> None:
        """End a stretch: hear, read, do what the engine wishes, hold what was told to the truth."""
        self._due, self._got, self._alerts, self._facts = {}, {}, 0, []
        self._acts()
        if heard_first:
            self.hears()
        self.reads(*whats)
        self.hears()
        for _ in range(3):
            wishes, self._wishes = dict.fromkeys(self._wishes), []
            wanted = [wish for wish in wishes if wish in {"identity", "meters"}]
            if "full" in wishes and "full" in whats:
                wanted.append("full")
            if "meters" in wishes and "few bills" in whats:
                wanted.append("few bills")
            self.reads(*wanted)
        self._settle(late=late)

    def _egm(self) -> EgmFacts:
        digits = self.life.digits if self.life.site_knows and self.life.digits != 8 else None
        worth = Decimal(self.life.first_worth)
        return EgmFacts("10101", worth, birthid=f"b{self._births}", meter_digits=digits)

    def _moment(self, ago_s: float = 0.0) -> Moment:
        at = self.life.now - ago_s
        return Moment(at, self._clock_ns + int(at * 1e9))

    def _acts(self) -> None:
        """Remember what was done with each meter until it is read again."""
        done = self.life.done
        if done.cleared:
            self._epoch = "denomination" if done.denominated else "RAM clear"
            self._began = True
        for (name, _), known in self._known.items():
            if name in done.zeroed:
                known.act = "zeroed"
            elif name in done.back:
                known.act = "went back"

    def _observe(self, poll: bytes, raw: bytes) -> None:
        reader = ReplyReader(poll)
        reply = reader.feed(raw) or reader.end()
        seen = Observation("10101", "L1", 1, reply, poll, self._moment(0.02), self._moment())
        if isinstance(reply, LongPollReply) and reply.meters:
            keys = self._expect(reply)
            result = self.engine.observe(seen)
            self._take(result)
            if any(fact.type == "meter.undecided" for fact in result.facts):
                self._forget()
            self._hold_totals(keys, result.facts[0].data["meters"] if result.facts else {})
        else:
            self._take(self.engine.observe(seen))

    def _expect(self, reply: LongPollReply) -> dict[str, Key]:
        """Work out what an answer should lead to."""
        keys: dict[str, Key] = {}
        counters = {}
        for one in reply.meters:
            if one.name in ALL and self._size_is_known(reply.command, one.name, one.digits):
                key = keys[one.name] = (one.name, self.life.width(one.name, one.digits))
                if not too_narrow(*_narrowness(key), Decimal(self.life.worth)):
                    counters[key] = one.value
        if self._began and counters:
            if self.life.done.denominated or any(
                key in self._known and self._known[key].shown > shown
                for key, shown in counters.items()
            ):
                self._due[WHOLE] = "new epoch"
                self._began = False
            if not self._began:
                self._known.clear()
        for key, shown in counters.items():
            self._one(key, self.life.meters.true(key[0]), shown)
        return keys

    def _one(self, key: Key, true: int, shown: int) -> None:
        before = self._known.get(key)
        if before is None:
            self._known[key] = Known(true, shown)
            return
        kind = self._kind(key, before, true, shown)
        if before.act == "cleared unseen":
            if shown < before.shown:  # this one shows it after all
                self._due[WHOLE] = "new epoch"
                self._known.clear()
                self._known[key] = Known(true, shown)
                return
            kind, before.act = "", ""
        if kind:
            self._due.setdefault(key, kind)
        if key[0] in self.life.jumped:
            return
        if before.act == "went back" or kind in {"invalid", "undecided"}:
            before.steps = None
        elif before.steps is not None and before.act != "zeroed":
            before.steps += true - before.true
        before.true, before.shown, before.act = true, shown, ""

    def _kind(self, key: Key, before: Known, true: int, shown: int) -> str:
        """Return what should be told of a meter, or nothing."""
        fell = shown < before.shown
        if key[0] in self.life.jumped:
            return "invalid"
        rounds = true // 10 ** key[1] - before.true // 10 ** key[1]
        if before.act and not (before.act == "went back" and rounds):
            return before.act if fell else ""
        if not self.life.site_knows:
            return "invalid" if fell else ""
        if rounds == 1 and fell:
            return "rolled over"
        return "undecided" if rounds else ""

    def _size_is_known(self, command: int, name: str, digits: int) -> bool:
        """Learn the size that is sent; another one is believed at the third time."""
        if command not in {0x6F, 0xAF}:
            return True
        known, odd = self._sizes.setdefault((command, name), (digits, 0))
        if known == digits:
            return True
        odd += 1
        self._due[name, digits] = "invalid"
        self._sizes[command, name] = (digits, 0) if odd == SIGHTINGS else (known, odd)
        return odd == SIGHTINGS

    def _hold_totals(self, keys: dict[str, Key], meters: dict) -> None:
        for name, key in keys.items():
            known, total = self._known.get(key), meters.get(name, {}).get("total")
            if total is None or known is None or known.steps is None or name.startswith("bills_"):
                continue
            if name in self.life.jumped or self._began:
                continue
            if self._got.get(key) in {"undecided", "invalid"} or not self._agreed_on_epoch:
                known.steps = None  # the engine adds up less than was counted
                continue
            self.score.totals += 1
            if total != known.steps:
                self.score.wrong_totals.append(
                    f"seed {self.seed} {key}: total {total}, and {known.steps} were counted"
                )
                known.steps = None

    @property
    def _agreed_on_epoch(self) -> bool:
        return self._due.get(WHOLE) == self._got.get(WHOLE)

    def _take(self, result) -> None:
        self._wishes += [wish.what for wish in result.wishes]
        for fact in result.facts:
            self._alerts += fact.type == "integrity.resetwithoutdoor"
            if fact.type == "meter.algebrabroken" and not self.life.tampered:
                self.score.false_breaches.append(f"seed {self.seed}: {dict(fact.data)}")
            kind = TOLD.get(fact.type)
            if kind is None or fact.sas_code is not None:
                continue
            self._facts.append(f"{fact.type} {dict(fact.data)}")
            if kind == "new epoch":
                self._got[WHOLE] = kind
            elif kind == "zeroed":
                for name, before in fact.data["before"].items():
                    self._got[name, before["digits"]] = kind
            elif "too few" not in fact.data.get("reason", ""):
                count = fact.data.get("before") or fact.data["after"]
                self._got[fact.data["meter"], count["digits"]] = kind
                if kind == "undecided":
                    assert fact.data["evidence"], "a verdict without evidence"

    def _settle(self, *, late: bool) -> None:
        done, due, got = self.life.done, self._due, self._got
        if WHOLE in due:
            due = {key: kind for key, kind in due.items() if key == WHOLE or kind == "invalid"}
        label = self._label(due)
        told = self._told(label, due, got)
        words = f"seed {self.seed} {self.life.digits} digits: due {due}, told {got}: {self._facts}"
        self.score.outcomes.append(
            Outcome(self.seed, label, told, words, done.power, late, self.life.digits)
        )
        zeroed = any(kind == "zeroed" and "bills" not in key[0] for key, kind in due.items())
        reset = zeroed or label == "RAM clear"
        self._doors = [*self._doors[-3:], done.door]  # told late, or some meters were read long ago
        agreed = told == RIGHT[label]
        if reset and not any(self._doors) and not done.bills and agreed:
            self.score.resets += 1
            if not self._alerts:
                self.score.alerts.append(words)
        for key, known in self._known.items():
            if told != RIGHT[label] or got.get(key) in {"undecided", "invalid"}:
                known.steps = None  # the engine adds up less than was counted, or nothing
        self._epoch = ""
        if self._began:  # nothing that was read had anything left to fall
            for key, known in self._known.items():
                known.true, known.steps = self.life.meters.true(key[0]), None
                known.act = "cleared unseen"
            self._began = False

    @staticmethod
    def _told(label: str, due: dict[Key, str], got: dict[Key, str]) -> str:
        """Return the right verdict if all were right, ``undecided``, or one that was wrong."""
        differing = sorted(key for key in due.keys() | got.keys() if due.get(key) != got.get(key))
        if not differing:
            return RIGHT[label]
        told = [got.get(key, "went on") for key in differing if key != WHOLE or key in got]
        if told and all(kind == "undecided" for kind in told):
            return "undecided"
        wrong = next((kind for kind in told if kind != "undecided"), "went on")
        return f"{wrong}?" if wrong == RIGHT[label] else wrong

    def _forget(self) -> None:
        """Compare no more with what the engine no longer compares with."""
        followed = self.engine._state.meters.tracks
        for key in list(self._known):
            if f"{key[0]}/{key[1]}" not in followed:
                del self._known[key]

    def _label(self, due: dict[Key, str]) -> str:
        kinds = set(due.values())
        kind = next((kind for kind in WEIGHT if kind in kinds), "went on")
        if kind == "new epoch":
            return self._epoch or "RAM clear"
        if kind == "invalid":
            if self.life.jumped:
                return "impossible rise"
            return "other width" if self.life.site_knows else "narrower than sent"
        return "round unseen" if kind == "undecided" else kind


def _polls(what: str) -> list[bytes]:
    return [long_poll(1, 0x1E)] if what == "few bills" else polls_for(what, 1, "any_line")


def _narrowness(key: Key) -> tuple[str, str, int]:
    return key[0], unit_of(key[0]), key[1]
