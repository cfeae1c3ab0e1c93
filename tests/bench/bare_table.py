"""The least that shows a floor in a terminal: Textual's own table, filled with 3,000 rows.

``bare_table.py ROWS`` shows them and waits. It reads nothing, and nothing changes in it.
"""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import DataTable

HEADINGS = ("location", "asset", "state", "credits", "coin in", "last event", "ago", "link")


class BareTable(App[None]):
    """One table."""

    def compose(self) -> ComposeResult:
        """Have nothing else."""
        yield DataTable[str]()

    def on_mount(self) -> None:
        """Fill it."""
        table = self.query_one(DataTable)
        table.add_columns(*HEADINGS)
        table.add_rows(
            (f"01-{n // 8:02}-{n % 8:02}", str(n), "in play", "1,234", "56,789", "game ended",
             "0:05", "100%")
            for n in range(int(sys.argv[1]))
        )  # fmt: skip


if __name__ == "__main__":
    BareTable().run()
