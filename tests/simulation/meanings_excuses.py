"""What no host can help after faults that make one message into another that is as good.

A one-byte message has no check sum. What the gateway told wrong of it, or did not tell, is held to
what its port brought, and to what it said of its own doubt: each rule gives a reason, and a
difference without one is a mistake of the gateway's.
"""

from __future__ import annotations

from tests.simulation.meanings_checks import MICRO_S

TWIN = "twin, told as two machines at one address"
AFTER_S = 15.0  # seconds after a fault in which what it did may still show


class Excuses:
    """The reasons that one day's wire gives."""

    def __init__(self, world, events):
        self._faults = _fault_spans(world)
        self._line = {egm.asset: egm.line for egm in world.site.egms}
        self._address = {egm.asset: egm.address for egm in world.site.egms}
        self._heard = {name: port.heard for name, port in world.ports.items()}
        self._asked = {name: port.written for name, port in world.ports.items()}
        self._shared = {event.asset for event in events if event.name == "link.addressshared"}

    def extra(self, asset, code, at):
        """Return why an exception that the machine did not hand over was told; None: no reason."""
        if self._twin(asset, at):
            return TWIN
        first, second = self._answers(asset, at)
        if second != bytes([code]):
            return None
        if first == second:
            return "brought twice"
        return None if len(first) == 1 else "brought by the only one of two answers that fits"

    def missing(self, asset, true):
        """Return why an exception was not told, and no gap either; None: no reason."""
        if self._twin(asset, true.at):
            return TWIN
        return None if true.code in self._codes(asset, true.at, true.until) else "never brought"

    def outside(self, asset, true):
        """Return why the bounds of an event do not hold its true moment; None: no reason."""
        return f"{TWIN}: its idle answers bound this one" if self._twin(asset, true.at) else None

    def _twin(self, asset, at):
        """Whether two machines answered there: then whose word it was the wire does not tell.

        The gateway must have found it out, and said so.
        """
        return asset in self._shared and any(
            kind == "twin" and began <= at <= ended + AFTER_S for began, ended, kind in self._faults
        )

    def _codes(self, asset, began, ended):
        heard = self._heard[self._line[asset]]
        return [data[0] for at, data in heard if began <= at <= ended and len(data) == 1]

    def _answers(self, asset, at):
        """Return what the port brought after the last two polls to a machine."""
        line, poll = self._line[asset], bytes([0x80 | self._address[asset]])
        asked = [when for when, sent in self._asked[line] if sent == poll and when <= at][-2:]
        ends = (asked[-1], at + MICRO_S)
        return [
            b"".join(data for when, data in self._heard[line] if began < when <= ended)
            for began, ended in zip(asked, ends, strict=True)
        ]


def _fault_spans(world):
    """Return (began, ended, kind) of every fault, in the loop's seconds."""
    spans, on = [], {}
    for record in world.journal.records:
        if record["what"] != "fault":
            continue
        if record["on"]:
            on[record["number"]] = (record["t"], record["fault"]["kind"])
        else:
            began, kind = on.pop(record["number"])
            spans.append((began, record["t"], kind))
    return spans
