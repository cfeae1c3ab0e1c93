"""Which calls a machine's words amount to: pure, and the same for every order of delivery.

A consumer hears a machine through several subjects and streams, so it may see a reset before
the handpay that it ends, and it may see anything again. Nothing here therefore steps from state
to state as messages come in. The marks of one lane are kept, and the calls are worked out from
all of them, in the order in which the gateway numbered them: the answer depends on which marks
are there, never on when they came.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from gateway.central.dispatch.marks import Call, Does, Kind, Mark

MARKS_KEPT = 256
"""Marks kept a lane. Beyond it the oldest settled ones are forgotten (see :func:`forgettable`)."""

_NAME_MAX = 56  # characters; with the kind before it a call's name stays below 64


@dataclass(frozen=True, slots=True)
class Settled:
    """What the marks of one lane amount to.

    Attributes:
        calls: in order of opening.
        makers: for each call's name, the marks that made it what it is.
        echoes: marks that changed nothing: said again, or an end of nothing (yet), by order.
    """

    calls: tuple[Call, ...]
    makers: dict[str, tuple[Mark, ...]]
    echoes: tuple[Mark, ...]


@dataclass(slots=True)
class _Walk:
    """The calls of one lane while its marks are gone through in order."""

    calls: dict[str, Call] = field(default_factory=dict)  # by call id, in order of opening
    names: dict[str, str] = field(default_factory=dict)  # correlation: call id
    makers: dict[str, list[Mark]] = field(default_factory=dict)
    echoes: list[Mark] = field(default_factory=list)

    def opens(self, mark: Mark) -> None:
        named = self.meant(mark)
        if named is not None and (
            named.is_open or named.callid == call_id(mark) or mark.possible_repeat
        ):
            self.says_again(mark, named)
            return
        waiting = [call for call in self.calls.values() if call.is_open]
        if waiting and (not mark.correlation or mark.possible_repeat):
            # Nothing tells it from the call that is open: one call, and its name goes along.
            self.says_again(mark, waiting[-1])
            return
        self.open(mark)

    def open(self, mark: Mark) -> None:
        call = Call(
            callid=call_id(mark), lane=mark.lane, words=mark.words, location=mark.location,
            opened_by=mark.event_id, opened_ns=mark.at_ns, possible_repeat=mark.possible_repeat,
            amount=mark.amount,
        )  # fmt: skip
        self.calls[call.callid] = call
        self.makers[call.callid] = [mark]
        self.names[mark.correlation] = call.callid

    def says_again(self, mark: Mark, call: Call) -> None:
        new_name = mark.correlation not in self.names
        self.names[mark.correlation] = call.callid
        if mark.amount is not None or new_name:
            self.becomes(replace(call, amount=mark.amount or call.amount), mark)
        else:
            self.echoes.append(mark)

    def details(self, mark: Mark) -> None:
        call = self.meant(mark)
        if call is None and not mark.correlation:
            call = next(reversed(self.calls.values()), None)
        if call is None and mark.may_open and mark.correlation:
            self.open(mark)
        elif call is None or mark.amount is None:
            self.echoes.append(mark)
        else:
            self.becomes(replace(call, amount=mark.amount), mark)

    def ends(self, mark: Mark) -> None:
        if mark.correlation:
            named = self.meant(mark)
            ended = [named] if named is not None and named.is_open else []
        else:
            ended = [call for call in self.calls.values() if call.is_open]
            if mark.lane.kind is Kind.HANDPAY:
                del ended[1:]  # a key-off ends one handpay: the one that has waited longest
        for call in ended:
            self.becomes(call.ended_by(mark), mark)
        if not ended:
            self.echoes.append(mark)

    def meant(self, mark: Mark) -> Call | None:
        name = self.names.get(mark.correlation) if mark.correlation else None
        return None if name is None else self.calls[name]

    def becomes(self, call: Call, mark: Mark) -> None:
        self.calls[call.callid] = call
        self.makers[call.callid].append(mark)


def call_id(mark: Mark) -> str:
    """Return the name of the call that ``mark`` opens.

    Token characters ``[A-Za-z0-9_-]``, at most 64, so that it may stand in a subject.
    """
    name = mark.correlation or mark.event_id
    token = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "-" for c in name)
    if len(token) > _NAME_MAX:
        token = hashlib.sha256(name.encode()).hexdigest()[:32]
    prefix = f"{mark.lane.kind.value}-"
    return token if token.startswith(prefix) else prefix + token


def settle(marks: Iterable[Mark]) -> Settled:
    """Return what the marks of one lane amount to.

    Args:
        marks: any number of marks of one lane, in any order, with or without repeats.
    """
    walk = _Walk()
    for mark in in_order(marks):
        match mark.does:
            case Does.OPENS:
                walk.opens(mark)
            case Does.DETAILS:
                walk.details(mark)
            case Does.ENDS:
                walk.ends(mark)
    makers = {callid: tuple(made) for callid, made in walk.makers.items()}
    return Settled(tuple(walk.calls.values()), makers, tuple(walk.echoes))


def in_order(marks: Iterable[Mark]) -> list[Mark]:
    """Return each mark once, in the order in which the gateway numbered them."""
    once = {mark.event_id: mark for mark in marks}
    return sorted(once.values(), key=lambda mark: (mark.order, mark.event_id))


def forgettable(marks: Iterable[Mark], keep: int = MARKS_KEPT) -> frozenset[str]:
    """Return the ids of marks of one lane that may go so that about ``keep`` stay.

    First those that changed nothing (a pending handpay is said again every 15 s), then closed
    calls whole, oldest first. What remains settles to the same calls, less those forgotten; a
    call that is open is never forgotten. An event that arrives after the call before it was
    forgotten is settled among what is left.
    """
    ordered = in_order(marks)
    surplus = len(ordered) - keep
    settled = settle(ordered)
    gone = {mark.event_id for mark in settled.echoes[: max(surplus, 0)]}
    staying = {call.callid: settled.makers[call.callid] for call in settled.calls}
    for call in settled.calls:
        if len(gone) >= surplus:
            break
        if not call.is_open:
            made = staying.pop(call.callid)
            shared = {mark for makers in staying.values() for mark in makers}
            gone |= {mark.event_id for mark in made if mark not in shared}
    return frozenset(gone)
