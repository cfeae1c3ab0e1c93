"""The filter of the floor: words that must be found in an EGM's row, or must not.

``jam`` is looked for anywhere; ``bank:7`` in the bank alone; ``!`` before either turns it round.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.status.model import EgmStatus

Field = Callable[[EgmStatus], str]


@dataclass(frozen=True, slots=True)
class FilterField:
    """A part of the row that a filter may look at alone.

    Attributes:
        text: what stands in it.
        whole: all of it must be the word, leading zeros aside; else the word may be a part of it.
    """

    text: Field
    whole: bool = False


FIELDS: dict[str, FilterField] = {
    "asset":    FilterField(lambda egm: egm.asset, whole=True),
    "bank":     FilterField(lambda egm: egm.bank, whole=True),
    "zone":     FilterField(lambda egm: egm.zone),
    "line":     FilterField(lambda egm: egm.line, whole=True),
    "location": FilterField(lambda egm: egm.location),
    "state":    FilterField(lambda egm: egm.state),
    "door":     FilterField(lambda egm: "\n".join(egm.doors_open)),
    "tilt":     FilterField(lambda egm: "\n".join(egm.tilts)),
    "handpay":  FilterField(lambda egm: egm.handpay or ""),
    "link":     FilterField(lambda egm: f"{egm.link} {egm.link_reason}"),
    "event":    FilterField(lambda egm: egm.last_event or ""),
}  # fmt: skip
"""Words that may stand before a colon."""


def matcher(text: str) -> Callable[[EgmStatus], bool]:
    """Return what says whether an EGM is listed under the filter ``text``.

    A word whose part before the colon is no field (``12:30``) is looked for as it stands; ``!``
    alone and ``bank:`` alone are words that are still being typed, and leave nothing out.
    """
    tests = [test for word in text.casefold().split() if (test := _test(word)) is not None]
    return lambda egm: all(test(egm) for test in tests)


def _test(word: str) -> Callable[[EgmStatus], bool] | None:
    unwanted = word.startswith("!")
    word = word.removeprefix("!")
    name, colon, wanted = word.partition(":")
    field = FIELDS.get(name) if colon else None
    if field is None:
        wanted, test = word, _anywhere(word)
    else:
        test = _whole(field.text, wanted) if field.whole else _part(field.text, wanted)
    if not wanted:
        return None
    return (lambda egm: not test(egm)) if unwanted else test


def _anywhere(wanted: str) -> Callable[[EgmStatus], bool]:
    return lambda egm: wanted in row_text(egm)


def _part(text: Field, wanted: str) -> Callable[[EgmStatus], bool]:
    return lambda egm: wanted in text(egm).casefold()


def _whole(text: Field, wanted: str) -> Callable[[EgmStatus], bool]:
    bare = wanted.lstrip("0")
    return lambda egm: text(egm).casefold().lstrip("0") == bare


def row_text(egm: EgmStatus) -> str:
    """Return what a filter looks at: what the machine's row and its detail say in words."""
    return "\n".join(
        (
            egm.location,
            egm.asset,
            egm.state,
            egm.bank,
            egm.zone,
            egm.line,
            *egm.doors_open,
            *egm.tilts,
            f"handpay {egm.handpay}" if egm.handpay else "",
            "carded" if egm.carded else "",
            egm.link_reason,
            egm.last_event or "",
        )
    ).casefold()
