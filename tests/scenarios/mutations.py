"""Ways in which a host or an event stream is broken: each changes what a judge is told.

``log`` is what the judge of a scenario was told, in order; what comes back is what it would have
been told of a broken one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from floor_sim.scenarios.judge import Judge, Told

Mutation = Callable[[Judge], list[Told]]


def _items(judge, chosen, change) -> list[Told]:
    """Replace the chosen items: ``change`` gives what comes instead of one."""
    out, found = [], False
    for told in judge.log:
        if told.item is None or told.item.at < (judge.started or 0) or not chosen(told.item):
            out.append(told)
            continue
        found = True
        out += [replace(told, at=item.at, item=item) for item in change(told.item)]
    assert found, "there is nothing to break"
    return out


def _event(name, **data):
    return lambda item: (
        item.kind == "event" and item.name == name
        and all(item.data.get(key) == value for key, value in data.items())
    )  # fmt: skip


def silent(name, **data) -> Mutation:
    """Events of this name never come."""
    return lambda judge: _items(judge, _event(name, **data), lambda _item: [])


def twice(name, **data) -> Mutation:
    """Events of this name come twice."""
    return lambda judge: _items(judge, _event(name, **data), lambda item: [item, item])


def late(name, seconds) -> Mutation:
    """Events of this name come late."""
    return lambda judge: _items(
        judge, _event(name), lambda item: [replace(item, at=item.at + seconds)]
    )


def wrong(name, **data) -> Mutation:
    """Events of this name say something else."""
    return lambda judge: _items(
        judge, _event(name), lambda item: [replace(item, data={**item.data, **data})]
    )


def elsewhere(name) -> Mutation:
    """Events of this name are told of another machine."""
    return lambda judge: _items(
        judge, _event(name), lambda item: [replace(item, asset=f"{item.asset}9")]
    )


def invented(instead, name, **data) -> Mutation:
    """With each event ``instead`` comes one that nothing stands for."""

    def both(item):
        return [item, replace(item, name=name, code=None, data=data)]

    return lambda judge: _items(judge, _event(instead), both)


def untaken(code, port=1) -> Mutation:
    """The host never acknowledges this exception."""

    def chosen(item):
        taken = item.kind == "record" and item.name == "acked" and item.port == port
        return taken and item.data["code"] == code

    return lambda judge: _items(judge, chosen, lambda _item: [])


def unpolled(name, port=1) -> Mutation:
    """The host never sends this poll."""

    def chosen(item):
        return item.kind == "poll" and item.name == name and item.port == port

    return lambda judge: _items(judge, chosen, lambda _item: [])


def polled(name) -> Mutation:
    """The host sends this poll, which nobody wants."""

    def both(item):
        return [item, replace(item, name=name, port=1)]

    return lambda judge: _items(judge, lambda item: item.kind == "poll", both)


def unread() -> Mutation:
    """The host never reads a handpay."""

    def chosen(item):
        return item.kind == "record" and item.name == "handpay read"

    return lambda judge: _items(judge, chosen, lambda _item: [])


def unordered(first, second) -> Mutation:
    """The stream has two codes the wrong way round."""

    def chosen(item):
        return item.kind == "event" and item.code in {first, second}

    def exchanged(item):
        other = second if item.code == first else first
        return [replace(item, code=other)]

    return lambda judge: _items(judge, chosen, exchanged)


def untrue(meter) -> Mutation:
    """Readings show another count than the machine."""

    def chosen(item):
        return item.kind == "event" and item.name == "meter.read" and meter in item.data["meters"]

    def more(item):
        meters = item.data["meters"]
        one = {**meters[meter], "count": meters[meter]["count"] + 1}
        return [replace(item, data={**item.data, "meters": {**meters, meter: one}})]

    return lambda judge: _items(judge, chosen, more)
