"""How ``slotgw decode`` prints a message: for a person, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from protocols.sas.capture import Header, Speaker, bytes_text, seconds_text
from protocols.sas.explained import EXCEPTION, Explained
from protocols.sas.shown_fields import ShownField

_WHO: Final = {Speaker.HOST: "host", Speaker.EGM: "EGM"}


def as_text(found: Explained, header: Header | None) -> str:
    """Return a message as lines, an empty one at the end."""
    message = found.message
    at = f"{seconds_text(message.at_us)}  " if header is not None else ""
    shown = _shown(found, marks=any(bit is not None for bit in message.wakeup))
    who = _WHO[found.speaker] + ("?" if found.guessed else "")
    rows = [f"{at}{who:5} {shown}", f"  {_kind(found)}: {found.meaning}"]
    fields = [field for field in found.fields if field.name != EXCEPTION]  # told in the line above
    rows += [f"    {row}" for row in _field_rows(fields)]
    rows += [f"  CRC {_crc(found)}"] if found.crc_ok is not None else []
    rows += [f"  wrong: {error}" for error in found.errors]
    rows += [f"  then: {found.concludes}"] if found.concludes else []
    rows += [f"  note: {note}" for note in found.notes]
    rows += [f"  note: the capture says: {message.comment}"] if message.comment else []
    if found.why:
        rows.append(f"  who: {_WHO[found.speaker]}, {found.why}")
    return "\n".join(rows) + "\n"


def _kind(found: Explained) -> str:
    code = f"{found.command:02X}" if found.command is not None else ""
    for field in found.fields:
        if field.name == EXCEPTION:
            code = str(field.value)
    return " ".join(part for part in (found.kind, code, found.name) if part)


def _shown(found: Explained, *, marks: bool) -> str:
    message = found.message
    return bytes_text(message.data, message.wakeup, found.hidden, ninth_bits=marks)


def _field_rows(fields: Sequence[ShownField]) -> list[str]:
    if not fields:
        return []
    names = max(len(field.name) for field in fields)
    values = [_value(field) for field in fields]
    width = max(len(value) for value in values)
    return [
        f"{field.name:{names}}  {value:{width}}  {field.meaning}".rstrip()
        for field, value in zip(fields, values, strict=True)
    ]


def _value(field: ShownField) -> str:
    value = "none" if field.value is None else str(field.value)
    return f"{value} {field.unit}".rstrip()


def _crc(found: Explained) -> str:
    if found.crc is None:
        return "right, masked" if found.crc_ok else "wrong, or missing"
    if found.crc_ok:
        return f"{_hex(found.crc.found)}, right"
    return f"{_hex(found.crc.found)}, wrong: {_hex(found.crc.expected)} is expected"


def _hex(data: bytes) -> str:
    return data.hex(" ").upper()


def as_json(found: Explained, header: Header | None) -> dict[str, object]:
    """Return a message as a JSON object."""
    message, crc = found.message, found.crc
    where: dict[str, object] = {}
    if header is not None:
        where = {"line": header.line, "at_s": message.at_us / 1_000_000}
    known = any(bit is not None for bit in message.wakeup)
    return {
        **where,
        "hex": bytes_text(message.data, (), found.hidden).replace(" ", ""),
        "direction": str(found.speaker),
        "direction_guessed": found.guessed,
        "direction_why": found.why or None,
        "address": found.address,
        "kind": found.kind,
        "command": f"{found.command:02X}" if found.command is not None else None,
        "name": found.name or None,
        "meaning": found.summary,
        "fields": [
            {
                "name": field.name,
                "value": field.value,
                "unit": field.unit or None,
                "meaning": field.meaning or None,
            }
            for field in found.fields
        ],
        "crc_ok": found.crc_ok,
        "crc_found": crc.found.hex().upper() if crc is not None else None,
        "crc_expected": crc.expected.hex().upper() if crc is not None else None,
        "wakeup": list(message.wakeup) if known else None,
        "concludes": found.concludes or None,
        "errors": list(found.errors),
        "notes": [*found.notes, *([message.comment] if message.comment else [])],
    }
