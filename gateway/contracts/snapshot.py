"""The contract as one JSON value that a later contract is compared with, and the released one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from gateway.contracts.entry import Entry
from gateway.contracts.envelopes import ENVELOPES
from gateway.events.streams import DEDUP_WINDOW_S

RELEASED: Final = Path(__file__).parent / "released.json"
"""The catalogue of the last release."""
SNAPSHOT_NAME: Final = "catalogue.json"
"""Name of the snapshot in an exported folder."""


class SnapshotError(Exception):
    """A snapshot cannot be read; says which and why."""


def snapshot(entries: tuple[Entry, ...], version: str) -> dict[str, Any]:
    """Return what readers and senders rely on, without words."""
    return {
        "version": version,
        "envelopes": {name: _silent(schema) for name, schema in ENVELOPES.items()},
        "types": {entry.id: _entry(entry) for entry in entries},
    }


def snapshot_text(made: Mapping[str, Any]) -> str:
    """Return a snapshot as text, a line for each type, so that a change shows where it is."""
    lines = ["{", f'"version": {json.dumps(made["version"])},']
    for part in ("envelopes", "types"):
        rows = [
            f"{json.dumps(name)}: {json.dumps(one, ensure_ascii=False, sort_keys=True)}"
            for name, one in sorted(made[part].items())
        ]
        lines += [f'"{part}": {{', ",\n".join(rows), "}," if part == "envelopes" else "}"]
    return "\n".join([*lines, "}", ""])


def read_snapshot(path: Path) -> dict[str, Any]:
    """Return the snapshot in a file, or in a folder that was exported.

    Raises:
        SnapshotError: there is none.
    """
    file = path / SNAPSHOT_NAME if path.is_dir() else path
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SnapshotError(f"{file}: {error}") from error
    if not isinstance(found, dict) or not {"version", "envelopes", "types"} <= found.keys():
        raise SnapshotError(f"{file}: is no catalogue that contracts export wrote")
    return found


def _entry(entry: Entry) -> dict[str, Any]:
    stream = entry.stream
    return {
        "direction": entry.direction,
        "envelope": entry.envelope,
        "address": entry.address,
        "stream": stream.name if stream else None,
        "retention_s": stream.retention_s if stream else 0,
        "readers": list(stream.readers) if stream else [],
        "dedup_window_s": DEDUP_WINDOW_S if stream else 0,
        "schema": _silent(entry.schema),
    }


def _silent(schema: object, *, names: bool = False) -> Any:
    """Return a schema without its words; ``names``: its keys are fields, not keywords."""
    if isinstance(schema, dict):
        return {
            key: _silent(value, names=key == "properties" and not names)
            for key, value in schema.items()
            if names or key not in ("description", "title", "examples")
        }
    if isinstance(schema, list):
        return [_silent(one) for one in schema]
    return schema
