"""Writes the contract as files, and gives it as values of the bucket ``slot_schemas``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any, Final

from gateway.contracts.asyncapi import asyncapi, stream_words
from gateway.contracts.entries import entries
from gateway.contracts.entry import Entry
from gateway.contracts.envelopes import ENVELOPES, whole_schema
from gateway.contracts.page import index, page
from gateway.contracts.schema import DIALECT
from gateway.contracts.snapshot import SNAPSHOT_NAME, snapshot, snapshot_text

BUCKET_BYTES_MAX: Final = 64 * 1024
"""Longest value in the bucket; the test of this module holds the catalogue to it."""


def catalogue_version() -> str:
    """Return the version of the catalogue: the program's."""
    try:
        return installed_version("slot-floor-gateway")
    except PackageNotFoundError:
        return "0"


def message_schema(entry: Entry) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a whole message of a type."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:slot-floor-gateway:message:{entry.name}:{entry.version}",
        "description": entry.meaning,
        **whole_schema(entry.envelope, entry.full_name, dict(entry.schema)),
        "title": entry.full_name,
    }


def files(version: str) -> Iterator[tuple[str, str]]:
    """Yield every file of the contract: its path in the folder, and its text."""
    every = entries()
    yield SNAPSHOT_NAME, snapshot_text(snapshot(every, version))
    yield "asyncapi.json", _json(asyncapi(every, version))
    yield "pages/index.md", index(every, version)
    for name, envelope in ENVELOPES.items():
        yield f"schemas/envelope.{name}.json", _json({"$schema": DIALECT, **envelope})
    for entry in every:
        yield f"schemas/{entry.id}.json", _json(message_schema(entry))
        yield f"examples/{entry.id}.json", _json(entry.example)
        yield f"pages/{entry.id}.md", page(entry)


def export(folder: Path, version: str) -> int:
    """Write the contract into ``folder``; return how many files.

    Raises:
        OSError: it cannot be written.
    """
    count = 0
    for name, text in files(version):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        count += 1
    return count


def bucket_values(version: str) -> dict[str, bytes]:
    """Return what the bucket ``slot_schemas`` holds: by ``<type>.v<major>``, and ``_version``."""
    values = {
        entry.id: json.dumps(
            {
                "type": entry.full_name, "subject": entry.address, "meaning": entry.meaning,
                "direction": entry.direction, "schema": message_schema(entry),
                "example": entry.example,
                **(stream_words(entry.stream) if entry.stream else {}),
            },
            ensure_ascii=False, separators=(",", ":"),
        ).encode()
        for entry in entries()
    }  # fmt: skip
    return values | {"_version": json.dumps({"version": version, "types": len(values)}).encode()}


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
