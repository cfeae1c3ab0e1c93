"""The account of a day in virtual time: what the gateway said, laid beside the ledger.

Each machine's events with a code are laid beside what it handed over, in that order, with as few
differences as can be; then types, amounts and bounds are compared pair by pair. After faults that
make one message into another, a difference needs a reason that the wire shows (``Excuses``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median

from gateway.events.envelope import decode
from tests.gateway.meaning.test_exceptions import EVERY
from tests.simulation.meanings_checks import MICRO_S, money, outages, seconds_of, tilts
from tests.simulation.meanings_excuses import Excuses

TYPES = {int(line.split()[0], 16): line.split()[1] for line in EVERY.split("\n")[1:-1]}
BILLS = {0x47: 1, 0x48: 5, 0x49: 10, 0x4A: 20, 0x4B: 50, 0x4C: 100, 0x4D: 2, 0x4E: 500, 0x50: 200}
BAND = 80  # exceptions by which the two lists may be apart
OUTSIDE, COVERED = 1.6, 0.5
"""What it costs to lay an event beside an exception that its bounds do not hold, and to leave out
one that a gap covers; to leave out any other, or to have one too many, costs 1."""


@dataclass
class Account:
    """What one day, or many, showed.

    Attributes:
        seed: the seed, or of many the last.
        true: exceptions of the ledger that a host can have had, by event type.
        told: events that stand for them, by type.
        wrong: differences, in words.
        masked: differences in the part of masked faults that a host cannot help, by reason.
        repeats: marked repeats.
        covered: exceptions that no answer brought and a gap covers.
        inside: events whose bounds hold the true moment.
        outside: those that do not.
        open_ended: events without a lower bound.
        widths: width of the bounds in seconds, by type.
        money: amounts that agree, are unknown, and are wrong.
        handpays: true ones, and entities told.
        outages: power cuts of a bank or panel, and outages told.
        done: doings that were done, and faults that came.
        derived: events without a code, by type.
        cleared: tilts told as over by evidence, each held to the machine's own.
        schema_errors: facts that did not fit.
    """

    seed: int = 0
    true: Counter = field(default_factory=Counter)
    told: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    masked: Counter = field(default_factory=Counter)
    repeats: int = 0
    covered: int = 0
    inside: int = 0
    outside: list[str] = field(default_factory=list)
    open_ended: int = 0
    widths: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    money: Counter = field(default_factory=Counter)
    handpays: Counter = field(default_factory=Counter)
    outages: Counter = field(default_factory=Counter)
    done: Counter = field(default_factory=Counter)
    derived: Counter = field(default_factory=Counter)
    cleared: int = 0
    schema_errors: int = 0

    @property
    def well(self) -> bool:
        """Whether all agrees."""
        return not (self.wrong or self.outside or self.money["wrong"] or self.schema_errors)

    def add(self, other: Account) -> None:
        """Take another one in."""
        for name in ("true", "told", "masked", "money", "handpays", "outages", "done", "derived"):
            getattr(self, name).update(getattr(other, name))
        self.wrong += other.wrong
        self.outside += other.outside
        for name in ("repeats", "covered", "inside", "open_ended", "cleared", "schema_errors"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name, widths in other.widths.items():
            self.widths[name] += widths


@dataclass(frozen=True, slots=True)
class Happened:
    """An exception of the ledger.

    Attributes:
        code: its code.
        at: its moment.
        spare: nobody needs to have had it.
        until: when it was acknowledged.
        covered: a gap says that something of that moment may have been missed.
    """

    code: int
    at: float
    spare: bool
    until: float
    covered: bool


def settle(world, account, part):
    """Hold what the server has to the ledger."""
    envelopes = {}
    for stream in world.server.streams.values():
        for message in stream.messages:
            envelope = decode(message.body)
            envelopes[envelope.id] = envelope
    events = sorted(envelopes.values(), key=lambda one: one.sequence)
    gaps = defaultdict(list)
    for event in events:
        if event.name == "link.gap":
            gaps[event.asset].append(event)
    truth = _truth(world, gaps)
    told = defaultdict(list)
    for event in events:
        if event.sascode is None:
            account.derived[event.name] += 1
        else:
            told[event.asset].append(event)
    excuses = Excuses(world, events) if part == "masked" else None
    for asset in sorted(truth.keys() | told.keys()):
        _compare(account, asset, truth.get(asset, []), told[asset], excuses)
    money(world, account, events)
    outages(world, account, events)
    tilts(world, account, events)


def _truth(world, gaps):
    """Return what each machine handed over, in that order, and what it still holds."""
    happened, given = {}, {}
    for record in world.journal.records:
        if record.get("port", 0) != 0 or 0 not in record.get("ports", (0,)):
            continue
        if record["what"] == "exception":
            happened[record["n"]] = record
        elif record["what"] in ("acked", "lost"):
            given[record["of"]] = (record["t"], record["what"] == "lost")
    found = defaultdict(list)
    never = (float("inf"), False)
    for number in {**given, **dict.fromkeys(set(happened) - set(given))}:
        record = happened.get(number)
        if record is not None:
            at, asset = record["t"], record["egm"]
            until, spare = given.get(number, never)
            covered = any(_covers(gap, at) for gap in gaps[asset])
            entry = Happened(int(record["code"], 16), at, spare, until, covered)
            found[asset].append(entry)
    return found


def _compare(account, asset, truth, told, excuses):
    """Lay the two lists of one machine beside each other, with as few differences as can be."""
    for true in truth:
        account.true[TYPES.get(true.code, "egm.unknownexception")] += not true.spare
    for step, true, event in _told_before([*_aligned(truth, told)]):
        if step == "missing":
            if true.covered:
                account.covered += 1
                account.true[TYPES.get(true.code, "egm.unknownexception")] -= 1
            else:
                why = excuses and excuses.missing(asset, true)
                _differs(account, f"{asset} missing {true.code:02X}", true.at, why)
            continue
        code = int(event.sascode, 16)
        observed = seconds_of(event.occurredbefore or event.time)
        if step == "extra":
            why = excuses and excuses.extra(asset, code, observed)
            _differs(account, f"{asset} extra {code:02X} {event.name}", observed, why)
            continue
        _typed(account, event, code)
        if step == "repeat":
            account.repeats += 1
        else:
            account.told[TYPES.get(code, "egm.unknownexception")] += not true.spare
        _bounded(account, event, true, asset, excuses)


def _told_before(steps):
    """Let an exception be laid beside its first telling where its marked repeat stands beside it.

    A flag is handed over before it (51 goes first), but was not said before it.
    """
    for at, (step, _, event) in enumerate(steps):
        if step != "extra":
            continue
        low, high = _bounds(event)
        for later in range(at + 1, len(steps)):
            other, true, repeat = steps[later]
            same = other == "same" and repeat.possiblerepeat and repeat.sascode == event.sascode
            if same and true.at <= high + MICRO_S and (low is None or true.at >= low - MICRO_S):
                steps[at], steps[later] = ("same", true, event), ("repeat", true, repeat)
                break
    return steps


def _differs(account, words, at, excuse):
    if excuse:
        account.masked[excuse] += 1
    else:
        account.wrong.append(f"{words} at {at:.3f}; seed {account.seed}")


def _covers(gap, at):
    """Say whether a gap says that something of that moment may have been missed."""
    ended = seconds_of(gap.time)
    length = gap.data.get("gap_s")
    began = ended - (600.0 if length is None else length)
    return began - 20.5 <= at <= ended + 0.001  # a machine's queue holds what was not yet asked


def _typed(account, event, code):
    expected = TYPES.get(code, "egm.unknownexception")
    also = {"door.closed": ("door.closedwithoutopen",)}.get(expected, ())
    if event.name != expected and event.name not in also:
        account.wrong.append(f"{code:02X} is told as {event.name}; seed {account.seed}")
    if code in BILLS:
        money = event.data["denomination"]
        agrees = Decimal(money["amount"]) == BILLS[code]
        account.money["bills" if agrees else "wrong"] += 1


def _bounds(event):
    """Return the event's bounds in the loop's seconds; the lower one may be missing."""
    after = None if event.occurredafter is None else seconds_of(event.occurredafter)
    return after, seconds_of(event.occurredbefore)


def _bounded(account, event, true, asset, excuses):
    after, before = _bounds(event)
    inside = true.at <= before + MICRO_S and (after is None or true.at >= after - MICRO_S)
    why = None if inside or excuses is None else excuses.outside(asset, true)
    if why:
        account.masked[why] += 1
        return
    if true.at > before + MICRO_S:
        account.outside.append(f"{asset} {event.name} at {true.at} after {before}")
        return
    if after is None:
        account.open_ended += 1
        account.inside += 1
        return
    if true.at < after - MICRO_S:
        account.outside.append(f"{asset} {event.name} at {true.at} before {after}; seed "
                               f"{account.seed}")  # fmt: skip
        return
    account.inside += 1
    account.widths[event.name].append(before - after)


def _aligned(truth, told):
    """Yield (step, true, event): same, repeat, missing, extra; spare ones may be passed over.

    Dynamic programming in a band: a missing or an extra one costs 1, a marked repeat of the one
    before nearly nothing, a spare one nothing.
    """
    rows = [{0: (0.0, None)}]
    for at, event in enumerate(told):
        _pass_over(rows[at], truth, at)
        rows.append(_take(rows[at], truth, event))
    _pass_over(rows[-1], truth, len(told))
    return reversed(_walk(rows, truth, told))


def _pass_over(row, truth, at):
    for place in range(max(1, at - BAND), min(len(truth), at + BAND) + 1):
        if place - 1 in row:
            left_out = COVERED if truth[place - 1].covered else 1.0
            cost = row[place - 1][0] + (0.0 if truth[place - 1].spare else left_out)
            _cheaper(row, place, cost, "missing")


def _take(row, truth, event):
    code, after = int(event.sascode, 16), {}
    low, high = _bounds(event)
    for place, (cost, _) in row.items():
        if place < len(truth) and truth[place].code == code:
            at = truth[place].at
            inside = at <= high + MICRO_S and (low is None or at >= low - MICRO_S)
            _cheaper(after, place + 1, cost + (0.0 if inside else OUTSIDE), "same")
        before = truth[max(0, place - 8) : place]
        if event.possiblerepeat and any(true.code == code for true in before):
            _cheaper(after, place, cost + 0.01, "repeat")
        else:
            _cheaper(after, place, cost + 1.0, "extra")
    return after


def _walk(rows, truth, told):
    """Return the cheapest steps, last first."""
    steps, at = [], len(told)
    place = len(truth) if len(truth) in rows[at] else max(rows[at])
    while at or place:
        step = rows[at][place][1]
        if step == "missing":
            place -= 1
            if not truth[place].spare:
                steps.append((step, truth[place], None))
            continue
        at -= 1
        if step == "same":
            place -= 1
            steps.append((step, truth[place], told[at]))
        elif step == "repeat":
            code = int(told[at].sascode, 16)
            again = next(true for true in reversed(truth[:place]) if true.code == code)
            steps.append((step, again, told[at]))
        else:
            steps.append((step, None, told[at]))
    return steps


def _cheaper(row, place, cost, step):
    if place not in row or cost < row[place][0]:
        row[place] = (cost, step)


def table(account: Account) -> list[str]:
    """Return the account as lines of a table."""
    lines = [f"{'event':28} {'true':>7} {'told':>7} {'bounds, median':>15}"]
    for name in sorted(account.true.keys() | account.told.keys()):
        widths = account.widths.get(name)
        width = f"{median(widths):.3f} s" if widths else "-"
        lines.append(f"{name:28} {account.true[name]:7} {account.told[name]:7} {width:>15}")
    every = [width for widths in account.widths.values() for width in widths]
    lines += [
        (
            f"{'all':28} {account.true.total():7} {account.told.total():7} "
            f"{median(every) if every else 0:13.3f} s"
        ),
        (
            f"true moments inside their bounds: {account.inside}, outside: {len(account.outside)}; "
            f"{account.open_ended} without a lower bound (nobody had heard the machine before)"
        ),
        f"marked repeats: {account.repeats}; not heard and covered by a gap: {account.covered}",
        f"amounts: {dict(sorted(account.money.items()))}; handpays: {dict(account.handpays)}",
        (
            f"outages of bank or panel: {dict(account.outages)}; tilts told as over by evidence, "
            f"and over: {account.cleared}"
        ),
        f"derived events: {dict(sorted(account.derived.items()))}",
        f"differences: {len(account.wrong)}; that no host can help: {dict(account.masked)}",
    ]
    return lines
