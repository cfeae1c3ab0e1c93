"""Events in a few words for people: consoles, logs, lists."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from gateway.events.envelope import Envelope
from gateway.events.fact import Fact

DOOR_WORDS = {"cardcage": "card cage"}
_JOINED = {
    **DOOR_WORDS,
    "hostcashout": "host cash-out", "hostcashoutwin": "host cash-out of a win",
    "registrationrequested": "registration requested",
    "registrationcancelled": "registration cancelled",
    "reelstopped": "reel stopped", "drawrequested": "draw requested", "cardheld": "card held",
    "cmosram": "CMOS RAM", "eeprom": "EEPROM", "eprom": "EPROM",
    "partitionedeprom": "partitioned EPROM", "componentlist": "component list",
    "billacceptor": "bill acceptor", "notrecovered": "not recovered", "baddevice": "bad device",
    "dataerror": "data error", "badchecksum": "bad checksum", "enabledgames": "enabled games",
    "allmeters": "all meters", "somemeters": "some meters", "softmeters": "all soft meters",
    "billvalidatortotals": "bill validator totals", "neverseen": "never seen",
    "notoffered": "not offered", "unknownserial": "unknown serial number",
    "unknownaddress": "unknown address", "notonfloor": "not on the floor", "notdone": "not done",
    "falsealarm": "false alarm", "followup": "somebody goes on with it",
}  # fmt: skip
CLASS_WORDS = {
    "nonprogressive":   "jackpot",
    "progressive":      "progressive",
    "topwin":           "top win",
    "cancelledcredits": "cancelled credits",
}  # fmt: skip
_NAMES = frozenset({"cause", "meter"})
LINE_MAX = 160
"""Longest line in characters; a longer one ends with dots."""


def one_line(event: Fact | Envelope) -> str:
    """Return the event in one line of at most 160 characters: ``slot door opened``.

    A type that the catalogue lacks (a later gateway's) gives its own name.
    """
    # imported late: a console's first picture has no event, and the catalogue is large
    from gateway.events.catalogue import CATALOGUE  # noqa: PLC0415

    name = event.type if isinstance(event, Fact) else event.name
    row = CATALOGUE.get(name)
    if row is None:
        return name[:LINE_MAX]
    data: Mapping[str, object] = event.data
    if row.family == "handpay":
        return _one_line(_handpay(row.says, data))
    if name == "egm.clockread":
        return _one_line(_clock(row.says, data))
    if name == "egm.acknowledged":
        return said(row.says, _looked(data), name)
    return said(row.says, data, name)


def said(says: str, data: Mapping[str, object], name: str) -> str:
    """Return the words of a type, filled from ``data``; another version's data gives ``name``."""
    try:
        return _one_line(says.format_map(_Words(data)))
    except ValueError:  # a number is missing
        return name


def _one_line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LINE_MAX else f"{text[: LINE_MAX - 3]}..."


def money_text(value: object) -> str:
    """Return money of event data for people (``1,250.00 USD``), or nothing if there is none."""
    if not isinstance(value, Mapping):
        return ""
    return f"{Decimal(str(value['amount'])):,} {value['currency']}"


def handpay_text(data: Mapping[str, object]) -> str:
    """Return amount and class of a handpay's data: ``1,250.00 USD jackpot``."""
    amount = money_text(data.get("amount")) or "amount unknown"
    return f"{amount} {CLASS_WORDS.get(str(data.get('handpay_class')), '')}".rstrip()


class _Words(dict[str, object]):
    """Data with money, doors and lists as people say them; what is missing is empty."""

    def __getitem__(self, key: str) -> object:
        value = self.get(key)
        if value is None:
            return ""
        if isinstance(value, Mapping):
            return money_text(value)
        if isinstance(value, list):
            return ", ".join(str(part) for part in value)
        if isinstance(value, str):
            return value.replace("_", " ") if key in _NAMES else _JOINED.get(value, value)
        return value


def type_words(name: str) -> str:
    """Return what a short event type is for people: ``counterfeit bill`` for ``bill.counterfeit``.

    A type that the catalogue lacks gives its own name.
    """
    from gateway.events.catalogue import CATALOGUE  # noqa: PLC0415

    row = CATALOGUE.get(name)
    return name if row is None else said(row.says, {}, name).strip(" :(")


def _looked(data: Mapping[str, object]) -> Mapping[str, object]:
    found = str(data.get("disposition", ""))
    more = "," if data.get("remark") else ""
    about = type_words(str(data.get("event_type", "")))
    return {**data, "event_type": about, "disposition": f"{_JOINED.get(found, found)}{more}"}


def _clock(says: str, data: Mapping[str, object]) -> str:
    offset_s = data.get("offset_s")
    if not isinstance(offset_s, int | float) or offset_s >= 0:
        return said(says, data, "machine clock read")
    return said(says, {**data, "offset_s": -offset_s}, "").replace("ahead", "behind")


def _handpay(says: str, data: Mapping[str, object]) -> str:
    words = says.partition("{")[0].strip()
    again = ", said again" if data.get("repeat") else ""
    known = data.get("amount") is not None
    return f"{words}{again} {handpay_text(data)}" if known else f"{words}{again}"
