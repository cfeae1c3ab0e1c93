"""Writes a certified system's extracts into a folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from floor_sim.certified.books import Books
from floor_sim.certified.extracts import extracts
from floor_sim.certified.mistakes import with_mistakes
from floor_sim.ledger import write_atomically

INJECTED: Final = "injected.json"
"""What errors were put in: for whoever judges a comparison, not for whoever compares."""


def write_extracts(
    folder: Path, books: Books, shapes: Sequence[str], errors: Sequence[str], seed: int
) -> list[Path]:
    """Write the extracts of ``books`` to ``folder/SHAPE/``; return their paths.

    Each file is written in one piece. What ``errors`` put in stands in ``injected.json``.

    Raises:
        OSError: a file cannot be written.
        KeyError: a shape or an error that there is not.
    """
    changed, told = with_mistakes(books, errors, seed)
    written: list[Path] = []
    for shape in shapes:
        (folder / shape).mkdir(parents=True, exist_ok=True)
        for name, text in extracts(changed, shape).items():
            path = folder / shape / name
            write_atomically(path, text)
            written.append(path)
    if errors:
        words = [asdict(one) for one in told]
        write_atomically(folder / INJECTED, json.dumps(words, indent=2, default=str) + "\n")
    return written
