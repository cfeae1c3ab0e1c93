"""Fields as a person reads them: name, value, unit and what the value means.

What a field is comes from the poll tables; the tables here add what bits and dates say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from protocols.sas.dates import machine_date
from protocols.sas.field_lists import Numbers, Rest, Rows, SizedBcd, Tail
from protocols.sas.fields import Bcd, Digits, Field, Hex, Lsb
from protocols.sas.message import Message
from protocols.sas.secrets import Secret
from protocols.sas.tables import aft, codes
from protocols.sas.tables.denominations import DENOMINATION_TEXTS
from protocols.sas.tables.features import bit_texts, features_of
from protocols.sas.tables.meter_lists import ExtendedMeters, MeterValue, SelectedMeters
from protocols.sas.tables.meters import METERS, meter_name
from protocols.sas.tables.polls import poll_text

MASKED: Final = "a secret, never shown"
UNKNOWN_CODE: Final = "a code that no table knows"


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field of a message.

    Attributes:
        name: our word for it.
        value: a number as int; a code, hex or text as text; None where the EGM has no value.
        unit: what one step is worth, or empty.
        meaning: what the value says, or empty.
    """

    name: str
    value: int | str | None
    unit: str = ""
    meaning: str = ""


def field_text(field: ShownField) -> str:
    """Return a field in a few words: "coin_in 452040 credits", "status 88 (timed out)"."""
    value = "not kept" if field.value is None else str(field.value)
    unit = f" {field.unit}" if field.unit else ""
    meaning = f" ({field.meaning})" if field.meaning and field.value is not None else ""
    return f"{field.name} {value}{unit}{meaning}"


def shown_fields(layouts: Iterable[Message], values: Mapping[str, object]) -> list[ShownField]:
    """Return ``values`` in wire order, as the first layout that has each field lays it out.

    Args:
        layouts: of the message, and its variants.
        values: fields by name, as ``Message.read`` gives them.
    """
    left = dict(values)
    out: list[ShownField] = []
    for layout in layouts:
        for field in _leaves(layout.fields):
            if field.name in left:
                out += shown(field, left.pop(field.name))
    for name, value in left.items():
        if value == "":
            continue  # no bytes
        out += [ShownField(name, _plain(value), "", "hex, not decoded")]
    return out


def _leaves(fields: Iterable[Field]) -> Iterator[Field]:
    for field in fields:
        if isinstance(field, Tail):
            yield from _leaves(field.fields)
        else:
            yield field


def shown(field: Field, value: object) -> list[ShownField]:
    """Return one field as a person reads it; a list of records is more than one."""
    if isinstance(value, Secret):
        return [ShownField(field.name, "**", "", MASKED)]
    if isinstance(field, SelectedMeters | ExtendedMeters):
        return [_meter(item) for item in _items(value)]
    if isinstance(field, Rows):
        return _records(field, value)
    return [_single(field, value)]


def _single(field: Field, value: object) -> ShownField:
    if isinstance(field, SizedBcd):
        return _sized(field, value)
    if isinstance(field, Numbers):
        return _numbers(field, _items(value))
    if isinstance(field, Lsb):
        return _binary(field, _number(value))
    if isinstance(field, Bcd):
        return _decimal(field, _number(value))
    return _text(field, str(value))


def _items(value: object) -> tuple[object, ...]:
    assert isinstance(value, tuple), "lists are read as tuples"
    return value


def _plain(value: object) -> int | str | None:
    return value if isinstance(value, int | str) or value is None else str(value)


def _meter(item: object) -> ShownField:
    assert isinstance(item, MeterValue), "a list of meters holds meters"
    row = METERS.get(item.code)
    unit = row.unit.value if row is not None else ""
    code = f"meter {item.code:02X}"
    if item.value is None:
        return ShownField(meter_name(item.code), None, unit, f"{code}, not kept by this EGM")
    worth = f", {money(item.value)}" if unit == "cents" else ""
    return ShownField(
        meter_name(item.code), item.value, unit, f"{code}, {2 * item.size} digits{worth}"
    )


def _records(field: Rows, value: object) -> list[ShownField]:
    out: list[ShownField] = []
    for number, record in enumerate(_items(value), start=1):
        assert isinstance(record, Mapping), "a list of records holds mappings"
        for part in field.fields:
            for item in shown(part, record[part.name]):
                name = f"{field.name}.{number}.{item.name}"
                out.append(ShownField(name, item.value, item.unit, item.meaning))
    return out


def _sized(field: SizedBcd, value: object) -> ShownField:
    number, size = _items(value)
    assert isinstance(size, int), "a number with a size byte is (value, size)"
    if number is None:
        return ShownField(field.name, None, field.unit, "not kept by this EGM")
    assert isinstance(number, int), "what is kept is a number"
    worth = f", {money(number)}" if field.unit == "cents" else ""
    return ShownField(field.name, number, field.unit, f"{2 * size} digits{worth}")


def _numbers(field: Numbers, numbers: tuple[object, ...]) -> ShownField:
    listed = [_number(number) for number in numbers]
    words = _LISTED.get(field.name)
    if words is None:
        return ShownField(field.name, " ".join(str(number) for number in listed))
    return ShownField(field.name, " ".join(f"{n:02X}" for n in listed), "", words(listed))


def _number(value: object) -> int:
    assert isinstance(value, int), "a list of numbers holds numbers"
    return value


