"""The generated page about metrics, for those who watch them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from gateway.metrics.families import CONSUMER, GATEWAY, INBOUND, Row
from gateway.status.spread import BOUNDS_S

PAGE: Final = Path(__file__).parent / "METRICS.md"
"""Where the page is kept."""

_HEAD: Final = """\
# Metrics

Written by `slotgw metrics --write`; do not edit it.

`[metrics] listen = "127.0.0.1:9464"` in a site file serves those of the gateway,
`slotgw central ... --metrics-listen 127.0.0.1:9465` those of a consumer, at `http://HOST:PORT/metrics`,
in a thread of their own. Without them nothing listens; there is no password. Values of labels are a
fixed set, or come from the site file or the event catalogue. Histograms count up to {bounds}
seconds.
"""

_TABLE: Final = """
## {about}

| metric | type | labels | meaning |
|---|---|---|---|
"""


def metrics_page() -> str:
    """Return the whole page, as Markdown."""
    bounds = ", ".join(f"{bound:g}" for bound in BOUNDS_S)
    return "".join((_HEAD.format(bounds=bounds), *_tables()))


def _tables() -> Iterable[str]:
    rows = (*GATEWAY, *CONSUMER, *INBOUND)
    for about in dict.fromkeys(row.about for row in rows):
        yield _TABLE.format(about=about[0].upper() + about[1:])
        yield from (_line(row) for row in rows if row.about == about)


def _line(row: Row) -> str:
    labels = "; ".join(
        f"`{name}`: {values if isinstance(values, str) else ', '.join(values)}"
        for name, values in row.labels.items()
    )
    return f"| `{row.full_name}` | {row.kind} | {labels} | {row.help} |\n"
