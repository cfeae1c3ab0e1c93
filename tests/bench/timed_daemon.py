"""The daemon of a site, that takes note of how late each poll left.

``timed_daemon.py SITE.toml RUN_FOLDER`` runs it. For each line on its standard input it prints one
of JSON: the 50th, 99th and 99.9th percentile of what was noted since the last, in ms, and how many.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading

from edge_config.loader import load_toml
from edge_config.places import find_places
from edge_config.site import Site
from gateway.edge import lateness
from gateway.edge.daemon import Daemon
from gateway.status.spread import Spread

noted: list[float] = []


class Noting(Spread):
    """Keeps every duration as well."""

    __slots__ = ()

    def note(self, seconds: float) -> None:
        """Count and keep one duration."""
        noted.append(seconds)
        super().note(seconds)


def tell() -> None:
    """Answer each line that comes."""
    for _ in sys.stdin:
        ordered = sorted(noted)
        noted.clear()
        at = [1000 * ordered[int(len(ordered) * share)] if ordered else 0.0
              for share in (0.5, 0.99, 0.999)]  # fmt: skip
        print(json.dumps([*at, len(ordered)]), flush=True)


def main(site_path: str, run_folder: str) -> None:
    lateness.Spread = Noting  # type: ignore[misc]  # this one keeps what the other counts
    places = find_places(load_toml(site_path, Site), site_path, run_folder=run_folder)
    threading.Thread(target=tell, daemon=True).start()
    asyncio.run(Daemon(places).run())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