def _binary(field: Lsb, number: int) -> ShownField:
    width = 2 * field.width
    if field.codes is not None:
        meaning = field.codes.get(number)
        text = UNKNOWN_CODE if meaning is None else _words(field.name, meaning)
        return ShownField(field.name, f"{number:0{width}X}", "", text)
    bits = _WITH_BITS.get(field.name)
    if bits is not None:
        return ShownField(field.name, f"{number:0{width}X}", "", bits(number))
    words = _NUMBERS.get(field.name)
    if words is not None:
        return ShownField(field.name, number, "", words(number))
    if field.unit == "100 ms":
        return ShownField(field.name, number, field.unit, f"{Decimal(number) / 10} s")
    hexadecimal = f"{number:0{width}X} hex" if number > 9 else ""
    return ShownField(field.name, number, field.unit, hexadecimal)


def _words(name: str, meaning: object) -> str:
    return f"a bill of {meaning}" if name == "bill" else str(meaning)


def _decimal(field: Bcd, number: int) -> ShownField:
    if field.unit == "cents":
        return ShownField(field.name, number, field.unit, money(number))
    if field.unit == "1/100 s":
        return ShownField(field.name, number, field.unit, f"{Decimal(number) / 100} s")
    words = _NUMBERS.get(field.name)
    return ShownField(field.name, number, field.unit, words(number) if words else "")


def _text(field: Field, text: str) -> ShownField:
    if isinstance(field, Digits):
        return ShownField(field.name, text, "", _moment(field, text))
    if isinstance(field, Hex | Rest):
        return ShownField(field.name, text.upper(), "", "hex, not decoded")
    meaning = _percent(text) if field.name in {"base_percent", "payback"} else ""
    return ShownField(field.name, printable(text), "", meaning)


def printable(text: str) -> str:
    r"""Return ``text`` with what a terminal cannot show, or would obey, as ``\xNN``."""
    return "".join(
        letter if letter.isascii() and letter.isprintable() else f"\\x{ord(letter):02x}"
        for letter in text
    )


def money(cents: int) -> str:
    """Return cents as currency units: "47.50"."""
    return f"{Decimal(cents).scaleb(-2):,.2f}"


def _percent(text: str) -> str:
    if len(text) == 4 and text.isascii() and text.isdecimal():
        return f"{text[:2]}.{text[2:]} %"
    return "not four digits"


def _moment(field: Digits, text: str) -> str:
    if field.width == 3:
        return f"{text[:2]}:{text[2:4]}:{text[4:]}"
    if text.strip("0") == "":
        return "none"
    day = machine_date(text)
    if day is not None:
        return day.isoformat()
    return f"{int(text)} days" if "expiry" in field.name else "no date (MMDDYYYY)"


def _bits(words: Mapping[int, str]) -> Callable[[int], str]:
    return lambda number: ", ".join(bit_texts(number, words)) or "none"


def _wager_type(number: int) -> str:
    return ", ".join(
        (_denomination(number & 0x3F), *bit_texts(number & 0xC0, codes.WAGER_TYPE_BITS))
    )


def _held(number: int) -> str:
    return f"card {number & 0x7F} is {'held' if number & 0x80 else 'not held'}"


def _features(numbers: Sequence[int]) -> str:
    found = features_of(numbers)
    return ", ".join((*found.names, f"validation {found.validation}", found.meter_model))


def _cards(numbers: Sequence[int]) -> str:
    return ", ".join(_card(number) for number in numbers)


def _card(number: int) -> str:
    suit = codes.CARD_SUITS.get(number >> 4, f"suit {number >> 4:X}")
    rank = codes.CARD_RANKS.get(number & 0x0F, f"rank {number & 0x0F:X}")
    return suit if suit == rank else f"{rank} of {suit}"


def _denomination(code: int) -> str:
    return DENOMINATION_TEXTS.get(code, f"denomination code {code:02X}")


def _game(number: int) -> str:
    return "" if number else "the whole machine, or none"


_WITH_BITS: Final[dict[str, Callable[[int], str]]] = {
    "flags": _bits(aft.TRANSFER_FLAGS),
    "condition": _bits(aft.LOCK_CONDITIONS),
    "available_transfers": _bits(aft.AVAILABLE_TRANSFERS),
    "host_cash_out_status": _bits(aft.HOST_CASH_OUT),
    "aft_status": _bits(aft.AFT_STATUS),
    "mask": _bits(codes.VALIDATION_FEATURES),
    "states": _bits(codes.VALIDATION_FEATURES),
    "bill_mask": _bits({bit: f"{face:,}" for bit, face in codes.BILL_MASK.items()}),
    "wager_type": _wager_type,
    "held": _held,
    "denomination": _denomination,
    "base": poll_text,
}
"""Words for a number that is bits or a code, by field name."""

_LISTED: Final[dict[str, Callable[[Sequence[int]], str]]] = {
    "features": _features,
    "cards": _cards,
    "codes": lambda numbers: ", ".join(meter_name(code) for code in numbers),
    "denomination_codes": lambda numbers: ", ".join(_denomination(code) for code in numbers),
}
"""Words for a list of codes, by field name."""

_NUMBERS: Final[dict[str, Callable[[int], str]]] = {
    "game": _game,
    "max_bet": lambda number: "above 255" if number == 0xFF else "",
    "percent_full": lambda number: f"{number} %" if number <= 100 else "not known",
    "stop": lambda number: "not known" if number == 0xFF else "",
}
"""Words for a number, by field name."""
