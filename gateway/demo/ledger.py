"""Reads the simulator's ledger for the judge: what happened, what was handed over, what was lost.

One JSON object a line in ``ledger.jsonl``, older ones in ``ledger.000001.jsonl`` and so on. Read
here by a program of our own, so that judge and simulator share nothing but the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from gateway.demo.judge import Entry, Fate

OUR_PORT = 0
"""SAS port of a machine that our gateway polls; others have queues and fates of their own."""

WHILE_WAITING = frozenset({"overflow", "RAM clear"})
"""Reasons for which an exception is lost that stood in a queue: a host may have heard it before."""

_FATES = {fate.value: fate for fate in Fate}


class LedgerError(Exception):
    """The ledger cannot be read, so nothing can be judged."""


def read_ledger(folder: Path, port: int = OUR_PORT) -> Iterator[Entry]:
    """Yield the entries about exceptions in the ledger of the run folder, oldest first.

    Args:
        folder: the run folder.
        port: SAS port of the machines; what the others report is left out.

    A last line without an end was not written to its end, and so did not happen.

    Raises:
        LedgerError: a file is missing, or a line is damaged.
    """
    for path in ledger_files(folder):
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise LedgerError(f"{path}: {error}") from None
        for number, line in enumerate(text.split("\n")[:-1], start=1):
            entry = _entry(line, f"{path}:{number}", port)
            if entry is not None:
                yield entry


def ledger_files(folder: Path) -> list[Path]:
    """Return the files of the ledger, oldest first; the newest need not exist yet."""
    return [*sorted(folder.glob("ledger.[0-9]*.jsonl")), folder / "ledger.jsonl"]


def ledger_bytes(folder: Path) -> int:
    """Return how many bytes the ledger has: the same twice means that nothing happened between."""
    return sum(path.stat().st_size for path in ledger_files(folder) if path.exists())


def _entry(line: str, place: str, port: int) -> Entry | None:
    try:
        record = json.loads(line)
        fate = _FATES.get(record["what"])
        if fate is None or record.get("port", port) != port:
            return None
        if port not in record.get("ports", (port,)):
            return None
        number = record["n"] if fate is Fate.HAPPENED else record["of"]
        may_be_told = fate is Fate.LOST and record["reason"] in WHILE_WAITING
        return Entry(record["egm"], fate, int(number), int(record["code"], 16), may_be_told)
    except (ValueError, KeyError, TypeError) as error:
        raise LedgerError(f"{place}: not a line of a ledger ({error!r})") from None
