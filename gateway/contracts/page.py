"""A page for each type, and one that lists them: Markdown, for people who integrate."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gateway.contracts.entry import PARAMETERS, PII_WORDS, Entry
from gateway.events.significance import USUAL, kind_field
from gateway.events.streams import DEDUP_WINDOW_S, STREAMS

APPROVAL: Final = (
    "> Every figure is **observed, not official**: the certified slot management system is right. "
    "This software is neither certified nor compliant with anything; before it is connected to a "
    "machine you need your regulator's and your vendors' approval."
)
READING: Final = (
    "A field that is not known is absent, never zero, empty or null. A later version may add "
    "fields and types: pass over what you do not know. Anything that would break a reader gets a "
    "new major version (`.v2`) beside the old one. How long a stream keeps its events is the "
    "site's to say; what stands here is what it keeps unless its site file says otherwise."
)
_UNITS: Final = (
    ("_s", "seconds"),
    ("_credits", "credits of the accounting denomination"),
    ("_cents", "hundredths of the currency unit"),
    ("_percent", "per cent"),
)


def page(entry: Entry) -> str:
    """Return the page of one type."""
    stream = entry.stream
    kept = (
        f"`{stream.name}`, {stream.retention_s // 86_400} days ({stream.keeps})"
        if stream
        else "not kept by a stream of ours"
    )
    readers = ", ".join(stream.readers) if stream else ""
    facts = [
        ("CloudEvents type", f"`{entry.full_name}`"),
        ("Subject", f"`{entry.address}`"),
        ("Sent by", "us" if entry.direction == "out" else f"others: {entry.owner}"),
        ("Kept in", kept),
        ("Who may read the stream", readers),
        ("Severity", entry.severity),
        ("Class", entry.kind),
        ("Told to, by default", ", ".join(entry.route)),
        ("Owner of its meaning", entry.owner),
        ("People", PII_WORDS[entry.pii]),
        ("SAS exceptions", ", ".join(entry.sas) or _none(entry)),
        ("G2S", ", ".join(entry.g2s)),
        ("Order", entry.ordering),
        ("Duplicates", entry.duplicates),
        ("Dedup window", f"{DEDUP_WINDOW_S} s, by `Nats-Msg-Id`" if stream else ""),
    ]
    lines = [
        f"# {entry.name}", "", entry.meaning, "",
        f"* **Fires:** {entry.when}",
        f"* **Does not fire:** {entry.not_when}",
        *([f"* **First check:** {entry.first_check}"] if entry.first_check else []),
        "", "| | |", "|---|---|",
        *(f"| {name} | {_cell(value)} |" for name, value in facts if value),
        *_kinds(entry.name),
        "", "## Data", "",
        "| field | type | unit | always there | meaning |", "|---|---|---|---|---|",
        *_fields(entry.schema, ""),
    ]  # fmt: skip
    parameters = [f"* `{name}`: {PARAMETERS[name]}" for name in entry.parameters]
    lines += ["", "## Subject", "", *parameters]
    example = json.dumps(entry.example, indent=2, ensure_ascii=False)
    return "\n".join([*lines, "", "## Example", "", "```json", example, "```", "", APPROVAL, ""])


def _kinds(name: str) -> Iterator[str]:
    """Yield the table of the kinds of a type that are more or less urgent than the others."""
    rows = {kind: significance for kind, significance in USUAL.kinds(name).items() if kind}
    if not rows:
        return
    field = kind_field(name)
    yield from ("", "## By kind", "", "A jurisdiction or a house may have it otherwise.", "")
    yield from (
        f"| `{field}` | severity | class | told to | first check |",
        "|---|---|---|---|---|",
    )
    for kind, one in rows.items():
        told = (f"`{kind}`", one.severity, one.eventclass, ", ".join(one.route), one.first_check)
        yield f"| {' | '.join(_cell(value) for value in told)} |"


def index(entries: tuple[Entry, ...], version: str) -> str:
    """Return the page that lists every type by stream, with what is promised of all."""
    lines = [
        "# Slot floor events", "", f"Catalogue of version {version}, {len(entries)} types.", "",
        APPROVAL, "",
        "| stream | kept | who may read | holds |", "|---|---|---|---|",
        *(
            f"| `{row.name}` | {row.retention_s // 86_400} days | {', '.join(row.readers)} "
            f"| {row.meaning} |"
            for row in STREAMS
        ),
        "", READING,
    ]  # fmt: skip
    for title, group in _groups(entries):
        lines += [
            "",
            f"## {title}",
            "",
            "| type | meaning | severity | owner |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| [`{one.name}`]({one.id}.md) | {_cell(one.meaning)} | {one.severity} | {one.owner} |"
            for one in group
        ]
    return "\n".join([*lines, ""])


def _groups(entries: tuple[Entry, ...]) -> Iterator[tuple[str, list[Entry]]]:
    for row in STREAMS:
        group = [one for one in entries if one.stream is row]
        if group:
            yield row.name, group
    yield "What others send", [one for one in entries if one.direction == "in"]


def _fields(schema: Mapping[str, Any], path: str) -> Iterator[str]:
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        full = f"{path}{name}"
        always = "yes" if name in required else "no"
        words = _cell(one.get("description", ""))
        yield f"| `{full}` | {_type(one)} | {_unit(name)} | {always} | {words} |"
        yield from _fields(one, f"{full}.")
        if isinstance(one.get("items"), dict):
            yield from _fields(one["items"], f"{full}[].")
        if isinstance(one.get("additionalProperties"), dict):
            yield from _fields(one["additionalProperties"], f"{full}.*.")


def _type(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return _cell(" | ".join(f"`{value}`" for value in schema["enum"]))
    if "const" in schema:
        return f"`{schema['const']}`"
    if "anyOf" in schema:
        return _cell(" | ".join(_type(one) for one in schema["anyOf"]))
    kind = schema.get("type", "any")
    if kind == "array":
        return f"array of {_type(schema.get('items', {}))}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object, name to {_type(schema['additionalProperties'])}"
    return str(kind)


def _unit(name: str) -> str:
    return next((unit for ending, unit in _UNITS if name.endswith(ending)), "")


def _none(entry: Entry) -> str:
    return "none: derived" if entry.envelope == "event" else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
